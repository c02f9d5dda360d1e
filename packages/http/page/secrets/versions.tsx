// The kept versions: compare two without seeing either, and make an older one current again.
import { useSignal } from '@preact/signals'
import { api, type Problem } from '../client.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Loaded, useLoad } from '../ui/loaded.tsx'
import { Notice } from '../ui/notice.tsx'
import { Text } from '../ui/text.tsx'
import { Distance } from '../ui/time.tsx'
import { say } from '../ui/toast.tsx'
import { type Comparison, compareValues } from './compare.ts'
import type { PartProps } from './part.ts'

export function Versions({ info, onChange, refresh }: PartProps) {
  const list = useLoad(() => api.versions(info), [info.version])
  const problem = useSignal<Problem | undefined>(undefined)
  const comparison = useSignal<{ readonly version: number; readonly lines: Comparison } | undefined>(undefined)
  const busy = useSignal<string | undefined>(undefined)

  const compare = async (version: number): Promise<void> => {
    busy.value = `compare ${version}`
    const answer = await comparisonOf(version)
    busy.value = undefined
    problem.value = answer.ok ? undefined : answer.problem
    comparison.value = answer.ok ? { version, lines: answer.data } : undefined
  }
  const comparisonOf = async (version: number) => {
    const reason = `to compare versions ${version} and ${info.version}`
    const before = await api.reveal(info, { version, reason })
    if (!before.ok) return before
    const after = await api.reveal(info, { version: info.version, reason })
    return after.ok ? { ok: true as const, data: compareValues(before.data, after.data) } : after
  }
  const restore = async (version: number): Promise<void> => {
    busy.value = `restore ${version}`
    const answer = await api.restore(info, version, { ifRevision: info.revision })
    busy.value = undefined
    problem.value = answer.ok ? undefined : answer.problem
    comparison.value = undefined
    if (answer.ok) {
      say(`The value of version ${version} is current again, as version ${answer.data.version}.`)
      onChange(answer.data)
    } else if (answer.problem.kind === 'conflict') await refresh()
  }

  return (
    <Loaded
      from={list}
      show={({ items }) => (
        <ul class="lines">
          {problem.value === undefined ? null : (
            <li>
              <Notice problem={problem.value} />
            </li>
          )}
          {items.map((item) => (
            <li key={item.version}>
              <div class="line">
                <span>
                  <b>{item.version}</b> by <Text text={item.createdBy} />, <Distance at={item.createdAt} />{' '}
                  {item.isCurrent ? <Badge tone="ok">current</Badge> : null}
                  {item.state === 'active' ? null : <Badge>{item.state}</Badge>}
                </span>
                {item.isCurrent ? null : (
                  <span class="row-actions">
                    <Button
                      kind="quiet"
                      label={`Compare version ${item.version} with the current one`}
                      isBusy={busy.value === `compare ${item.version}`}
                      onClick={() => void compare(item.version)}
                    >
                      Compare
                    </Button>
                    <Button
                      kind="quiet"
                      label={`Restore version ${item.version}`}
                      isBusy={busy.value === `restore ${item.version}`}
                      onClick={() => void restore(item.version)}
                    >
                      Restore
                    </Button>
                  </span>
                )}
              </div>
              {comparison.value?.version === item.version ? <Compared lines={comparison.value.lines} /> : null}
            </li>
          ))}
        </ul>
      )}
    />
  )
}

function Compared({ lines }: { readonly lines: Comparison }) {
  return (
    <div class="compared" role="status">
      {lines.map(({ field, verdict, before, after }) => (
        <p key={field}>
          {field === '' ? null : (
            <>
              <b>
                <Text text={field} />
              </b>{' '}
            </>
          )}
          <Badge tone={verdict === 'same' ? 'ok' : 'warn'}>{verdict}</Badge>{' '}
          <span class="hint">
            {before}, now {after}
          </span>
        </p>
      ))}
    </div>
  )
}
