// The newest events about one secret, from the audit trail.
import { EventLine } from '../audit/event.tsx'
import { notable } from '../audit/words.ts'
import { api, me, type SecretInfo } from '../client.ts'
import { Loaded, useLoad } from '../ui/loaded.tsx'

const newest = 20

export function Activity({ secret }: { readonly secret: SecretInfo }) {
  const isOwn = secret.owner === me.value?.id
  const { owner, server, name, revision } = secret
  // Who does not own it sees the own calls alone, unless a role shows the whole trail.
  const whose = isOwn || me.value?.may.audit ? { owner } : {}
  const events = useLoad(() => api.audit({ server, name, limit: newest, action: [...notable], ...whose }), [revision])
  return (
    <Loaded
      from={events}
      show={({ items }) =>
        items.length === 0 ? (
          <p class="hint">{isOwn ? 'Nothing yet.' : 'Nothing by you yet.'}</p>
        ) : (
          <ul class="lines">
            {items.map((item) => (
              <EventLine key={`${item.stream}/${item.sequence}`} item={item} />
            ))}
          </ul>
        )
      }
    />
  )
}
