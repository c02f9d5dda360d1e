// One secret, at the side: its value, its settings, its versions, who may use it, what happened to it.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { api, me, type Problem, type SecretInfo } from '../client.ts'
import { type Ref, sameRef } from '../route.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Banner, Notice } from '../ui/notice.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { Text } from '../ui/text.tsx'
import { Activity } from './activity.tsx'
import { Badges } from './badges.tsx'
import { DangerZone, DestroyAction } from './danger.tsx'
import { Details } from './details.tsx'
import { newer, rows, upsert } from './list.ts'
import { Section } from './section.tsx'
import { Sharing } from './sharing.tsx'
import { ValuePanel } from './value.tsx'
import { Versions } from './versions.tsx'

export function Drawer({ secret, onClose }: { readonly secret: Ref; readonly onClose: () => void }) {
  const listed = rows.value.find((row) => sameRef(row, secret))
  const info = useSignal(listed === undefined || listed.state === 'untrusted' ? undefined : listed)
  const problem = useSignal<Problem | undefined>(undefined)
  const isDirty = useSignal(false)

  const refresh = async (): Promise<void> => {
    const answer = await api.describe(secret)
    problem.value = answer.ok ? undefined : answer.problem
    if (answer.ok) onChange(answer.data)
  }
  const onChange = (next: SecretInfo): void => {
    info.value = newer(info.value, next)
    upsert(next)
  }
  useEffect(() => {
    // What is deleted or was altered is there in lists alone.
    if (listed?.state !== 'deleted' && listed?.state !== 'untrusted') void refresh()
  }, [])

  const current = info.value
  const part = current && { info: current, onChange, refresh }
  const isOwn = secret.owner === me.value?.id
  return (
    <Dialog
      place="side"
      title={<Text text={secret.name} />}
      subtitle={
        <>
          <Text text={secret.server} />
          {isOwn ? null : (
            <>
              {' · of '}
              <Text text={secret.owner} />
            </>
          )}
          {current === undefined ? null : <Badges secret={current} isOwn={isOwn} />}
        </>
      }
      isDirty={isDirty.value}
      onClose={onClose}
    >
      {problem.value === undefined ? null : <Notice problem={problem.value} onRetry={refresh} />}
      {part === undefined ? (
        listed?.state === 'untrusted' ? (
          <>
            <Banner tone="danger">
              <p>This record was altered in the store, so nothing of it can be trusted. Restore it from a backup.</p>
            </Banner>
            <DestroyAction secret={secret} onGone={onClose} />
          </>
        ) : problem.value === undefined ? (
          <Skeleton />
        ) : null
      ) : (
        <>
          <ValuePanel {...part} />
          <Details {...part} onDirty={(dirty) => (isDirty.value = dirty)} />
          {part.info.state === 'deleted' ? null : (
            <>
              <Section title="Versions" note={`version ${part.info.version} is current`}>
                <Versions {...part} />
              </Section>
              <Section title="Sharing" note="who may use it">
                <Sharing {...part} />
              </Section>
            </>
          )}
          <Section title="Activity" note="what happened to it">
            <Activity secret={part.info} />
          </Section>
          <DangerZone {...part} onGone={onClose} />
        </>
      )}
    </Dialog>
  )
}
