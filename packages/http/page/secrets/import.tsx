// Pastes a .env file: the text, then what each line would do, then the result of each.
import { useSignal } from '@preact/signals'
import type { Problem } from '../client.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { AreaField, TextField } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { say } from '../ui/toast.tsx'
import { type ImportPlan, type ImportRow, isToWrite, planImport, storeRow } from './import.ts'
import { ImportPreview } from './import-preview.tsx'
import { filters, known } from './list.ts'

export function ImportDialog({ onClose }: { readonly onClose: () => void }) {
  const text = useSignal('')
  const server = useSignal(filters.value.server || 'default')
  const plan = useSignal<ImportPlan | undefined>(undefined)
  const problem = useSignal<Problem | undefined>(undefined)
  const isBusy = useSignal(false)

  const preview = async (): Promise<void> => {
    if (text.value.trim() === '' || server.value === '') return
    isBusy.value = true
    const result = await planImport(text.value, server.value)
    isBusy.value = false
    problem.value = 'kind' in result ? result : undefined
    plan.value = 'kind' in result ? undefined : result
  }
  /** One after the other: the first failure that concerns all of them ends it, and the rest can be tried again. */
  const write = async (rows: readonly ImportRow[]): Promise<void> => {
    isBusy.value = true
    problem.value = undefined
    for (const [index, row] of rows.entries()) {
      if (!isToWrite(row)) continue
      const next = await storeRow(row, server.value)
      const before = plan.value
      if (before === undefined) break
      plan.value = { ...before, rows: before.rows.map((each, at) => (at === index ? next : each)) }
      const kind = next.problem?.kind
      if (kind === 'unsure' || kind === 'busy' || kind === 'signed-out') {
        problem.value = next.problem
        break
      }
    }
    isBusy.value = false
    const after = plan.value?.rows ?? []
    if (after.some(isToWrite)) return
    text.value = ''
    const count = after.filter(({ done }) => done === 'stored').length
    say(count === 1 ? '1 secret is stored.' : `${count} secrets are stored.`)
    onClose()
  }

  const current = plan.value
  const left = current?.rows.filter(isToWrite).length ?? 0
  return (
    <Dialog
      title="Paste a .env file"
      isWide
      isDirty={text.value !== ''}
      onClose={onClose}
      footer={
        current === undefined ? (
          <>
            <Button
              kind="primary"
              type="submit"
              form="paste"
              isBusy={isBusy.value}
              isDisabled={text.value.trim() === ''}
            >
              Preview
            </Button>
            <Button onClick={onClose}>Cancel</Button>
          </>
        ) : (
          <>
            <Button
              kind="primary"
              isBusy={isBusy.value}
              isDisabled={left === 0}
              onClick={() => void write(current.rows)}
            >
              {left === 0 ? 'Nothing to store' : left === 1 ? 'Store 1 secret' : `Store ${left} secrets`}
            </Button>
            <Button isDisabled={isBusy.value} onClick={() => (plan.value = undefined)}>
              Back
            </Button>
          </>
        )
      }
    >
      {current === undefined ? (
        <form
          id="paste"
          class="form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            void preview()
          }}
        >
          <AreaField
            label="The text of the file"
            rows={10}
            isCode
            value={text.value}
            placeholder={'GITHUB_TOKEN=...\nDATABASE_URL="postgres://..."'}
            onInput={(next) => (text.value = next)}
            hint="Nothing is written before you have seen what would change."
          />
          <TextField
            label="Server"
            hint="The MCP server that uses them."
            value={server.value}
            list={known.value.servers}
            onInput={(next) => (server.value = next)}
          />
        </form>
      ) : (
        <ImportPreview plan={current} />
      )}
      {problem.value === undefined ? null : (
        <Notice
          problem={problem.value}
          isBusy={isBusy.value}
          onRetry={() => void (current === undefined ? preview() : write(current.rows))}
        />
      )}
    </Dialog>
  )
}
