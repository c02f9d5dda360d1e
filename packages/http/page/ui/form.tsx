// A form: what it sends is said once, with the problem of the last try above its buttons; and a dialog around one.
import type { ComponentChildren } from 'preact'
import { Button } from './button.tsx'
import { Dialog, type DialogProps } from './dialog.tsx'
import { Notice } from './notice.tsx'
import type { Call } from './use-call.ts'
import { useId } from './use-id.ts'

interface FormProps {
  readonly id?: string
  readonly class?: string
  readonly call: Pick<Call, 'isBusy' | 'problem'>
  readonly onSubmit: () => Promise<void>
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
}

export function Form(props: FormProps) {
  const { id, class: name = 'form', call, onSubmit, actions, children } = props
  const problem = call.problem.value
  return (
    <form
      id={id}
      class={name}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void onSubmit()
      }}
    >
      {children}
      {problem === undefined ? null : (
        <Notice problem={problem} onRetry={() => void onSubmit()} isBusy={call.isBusy.value} />
      )}
      {actions === undefined ? null : <div class="row-actions">{actions}</div>}
    </form>
  )
}

interface FormDialogProps extends DialogProps, FormProps {
  readonly submit: ComponentChildren
  readonly kind?: 'primary' | 'danger'
  readonly isDisabled?: boolean | undefined
}

export function FormDialog(props: FormDialogProps) {
  const { submit, kind = 'primary', isDisabled, call, onClose } = props
  const id = useId()
  return (
    <Dialog
      {...props}
      footer={
        <>
          <Button kind={kind} type="submit" form={id} isBusy={call.isBusy.value} isDisabled={isDisabled}>
            {submit}
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </>
      }
    >
      <Form {...props} id={id} />
    </Dialog>
  )
}
