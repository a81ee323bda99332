#!/usr/bin/env node
/**
 * Writes src/ops/generated.ts from the schemas of the linked libtorch, for the operators of ops-allow-list.mjs: a function for
 * each and, where PyTorch has one, a method of Tensor.
 * Usage: node scripts/generate-ops.mjs [--check]   (--check only compares and exits 1 when the file is out of date)
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { notMethods, operators, optionsByName, renamed } from './ops-allow-list.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { schemaOf } = createRequire(import.meta.url)(join(root, 'build/pix2pixhd_torch.node'));
const reserved = new Set(['var', 'default', 'function', 'delete', 'in', 'new']);

/** `[rule, 'sum', 'sum.dim_IntList']`: the rule of the result's type, the operator, that with an axis. */
const entries = Object.entries(operators)
  .flatMap(([rule, names]) =>
    names
      .trim()
      .split(/\s+/)
      .map(names => [rule, ...names.split('|')]),
  )
  .sort(([, a], [, b]) => (a < b ? -1 : 1));

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
const safe = name => (reserved.has(name) ? `${name}Of` : name);

/** JavaScript name: camel case, the overload appended only to the second of two functions of one operator. */
function functionName(entry) {
  const [base, overload] = entry.split('.');
  if (renamed[entry] !== undefined) return renamed[entry];
  const siblings = entries.map(([, first]) => first).filter(other => other.split('.')[0] === base);
  const inPlace = base.endsWith('_');
  let name = camel(inPlace ? base.slice(0, -1) : base);
  if (overload !== undefined && siblings[0] !== entry) name += camel(`_${overload}`);
  return inPlace ? `${name}InPlace` : name;
}

/** Operators whose `other` must be a tensor: a number has no shape to multiply or compare as a whole. */
const tensorOnly = new Set(['matmul', 'equal', 'allclose']);

/** What Python calls an argument, and what it is called here. */
const argumentNames = { pin_memory: 'pinned' };

function tsType(type, name, base) {
  const optional = type.endsWith('?');
  const core = (optional ? type.slice(0, -1) : type).replace(/\([a-z]!?( -> \*)?\)/g, '').replace(/SymInt/g, 'int');
  let result;
  if (name === 'dtype' || core === 'ScalarType') result = 'DType';
  else if (name === 'memory_format' || core === 'MemoryFormat') result = 'MemoryFormat';
  else if (name === 'reduction') result = 'Reduction';
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
  else throw new Error(`no TypeScript type for ${type} ${name}`);
  return optional ? `${result} | null` : result;
}

/** An operator's arguments and results. */
function readSchema(entry) {
  const [base, overload = ''] = entry.split('.');
  const schema = schemaOf(`aten::${base}`, overload);
  const open = schema.indexOf('(');
  const arrow = schema.lastIndexOf(') -> ');
  let keywordOnly = false;
  const parameters = [];
  for (const part of splitArguments(schema.slice(open + 1, arrow))) {
    if (part === '*') {
      keywordOnly = true;
      continue;
    }
    const [, type, name, fallback] = /^(.+?) (\w+)(?:=(.+))?$/.exec(part.replace(/\((\w)! -> \w\)/g, '($1!)'));
    const optional = fallback !== undefined || (keywordOnly && type.endsWith('?'));
    const byName =
      keywordOnly || (optional && (name === 'dtype' || optionsByName.has(entry) || optionsByName.has(base)));
    const own = name === 'layout' ? null : safe(camel(argumentNames[name] ?? name));
    parameters.push({
      schemaName: name,
      name: own,
      type: name === 'layout' ? 'null' : tsType(type, name, base),
      optional,
      byName,
    });
  }
  const returns = schema.slice(arrow + 5).replace(/\([a-z]!?\)/g, '');
  const results = returns.startsWith('(') ? splitArguments(returns.slice(1, -1)) : [returns];
  return { base, overload, parameters, results: results.map(type => type.split(' ')[0]) };
}

/** Defaults of the dtype where libtorch would go by the numbers: to JavaScript 1 and 1.0 are one number. Of randint PyTorch's own in Python. */
const dtypes = { full: 'float32', arange: 'float32', randint: 'int64' };

/** Type parameters of a function beside D, what `dtype`, an operand and the result are. */
const rules = {
  same: { result: 'D' },
  floatOf: { result: 'Floating[D]' },
  promoted: { operand: true, result: 'Promotion[D][Operand<O>]' },
  quotient: { operand: true, result: 'Floating[Promotion[D][Operand<O>]]' },
  bool: { result: "'bool'" },
  int64: { result: "'int64'" },
  valuesAndIndices: { result: 'D', second: "'int64'" },
  extremum: { result: 'D', second: "'int64'" },
  sum: { dtype: 'Summed[D]', result: 'NoInfer<E>' },
  converted: { dtype: 'D', result: 'NoInfer<E>' },
  factory: { dtype: "'float32'", result: 'NoInfer<E>' },
  integerFactory: { dtype: "'int64'", result: 'NoInfer<E>' },
  plain: { result: undefined },
};

/** Arguments that take part in promotion. */
const operandNames = new Set(['other', 'target', 'exponent', 'min', 'max']);

/** The argument whose element type is D. */
function sourceOf(parameters) {
  const find = test => parameters.findIndex(test);
  const named = find(p => p.schemaName === 'self' || p.schemaName === 'input' || p.schemaName === 'tensors');
  return named >= 0 ? named : find(p => p.type === 'Tensor');
}

/** `TensorOptions<E> & { generator?: RandomGenerator | undefined }` */
function optionsType(options) {
  const isFactory = options.some(({ name }) => name === 'pinned');
  const own = options.filter(({ name }) => !(isFactory && ['dtype', 'device', 'pinned'].includes(name)));
  const fields = own.map(
    ({ name, type }) =>
      `${name}?: ${name === 'memoryFormat' || name === 'dtype' ? type.replace(' | null', '') : type} | undefined`,
  );
  const parts = [
    ...(isFactory ? ['TensorOptions<E>'] : []),
    ...(fields.length > 0 ? [`{ ${fields.join('; ')} }`] : []),
  ];
  return parts.join(' & ');
}

/** Everything that the texts are put together of, with its types by the rule. */
function describe([rule, entry, withAxis]) {
  const plain = readSchema(entry);
  const axis = withAxis === undefined ? undefined : readSchema(withAxis);
  const { base, results } = axis ?? plain;
  const schema = axis ?? plain;
  const { operand, dtype, result, second } = rules[rule];
  const parameters = schema.parameters.map(p => ({ ...p }));
  const source = sourceOf(parameters);
  const hasSource = source >= 0 && result !== undefined && !rule.endsWith('actory');
  if (hasSource) parameters[source].type = parameters[source].type.replace('Tensor', 'Tensor<D>');
  for (const p of parameters) {
    if (p.schemaName === 'dtype' && dtype !== undefined) p.type = p.type.replace('DType', 'E');
    if (operand && operandNames.has(p.schemaName)) p.type = p.type.replace(/Tensor \| number|Tensor|number/, 'O');
    // An axis that may be left out.
    if (axis !== undefined && p === parameters[1]) p.optional = true;
  }
  const operandType = parameters.find(p => operand && operandNames.has(p.schemaName));
  const typeParameters = [];
  if (hasSource) typeParameters.push('D extends DType');
  if (operandType !== undefined) typeParameters.push(`O extends ${operandConstraint(base)}`);
  if (dtype !== undefined)
    typeParameters.push(
      parameters.some(p => p.schemaName === 'dtype' && !p.optional) ? 'E extends DType' : `E extends DType = ${dtype}`,
    );
  const tensorOf = type => (type === undefined ? 'Tensor' : `Tensor<${type}>`);
  const tsResults = results.map((type, i) => {
    const element = i === 1 && second !== undefined ? second : result;
    if (type === 'Tensor') return tensorOf(element);
    if (type === 'Tensor[]') return `${tensorOf(element)}[]`;
    return type === 'bool' ? 'boolean' : 'number';
  });
  return {
    rule,
    entry,
    withAxis,
    plain,
    axis,
    base,
    name: functionName(entry),
    positional: parameters.filter(p => !p.byName && p.name !== null),
    options: parameters.filter(p => p.byName && p.name !== null),
    typeParameters,
    result: tsResults.length === 1 ? tsResults[0] : `[${tsResults.join(', ')}]`,
    isMethod: plain.parameters[0]?.schemaName === 'self' && !notMethods.has(base),
  };
}

function operandConstraint(base) {
  if (['pow', 'remainder', 'clamp'].includes(base)) return 'number';
  if (['mse_loss', 'l1_loss', 'huber_loss', 'smooth_l1_loss'].includes(base)) return 'Tensor';
  return 'Tensor | number';
}

/** `self: Tensor<D>, dim: number, options?: { … }` */
function parameterList({ positional, options }) {
  const lastRequired = positional.findLastIndex(p => !p.optional);
  const list = positional.map(({ name, type, optional }, i) => {
    if (!optional) return `${name}: ${type}`;
    return i < lastRequired ? `${name}: ${type} | undefined` : `${name}?: ${type}`;
  });
  if (options.length > 0) list.push(`options?: ${optionsType(options)}`);
  return list;
}

const generics = typeParameters => (typeParameters.length > 0 ? `<${typeParameters.join(', ')}>` : '');
/** The arguments of the native call, in schema order. */
function callArguments({ parameters }, base) {
  return parameters
    .map(({ name, schemaName, byName }) => {
      if (name === null) return 'undefined';
      const value = byName ? `options?.${name}` : name;
      if (schemaName === 'dtype' && dtypes[base]) return `${value} ?? '${dtypes[base]}'`;
      if (schemaName === 'reduction') return `reductionCode(${value})`;
      return value;
    })
    .join(', ');
}

const operatorOf = ({ base, overload }) => `operator('aten::${base}'${overload === '' ? '' : `, '${overload}'`})`;

function functionText(op) {
  const { name, plain, axis, base, rule } = op;
  const own = safe(name);
  const constants = [`const ${own}Op = ${operatorOf(plain)};`];
  if (axis) constants.push(`const ${own}DimOp = ${operatorOf(axis)};`);
  const note = dtypes[base] ? `; ${dtypes[base]} where no dtype is given` : '';
  // Defaults are left out of the comment: they are part of the schema and differ in spelling between versions.
  const comment = `/** \`aten::${op.entry}\`${axis ? `, with an axis \`aten::${op.withAxis}\`` : ''}${note} */`;
  const list = parameterList(op).join(', ');
  const call = `${own}Op([${callArguments(plain, base)}])`;
  const dim = op.positional[1]?.name;
  const body = axis ? `${dim} === undefined ? ${call} : ${own}DimOp([${callArguments(axis, base)}])` : call;
  if (rule === 'extremum') {
    const [first] = parameterList(op);
    const rest = parameterList(op).slice(1);
    return `${constants.join('\n')}
${comment}
export function ${own}<D extends DType>(${first}): Tensor<D>;
export function ${own}<D extends DType>(${[first, rest[0].replace('?', ''), ...rest.slice(1)].join(', ')}): ${op.result};
export function ${own}(self: Tensor, ${rest.join(', ')}): Tensor | [Tensor, Tensor] {
  return (${body}) as Tensor | [Tensor, Tensor];
}
`;
  }
  return `${constants.join('\n')}
${comment}
export function ${own}${generics(op.typeParameters)}(${list}): ${op.result} {
  return ${axis ? `(${body})` : body} as ${op.result};
}
`;
}

/** Type parameters of the method: D is the tensor's own. */
const methodGenerics = ({ typeParameters }) => generics(typeParameters.filter(text => !text.startsWith('D ')));

function methodType(op) {
  const list = parameterList(op).slice(1);
  const comment = `    /** \`aten::${op.entry}\` */`;
  if (op.rule === 'extremum')
    return `${comment}
    ${op.name}(): Tensor<D>;
    /** \`aten::${op.withAxis}\` */
    ${op.name}(${[list[0].replace('?', ''), ...list.slice(1)].join(', ')}): ${op.result};`;
  return `${comment}
    ${op.name}${methodGenerics(op)}(${list.join(', ')}): ${op.result};`;
}

function methodText(op) {
  const names = [...op.positional.slice(1).map(p => p.name), ...(op.options.length > 0 ? ['options'] : [])];
  // One of two signatures cannot be inferred.
  const extremum = op.rule === 'extremum';
  const parameters = extremum ? ['dim?: number', 'keepdim?: boolean'] : names;
  const given = extremum ? ['dim as number', 'keepdim'] : names;
  return `Tensor.prototype.${op.name} = function (${parameters.join(', ')}) {
  return ${safe(op.name)}(${['this', ...given].join(', ')})${extremum ? ' as never' : ''};
};`;
}

const described = entries.map(describe);
const methods = described.filter(op => op.isMethod);
const text = `// Generated by scripts/generate-ops.mjs from libtorch's schemas. Do not edit: change scripts/ops-allow-list.mjs.

import type { DType } from '../dtype.js';
import type { Floating, Operand, Promotion, Summed } from '../promotion.js';
import type { RandomGenerator } from '../random.js';
import { Tensor } from '../tensor.js';
import type { MemoryFormat, TensorOptions } from '../tensor-options.js';
import { operator } from './operator.js';
import { type Reduction, reductionCode } from './reduction.js';

${described.map(functionText).join('\n')}
declare module '../tensor.js' {
  interface Tensor<D extends DType = DType> {
${methods.map(methodType).join('\n')}
  }
}

${methods.map(methodText).join('\n')}
`;

const target = join(root, 'src/ops/generated.ts');
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('src/ops/generated.ts is out of date: run node packages/torch/scripts/generate-ops.mjs');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
  console.log(`wrote ${described.length} functions and ${methods.length} methods to src/ops/generated.ts`);
}
