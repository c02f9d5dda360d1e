// Who may use a secret: permissions given, changed, and taken back.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { addressOf, api, currentOf, type GrantInfo } from '../client.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Loaded } from '../ui/loaded.tsx'
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

export function Sharing({ info, onChange }: PartProps) {
  const grants = useSignal<readonly GrantInfo[] | undefined>(undefined)
  const { problem, run } = useCall()
  const busy = useSignal<string | undefined>(undefined)

  const load = async (): Promise<void> => {
    const found = await run(() => api.grants(addressOf(info)))
    if (found !== undefined) grants.value = found.items
  }
  useEffect(() => void load(), [info.revision])

  /** A grant is part of the record, so its revision moves on. */
  const refresh = async (): Promise<void> => {
    const newest = await currentOf(info)
    if (newest === undefined || newest.revision === info.revision) await load()
    else onChange(newest)
  }
  const unshare = async ({ principal }: GrantInfo): Promise<void> => {
    busy.value = principal
    const done = await run(() => api.unshare(addressOf(info), principal))
    busy.value = undefined
    if (done === undefined) return
    say(`${visible(principal)} can no longer use this secret.`)
    await refresh()
  }

  if (problem.value?.kind === 'denied' && grants.value === undefined)
    return <p class="hint">Only its owner, and who has the permission admin, see and change this.</p>
  return (
    <Loaded
      value={grants.value}
      problem={problem.value}
      onRetry={() => void load()}
      show={(given) => (
        <>
          {given.length === 0 ? <p class="hint">Nobody but its owner.</p> : null}
          <ul class="lines">
            {given.map((grant) => (
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
          <ShareForm info={info} onShared={() => void refresh()} />
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
  const { problem, isBusy, run } = useCall()

  const share = async (): Promise<void> => {
    const user = grantee.value.trim()
    if (user === '') return
    const done = await run(() => api.share(addressOf(info), { with: user, permission: permission.value }))
    if (done === undefined) return
    say(`${visible(user)} may now use this secret: ${permission.value}.`)
    grantee.value = ''
    onShared()
  }

  return (
    <form
      class="form share-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void share()
      }}
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
      {problem.value === undefined ? null : (
        <Notice problem={problem.value} onRetry={() => void share()} isBusy={isBusy.value} />
      )}
      <div class="row-actions">
        <Button
          kind="primary"
          icon="share"
          type="submit"
          isBusy={isBusy.value}
          isDisabled={grantee.value.trim() === ''}
        >
          Share
        </Button>
      </div>
    </form>
  )
}
