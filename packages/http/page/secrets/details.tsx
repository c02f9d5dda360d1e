// The settings of a secret: read, and edited in place.
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import type { SecretInfo } from '../client.ts'
import { Button } from '../ui/button.tsx'
import { Text } from '../ui/text.tsx'
import { Distance } from '../ui/time.tsx'
import { Tier, typeName } from './badges.tsx'
import type { PartProps } from './part.ts'
import { SettingsForm } from './settings-form.tsx'

export function Details(props: PartProps & { readonly onDirty: (isDirty: boolean) => void }) {
  const { info, onChange, onDirty } = props
  const isEditing = useSignal(false)
  const close = (): void => {
    isEditing.value = false
    onDirty(false)
  }
  return (
    <section class="details" aria-label="Settings">
      <header>
        <h3>Settings</h3>
        {isEditing.value || info.state === 'deleted' ? null : (
          <Button kind="quiet" icon="pen" onClick={() => (isEditing.value = true)}>
            Edit
          </Button>
        )}
      </header>
      {isEditing.value ? (
        <SettingsForm info={info} onDirty={onDirty} onClose={close} onChange={onChange} />
      ) : (
        <Facts info={info} />
      )}
    </section>
  )
}

function Facts({ info }: { readonly info: SecretInfo }) {
  const { description, type, tier, expiresAt, lastUsedAt, useCount, createdAt, updatedAt, tags } = info
  return (
    <dl class="facts">
      {description === null ? null : (
        <Fact name="Description" class="whole">
          <Text text={description} />
        </Fact>
      )}
      <Fact name="Type">
        <Text text={typeName(type)} />
      </Fact>
      <Fact name="Tier">
        <Tier tier={tier} />
      </Fact>
      <Fact name="Expires">{when(expiresAt)}</Fact>
      <Fact name="Last used">
        {when(lastUsedAt)}
        {useCount > 0 ? `, ${useCount.toLocaleString('en')} times in all` : ''}
      </Fact>
      <Fact name="Created">{when(createdAt)}</Fact>
      <Fact name="Changed">{when(updatedAt)}</Fact>
      {tags.length === 0 ? null : (
        <Fact name="Tags" class="whole">
          <span class="tags">
            {tags.map((tag) => (
              <Text key={tag} class="tag" text={tag} />
            ))}
          </span>
        </Fact>
      )}
    </dl>
  )
}

function when(at: string | null) {
  return at === null ? 'never' : <Distance at={at} />
}

function Fact(props: { readonly name: string; readonly class?: string; readonly children: ComponentChildren }) {
  return (
    <div class={props.class}>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  )
}
