// Reads from a TypeScript file what the rules of the house are about, by the compiler's own parser.
import ts from 'typescript'

/** The facts of one file. Positions are line numbers from 1. */
export interface SourceFacts {
  readonly lines: readonly string[]
  readonly imports: readonly string[]
  /** Those of them that load the other file when the program runs. */
  readonly valueImports: readonly string[]
  readonly defaultExports: readonly number[]
  readonly starExports: readonly number[]
  readonly classes: readonly { readonly name: string; readonly line: number }[]
  readonly casts: readonly number[]
  readonly booleanParameters: readonly number[]
}

/** Parses one file; type imports and dynamic imports count as imports. */
export function readSource(path: string, text: string): SourceFacts {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS)
  const facts = {
    lines: text.replace(/\n$/, '').split('\n'),
    imports: [] as string[],
    valueImports: [] as string[],
    defaultExports: [] as number[],
    starExports: [] as number[],
    classes: [] as { name: string; line: number }[],
    casts: [] as number[],
    booleanParameters: [] as number[],
  }
  const lineOf = (node: ts.Node) => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node)
    if (specifier !== undefined) {
      facts.imports.push(specifier)
      if (!isTypeOnly(node)) facts.valueImports.push(specifier)
    }
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

function specifierOf(node: ts.Node): string | undefined {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
    return ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : undefined
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return literalText(node.argument.literal)
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return literalText(node.arguments[0])
  }
  return undefined
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true
  if (ts.isImportDeclaration(node)) {
    const names = node.importClause?.namedBindings
    if (node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
    if (node.importClause?.name !== undefined) return false
    return names !== undefined && ts.isNamedImports(names) && names.elements.every((each) => each.isTypeOnly)
  }
  return ts.isExportDeclaration(node) && node.isTypeOnly
}

function literalText(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined
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
