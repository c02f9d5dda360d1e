// The table of secrets: grouped by server, or in one list by another order.
import { type ListedSecret, me } from '../client.ts'
import { pathOf } from '../route.ts'
import { Text } from '../ui/text.tsx'
import { Distance } from '../ui/time.tsx'
import { Badges, Tier, typeName } from './badges.tsx'
import { type SortKey, shown, sort } from './list.ts'

interface Column {
  readonly name: string
  readonly class: string
  readonly sort?: SortKey
}

const columns: readonly Column[] = [
  { name: 'Name', class: 'c-name', sort: 'name' },
  { name: 'Server', class: 'c-server', sort: 'server' },
  { name: 'Type', class: 'c-type' },
  { name: 'Tier', class: 'c-tier' },
  { name: 'Tags', class: 'c-tags' },
  { name: 'Expires', class: 'c-expires', sort: 'expires' },
  { name: 'Last used', class: 'c-used', sort: 'used' },
  { name: 'Changed', class: 'c-changed', sort: 'changed' },
]

export function SecretsTable() {
  const isGrouped = sort.value === 'server'
  const groups = isGrouped ? [...Map.groupBy(shown.value, ({ server }) => server)] : [['', shown.value] as const]
  return (
    // Arrows move between the links; the handler sits here so that rows need none.
    <table class={isGrouped ? 'secrets grouped' : 'secrets'} onKeyDown={moveByArrows}>
      <caption class="sr-only">Secrets</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <Head key={column.name} column={column} />
          ))}
        </tr>
      </thead>
      {groups.map(([server, items]) => (
        <tbody key={server}>
          {isGrouped ? (
            <tr class="group">
              <th scope="rowgroup">
                <Text text={server} /> <span class="count">{items.length}</span>
              </th>
              {/* One header over all columns would bring back those that a narrow window hides. */}
              {columns.slice(1).map((column) => (
                <td key={column.name} class={column.class} />
              ))}
            </tr>
          ) : null}
          {items.map((secret) => (
            <Row key={pathOf(secret)} secret={secret} />
          ))}
        </tbody>
      ))}
    </table>
  )
}

function Head({ column }: { readonly column: Column }) {
  const isSorted = column.sort !== undefined && column.sort === sort.value
  return (
    <th scope="col" class={column.class} aria-sort={isSorted ? 'ascending' : undefined}>
      {column.sort === undefined ? (
        column.name
      ) : (
        <button
          type="button"
          class={isSorted ? 'sort on' : 'sort'}
          onClick={() => (sort.value = column.sort ?? 'server')}
        >
          {column.name}
        </button>
      )}
    </th>
  )
}

function Row({ secret }: { readonly secret: ListedSecret }) {
  // A component that reads a signal is drawn again only for that, and for new properties: of 1,000 rows, few.
  const isOwn = secret.owner === me.value?.id
  const isTrusted = secret.state !== 'untrusted'
  return (
    <tr class={`row ${secret.state}`}>
      <td class="c-name">
        <div class="name-line">
          <a href={pathOf(secret)} class="name">
            <Text text={secret.name} />
          </a>
          <Badges secret={secret} isOwn={isOwn} />
          <span class="under-name">
            <Text text={secret.server} />
          </span>
        </div>
      </td>
      <td class="c-server">
        <Text text={secret.server} />
      </td>
      <td class="c-type">{isTrusted ? <Text text={typeName(secret.type)} /> : null}</td>
      <td class="c-tier">{isTrusted ? <Tier tier={secret.tier} /> : null}</td>
      <td class="c-tags">{isTrusted ? <Tags tags={secret.tags} /> : null}</td>
      <td class="c-expires">{isTrusted && secret.expiresAt !== null ? <Distance at={secret.expiresAt} /> : dash}</td>
      <td class="c-used">{isTrusted && secret.lastUsedAt !== null ? <Distance at={secret.lastUsedAt} /> : dash}</td>
      <td class="c-changed">{isTrusted ? <Distance at={secret.updatedAt} /> : dash}</td>
    </tr>
  )
}

const dash = <span class="dash">–</span>
const maxTags = 3

function Tags({ tags }: { readonly tags: readonly string[] }) {
  return (
    <span class="tags">
      {tags.slice(0, maxTags).map((tag) => (
        <Text key={tag} class="tag" text={tag} />
      ))}
      {tags.length > maxTags ? <span class="count">+{tags.length - maxTags}</span> : null}
    </span>
  )
}

const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 }

function moveByArrows(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const step = steps[event.key]
  if (step === undefined) return
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('a.name')]
  const at = links.findIndex((link) => link.matches(':focus'))
  const next = at === -1 ? undefined : links[at + step]
  if (next === undefined) return
  event.preventDefault()
  next.focus()
}
