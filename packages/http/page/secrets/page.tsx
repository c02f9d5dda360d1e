// The secrets: toolbar, table, the dialogs that add some, and the drawer of the one that is open.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { go, pathOf, route, secretsPath } from '../route.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Notice } from '../ui/notice.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { count } from '../ui/text.tsx'
import { AddDialog } from './add.tsx'
import { Drawer } from './drawer.tsx'
import { ImportDialog } from './import.tsx'
import { cursor, isFiltered, listing, listProblem, load, loadMore, rows, shown } from './list.ts'
import { SecretsTable } from './table.tsx'
import { Toolbar } from './toolbar.tsx'

export function SecretsPage() {
  const dialog = useSignal<'add' | 'paste' | undefined>(undefined)
  const here = route.value
  const open = here.page === 'secrets' ? here.open : undefined
  // An answer that closes the drawer may come when another one is open.
  const leave = (): void => {
    if (route.value === here) go(secretsPath)
  }
  useEffect(() => void load(), [])
  const show = (which: 'add' | 'paste' | undefined) => (): void => {
    dialog.value = which
  }
  const [add, paste, close] = [show('add'), show('paste'), show(undefined)]
  const isDone = listing.value === 'done' && listProblem.value === undefined
  const isFirst = isDone && rows.value.length === 0 && !isFiltered.value
  return (
    <>
      <h1 class="sr-only">Secrets</h1>
      {isFirst ? (
        <FirstSteps onAdd={add} onPaste={paste} />
      ) : (
        <>
          <Toolbar onAdd={add} onPaste={paste} />
          {listProblem.value === undefined ? null : <Notice problem={listProblem.value} onRetry={load} />}
          <Listing />
        </>
      )}
      {dialog.value === 'add' ? <AddDialog onClose={close} /> : null}
      {dialog.value === 'paste' ? <ImportDialog onClose={close} /> : null}
      {open === undefined ? null : <Drawer key={pathOf(open)} secret={open} onClose={leave} />}
    </>
  )
}

function Listing() {
  if (listing.value === 'loading' && rows.value.length === 0) return <Skeleton />
  const found = shown.value.length
  if (found === 0 && listProblem.value !== undefined) return null
  return (
    <>
      {found === 0 ? (
        <p class="nothing">{isFiltered.value ? 'No secret fits. Try fewer filters.' : 'No secrets here.'}</p>
      ) : (
        <SecretsTable />
      )}
      <div class="below-table">
        <p aria-live="polite">
          {count(found, 'secret')}
          {listing.value === 'loading' ? ', loading' : cursor.value === null ? '' : ' loaded, there are more'}
        </p>
        {listing.value === 'done' && cursor.value !== null ? <Button onClick={loadMore}>Load more</Button> : null}
      </div>
    </>
  )
}

function FirstSteps({ onAdd, onPaste }: { readonly onAdd: () => void; readonly onPaste: () => void }) {
  return (
    <section class="first">
      <span class="mark large">
        <Icon name="key" />
      </span>
      <h2>No secrets yet</h2>
      <p>Put the keys that your MCP servers need in here. They are encrypted before they are stored.</p>
      <ol class="steps">
        <li>
          <p>
            <b>Add one.</b> Pick the service; the form knows what its keys look like.
          </p>
          <Button kind="primary" icon="plus" onClick={onAdd}>
            Add secret
          </Button>
        </li>
        <li>
          <p>
            <b>Or bring a whole .env file.</b> You see what would change before anything is written.
          </p>
          <Button icon="paste" onClick={onPaste}>
            Paste .env
          </Button>
        </li>
        <li>
          <p>
            <b>Then share it.</b> Open a secret to let others use it, without sending it around.
          </p>
        </li>
      </ol>
    </section>
  )
}
