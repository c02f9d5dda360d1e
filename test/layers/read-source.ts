// Reads from a TypeScript file what the house style is about, by the compiler's own parser. The rules of imports are
// those of dependency-cruiser; it knows no lines, exports by default, classes, casts and parameters.
import ts from 'typescript'

/** The facts of one file. Positions are line numbers from 1. */
export interface SourceFacts {
  readonly lines: readonly string[]
  readonly defaultExports: readonly number[]
  readonly starExports: readonly number[]
  readonly classes: readonly { readonly name: string; readonly line: number }[]
  readonly casts: readonly number[]
  readonly booleanParameters: readonly number[]
}

/** Parses one file. */
export function readSource(path: string, text: string): SourceFacts {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS)
  const facts = {
    lines: text.replace(/\n$/, '').split('\n'),
    defaultExports: [] as number[],
    starExports: [] as number[],
    classes: [] as { name: string; line: number }[],
    casts: [] as number[],
    booleanParameters: [] as number[],
  }
  const lineOf = (node: ts.Node) => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
  const visit = (node: ts.Node): void => {
    if (isDefaultExport(node)) facts.defaultExports.push(lineOf(node))
    if (ts.isExportDeclaration(node) && node.exportClause === undefined) facts.starExports.push(lineOf(node))
    if (ts.isClassLike(node)) facts.classes.push({ name: node.name?.text ?? '', line: lineOf(node) })
    if (ts.isAsExpression(node) && !ts.isConstTypeReference(node.type)) facts.casts.push(lineOf(node.type))
    if (isImplementation(node) && node.parameters.some(takesBoolean)) facts.booleanParameters.push(lineOf(node))
    ts.forEachChild(node, visit)
  }
  visit(file)
  return facts
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true
  if (ts.isExportSpecifier(node)) return node.name.text === 'default'
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some((each) => each.kind === ts.SyntaxKind.DefaultKeyword)
  )
}

function isImplementation(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined
}

function takesBoolean(parameter: ts.ParameterDeclaration): boolean {
  return parameter.type?.kind === ts.SyntaxKind.BooleanKeyword
}
