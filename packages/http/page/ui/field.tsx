// Form fields: a label, a hint and an error, tied to the input for those who do not see them.
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { IconButton } from './button.tsx'
import { useId } from './use-id.ts'

interface FieldProps {
  readonly label: string
  readonly hint?: ComponentChildren
  readonly error?: string | undefined
  readonly isOptional?: boolean
}

interface InputProps extends FieldProps {
  readonly value: string
  readonly onInput: (value: string) => void
  readonly placeholder?: string | undefined
  readonly isReadOnly?: boolean
  readonly list?: readonly string[]
  readonly type?: 'text' | 'datetime-local'
}

/** What every input of a field has: its id, which the label names, and what describes it. */
interface Control {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': boolean
}

function Field(props: FieldProps & { readonly children: (control: Control) => ComponentChildren }) {
  const id = useId()
  const { label, hint, error, isOptional = false, children } = props
  const [errorId, hintId] = [error && `${id}-error`, hint && `${id}-hint`]
  const describedBy = [errorId, hintId].filter(Boolean).join(' ') || undefined
  return (
    <div class={error ? 'field wrong' : 'field'}>
      <label for={id}>
        {label}
        {isOptional ? <span class="optional"> optional</span> : null}
      </label>
      {children({ id, 'aria-describedby': describedBy, 'aria-invalid': error !== undefined })}
      {errorId ? (
        <p class="error" id={errorId}>
          {error}
        </p>
      ) : null}
      {hintId ? (
        <p class="hint" id={hintId}>
          {hint}
        </p>
      ) : null}
    </div>
  )
}

/** What is typed into. Neither the browser nor a password manager learns from it. */
function typed({ value, placeholder, onInput }: InputProps) {
  return {
    value,
    placeholder,
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: false,
    onInput: (event: Event & { readonly currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
      onInput(event.currentTarget.value),
  } as const
}

export function TextField(props: InputProps) {
  const { list, type = 'text' } = props
  return (
    <Field {...props}>
      {(control) => (
        <>
          <input
            {...control}
            {...typed(props)}
            type={type}
            readOnly={props.isReadOnly}
            list={list && `${control.id}-list`}
          />
          {list && (
            <datalist id={`${control.id}-list`}>
              {list.map((each) => (
                <option key={each} value={each} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  )
}

export function AreaField(props: InputProps & { readonly rows?: number; readonly isCode?: boolean }) {
  return (
    <Field {...props}>
      {(control) => (
        <textarea {...control} {...typed(props)} rows={props.rows ?? 3} class={props.isCode ? 'code' : undefined} />
      )}
    </Field>
  )
}

/** A value: masked until the user wants to see what is typed; several lines where the value may have them. */
export function SecretField(
  props: InputProps & { readonly isMultiline?: boolean; readonly tools?: ComponentChildren },
) {
  const isShown = useSignal(false)
  return (
    <Field {...props}>
      {(control) => (
        <div class="secret-input">
          {props.isMultiline ? (
            <textarea {...control} {...typed(props)} rows={3} class={isShown.value ? 'code' : 'code masked'} />
          ) : (
            <input {...control} {...typed(props)} type={isShown.value ? 'text' : 'password'} class="code" />
          )}
          {props.tools}
          <IconButton
            icon={isShown.value ? 'hide' : 'eye'}
            label={isShown.value ? `Mask ${props.label}` : `Show ${props.label} as typed`}
            onClick={() => (isShown.value = !isShown.value)}
          />
        </div>
      )}
    </Field>
  )
}

interface SelectProps<T extends string> extends FieldProps {
  readonly value: T
  readonly options: readonly (readonly [value: T, label: string])[]
  readonly onInput: (value: T) => void
}

export function SelectField<T extends string>(props: SelectProps<T>) {
  return <Field {...props}>{(control) => <Select {...props} {...control} />}</Field>
}

/** A choice without a field around it; its label is for screen readers. */
export function Choice<T extends string>(props: SelectProps<T>) {
  return (
    <span class="choice">
      <Select {...props} aria-label={props.label} />
    </span>
  )
}

function Select<T extends string>(props: SelectProps<T> & { readonly id?: string; readonly 'aria-label'?: string }) {
  const { value, options, onInput, id } = props
  return (
    <select
      id={id}
      aria-label={props['aria-label']}
      class={value === options[0]?.[0] ? undefined : 'on'}
      value={value}
      onInput={(event) => {
        const chosen = options.find(([each]) => each === event.currentTarget.value)
        if (chosen !== undefined) onInput(chosen[0])
      }}
    >
      {options.map(([each, label]) => (
        <option key={each} value={each} selected={each === value}>
          {label}
        </option>
      ))}
    </select>
  )
}
