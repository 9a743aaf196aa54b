import { type Comment, Context, ReflectionKind } from 'typedoc'
import ts from 'typescript'

type Symbol = ts.Symbol

/** Whether an alias stands for one object with named members, so that it can be shown member by member. */
const isObjectAlias = (context: Context, symbol: Symbol): boolean => {
  const declaration = symbol.getDeclarations()?.find(ts.isTypeAliasDeclaration)
  if (declaration === undefined || ts.isTypeLiteralNode(declaration.type)) return false
  const written = declaration.type
  const isWrapped =
    (ts.isTypeReferenceNode(written) &&
      /^(Readonly|Partial|Required|Omit|Pick)$/.test(written.typeName.getText())) ||
    ts.isIntersectionTypeNode(written)
  if (!isWrapped) return false
  const type = context.checker.getTypeAtLocation(declaration)
  return (
    (type.flags & (ts.TypeFlags.Union | ts.TypeFlags.Conditional | ts.TypeFlags.IndexedAccess)) === 0 &&
    type.getCallSignatures().length === 0 &&
    type.getStringIndexType() === undefined &&
    type.getProperties().length > 0 &&
    // A member that another type makes, such as one key of a mapped type, has no sentence of its own.
    type.getProperties().every(each => (each.declarations?.length ?? 0) > 0)
  )
}

/** A member that several parts of an intersection declare has the sentence of the last one, which narrows the others. */
const narrow = (symbol: Symbol): Symbol =>
  symbol.declarations !== undefined && symbol.declarations.length > 1
    ? Object.assign(Object.create(symbol) as Symbol, { declarations: symbol.declarations.slice(-1) })
    : symbol

/**
 * Shows `type X = Readonly<{ … }>` as an interface, as the tag `@interface` does: TypeDoc drops the sentence of each member
 * otherwise.
 */
export const showAliasesAsInterfaces = (): void => {
  const { getComment } = Context.prototype
  Context.prototype.getComment = function (this: Context, symbol: Symbol, kind: ReflectionKind) {
    const comment: Comment | undefined = getComment.call(
      this,
      kind === ReflectionKind.Property ? narrow(symbol) : symbol,
      kind,
    )
    if (comment !== undefined && kind === ReflectionKind.TypeAlias && isObjectAlias(this, symbol))
      comment.modifierTags.add('@interface')
    return comment
  }
}
