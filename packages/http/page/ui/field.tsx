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

// Neither the browser nor a password manager learns from what is typed here.
const quiet = { autocomplete: 'off', autocapitalize: 'off', spellcheck: false } as const

function Field(props: FieldProps & { readonly id: string; readonly children: ComponentChildren }) {
  const { id, label, hint, error, isOptional = false } = props
  return (
    <div class={`field${error === undefined ? '' : ' wrong'}`}>
      <label for={id}>
        {label}
        {isOptional ? <span class="optional"> optional</span> : null}
      </label>
      {props.children}
      {error === undefined ? null : (
        <p class="error" id={`${id}-error`}>
          {error}
        </p>
      )}
      {hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}

function described(id: string, { hint, error }: FieldProps) {
  const ids = [...(error === undefined ? [] : [`${id}-error`]), ...(hint === undefined ? [] : [`${id}-hint`])]
  return { 'aria-describedby': ids.length === 0 ? undefined : ids.join(' '), 'aria-invalid': error !== undefined }
}

export function TextField(props: InputProps) {
  const id = useId()
  const { value, onInput, placeholder, list, type = 'text' } = props
  return (
    <Field {...props} id={id}>
      <input
        id={id}
        type={type}
        value={value}
        placeholder={placeholder}
        readOnly={props.isReadOnly}
        list={list === undefined ? undefined : `${id}-list`}
        {...quiet}
        {...described(id, props)}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {list === undefined ? null : (
        <datalist id={`${id}-list`}>
          {list.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
    </Field>
  )
}

export function AreaField(props: InputProps & { readonly rows?: number; readonly isCode?: boolean }) {
  const id = useId()
  return (
    <Field {...props} id={id}>
      <textarea
        id={id}
        rows={props.rows ?? 3}
        class={props.isCode ? 'code' : undefined}
        value={props.value}
        placeholder={props.placeholder}
        {...quiet}
        {...described(id, props)}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </Field>
  )
}

/** A value: masked until the user wants to see what is typed; several lines where the value may have them. */
export function SecretField(
  props: InputProps & { readonly isMultiline?: boolean; readonly tools?: ComponentChildren },
) {
  const id = useId()
  const isShown = useSignal(false)
  const common = {
    id,
    placeholder: props.placeholder,
    ...quiet,
    ...described(id, props),
    onInput: (event: Event & { readonly currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
      props.onInput(event.currentTarget.value),
  }
  return (
    <Field {...props} id={id}>
      <div class="secret-input">
        {props.isMultiline ? (
          <textarea {...common} rows={3} value={props.value} class={isShown.value ? 'code' : 'code masked'} />
        ) : (
          <input {...common} type={isShown.value ? 'text' : 'password'} value={props.value} class="code" />
        )}
        {props.tools}
        <IconButton
          icon={isShown.value ? 'hide' : 'eye'}
          label={isShown.value ? `Mask ${props.label}` : `Show ${props.label} as typed`}
          onClick={() => (isShown.value = !isShown.value)}
        />
      </div>
    </Field>
  )
}

interface SelectProps<T extends string> extends FieldProps {
  readonly value: T
  readonly options: readonly (readonly [value: T, label: string])[]
  readonly onInput: (value: T) => void
}

export function SelectField<T extends string>(props: SelectProps<T>) {
  const id = useId()
  return (
    <Field {...props} id={id}>
      <Select {...props} id={id} {...described(id, props)} />
    </Field>
  )
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
