/**
 * PyTorch's numbers from test/fixtures/make_reference.py, and the inputs that they were computed from. Depends on the public API only.
 */
import { readFileSync } from 'node:fs';
import { type Tensor, tensor } from '../../src/index.js';

/** One of the JSON files. */
export function reference<T>(name: string): Record<string, T> {
  return JSON.parse(readFileSync(new URL(`../../../test/fixtures/${name}.json`, import.meta.url), 'utf8'));
}

/** A result and the gradients of its inputs, with {@link seedOf} as the gradient of the result. */
export interface Differentiated {
  readonly shape: readonly number[];
  readonly output: readonly number[];
  readonly gradients: readonly (readonly number[])[];
}

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** sin(0.7 i) + (i mod 5) / 10, in float64. */
export function values(...shape: number[]): Tensor<'float64'> {
  const elements = Float64Array.from({ length: count(shape) }, (_, i) => Math.sin(0.7 * i) + 0.1 * (i % 5));
  return tensor(elements, shape);
}

/** cos(0.3 i), in float64. */
export function seedOf(shape: readonly number[]): Tensor<'float64'> {
  return tensor(
    Float64Array.from({ length: count(shape) }, (_, i) => Math.cos(0.3 * i)),
    shape,
  );
}
