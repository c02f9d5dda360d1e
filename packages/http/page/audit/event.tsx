// One event: who did what, when, from where, and how it ended.
import type { AuditItem } from '../client.ts'
import { Badge } from '../ui/badge.tsx'
import { Text, visible } from '../ui/text.tsx'
import { Distance, Instant } from '../ui/time.tsx'
import { actionName, agentName, outcomeTone } from './words.ts'

/** In a short list of one secret. */
export function EventLine({ item }: { readonly item: AuditItem }) {
  return (
    <li class="line">
      <span>
        <b>
          <Text text={item.principal} />
        </b>{' '}
        {actionName(item)}
        {item.version === undefined ? null : ` version ${item.version}`}
        <Grantee item={item} />, <Distance at={item.at} />
      </span>
      <Outcome item={item} />
    </li>
  )
}

export function EventRow({ item, isBad }: { readonly item: AuditItem; readonly isBad: boolean }) {
  return (
    <tr class={isBad ? 'bad' : undefined}>
      <td class="c-at">
        <Instant at={item.at} />
      </td>
      <td class="c-who">
        <Text text={item.principal} />
      </td>
      <td class="c-what">
        {actionName(item)}
        <Grantee item={item} />
        {item.count === undefined ? null : <span class="hint"> {item.count}</span>}
      </td>
      <td class="c-secret">
        {item.name === undefined ? null : <Text class="strong" text={item.name} />}
        {item.version === undefined ? null : <span class="hint"> v{item.version}</span>}
        {item.server === undefined ? null : (
          <span class="hint">
            {' '}
            <Text text={item.server} />
          </span>
        )}
      </td>
      <td class="c-from">
        <Text text={item.sourceIp ?? ''} />
        {item.userAgent === undefined ? null : (
          <span class="agent" title={visible(item.userAgent)}>
            <Text text={agentName(item.userAgent)} />
          </span>
        )}
        {item.reason === undefined ? null : (
          <span class="agent">
            reason: <Text text={item.reason} />
          </span>
        )}
      </td>
      <td class="c-outcome">
        <Outcome item={item} />
      </td>
    </tr>
  )
}

function Outcome({ item }: { readonly item: AuditItem }) {
  return (
    <span title={item.errorCode}>
      <Badge tone={outcomeTone(item.outcome)}>{item.outcome}</Badge>
    </span>
  )
}

function Grantee({ item }: { readonly item: AuditItem }) {
  if (item.grantee === undefined) return null
  return (
    <>
      {item.action === 'secret.unshared' ? ' from ' : ' with '}
      <Text text={item.grantee} />
    </>
  )
}
