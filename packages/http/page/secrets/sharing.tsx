// Who may use a secret: permissions given, changed, and taken back.
import { useSignal } from '@preact/signals'
import { api, type GrantInfo } from '../client.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'
import { Loaded, useLoad } from '../ui/loaded.tsx'
import { Notice } from '../ui/notice.tsx'
import { Text, visible } from '../ui/text.tsx'
import { Distance } from '../ui/time.tsx'
import { say } from '../ui/toast.tsx'
import { useCall } from '../ui/use-call.ts'
import type { PartProps } from './part.ts'

const permissions = [
  ['read', 'Read', 'Sees the value and uses it.'],
  ['write', 'Write', 'Also sets new values, restores old ones, deactivates and deletes.'],
  ['admin', 'Admin', 'Also shares it with others, changes type, tier and tags, and destroys it.'],
] as const

type Permission = (typeof permissions)[number][0]

export function Sharing({ info, refresh }: PartProps) {
  const grants = useLoad(() => api.grants(info), [info.revision])
  const { problem, run } = useCall()
  const busy = useSignal<string | undefined>(undefined)

  const unshare = async ({ principal }: GrantInfo): Promise<void> => {
    busy.value = principal
    const done = await run(() => api.unshare(info, principal))
    busy.value = undefined
    if (done === undefined) return
    say(`${visible(principal)} can no longer use this secret.`)
    // A grant is part of the record, whose new revision loads the others again.
    await (done.changed ? refresh() : grants.load())
  }

  if (grants.problem.value?.kind === 'denied' && grants.value.value === undefined)
    return <p class="hint">Only its owner, and who has the permission admin, see and change this.</p>
  return (
    <Loaded
      from={grants}
      show={({ items }) => (
        <>
          {problem.value === undefined ? null : <Notice problem={problem.value} />}
          {items.length === 0 ? <p class="hint">Nobody but its owner.</p> : null}
          <ul class="lines">
            {items.map((grant) => (
              <li key={grant.principal} class="line">
                <GrantText grant={grant} />
                <Button
                  kind="quiet"
                  label={`Remove ${visible(grant.principal)}`}
                  isBusy={busy.value === grant.principal}
                  onClick={() => void unshare(grant)}
                >
                  Remove
                </Button>
              </li>
            ))}
          </ul>
          <ShareForm info={info} onShared={refresh} />
        </>
      )}
    />
  )
}

function GrantText({ grant }: { readonly grant: GrantInfo }) {
  return (
    <span>
      <b>
        <Text text={grant.principal} />
      </b>{' '}
      <Badge tone="accent">{grant.permission}</Badge>{' '}
      <span class="hint">
        by <Text text={grant.grantedBy} />, <Distance at={grant.grantedAt} />
        {grant.deploymentId === null ? null : (
          <>
            , in deployment <Text text={grant.deploymentId} />
          </>
        )}
      </span>
    </span>
  )
}

function ShareForm({ info, onShared }: { readonly info: PartProps['info']; readonly onShared: () => void }) {
  const grantee = useSignal('')
  const permission = useSignal<Permission>('read')
  const call = useCall()

  const share = async (): Promise<void> => {
    const user = grantee.value.trim()
    if (user === '') return
    const done = await call.run(() => api.share(info, { with: user, permission: permission.value }))
    if (done === undefined) return
    say(`${visible(user)} may now use this secret: ${permission.value}.`)
    grantee.value = ''
    onShared()
  }

  return (
    <Form
      class="form share-form"
      call={call}
      onSubmit={share}
      actions={
        <Button
          kind="primary"
          icon="share"
          type="submit"
          isBusy={call.isBusy.value}
          isDisabled={grantee.value.trim() === ''}
        >
          Share
        </Button>
      }
    >
      <TextField
        label="Share with"
        placeholder="user id, as your login system has it"
        value={grantee.value}
        onInput={(text) => (grantee.value = text)}
      />
      <fieldset class="options">
        <legend>Permission</legend>
        {permissions.map(([value, title, meaning]) => (
          <label key={value}>
            <input
              type="radio"
              name="permission"
              checked={permission.value === value}
              onInput={() => (permission.value = value)}
            />
            <span>
              <b>{title}</b> <span class="hint">{meaning}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </Form>
  )
}
