#!/usr/bin/env node
/**
 * Writes src/ops/generated.ts from the schemas of the linked libtorch, for the operators of ops-allow-list.mjs.
 * Usage: node scripts/generate-ops.mjs [--check]   (--check only compares and exits 1 when the file is out of date)
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allowList } from './ops-allow-list.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { schemaOf } = createRequire(import.meta.url)(join(root, 'build/pix2pixhd_torch.node'));
const reserved = new Set(['var', 'default', 'function', 'delete', 'in', 'new']);

/** Splits at top-level commas. */
function splitArguments(text) {
  const parts = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if ('([{'.includes(text[i])) depth++;
    else if (')]}'.includes(text[i])) depth--;
    else if (text[i] === ',' && depth === 0) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  if (text.slice(start).trim() !== '') parts.push(text.slice(start).trim());
  return parts;
}

const camel = name => name.replace(/_+([a-z0-9])/g, (_, letter) => letter.toUpperCase());

/** JavaScript name: camelCase, overload appended only where two overloads of one operator are listed. */
function functionName(entry) {
  const [base, overload] = entry.split('.');
  const siblings = allowList.filter(other => other.split('.')[0] === base);
  const inPlace = base.endsWith('_');
  let name = camel(inPlace ? base.slice(0, -1) : base);
  if (siblings.length > 1 && overload !== undefined && siblings[0] !== entry)
    name += camel(`_${overload.replace('_IntList', '')}`);
  if (inPlace) name += 'InPlace';
  return reserved.has(name) ? `${name}Of` : name;
}

/**
 * What an operator makes when no dtype is given, where libtorch would go by the numbers: to JavaScript 1 and 1.0 are one
 * number, so that full([2], 1) would be int64 and full([2], 1.5) float32. Of randint, PyTorch's own default in Python.
 */
const dtypes = { full: 'float32', arange: 'float32', randint: 'int64' };

/** Operators whose `other` must be a tensor: a number has no shape to multiply or compare as a whole. */
const tensorOnly = new Set(['matmul', 'equal', 'allclose']);

function tsType(type, name, base) {
  const optional = type.endsWith('?');
  const core = (optional ? type.slice(0, -1) : type).replace(/\([a-z]!?( -> \*)?\)/g, '').replace(/SymInt/g, 'int');
  let result;
  if (name === 'dtype') result = 'DType';
  else if (name === 'memory_format') result = 'MemoryFormat';
  else if (name === 'layout') result = 'null';
  else if (core === 'Tensor') result = name === 'other' && !tensorOnly.has(base) ? 'Tensor | number' : 'Tensor';
  else if (core === 'Tensor[]') result = 'readonly Tensor[]';
  else if (core === 'Tensor?[]') result = 'readonly (Tensor | null)[]';
  else if (/^int\[\d+\]$/.test(core)) result = 'number | readonly number[]';
  else if (core === 'int[]' || core === 'float[]') result = 'readonly number[]';
  else if (/^bool\[/.test(core)) result = 'readonly boolean[]';
  else if (['int', 'float', 'Scalar'].includes(core)) result = 'number';
  else if (core === 'bool') result = 'boolean';
  else if (core === 'Device' || core === 'str') result = 'string';
  else if (core === 'Generator') result = 'RandomGenerator';
  else if (core === 'ScalarType') result = 'DType';
  else if (core === 'MemoryFormat') result = 'MemoryFormat';
  else if (core === 'Layout') result = 'null';
  else throw new Error(`no TypeScript type for ${type} ${name}`);
  return optional && result !== 'null' ? `${result} | null` : result;
}

function wrapper(entry) {
  const [base, overload = ''] = entry.split('.');
  const schema = schemaOf(`aten::${base}`, overload);
  const open = schema.indexOf('(');
  const arrow = schema.lastIndexOf(') -> ');
  const keyword = { seen: false };
  const parameters = [];
  for (const part of splitArguments(schema.slice(open + 1, arrow))) {
    if (part === '*') {
      keyword.seen = true;
      continue;
    }
    const match = /^(.+?) (\w+)(?:=(.+))?$/.exec(part.replace(/\((\w)! -> \w\)/g, '($1!)'));
    const [, type, name, fallback] = match;
    parameters.push({
      name: camel(name),
      type: tsType(type, name, base),
      optional: fallback !== undefined || (keyword.seen && type.endsWith('?')),
    });
  }
  const firstOptional = parameters.findIndex(p => p.optional);
  const lastRequired = parameters.findLastIndex(p => !p.optional);
  const list = parameters.map((p, i) => {
    const name = reserved.has(p.name) ? `${p.name}Of` : p.name;
    if (!p.optional) return { name, text: `${name}: ${p.type}` };
    return {
      name,
      text: i < lastRequired && i >= firstOptional ? `${name}: ${p.type} | undefined` : `${name}?: ${p.type}`,
    };
  });
  const returns = schema.slice(arrow + 5).replace(/\([a-z]!?\)/g, '');
  const types = returns.startsWith('(') ? splitArguments(returns.slice(1, -1)) : [returns];
  const tsReturn = types.map(type => {
    const core = type.split(' ')[0];
    if (core === 'Tensor') return 'Tensor';
    if (core === 'Tensor[]') return 'Tensor[]';
    if (core === 'bool') return 'boolean';
    return 'number';
  });
  const result = tsReturn.length === 1 ? tsReturn[0] : `[${tsReturn.join(', ')}]`;
  const name = functionName(entry);
  const dtype = dtypes[base];
  const names = list.map(p => (p.name === 'dtype' && dtype ? `dtype ?? '${dtype}'` : p.name)).join(', ');
  const note = dtype ? `; ${dtype} where no dtype is given` : '';
  // Defaults are left out of the comment: they are part of the schema and differ in spelling between versions.
  return `const ${name}Op = operator('aten::${base}', '${overload}');
/** \`aten::${entry}\`${note} */
export function ${name}(${list.map(p => p.text).join(', ')}): ${result} {
  return ${name}Op([${names}]) as ${result};
}
`;
}

const text = `// Generated by scripts/generate-ops.mjs from libtorch's schemas. Do not edit: change scripts/ops-allow-list.mjs.

import type { DType } from '../dtype.js';
import type { RandomGenerator } from '../random.js';
import type { Tensor } from '../tensor.js';
import { operator } from './operator.js';

/** How a tensor's axes are ordered in memory. */
export type MemoryFormat = 'contiguous' | 'channels_last' | 'preserve';

${allowList.map(wrapper).join('\n')}`;

const target = join(root, 'src/ops/generated.ts');
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('src/ops/generated.ts is out of date: run node packages/torch/scripts/generate-ops.mjs');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
  console.log(`wrote ${allowList.length} operators to src/ops/generated.ts`);
}
