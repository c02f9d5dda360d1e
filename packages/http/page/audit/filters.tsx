// The filters of the audit trail; what is typed is applied after a short pause.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { me } from '../client.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/field.tsx'
import { type AuditFilters, auditFilters, noAuditFilters } from './log.ts'
import { actionGroups, outcomes } from './words.ts'

const pauseMs = 300

export function AuditFilterBar() {
  const draft = useSignal(auditFilters.value)
  const set = (change: Partial<AuditFilters>): void => {
    draft.value = { ...draft.value, ...change }
  }
  const given = draft.value
  useEffect(() => {
    const timer = setTimeout(() => {
      if (auditFilters.value !== given) auditFilters.value = given
    }, pauseMs)
    return () => clearTimeout(timer)
  }, [given])
  return (
    <fieldset class="filters open" aria-label="Filters">
      <Choice
        label="Whose"
        value={given.scope}
        options={[
          ['secrets', 'On my secrets'],
          ['mine', 'By me'],
          ...(me.value?.may.audit ? [['all', 'Whole trail'] as const] : []),
        ]}
        onInput={(scope) => set({ scope })}
      />
      <Choice
        label="What"
        value={given.group}
        options={actionGroups.map(([name, label]) => [name, label] as const)}
        onInput={(group) => set({ group })}
      />
      <Choice label="Outcome" value={given.outcome} options={outcomes} onInput={(outcome) => set({ outcome })} />
      {given.scope === 'mine' ? null : (
        <Words label="Who" value={given.principal} onInput={(principal) => set({ principal })} />
      )}
      <Words label="Server" value={given.server} onInput={(server) => set({ server })} />
      <Words label="Secret" value={given.name} onInput={(name) => set({ name })} />
      <Words label="From" type="datetime-local" value={given.from} onInput={(from) => set({ from })} />
      <Words label="Until" type="datetime-local" value={given.to} onInput={(to) => set({ to })} />
      {given === noAuditFilters ? null : (
        <Button kind="quiet" icon="close" onClick={() => (draft.value = noAuditFilters)}>
          Clear
        </Button>
      )}
    </fieldset>
  )
}

interface WordsProps {
  readonly label: string
  readonly value: string
  readonly type?: 'text' | 'datetime-local'
  readonly onInput: (value: string) => void
}

function Words({ label, value, type = 'text', onInput }: WordsProps) {
  return (
    <label class="words">
      <span>{label}</span>
      <input
        type={type}
        value={value}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  )
}
