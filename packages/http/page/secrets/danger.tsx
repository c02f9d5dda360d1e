// What takes a secret out of use: deactivate, delete with undo, destroy permanently by typing its name.
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { api, currentOf, type Problem, type SecretInfo } from '../client.ts'
import type { Ref } from '../route.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { FormDialog } from '../ui/form.tsx'
import { Notice } from '../ui/notice.tsx'
import { Text, visible } from '../ui/text.tsx'
import { say } from '../ui/toast.tsx'
import { useCall } from '../ui/use-call.ts'
import { forget, upsert } from './list.ts'
import type { PartProps } from './part.ts'

type Verb = 'activate' | 'deactivate' | 'delete' | 'undelete'

/** Does it, and gives the state after it or the problem. */
async function change(info: SecretInfo, verb: Verb): Promise<SecretInfo | Problem> {
  // Nobody sees the revision of a secret that was just deleted.
  const guard = verb === 'undelete' ? {} : { ifRevision: info.revision }
  const answer = await api[verb](info, guard)
  if (!answer.ok) return answer.problem
  // A deletion is a change too: what was asked before it is older.
  return (await currentOf(info)) ?? { ...info, state: 'deleted', isActive: false, revision: info.revision + 1 }
}

async function undo(info: SecretInfo): Promise<void> {
  const result = await change(info, 'undelete')
  if ('kind' in result)
    say(`It is still deleted. ${result.message}`, { label: 'Try again', run: () => void undo(info) })
  else {
    upsert(result)
    say(`${visible(info.name)} is back.`)
  }
}

export function DangerZone(props: PartProps & { readonly onGone: () => void }) {
  const { info, onChange, refresh, onGone } = props
  const problem = useSignal<Problem | undefined>(undefined)
  const busy = useSignal<Verb | undefined>(undefined)

  const run = async (verb: Verb): Promise<void> => {
    busy.value = verb
    const result = await change(info, verb)
    busy.value = undefined
    if ('kind' in result) {
      problem.value = result
      if (result.kind === 'conflict') await refresh()
      return
    }
    problem.value = undefined
    onChange(result)
    if (verb === 'delete') {
      say(`${visible(info.name)} is deleted.`, { label: 'Undo', run: () => void undo(result) })
      onGone()
    }
  }

  const action = (verb: Verb, name: string, text: string) => (
    <Action title={name} text={text}>
      <Button isBusy={busy.value === verb} onClick={() => void run(verb)}>
        {name}
      </Button>
    </Action>
  )
  return (
    <section class="danger-zone" aria-label="Take out of use">
      {problem.value === undefined ? null : <Notice problem={problem.value} />}
      {info.state === 'deleted' ? (
        action('undelete', 'Undelete', 'With its versions, and shared as before.')
      ) : (
        <>
          {info.state === 'inactive'
            ? action('activate', 'Activate', 'It can be read again.')
            : action('deactivate', 'Deactivate', 'It stays, but nobody can read it until it is activated.')}
          {action('delete', 'Delete', 'You can undo it.')}
        </>
      )}
      <DestroyAction secret={info} onGone={onGone} />
    </section>
  )
}

/** Also for a record that was altered in the store: its owner may remove it. */
export function DestroyAction({ secret, onGone }: { readonly secret: Ref; readonly onGone: () => void }) {
  const isAsking = useSignal(false)
  return (
    <>
      <Action title="Destroy" text="Every version, permanently. Only the audit trail keeps its name.">
        <Button kind="danger" onClick={() => (isAsking.value = true)}>
          Destroy
        </Button>
      </Action>
      {isAsking.value ? <DestroyDialog info={secret} onClose={() => (isAsking.value = false)} onGone={onGone} /> : null}
    </>
  )
}

function Action(props: { readonly title: string; readonly text: string; readonly children: ComponentChildren }) {
  return (
    <div class="action">
      <p>
        <b>{props.title}</b> <span class="hint">{props.text}</span>
      </p>
      {props.children}
    </div>
  )
}

interface DestroyProps {
  readonly info: Ref
  readonly onClose: () => void
  readonly onGone: () => void
}

function DestroyDialog({ info, onClose, onGone }: DestroyProps) {
  const typed = useSignal('')
  const call = useCall()
  // Hidden marks cannot be typed, so the name as it is shown will do.
  const isRight = typed.value === info.name || typed.value === visible(info.name)

  const destroy = async (): Promise<void> => {
    if (!isRight) return
    const done = await call.run(() => api.destroy(info, info.name))
    if (done === undefined) return
    forget(info)
    say(`${visible(info.name)} is destroyed.`)
    onGone()
  }

  return (
    <FormDialog
      title="Destroy permanently"
      submit="Destroy"
      kind="danger"
      isDisabled={!isRight}
      call={call}
      onSubmit={destroy}
      onClose={onClose}
    >
      <p>
        Every version of <Text class="strong" text={info.name} /> will be gone, and so will be what others use it for.
        This cannot be undone.
      </p>
      <TextField
        label={`Type its name to go on: ${visible(info.name)}`}
        value={typed.value}
        onInput={(text) => (typed.value = text)}
      />
    </FormDialog>
  )
}
