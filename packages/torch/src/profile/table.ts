/**
 * Recorded calls summed up: where the time went, and how many operators ran. Depends on the recorder's types and arithmetic.
 */
import { gflopOfCall, isTensor } from './arithmetic.js';
import type { OperatorCall, TensorShape } from './profile.js';

/** Calls of one kind. */
export interface OperatorRow {
  /** The operator or autograd node; after `›` what a kernel of ours calls in turn. */
  readonly name: string;
  /** Types and sizes of the first two tensors; empty when grouped by name alone. */
  readonly shapes: string;
  readonly calls: number;
  /** Time in the calls themselves, without what they called: the rows of a table add up to the time inside operators. */
  readonly milliseconds: number;
  /** What all calls together are defined to compute, in GFLOP; 0 where that is not known. */
  readonly gflop: number;
}

/**
 * The table of operators, the longest first. A convolution is one row whatever the library does inside, so that the same
 * table comes from any CPU; all else is divided among what it calls.
 * @param by `shapes` tells calls of one operator apart by the sizes of their tensors, `name` does not.
 */
export function operatorTable(calls: readonly OperatorCall[], by: 'name' | 'shapes' = 'shapes'): OperatorRow[] {
  const inside = insideConvolutions(calls);
  const own = calls.map(call => call.milliseconds);
  calls.forEach(({ parent, milliseconds }, i) => {
    if (parent !== null && !inside[i]) own[parent]! -= milliseconds;
  });
  const names = fullNames(calls);
  const rows = new Map<string, { -readonly [K in keyof OperatorRow]: OperatorRow[K] }>();
  calls.forEach((call, i) => {
    if (inside[i]) return;
    const name = names[i]!;
    const shapes = by === 'name' ? '' : shapesOf(call);
    const key = `${name} ${shapes}`;
    const row = rows.get(key) ?? { name, shapes, calls: 0, milliseconds: 0, gflop: 0 };
    row.calls++;
    row.milliseconds += own[i]!;
    row.gflop += gflopOfCall(call) ?? 0;
    rows.set(key, row);
  });
  return [...rows.values()].sort((a, b) => b.milliseconds - a.milliseconds);
}

/**
 * How many operators ran, those that others called included: each is a pass of the dispatcher and usually one over memory.
 * Not counted is what convolutions call in turn, which differs from CPU to CPU, nor autograd nodes.
 */
export function countOperators(calls: readonly OperatorCall[]): number {
  const inside = insideConvolutions(calls);
  return calls.filter((call, i) => !call.gradient && !inside[i]).length;
}

/** For each call whether it was made within a convolution. Callers come before what they call. */
function insideConvolutions(calls: readonly OperatorCall[]): boolean[] {
  const inside: boolean[] = [];
  for (const { parent } of calls)
    inside.push(parent !== null && (inside[parent]! || gflopOfCall(calls[parent]!) !== null));
  return inside;
}

/** For each call its name, behind that of the kernel of ours that made it. */
function fullNames(calls: readonly OperatorCall[]): string[] {
  const kernels: (string | null)[] = [];
  return calls.map(call => {
    const name = nameOf(call);
    const kernel = call.parent === null ? null : kernels[call.parent]!;
    kernels.push(kernel ?? (name.startsWith('pix2pixhd::') ? name : null));
    return kernel === null ? name : `${kernel} › ${name}`;
  });
}

function nameOf(call: OperatorCall): string {
  if (call.name !== 'aten::convolution_backward') return call.gradient ? nodeName(call.name) : call.name;
  const mask = call.inputs.at(-1);
  const [towardsInput, towardsWeight] = Array.isArray(mask) ? mask : [];
  const which = towardsInput && towardsWeight ? 'input and weight' : towardsInput ? 'input' : 'weight';
  return `${call.name} (${which})`;
}

/** `pix2pixhd::InstanceNorm backward` for the node of a kernel of ours, whose name is a C++ type's. */
function nodeName(name: string): string {
  if (name.startsWith('autograd::engine')) return 'autograd engine';
  const kernel = /CppNode<p2p::.*?(\w+)Function[<>]/.exec(name)?.[1];
  return kernel === undefined ? name : `pix2pixhd::${kernel} backward`;
}

const shortTypes: Readonly<Record<string, string>> = {
  float64: 'f64',
  float32: 'f32',
  float16: 'f16',
  bfloat16: 'bf16',
  int64: 'i64',
  int32: 'i32',
};

function shapesOf({ inputs }: OperatorCall): string {
  const tensors = inputs.flatMap(input =>
    isTensor(input) ? [input] : Array.isArray(input) ? input.filter(isTensor) : [],
  );
  return tensors.slice(0, 2).map(describe).join(', ');
}

function describe({ dtype, shape }: TensorShape): string {
  return `${shortTypes[dtype] ?? dtype} ${shape.length === 0 ? 'scalar' : shape.join('×')}`;
}
