import { Center, Loader } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { Route, Switch } from 'wouter'
import { LiveContext } from './api/live.tsx'
import { LiveStore } from './api/liveStore.ts'
import { PersonContext, useSession } from './api/session.ts'
import { NotFound } from './shell/notFound.tsx'
import { Shell } from './shell/shell.tsx'
import { SignIn } from './shell/signIn.tsx'
import { Unreachable } from './shell/unreachable.tsx'
import { WorldPage } from './world/worldPage.tsx'

const CopyPage = lazy(() => import('./copy/copyPage.tsx'))
const PlayerPage = lazy(() => import('./player/playerPage.tsx'))
const ServersPage = lazy(() => import('./servers/serversPage.tsx'))
const TimelinePage = lazy(() => import('./timeline/timelinePage.tsx'))
const PoliciesPage = lazy(() => import('./policies/policiesPage.tsx'))
const PolicyPage = lazy(() => import('./policies/policyPage.tsx'))
const AuditPage = lazy(() => import('./audit/auditPage.tsx'))

export function App(): ReactNode {
  const { data, error } = useSession()
  if (data === undefined) return error === null ? <Loading /> : <Unreachable error={error} />
  if (data.person === undefined) return <SignIn methods={data.methods} />
  return (
    <PersonContext value={data.person}>
      <Live>
        <Shell person={data.person}>
          <Suspense fallback={<Loading />}>
            <Switch>
              <Route path="/" component={WorldPage} />
              <Route path="/copies/:copy">{({ copy }) => <CopyPage key={copy} copy={decodeURIComponent(copy)} />}</Route>
              <Route path="/players/:player?">{({ player = '' }) => <PlayerPage key={player} player={decodeURIComponent(player)} />}</Route>
              <Route path="/servers" component={ServersPage} />
              <Route path="/timelines" component={TimelinePage} />
              <Route path="/policies" component={PoliciesPage} />
              <Route path="/policies/:map">{({ map }) => <PolicyPage key={map} map={decodeURIComponent(map)} />}</Route>
              <Route path="/audit" component={AuditPage} />
              <Route component={NotFound} />
            </Switch>
          </Suspense>
        </Shell>
      </Live>
    </PersonContext>
  )
}

/** Keeps the live connection while somebody is signed in. */
function Live({ children }: { children: ReactNode }): ReactNode {
  const queries = useQueryClient()
  const [store] = useState(() => new LiveStore())
  useEffect(() => {
    store.onBroken = () => void queries.invalidateQueries({ queryKey: ['session'] })
    store.open()
    return () => store.close()
  }, [store, queries])
  return <LiveContext value={store}>{children}</LiveContext>
}

function Loading(): ReactNode {
  return (
    <Center h="50vh">
      <Loader aria-label="Loading" />
    </Center>
  )
}
