// The verification of the trail: a badge that says what was checked, and the first bad event where there is one.
import { computed, signal } from '@preact/signals'
import { type AuditReport, api, me, type Problem } from '../client.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Notice } from '../ui/notice.tsx'
import { count } from '../ui/text.tsx'
import { Distance } from '../ui/time.tsx'
import { keyOf } from './log.ts'
import { problemName } from './words.ts'

const report = signal<{ readonly at: string; readonly found: AuditReport } | undefined>(undefined)
const problem = signal<Problem | undefined>(undefined)
const isBusy = signal(false)

/** The key of the first row that does not hold. */
export const firstBad = computed(() => {
  const problems = report.value?.found.problems ?? []
  return problems.flatMap(({ stream, sequence }) =>
    stream === undefined || sequence === undefined ? [] : keyOf({ stream, sequence }),
  )[0]
})

async function verify(): Promise<void> {
  isBusy.value = true
  const answer = await api.verifyAudit()
  isBusy.value = false
  problem.value = answer.ok ? undefined : answer.problem
  if (answer.ok) report.value = { at: new Date().toISOString(), found: answer.data }
}

export function VerifyButton() {
  if (me.value?.may.audit !== true) return null
  return (
    <Button icon="shield" isBusy={isBusy.value} onClick={verify}>
      {report.value === undefined ? 'Verify' : 'Verify again'}
    </Button>
  )
}

export function Verdict() {
  const done = report.value
  return (
    <>
      {problem.value === undefined ? null : <Notice problem={problem.value} onRetry={verify} />}
      <div class={done?.found.ok === false ? 'verdict broken' : 'verdict'} aria-live="polite">
        {done === undefined ? null : done.found.ok ? (
          <>
            <Badge tone="ok">
              <Icon name="shield" /> verified
            </Badge>
            <span class="hint">
              {summaryOf(done.found)} Checked <Distance at={done.at} />.
            </span>
          </>
        ) : (
          <>
            <Badge tone="danger">
              <Icon name="warn" /> does not hold
            </Badge>
            <span>{firstProblemOf(done.found)}</span>
          </>
        )}
      </div>
    </>
  )
}

/** What was verified: every event in its place, and by which checkpoints. */
function summaryOf({ events, streams, checkpoints, unseenCount, redacted }: AuditReport): string {
  const parts = [
    `All ${count(events, 'event')} of ${count(streams, 'stream')} hold: none is altered, missing or out of order`,
    checkpoints === 0 ? 'no checkpoint was signed yet' : `${count(checkpoints, 'signed checkpoint')} agree`,
    ...(redacted > 0 ? [`${count(redacted, 'event')} with a replaced user`] : []),
    ...(unseenCount > 0 ? [`only its writer confirms the end of ${count(unseenCount, 'stream')}`] : []),
  ]
  return `${parts.join('; ')}.`
}

function firstProblemOf({ problems, problemCount }: AuditReport): string {
  const [first] = problems
  if (first === undefined) return 'Something in the trail contradicts it.'
  const { stream, sequence } = first
  const place =
    stream === undefined
      ? `Checkpoint ${first.checkpoint ?? ''}`
      : sequence === undefined
        ? `Stream ${stream.slice(0, 8)}`
        : `Event ${sequence} of stream ${stream.slice(0, 8)}`
  const more = problemCount > 1 ? ` This is the first of ${count(problemCount, 'problem')}.` : ''
  return `${place} ${problemName(first.problem)}.${more}`
}
