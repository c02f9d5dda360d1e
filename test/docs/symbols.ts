// Finds the names that a page documents as API, and the names that the built declarations have.
import ts from 'typescript'

/** Every name that the text of a declaration file declares: exports, members, parameters, members of unions of strings. */
export function declaredNames(text: string): ReadonlySet<string> {
  const file = ts.createSourceFile('a.d.ts', text, ts.ScriptTarget.ES2022, true)
  const names = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && isDeclared(node)) names.add(node.text)
    if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) names.add(node.literal.text)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return names
}

/** The names that a code span claims to exist: those of a call, an error code, a type or a member; else none. */
export function documentedNames(span: string): readonly string[] {
  const call = /^(?:await )?((?:[A-Za-z_]\w*(?:\?\.|\.))*)([A-Za-z_]\w*)\(.*\)$/s.exec(span)
  if (call !== null) return [call[2] ?? '']
  if (/^VAULT_[A-Z_]+$/.test(span)) return [span]
  if (/^[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+$/.test(span)) return [span]
  const member = /^(?:vault|session|scope|store|secret|token)\.([a-z]\w*)$/.exec(span)
  return member === null ? [] : [member[1] ?? '']
}

function isDeclared(node: ts.Identifier): boolean {
  const parent = node.parent
  if (ts.isExportSpecifier(parent)) return true
  return 'name' in parent && parent.name === node
}
