// The settings of a secret: read, and edited in place.
import { useSignal } from '@preact/signals'
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
        <SettingsForm
          info={info}
          onDirty={onDirty}
          onClose={close}
          onSaved={(next) => {
            onChange(next)
            close()
          }}
        />
      ) : (
        <Facts info={info} />
      )}
    </section>
  )
}

function Facts({ info }: { readonly info: SecretInfo }) {
  return (
    <dl class="facts">
      {info.description === null ? null : (
        <div class="whole">
          <dt>Description</dt>
          <dd>
            <Text text={info.description} />
          </dd>
        </div>
      )}
      <div>
        <dt>Type</dt>
        <dd>
          <Text text={typeName(info.type)} />
        </dd>
      </div>
      <div>
        <dt>Tier</dt>
        <dd>
          <Tier tier={info.tier} />
        </dd>
      </div>
      <div>
        <dt>Expires</dt>
        <dd>{info.expiresAt === null ? 'never' : <Distance at={info.expiresAt} />}</dd>
      </div>
      <div>
        <dt>Last used</dt>
        <dd>
          {info.lastUsedAt === null ? 'never' : <Distance at={info.lastUsedAt} />}
          {info.useCount > 0 ? `, ${info.useCount.toLocaleString('en')} times in all` : ''}
        </dd>
      </div>
      <div>
        <dt>Created</dt>
        <dd>
          <Distance at={info.createdAt} />
        </dd>
      </div>
      <div>
        <dt>Changed</dt>
        <dd>
          <Distance at={info.updatedAt} />
        </dd>
      </div>
      {info.tags.length === 0 ? null : (
        <div class="whole">
          <dt>Tags</dt>
          <dd class="tags">
            {info.tags.map((tag) => (
              <Text key={tag} class="tag" text={tag} />
            ))}
          </dd>
        </div>
      )}
    </dl>
  )
}
