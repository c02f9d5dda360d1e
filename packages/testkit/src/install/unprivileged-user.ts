// Somebody else than root, for servers that refuse to run as root.
import { runProgram } from '../run/program.ts'

/** Undefined when the tests do not run as root; else this user of the machine, or `nobody`. */
export async function unprivilegedUser(
  name: string,
): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined
  for (const user of [name, 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(
        ['-u', '-g'].map(async (flag) => Number(await runProgram('id', [flag, user]))),
      )
      if (uid !== undefined && gid !== undefined) return { uid, gid }
    } catch {
      // There is no such user; the next one is tried.
    }
  }
  throw new Error('There is no user that a server could run as.')
}
