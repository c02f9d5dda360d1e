// Finds by dependency-cruiser which imports break a rule, type imports included.
import { cruise, type IModule } from 'dependency-cruiser'
import { rules } from './rules.ts'

/** An import as it is written, and the names of the rules that it breaks. */
export interface FoundImport {
  readonly path: string
  readonly specifier: string
  readonly broken: readonly string[]
}

/** The imports of some files, and the files that nothing knows of. */
export interface Findings {
  readonly imports: readonly FoundImport[]
  readonly orphans: readonly string[]
}

/** Reads the files, by their paths from the folder `baseDir`. */
export async function findImports(baseDir: string, paths: readonly string[]): Promise<Findings> {
  const { output } = await cruise([...paths], {
    baseDir,
    validate: true,
    ruleSet: { forbidden: rules.map((rule) => ({ ...rule, severity: 'error' })) },
    doNotFollow: { path: '(^|/)(node_modules|dist)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['mcpvault-source', 'import', 'types', 'node', 'default'],
      extensions: ['.ts', '.d.ts', '.tsx', '.mjs', '.js'],
    },
  })
  if (typeof output === 'string') throw new TypeError(`dependency-cruiser gave a text: ${output}`)
  const read = output.modules.filter(({ source }) => paths.includes(source))
  return {
    imports: read.flatMap(importsOf),
    orphans: read
      .filter(({ rules: broken = [] }) => broken.some(({ name }) => name === 'no orphan'))
      .map(({ source }) => source),
  }
}

function importsOf({ source, dependencies }: IModule): readonly FoundImport[] {
  return dependencies.map(({ protocol = '', module, rules: broken = [] }) => ({
    path: source,
    specifier: `${protocol}${module}`,
    broken: [...new Set(broken.map(({ name }) => name))],
  }))
}
