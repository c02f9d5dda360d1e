// Resolves who is calling. Arguments of tools come from the model, so they are never looked at here.

/**
 * Over stdio, one client starts one process for one user, and says in its environment who. Throws without a user: a
 * server that does not know its caller must not start.
 *
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {import('@mcpvault/core').Principal}
 */
export function principalFromEnvironment(env) {
  const id = env['EXAMPLE_USER']
  if (id === undefined || id === '') throw new Error('Set EXAMPLE_USER to the user that this server works for.')
  return { id }
}
