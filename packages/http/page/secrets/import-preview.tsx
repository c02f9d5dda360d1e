// The preview of an import: what each line of the text would do, and later what it did.
import { findPreset } from '@mcpvault/core/presets'
import type { ComponentChildren } from 'preact'
import { Badge, type Tone } from '../ui/badge.tsx'
import { Text } from '../ui/text.tsx'
import type { ImportPlan, ImportRow } from './import.ts'

const tones: Readonly<Record<ImportRow['kind'], Tone>> = {
  new: 'ok',
  changed: 'warn',
  same: 'neutral',
  refused: 'danger',
}

export function ImportPreview({ plan }: { readonly plan: ImportPlan }) {
  const { rows, problems, compared, uncompared } = plan
  const count = (kind: ImportRow['kind']): number => rows.filter((row) => row.kind === kind).length
  const lines = [
    ...rows.map((row) => ({ line: row.line, name: row.name, fate: <Fate row={row} /> })),
    ...problems.map(({ line, message }) => ({
      line,
      name: '',
      fate: <Verdict tone="danger" word="refused" text={message} />,
    })),
  ].toSorted((a, b) => a.line - b.line)
  return (
    <div class="form">
      <p aria-live="polite">
        <b>{count('new')}</b> new, <b>{count('changed')}</b> changed, <b>{count('same')}</b> the same,{' '}
        <b>{count('refused') + problems.length}</b> refused. Nothing is written before you store them.
      </p>
      <table class="preview">
        <caption class="sr-only">What each line would do</caption>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">Name</th>
            <th scope="col">What happens</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ line, name, fate }, index) => (
            <tr key={index}>
              <td>{line}</td>
              <td>
                <Text class="name" text={name} />
              </td>
              <td>{fate}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {compared + uncompared === 0 ? null : (
        <p class="hint">
          To tell changed from the same, {compared} stored {compared === 1 ? 'value was' : 'values were'} read, which
          the audit trail records.
          {uncompared === 0 ? '' : ` ${uncompared} more could not be, and count as changed.`}
        </p>
      )}
    </div>
  )
}

function Fate({ row }: { readonly row: ImportRow }) {
  if (row.done === 'stored') return <Verdict tone="ok" word="stored" text="" />
  if (row.problem !== undefined) return <Verdict tone="danger" word="not stored" text={row.problem.message} />
  const looks = row.presetId === undefined ? undefined : findPreset(row.presetId)?.title
  const parts = [
    row.reason,
    row.kind === 'changed' && row.existing !== undefined ? `becomes version ${row.existing.version + 1}` : undefined,
    looks === undefined ? undefined : `looks like a ${looks}`,
    row.warning === undefined ? undefined : `but ${row.warning}`,
  ]
  return <Verdict tone={tones[row.kind]} word={row.kind} text={parts.filter((part) => part !== undefined).join(', ')} />
}

function Verdict(props: { readonly tone: Tone; readonly word: ComponentChildren; readonly text: string }) {
  return (
    <>
      <Badge tone={props.tone}>{props.word}</Badge> <span class="hint">{props.text}</span>
    </>
  )
}
