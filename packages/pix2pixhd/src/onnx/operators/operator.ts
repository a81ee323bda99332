/** What a file of this folder says of an operator of libtorch. Depends on the graph's and torch's types. */
import type { Tensor } from '@pix2pixhd/torch';
import type { Graph, Value } from '../graph.js';

/** Where the nodes of an operator go, and what its tensors are called there. */
export interface Place {
  readonly graph: Graph;
  /** The value that a tensor is in the graph: a weight, or what an earlier operator made. */
  value(tensor: unknown): Value;
}

/**
 * Adds the nodes that do what an operator did.
 * @param args of the call, as libtorch's schema orders them.
 * @param result what it returned: its shape decides nothing that the size of the image decides.
 * @returns the value that is the operator's result.
 */
export type Operator = (place: Place, args: never, result: Tensor) => Value;

/** Operators by libtorch's names, with the overload: `aten::add.Tensor`. */
export type Operators = Readonly<Record<string, Operator>>;
