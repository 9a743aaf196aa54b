import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** A type of Linear's own client: its fields and their types, without null and lists. */
export type VendorType = Readonly<Record<string, string>>

const dist = dirname(createRequire(import.meta.url).resolve('@linear/sdk'))
const declarations = readdirSync(dist)
  .filter(name => name.endsWith('.d.mts'))
  .map(name => readFileSync(join(dist, name), 'utf8'))
  .join('\n')

const named = (type: string): string => {
  const inner = /^(?:Maybe|InputMaybe|Array|ReadonlyArray)<(.*)>$/.exec(type)?.[1]
  if (inner !== undefined) return named(inner)
  return /^Scalars\["(\w+)"\]$/.exec(type)?.[1] ?? type
}

const fieldsOf = (block: string): VendorType =>
  Object.fromEntries(
    [...block.matchAll(/^ {2}(\w+)\??: (.+);$/gm)].map(([, name = '', type = '']) => [name, named(type)]),
  )

/** All object and input types that `@linear/sdk` publishes, by name. */
export const vendorTypes: ReadonlyMap<string, VendorType> = new Map(
  [...declarations.matchAll(/^type (\w+) = (?:\w+ & )*\{\n([\s\S]*?)^\};$/gm)].map(
    ([, name = '', block = '']) => [name, fieldsOf(block)],
  ),
)

const enumerations: ReadonlyMap<string, readonly string[]> = new Map(
  [...declarations.matchAll(/^declare enum (\w+) \{\n([\s\S]*?)^\}/gm)].map(([, name = '', block = '']) => [
    name,
    [...block.matchAll(/ = "(\w+)"/g)].map(([, value = '']) => value),
  ]),
)

/** Whether a name is that of an enumeration `@linear/sdk` publishes, and its values. */
export const vendorValues = (name: string): readonly string[] | undefined => enumerations.get(name)
