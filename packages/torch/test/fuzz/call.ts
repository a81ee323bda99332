/**
 * One random call, made again by its seed: an operator or a function of the addon, then what a caller does with the result.
 * Depends on the public API and the binding.
 */
import { binding, type Handle } from '../../src/binding.js';
import { enableGrad, grad, manualSeed, ops, scope, Tensor } from '../../src/index.js';
import { Draw } from './random.js';
import type { Schema } from './schemas.js';
import { anything, show, Values } from './values.js';

/** What became of a call; anything else ends the process. */
export type Outcome = 'value' | 'error' | 'assertion';

/** Of the addon's functions those that a call may make at any time: not those that change the process for all later calls. */
const functions = [
  ...([
    'fromBytes',
    'toBytes',
    'describe',
    'strides',
    'release',
    'isReleased',
    'findOperator',
    'call',
    'schemaOf',
  ] as const),
  ...(['backward', 'grad', 'getRequiresGrad', 'setRequiresGrad', 'getGrad', 'clearGrad', 'defaultGenerator'] as const),
  ...([
    'seedGenerator',
    'getGeneratorState',
    'setGeneratorState',
    'setThreads',
    'stopProfile',
    'cudaHasBfloat16',
  ] as const),
  ...(['beginRecording', 'endRecording', 'replayRecording', 'releaseRecording'] as const),
];

/**
 * @param tell called with the call in words before it is made.
 * @throws AssertionError-like Error where the result is neither a value nor an error.
 */
export function randomCall(operators: readonly Schema[], seed: number, tell?: (text: string) => void): Outcome {
  const draw = new Draw(seed);
  manualSeed(seed);
  return scope(() => {
    const values = new Values(draw);
    const make = draw.chance(0.06)
      ? callFunction(draw, values, tell)
      : callOperator(draw.of(operators), draw, values, tell);
    try {
      enableGrad(make);
      return 'value';
    } catch (error) {
      if (!(error instanceof Error) || error.message.trim() === '')
        throw new Error(`seed ${seed}: thrown was ${String(error)}, which says nothing`);
      return error.message.includes('INTERNAL ASSERT') ? 'assertion' : 'error';
    }
  });
}

function callOperator(schema: Schema, draw: Draw, values: Values, tell?: (text: string) => void): () => void {
  const args = schema.arguments.map(argument => values.for(argument));
  if (draw.chance(0.02)) args.push(7);
  if (draw.chance(0.02)) args.pop();
  tell?.(`${schema.name}.${schema.overload}(${args.map(show).join(', ')})`);
  const operator = ops.operator(schema.name, schema.overload);
  const differentiate = draw.chance(0.5);
  return () => {
    const results = [operator(args)].flat().filter(result => result instanceof Tensor);
    for (const result of results) {
      void result.strides;
      if (result.numel <= 100_000 && result.device === 'cpu') result.data();
    }
    if (differentiate) differentiateBy(results, args.flat(), draw, values);
  };
}

function differentiateBy(results: readonly Tensor[], args: readonly unknown[], draw: Draw, values: Values): void {
  const inputs = args.filter(arg => arg instanceof Tensor && !arg.disposed && arg.requiresGrad) as Tensor[];
  const outputs = results.filter(result => result.requiresGrad && result.numel <= 100_000);
  if (inputs.length === 0 || outputs.length === 0) return;
  const seeds = outputs.map(output =>
    draw.chance(0.9)
      ? ops.toDtype(ops.normalInPlace(ops.empty(output.shape, { dtype: 'float32' })), output.dtype)
      : values.tensor(),
  );
  for (const gradient of grad(outputs, inputs, { seeds: seeds as Tensor[], allowUnused: true })) gradient?.data();
}

function callFunction(draw: Draw, values: Values, tell?: (text: string) => void): () => void {
  const name = draw.of(functions);
  const args = draw.list(0, 5, () => anything(draw, values));
  tell?.(`${name}(${args.map(show).join(', ')})`);
  const handle = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(handle);
    return typeof value === 'object' && value !== null && 'handle' in value ? value.handle : value;
  };
  const threads = binding.getThreads();
  return () => {
    try {
      const result = (binding[name] as (...args: unknown[]) => unknown)(...args.map(handle));
      if (name === 'getGrad' && result !== null) binding.release(result as Handle);
    } finally {
      binding.setThreads(threads);
    }
  };
}
