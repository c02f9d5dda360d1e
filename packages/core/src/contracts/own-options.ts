// Options as their caller wrote them: what stands on a prototype is no option.

/**
 * A copy of an object's own properties, without a prototype. Read options from it and never from the object itself: a
 * property that other code has put on `Object.prototype` would otherwise be an option that nobody gave, such as a role.
 *
 * @example
 * const { prefix = 'mcpvault' } = ownOptions(options)
 */
export function ownOptions<T extends object>(options: T): T {
  return Object.assign(Object.create(null), options)
}
