import { ActionIcon, AppShell, Burger, Group, Menu, NavLink, Text, useMantineColorScheme } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconAdjustments,
  IconChartLine,
  IconDeviceDesktop,
  IconListDetails,
  IconMoon,
  IconServer,
  IconSun,
  IconUser,
  IconUserSearch,
  IconWorld,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import type { Scope } from '../../../model/ticket/serviceToken.ts'
import { type Person, useSignOut } from '../api/session.ts'
import { ConnectionBadge } from './connectionBadge.tsx'
import { PlayerSearch } from './playerSearch.tsx'

const pages: { path: string; label: string; Icon: typeof IconWorld; scope?: Scope }[] = [
  { path: '/', label: 'World', Icon: IconWorld },
  { path: '/players', label: 'Players', Icon: IconUserSearch },
  { path: '/servers', label: 'Servers', Icon: IconServer },
  { path: '/timelines', label: 'Time lines', Icon: IconChartLine },
  { path: '/policies', label: 'Policies', Icon: IconAdjustments },
  { path: '/audit', label: 'Audit log', Icon: IconListDetails, scope: 'moderation' as const },
]

/** Header and navigation around every page. */
export function Shell({ person, children }: { person: Person; children: ReactNode }): ReactNode {
  const [opened, { toggle, close }] = useDisclosure(false)
  const [path] = useLocation()
  return (
    <AppShell header={{ height: 56 }} navbar={{ width: 180, breakpoint: 'sm', collapsed: { mobile: !opened } }} padding="md">
      <AppShell.Header>
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Navigation" />
          <Text fw={700} component={Link} href="/" c="inherit" td="none">
            Strata
          </Text>
          <ConnectionBadge />
          <Group gap="xs" ml="auto" wrap="nowrap">
            <PlayerSearch />
            <ColorScheme />
            <PersonMenu person={person} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label="Pages">
        {pages
          .filter(({ scope }) => scope === undefined || person.scopes.includes(scope))
          .map(({ path: to, label, Icon }) => (
            <NavLink
              key={to}
              component={Link}
              href={to}
              label={label}
              leftSection={<Icon size={18} aria-hidden />}
              active={to === '/' ? path === '/' || path.startsWith('/copies') : path.startsWith(to)}
              onClick={close}
            />
          ))}
      </AppShell.Navbar>
      <AppShell.Main>{children}</AppShell.Main>
    </AppShell>
  )
}

function ColorScheme(): ReactNode {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const options = [
    { value: 'auto', label: 'As the system', Icon: IconDeviceDesktop },
    { value: 'light', label: 'Light', Icon: IconSun },
    { value: 'dark', label: 'Dark', Icon: IconMoon },
  ] as const
  const Current = options.find(({ value }) => value === colorScheme)?.Icon ?? IconSun
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label="Colours">
          <Current size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {options.map(({ value, label, Icon }) => (
          <Menu.Item key={value} leftSection={<Icon size={16} aria-hidden />} onClick={() => setColorScheme(value)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function PersonMenu({ person }: { person: Person }): ReactNode {
  const signOut = useSignOut()
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label={`Signed in as ${person.name}`}>
          <IconUser size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {person.name}: {person.roles.join(', ')}
        </Menu.Label>
        <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
