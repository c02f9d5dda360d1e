// Colours for terminals, and none for anything else.

/** @typedef {Readonly<Record<'strong' | 'faint' | 'good' | 'bad', (text: string) => string>>} Palette */

const same = (/** @type {string} */ text) => text

/** @type {Palette} */
export const plain = { strong: same, faint: same, good: same, bad: same }

/** @type {Palette} */
export const coloured = { strong: within(1, 22), faint: within(2, 22), good: within(32, 39), bad: within(31, 39) }

/**
 * The palette for what a stream leads to. Node's `hasColors` respects NO_COLOR and terminals without colours.
 *
 * @param {{ isTTY?: boolean, hasColors?: (env: Record<string, string | undefined>) => boolean }} stream
 * @param {Record<string, string | undefined>} env
 */
export function paletteFor(stream, env) {
  return stream.isTTY === true && stream.hasColors?.(env) === true ? coloured : plain
}

/**
 * @param {number} begin
 * @param {number} end
 * @returns {(text: string) => string}
 */
function within(begin, end) {
  return (text) => `\u001b[${begin}m${text}\u001b[${end}m`
}
