/**
 * Every operator that the package exposes, with the arguments that the linked library says it takes. Depends on the binding and ops.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { binding } from '../../src/binding.js';
import { hasOperator } from '../../src/ops/operator.js';

/** One argument, by libtorch's names. */
export interface SchemaArgument {
  /** `Tensor`, `int[2]`, `ScalarType`; without the marks of aliases and of the optional. */
  readonly type: string;
  readonly optional: boolean;
  readonly name: string;
}

/** An operator and what it takes. */
export interface Schema {
  /** `aten::sum`, `pix2pixhd::conv2d`. */
  readonly name: string;
  readonly overload: string;
  readonly arguments: readonly SchemaArgument[];
}

/**
 * The operators that the compiled sources name: the generated wrappers, the kernels and Adam's lists. Not those that this
 * libtorch lacks, where the sources look whether it has them.
 */
export function exposedOperators(): Schema[] {
  const sources = fileURLToPath(new URL('../../src/', import.meta.url));
  const found = new Map<string, Schema>();
  for (const file of readdirSync(sources, { recursive: true }).map(String).sort()) {
    if (!file.endsWith('.js')) continue;
    const text = readFileSync(sources + file, 'utf8');
    const lookedFor = new Set([...text.matchAll(/\bhasOperator\('(\w+::\w+)'/g)].map(([, name]) => name));
    for (const [, name, overload = ''] of text.matchAll(/\boperator\('(\w+::\w+)'(?:, '(\w*)')?\)/g)) {
      if (lookedFor.has(name) && !hasOperator(name!, overload)) continue;
      found.set(`${name}.${overload}`, { name: name!, overload, arguments: argumentsOf(name!, overload) });
    }
  }
  return [...found.values()];
}

/** Reads `aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor`. */
function argumentsOf(name: string, overload: string): SchemaArgument[] {
  const text = binding.schemaOf(name, overload).replace(/\([a-z]!?(?: -> [*a-z!]+)?\)/g, '');
  const list = text.slice(text.indexOf('(') + 1, text.lastIndexOf(') ->'));
  return list.split(/, (?![^[]*\])/).flatMap(part => {
    const match = /^(\S+) (\w+)(?:=.*)?$/.exec(part.trim());
    if (match === null) return [];
    const [, type, argument] = match as unknown as [string, string, string];
    return [{ type: type.replace(/\?$/, '').replace('SymInt', 'int'), optional: type.endsWith('?'), name: argument }];
  });
}
