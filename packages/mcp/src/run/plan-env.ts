// Which variable of a child process gets which secret: from references, names and a map, each checked by name.
import { isKeyVariable, VaultError } from '@mcpvault/core'
import { isReference, parseReference, type SecretReference } from './references.ts'

/** What goes into an environment. */
export interface EnvDeclarations {
  /** Default `process.env`. Variables that hold a master key are left out, and so are copies of it under other names. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The server of `only` and of names in `map`. Alone: all of its secrets that can be used, each as the variable of its name. */
  readonly server?: string
  /** Names of secrets of the server that become variables of the same name. */
  readonly only?: readonly string[]
  /** Variables, each with the name of a secret of the server, or with a reference `mcpvault://server/name[@version][#field]`. */
  readonly map?: Readonly<Record<string, string>>
}

/** A variable and the secret that it gets. */
export interface Wanted extends SecretReference {
  readonly variable: string
}

export interface EnvPlan {
  /** What the child gets as it is: no master key, no reference. */
  readonly plain: Readonly<Record<string, string>>
  readonly wanted: readonly Wanted[]
  /** Every secret of a server is wanted. */
  readonly all: 'of-server' | 'none'
}

const maxWanted = 1_000

export function planEnv({ env = process.env, server, only, map = {} }: EnvDeclarations): EnvPlan {
  const given = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]))
  const keys = given.filter(({ name }) => isKeyVariable(name)).map(({ value }) => value)
  // A copy of a key under another name is a key too.
  const passed = given.filter(
    ({ name, value }) => !isKeyVariable(name) && !(value.length >= 16 && keys.includes(value)),
  )
  const references = passed.filter(({ value }) => isReference(value))
  const wanted = new Map<string, Wanted>()
  for (const { name, value } of references) wanted.set(name, { variable: name, ...parseReference(value, name) })
  for (const name of only ?? [])
    wanted.set(variableOf(name, 'only'), { variable: name, ...named(name, server, 'only') })
  for (const [variable, target] of Object.entries(map)) {
    const field = `map.${variable}`
    const found = isReference(target) ? parseReference(target, field) : named(target, server, field)
    wanted.set(variableOf(variable, 'map'), { variable, ...found })
  }
  if (wanted.size > maxWanted) throw invalid('map', 'must be at most 1,000 variables.')
  const plain = Object.fromEntries(passed.flatMap(({ name, value }) => (wanted.has(name) ? [] : [[name, value]])))
  const isAll = server !== undefined && only === undefined && Object.keys(map).length === 0
  return { plain, wanted: [...wanted.values()], all: isAll ? 'of-server' : 'none' }
}

function named(name: string, server: string | undefined, field: string): SecretReference {
  if (server === undefined) throw invalid(field, 'needs a server, or a reference such as mcpvault://server/name.')
  return { server, name, version: undefined, field: undefined }
}

/** Throws for what is no name of a variable, and for one that would hand a master key on. */
export function variableOf(name: string, field: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw invalid(field, 'must name variables of letters, digits and _; give other secrets one by map.')
  }
  if (/^MCPVAULT_/i.test(name)) throw invalid(field, 'must not set a variable of the vault itself.')
  return name
}

/**
 * Variables that decide what code a program loads, whom it trusts and where it connects to. The name of a stored secret
 * must not be enough to set one: another user may have stored it. `only`, `map` and references name them on purpose.
 */
const steering = [
  /^(?:PATH|PATHEXT|COMSPEC|SHELL|HOME|USERPROFILE|IFS|ENV|BASH_ENV|BASHOPTS|SHELLOPTS|PROMPT_COMMAND|PS4)$/,
  /^(?:LD|DYLD|GLIBC|GCONV|MALLOC|NPM_CONFIG|OPENSSL)_/,
  /^NODE_(?:OPTIONS|PATH|EXTRA_CA_CERTS|TLS_REJECT_UNAUTHORIZED|REPL_EXTERNAL_MODULE)$/,
  /^(?:PYTHON|PERL5?|RUBY)(?:PATH|HOME|STARTUP|LIB|OPT|DB|INSPECT|BREAKPOINT|WARNINGS|USERBASE)$/,
  /^_?(?:JAVA|JDK_JAVA)_(?:TOOL_)?OPTIONS$/,
  /^GIT_(?:SSH|SSH_COMMAND|ASKPASS|EDITOR|PAGER|EXEC_PATH|EXTERNAL_DIFF|PROXY_COMMAND|TEMPLATE_DIR|CONFIG.*)$/,
  /^(?:HTTPS?|ALL|FTP|NO)_PROXY$/,
  /^(?:SSL_CERT_|CURL_CA_|REQUESTS_CA_).*$/,
]

/** The variable of a secret that nobody asked for by name. */
export function freeVariableOf(name: string): string {
  if (steering.some((each) => each.test(name.toUpperCase()))) {
    throw invalid('server', 'has a secret with the name of a variable that steers programs. Name it by only or map.')
  }
  return variableOf(name, 'server')
}

function invalid(field: string, detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field, detail })
}
