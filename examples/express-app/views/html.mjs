// Templates whose values are escaped.

/** Text that is HTML already. */
const markup = Symbol('markup')

/** @typedef {{ readonly [markup]: string }} Html */

/**
 * HTML from a template: what is put in is escaped, unless it is HTML of this function. Lists are joined, and nothing is
 * written for undefined.
 *
 * @param {TemplateStringsArray} parts
 * @param {readonly unknown[]} values
 * @returns {Html}
 */
export function html(parts, ...values) {
  return { [markup]: parts.map((part, index) => part + (index < values.length ? textOf(values[index]) : '')).join('') }
}

/** @param {Html} page */
export function written(page) {
  return page[markup]
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function textOf(value) {
  if (value === undefined) return ''
  if (Array.isArray(value)) return value.map(textOf).join('')
  if (typeof value === 'object' && value !== null && markup in value) return String(value[markup])
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
