// Pastes a .env file: the text, then what each line would do, then the result of each.
import { useSignal } from '@preact/signals'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { AreaField, TextField } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'
import { Notice } from '../ui/notice.tsx'
import { count } from '../ui/text.tsx'
import { say } from '../ui/toast.tsx'
import { useCall } from '../ui/use-call.ts'
import { type ImportPlan, type ImportRow, isToWrite, planImport, storeRow } from './import.ts'
import { ImportPreview } from './import-preview.tsx'
import { filters, known } from './list.ts'

export function ImportDialog({ onClose }: { readonly onClose: () => void }) {
  const text = useSignal('')
  const server = useSignal(filters.value.server || 'default')
  const plan = useSignal<ImportPlan | undefined>(undefined)
  const call = useCall()
  const { problem, isBusy, isHere } = call

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
      // Closed in the middle: nothing more is written.
      if (!isHere()) return
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
    const stored = after.filter(({ done }) => done === 'stored').length
    say(`${count(stored, 'secret')} stored.`)
    if (isHere()) onClose()
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
              {left === 0 ? 'Nothing to store' : `Store ${count(left, 'secret')}`}
            </Button>
            <Button isDisabled={isBusy.value} onClick={() => (plan.value = undefined)}>
              Back
            </Button>
          </>
        )
      }
    >
      {current === undefined ? (
        <Form id="paste" call={call} onSubmit={preview}>
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
        </Form>
      ) : (
        <ImportPreview plan={current} />
      )}
      {current === undefined || problem.value === undefined ? null : (
        <Notice problem={problem.value} isBusy={isBusy.value} onRetry={() => void write(current.rows)} />
      )}
    </Dialog>
  )
}
