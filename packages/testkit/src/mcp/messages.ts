// What comes over a transport, for tests that look at the messages themselves.

/** A JSON-RPC message of any kind. */
export interface Message {
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: number; readonly data?: { readonly elicitations?: readonly unknown[] } }
}

/** Listens to a transport that is connected, before its client does. */
export function recordMessages(transport: { onmessage?: unknown }, said: string[]) {
  const received: Message[] = []
  const waiting = new Set<() => void>()
  const deliver = transport.onmessage
  transport.onmessage = (...given: readonly unknown[]) => {
    // Every message is one of JSON-RPC.
    received.push(given[0] as Message)
    said.push(JSON.stringify(given[0]))
    for (const check of waiting) check()
    if (typeof deliver === 'function') Reflect.apply(deliver, transport, given)
  }
  return {
    received,
    message: (holds: (message: Message) => boolean): Promise<Message> =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = received.find(holds)
          if (found === undefined) return
          waiting.delete(check)
          resolve(found)
        }
        waiting.add(check)
        check()
      }),
  }
}
