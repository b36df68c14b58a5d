import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './style.css'
import { Anchor, Badge, type CSSVariablesResolver, createTheme, MantineProvider, NavLink } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { setNonce } from 'get-nonce'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Router } from 'wouter'
import { nonce } from './api/nonce.ts'
import { RequestError } from './api/request.ts'
import { App } from './app.tsx'

// Shades that reach a contrast of 4.5 to 1 as text and as background of white text.
const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: 9,
  autoContrast: true,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // The text of a badge is never cut off.
    Badge: Badge.extend({ defaultProps: { tt: 'none' }, styles: { root: { minWidth: 'min-content' }, label: { overflow: 'visible' } } }),
    NavLink: NavLink.extend({ defaultProps: { variant: 'filled' } }),
    Anchor: Anchor.extend({ defaultProps: { inherit: true } }),
  },
})

/** Text that is set back still has a contrast of 4.5 to 1. */
const contrasts: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: { '--mantine-color-dimmed': colors.gray[7], '--mantine-color-placeholder': colors.gray[7] },
  dark: { '--mantine-color-dimmed': colors.dark[1], '--mantine-color-placeholder': colors.dark[1] },
})

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal stays one; only a lost connection is tried again.
      retry: (failures, error) => failures < 3 && !(error instanceof RequestError && !error.retryable),
      refetchOnWindowFocus: true,
    },
  },
})

// Dialogs add a style element that stops the page behind them from scrolling.
setNonce(nonce())

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element "root"')
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={nonce} cssVariablesResolver={contrasts}>
      <Notifications position="bottom-right" />
      <QueryClientProvider client={queries}>
        <Router base="/console">
          <App />
        </Router>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
