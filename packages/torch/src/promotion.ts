/**
 * Which element type an operator gives, in the type system. Types only. Depends on the names of the element types and on
 * Tensor's type. Semantics: PyTorch's type promotion.
 *
 * All of it is tables to look up in, `Floating[D]`, and no conditional types over D: only so can TypeScript tell that a
 * `Tensor<'float32'>` is a `Tensor`.
 */
import type { DType } from './dtype.js';
import type { Tensor } from './tensor.js';

/** The floating element types. */
export type FloatDType = 'float32' | 'float64' | 'float16' | 'bfloat16';

/** What a function gives that leaves the integers, as `exp` does. */
export type Floating = { [D in DType]: D extends FloatDType ? D : 'float32' };

/** What a sum gives when it is asked for no type: integers and booleans are summed in int64. */
export type Summed = { [D in DType]: D extends FloatDType ? D : 'int64' };

/** What is known of a JavaScript number when the program is compiled. Whole ones count as Python's `int`. */
export type NumberKind<N extends number> = number extends N
  ? 'number'
  : `${N}` extends `${bigint}`
    ? 'whole'
    : 'fraction';

/** The column of {@link Promotion} for an operand. */
export type Operand<O extends Tensor | number | null> =
  O extends Tensor<infer E> ? E : O extends number ? NumberKind<O> : never;

/** Row: the tensor's element type. Column: the other operand's, or the kind of number. */
export type Promotion = {
  [D in DType]: { [E in DType]: OfTensors<D, E> } & {
    whole: D extends 'bool' ? 'int64' : D;
    fraction: Floating[D];
    number: (D extends 'bool' ? 'int64' : D) | Floating[D];
  };
};

/**
 * Of two tensors. A floating type goes before an integer one, that before bool. Within one kind the wider one is taken, but
 * tensors without axes do not count beside others, so that both types are possible.
 */
export type OfTensors<D extends DType, E extends DType> = D extends E
  ? D
  : D extends FloatDType
    ? E extends FloatDType
      ? D | E | 'float32'
      : D
    : E extends FloatDType
      ? E
      : D extends 'bool'
        ? E
        : E extends 'bool'
          ? D
          : D | E | 'int16';
