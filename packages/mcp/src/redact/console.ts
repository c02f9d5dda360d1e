// Redacts what a console is given, in the text that it would print.
import { formatWithOptions, type InspectOptions, inspect, types } from 'node:util'
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
    values.length === 0 ? [] : [cleanText(values, leaves, (options) => formatWithOptions(options, ...shownAll(values)))]
  const shownAll = (values: readonly unknown[]): readonly unknown[] => values.map((each) => shown(each, leaves))
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
  wrap('dir', ([value, own]) => [cleanText([value], leaves, dirText(shown(value, leaves), optionsOf(own)))], 'log')
  wrap('assert', ([condition, ...values]) => [condition, ...printed(values)])
  for (const name of printing) wrap(name, printed)
  for (const name of labelled) wrap(name, (values) => values.map((each) => redactDeep(each, leaves)))
  return () => {
    for (const each of undo.splice(0).reverse()) each()
  }
}

/** Nothing is broken over lines or cut off. */
const wholeTexts: InspectOptions = { breakLength: Number.POSITIVE_INFINITY, maxStringLength: null }

/** The printed text, in lines as usual unless a value shows only where texts are whole. */
function cleanText(values: readonly unknown[], leaves: Leaves, print: (options: InspectOptions) => string): string {
  if (values.some(printsItself)) {
    const whole = print(wholeTexts)
    const clean = leaves.text(whole)
    if (clean !== whole) return clean
  }
  return leaves.text(print({}))
}

function dirText(value: unknown, own: InspectOptions): (options: InspectOptions) => string {
  return (options) => inspect(value, { ...own, ...options })
}

function printsItself(value: unknown): boolean {
  return typeof value === 'function' || (typeof value === 'object' && value !== null && !isPlain(value))
}

/**
 * What is printed of a value. Plain data is redacted before it is printed, since printing breaks texts over lines; an
 * object of a class is left to print itself, and redacted in what it prints.
 */
function shown(value: unknown, leaves: Leaves): unknown {
  if (typeof value !== 'object' || value === null || printsItself(value)) return value
  return redactDeep(value, leaves)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  const isData = prototype === null || prototype === Object.prototype || Array.isArray(value)
  return isData || types.isMap(value) || types.isSet(value) || types.isNativeError(value)
}

function optionsOf(options: unknown): InspectOptions {
  return typeof options === 'object' && options !== null ? options : {}
}
