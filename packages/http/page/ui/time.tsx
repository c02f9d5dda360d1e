// Shows an instant by its distance from now; the exact time is its title.

const steps = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' })
const short = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

/** Such as "in 3 days". */
export function distance(at: string, now = Date.now()): string {
  const ms = Date.parse(at) - now
  const step = steps.find(([, size]) => Math.abs(ms) >= size)
  if (step === undefined) return ms > 0 ? 'in a minute' : 'just now'
  return relative.format(Math.trunc(ms / step[1]), step[0])
}

/** By its distance. */
export function Distance({ at }: { readonly at: string }) {
  return time(at, distance(at))
}

/** By day and time. */
export function Instant({ at }: { readonly at: string }) {
  return time(at, short.format(new Date(at)))
}

function time(at: string, text: string) {
  return (
    <time dateTime={at} title={exact.format(new Date(at))}>
      {text}
    </time>
  )
}

/** For an input of type `datetime-local`, in the user's own time zone. */
export function localInput(at: string | null): string {
  if (at === null) return ''
  const date = new Date(at)
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** The instant that such an input says; null when it is empty. */
export function fromLocalInput(text: string): string | null {
  const date = new Date(text)
  return text === '' || Number.isNaN(date.getTime()) ? null : date.toISOString()
}
