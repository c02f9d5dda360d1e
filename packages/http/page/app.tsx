// The frame of the page: header, the two parts, and what concerns the whole page.
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { AuditPage } from './audit/page.tsx'
import { api, isReachable, isSignedOut, me, type Problem } from './client.ts'
import { Help, helpIsOpen } from './help.tsx'
import { auditPath, go, route, secretsPath } from './route.ts'
import { SecretsPage } from './secrets/page.tsx'
import { openDialogs } from './ui/dialog.tsx'
import { Icon } from './ui/icon.tsx'
import { onKeys } from './ui/keys.ts'
import { Banner, Notice } from './ui/notice.tsx'
import { Skeleton } from './ui/skeleton.tsx'
import { Text } from './ui/text.tsx'
import { Toasts } from './ui/toast.tsx'

const startProblem = signal<Problem | undefined>(undefined)

async function start(): Promise<void> {
  startProblem.value = undefined
  const answer = await api.me()
  if (answer.ok) me.value = answer.data
  else startProblem.value = answer.problem
}

export function App() {
  const { page } = route.value
  useEffect(() => void start(), [])
  useEffect(
    () => onKeys({ '?': () => (helpIsOpen.value = true), '1': () => go(secretsPath), '2': () => go(auditPath) }),
    [],
  )
  useEffect(() => {
    document.title = page === 'audit' ? 'Audit · MCPVault' : 'Secrets · MCPVault'
  }, [page])

  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <Header />
      <main id="main" tabIndex={-1}>
        {isSignedOut.value ? (
          <Banner tone="warn">
            <p>You are signed out. Sign in again in another tab; what you typed here stays.</p>
          </Banner>
        ) : isReachable.value ? null : (
          <Banner tone="warn">
            <p>No connection to the server. What you typed stays; try again when it is back.</p>
          </Banner>
        )}
        {startProblem.value !== undefined ? (
          <Notice problem={startProblem.value} onRetry={start} />
        ) : me.value === undefined ? (
          <Skeleton />
        ) : page === 'audit' ? (
          <AuditPage />
        ) : (
          <SecretsPage />
        )}
      </main>
      {helpIsOpen.value ? <Help /> : null}
      {openDialogs.value.length === 0 ? <Toasts /> : null}
    </>
  )
}

function Header() {
  const { page } = route.value
  const tab = (name: string, path: string, isHere: boolean) => (
    <a href={path} aria-current={isHere ? 'page' : undefined}>
      {name}
    </a>
  )
  return (
    <header class="top">
      <span class="brand">
        <span class="mark">
          <Icon name="key" />
        </span>
        MCPVault
      </span>
      <nav aria-label="Parts of the vault">
        {tab('Secrets', secretsPath, page === 'secrets')}
        {tab('Audit', auditPath, page === 'audit')}
      </nav>
      <span class="who">{me.value === undefined ? null : <Text text={me.value.id} />}</span>
      <button
        type="button"
        class="button quiet square"
        aria-label="Help and keys"
        title="Help and keys (?)"
        onClick={() => (helpIsOpen.value = true)}
      >
        ?
      </button>
    </header>
  )
}
