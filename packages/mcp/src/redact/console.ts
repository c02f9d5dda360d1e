// Redacts what a console is given, in the text that it would print.
import { format, inspect, types } from 'node:util'
import type { Leaves } from './deep.ts'
import { redactDeep } from './deep.ts'

/** A console: the global one, or one of the same methods. */
export type ConsoleLike = Pick<Console, 'log'>

const printing = ['log', 'info', 'debug', 'warn', 'error', 'trace', 'group', 'groupCollapsed', 'dirxml'] as const
const labelled = ['count', 'countReset', 'time', 'timeEnd', 'timeLog', 'timeStamp', 'table'] as const

/** Puts methods that redact in the place of a console's own, and returns what puts them back. */
export function wrapConsole(target: ConsoleLike, leaves: Leaves): () => void {
  const undo: (() => void)[] = []
  const printed = (values: readonly unknown[]): readonly string[] =>
    values.length === 0 ? [] : [leaves.text(format(...values.map((each) => shown(each, leaves))))]
  const wrap = (name: string, changed: (values: readonly unknown[]) => readonly unknown[], by = name): void => {
    const own = Object.getOwnPropertyDescriptor(target, name)
    const method: unknown = Reflect.get(target, by)
    if (typeof Reflect.get(target, name) !== 'function' || typeof method !== 'function') return
    const value = (...values: readonly unknown[]): unknown => Reflect.apply(method, target, changed(values))
    Object.defineProperty(target, name, {
      value,
      writable: true,
      enumerable: own?.enumerable ?? true,
      configurable: true,
    })
    undo.push(() => {
      if (own === undefined) Reflect.deleteProperty(target, name)
      else Object.defineProperty(target, name, own)
    })
  }
  // First, while `log` is still the console's own.
  wrap('dir', ([value, options]) => [leaves.text(inspect(shown(value, leaves), optionsOf(options)))], 'log')
  wrap('assert', ([condition, ...values]) => [condition, ...printed(values)])
  for (const name of printing) wrap(name, printed)
  for (const name of labelled) wrap(name, (values) => values.map((each) => redactDeep(each, leaves)))
  return () => {
    for (const each of undo.splice(0).reverse()) each()
  }
}

/**
 * What is printed of a value. Plain data is redacted before it is printed, since printing breaks texts over lines; an
 * object of a class is left to print itself, and redacted in what it prints.
 */
function shown(value: unknown, leaves: Leaves): unknown {
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value
  return redactDeep(value, leaves)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  const isData = prototype === null || prototype === Object.prototype || Array.isArray(value)
  return isData || types.isMap(value) || types.isSet(value) || types.isNativeError(value)
}

function optionsOf(options: unknown): object {
  return typeof options === 'object' && options !== null ? options : {}
}
