// The newest events about one secret, from the audit trail.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { EventLine } from '../audit/event.tsx'
import { notable } from '../audit/words.ts'
import { type AuditItem, api, me, type SecretInfo } from '../client.ts'
import { Loaded } from '../ui/loaded.tsx'
import { useCall } from '../ui/use-call.ts'

const newest = 20

export function Activity({ secret }: { readonly secret: SecretInfo }) {
  const items = useSignal<readonly AuditItem[] | undefined>(undefined)
  const { problem, run } = useCall()
  const isOwn = secret.owner === me.value?.id
  const load = async (): Promise<void> => {
    const { owner, server, name } = secret
    // Who does not own it sees the own calls alone, unless a role shows the whole trail.
    const query = {
      server,
      name,
      limit: newest,
      action: [...notable],
      ...((isOwn || me.value?.may.audit) && { owner }),
    }
    const page = await run(() => api.audit(query))
    if (page !== undefined) items.value = page.items
  }
  useEffect(() => void load(), [secret.revision])
  return (
    <Loaded
      value={items.value}
      problem={problem.value}
      onRetry={() => void load()}
      show={(events) =>
        events.length === 0 ? (
          <p class="hint">{isOwn ? 'Nothing yet.' : 'Nothing by you yet.'}</p>
        ) : (
          <ul class="lines">
            {events.map((item) => (
              <EventLine key={`${item.stream}/${item.sequence}`} item={item} />
            ))}
          </ul>
        )
      }
    />
  )
}
