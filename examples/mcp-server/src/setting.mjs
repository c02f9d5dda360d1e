// The settings of the example, from its environment.

/** @param {string} name */
export function setting(name) {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`Set ${name}.`)
  return value
}
