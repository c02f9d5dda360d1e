// Search, filters, order, and the two ways to add secrets.
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/field.tsx'
import { Icon } from '../ui/icon.tsx'
import { onKeys } from '../ui/keys.ts'
import { visible } from '../ui/text.tsx'
import { typeName } from './badges.tsx'
import { type Filters, filters, isFiltered, known, load, noFilters, search, sort } from './list.ts'

interface ToolbarProps {
  readonly onAdd: () => void
  readonly onPaste: () => void
}

export function Toolbar({ onAdd, onPaste }: ToolbarProps) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => onKeys({ '/': () => input.current?.focus(), n: onAdd, i: onPaste }), [onAdd, onPaste])
  return (
    <div class="toolbar">
      <search class="search">
        <Icon name="search" />
        <input
          ref={input}
          type="search"
          aria-label="Search secrets"
          placeholder="Search"
          autocomplete="off"
          spellcheck={false}
          value={search.value}
          onInput={(event) => (search.value = event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown') document.querySelector<HTMLElement>('table.secrets a.name')?.focus()
          }}
        />
        <span class="key" aria-hidden="true">
          /
        </span>
      </search>
      <FilterBar />
      <div class="actions">
        <Button icon="paste" onClick={onPaste}>
          Paste .env
        </Button>
        <Button kind="primary" icon="plus" onClick={onAdd}>
          Add secret
        </Button>
      </div>
    </div>
  )
}

function FilterBar() {
  const isOpen = useSignal(false)
  const { servers, tags, types } = known.value
  const given = filters.value
  const set = (change: Partial<Filters>): void => {
    const next = { ...given, ...change }
    filters.value = next
    void load()
  }
  return (
    <>
      <span class="filter-toggle">
        <button
          type="button"
          class="button plain"
          aria-expanded={isOpen.value}
          onClick={() => (isOpen.value = !isOpen.value)}
        >
          Filters
        </button>
      </span>
      <fieldset class={isOpen.value ? 'filters open' : 'filters'} aria-label="Filters">
        <Choice
          label="Server"
          value={given.server}
          options={any('All servers', servers)}
          onInput={(server) => set({ server })}
        />
        <Choice
          label="State"
          value={given.state}
          options={[
            ['any', 'All but deleted'],
            ['active', 'Active'],
            ['inactive', 'Inactive'],
            ['expired', 'Expired'],
            ['deleted', 'Deleted'],
          ]}
          onInput={(state) => set({ state })}
        />
        <Choice
          label="Type"
          value={given.type}
          options={any('All types', types, typeName)}
          onInput={(type) => set({ type })}
        />
        <Choice
          label="Tier"
          value={given.tier}
          options={[
            ['', 'All tiers'],
            ['1', 'Critical'],
            ['2', 'Sensitive'],
            ['3', 'Internal'],
          ]}
          onInput={(tier) => set({ tier })}
        />
        <Choice label="Tag" value={given.tag} options={any('All tags', tags)} onInput={(tag) => set({ tag })} />
        <Choice
          label="Expires"
          value={given.expiring}
          options={[
            ['', 'Any expiry'],
            ['7', 'Within 7 days'],
            ['30', 'Within 30 days'],
            ['90', 'Within 90 days'],
          ]}
          onInput={(expiring) => set({ expiring })}
        />
        <Choice
          label="Sharing"
          value={given.sharing}
          options={[
            ['', 'Mine and shared'],
            ['with-me', 'Shared with me'],
          ]}
          onInput={(sharing) => set({ sharing })}
        />
        <Choice
          label="Order"
          value={sort.value}
          options={[
            ['server', 'By server'],
            ['name', 'By name'],
            ['expires', 'By expiry'],
            ['used', 'Last used first'],
            ['changed', 'Last changed first'],
          ]}
          onInput={(key) => (sort.value = key)}
        />
        {isFiltered.value ? (
          <Button
            kind="quiet"
            icon="close"
            onClick={() => {
              search.value = ''
              set(noFilters)
            }}
          >
            Clear
          </Button>
        ) : null}
      </fieldset>
    </>
  )
}

function any(label: string, values: readonly string[], nameOf = visible): readonly (readonly [string, string])[] {
  return [['', label], ...values.map((value) => [value, nameOf(value)] as const)]
}
