// The audit trail: filters, events in pages, live refresh, export and the badge of its verification.
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { auditExportUrl } from '../client.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Notice } from '../ui/notice.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { count } from '../ui/text.tsx'
import { EventRow } from './event.tsx'
import { AuditFilterBar } from './filters.tsx'
import {
  auditFilters,
  type LogRow,
  loadLog,
  loadOlder,
  log,
  logCursor,
  logProblem,
  logState,
  queryOf,
  refreshLog,
} from './log.ts'
import { firstBad, Verdict, VerifyButton } from './verify.tsx'

const isLive = signal(false)
// Each look at the trail is itself an event of it, so nothing looks often, and nobody is looked for unasked.
const refreshMs = 10_000

export function AuditPage() {
  useEffect(() => void loadLog(), [auditFilters.value])
  useEffect(() => {
    if (!isLive.value) return
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void refreshLog()
    }, refreshMs)
    return () => clearInterval(timer)
  }, [isLive.value])
  return (
    <>
      <div class="audit-head">
        <h1>Audit</h1>
        <div class="actions">
          <VerifyButton />
          <label class="check">
            <input
              type="checkbox"
              checked={isLive.value}
              onInput={(event) => (isLive.value = event.currentTarget.checked)}
            />
            Live
          </label>
          <a class="button plain" href={auditExportUrl(queryOf(auditFilters.value))} download="audit.ndjson">
            <Icon name="download" />
            <span>Export</span>
          </a>
        </div>
      </div>
      <Verdict />
      <AuditFilterBar />
      {logProblem.value === undefined ? null : <Notice problem={logProblem.value} onRetry={loadLog} />}
      <Events />
    </>
  )
}

const columns = [
  ['When', 'c-at'],
  ['Who', 'c-who'],
  ['What', 'c-what'],
  ['Secret', 'c-secret'],
  ['From', 'c-from'],
  ['Outcome', 'c-outcome'],
] as const

function Events() {
  if (log.value.length === 0)
    return logState.value === 'loading' ? (
      <Skeleton />
    ) : logProblem.value === undefined ? (
      <p class="nothing">No events fit.</p>
    ) : null
  return (
    <>
      <table class="events">
        <caption class="sr-only">Events, newest first</caption>
        <thead>
          <tr>
            {columns.map(([name, key]) => (
              <th key={key} scope="col" class={key}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {log.value.map((row) =>
            row.item === undefined ? (
              <AlteredRow key={row.key} row={row} />
            ) : (
              <EventRow key={row.key} item={row.item} isBad={row.key === firstBad.value} />
            ),
          )}
        </tbody>
      </table>
      <div class="below-table">
        <p>
          {count(log.value.length, 'event')}
          {logCursor.value === null ? '' : ' loaded, there are older ones'}
        </p>
        {logCursor.value === null ? null : (
          <Button isBusy={logState.value === 'loading'} onClick={loadOlder}>
            Load older
          </Button>
        )}
      </div>
    </>
  )
}

function AlteredRow({ row }: { readonly row: LogRow }) {
  return (
    <tr class="bad">
      <td colSpan={columns.length}>
        <Icon name="warn" /> Event {row.sequence} of stream {row.stream.slice(0, 8)} was altered in the store. What it
        says is not shown.
      </td>
    </tr>
  )
}
