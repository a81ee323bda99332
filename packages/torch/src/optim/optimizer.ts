/**
 * Optimizer: groups of parameters with their settings, and the tensors that are kept for each parameter. Depends on autograd, scope,
 * ops and Parameter's type. Semantics: torch.optim.Optimizer.
 */
import { noGrad } from '../autograd.js';
import { TorchError } from '../errors.js';
import type { Parameter } from '../nn/parameter.js';
import * as ops from '../ops/index.js';
import { keep, scope } from '../scope.js';
import type { Tensor } from '../tensor.js';

/** Parameters by name, with settings of their own: what they leave out is the optimiser's. */
export type ParameterGroup<O> = Partial<O> & { readonly parameters: ReadonlyMap<string, Parameter> };

/** What an optimiser takes: `module.namedParameters()`, or groups of these. */
export type OptimizedParameters<O> = ReadonlyMap<string, Parameter> | readonly ParameterGroup<O>[];

/** What a checkpoint holds of one parameter: the number of updates, and the tensors by PyTorch's names. */
export type OptimizerState<S extends string> = { readonly step: number } & { readonly [K in S]: Tensor };

/** A parameter whose turn it is. */
export interface Turn<O, S extends string> {
  readonly parameter: Parameter;
  readonly gradient: Tensor;
  /** This update's number, from 1. */
  readonly step: number;
  readonly slots: { readonly [K in S]: Tensor };
  readonly group: O;
}

interface Slots<S extends string> {
  step: number;
  readonly tensors: { readonly [K in S]: Tensor };
}

/**
 * The base of all optimisers.
 * @typeParam O settings, each complete. They may be changed between two steps, as schedulers do with `lr`.
 * @typeParam S PyTorch's names of the tensors kept for each parameter, as large as it and zero at first.
 */
export abstract class Optimizer<O extends { lr: number }, S extends string = string> {
  readonly groups: readonly (O & { readonly parameters: ReadonlyMap<string, Parameter> })[];
  readonly #parameters: ReadonlyMap<string, Parameter>;
  readonly #slots = new Map<string, Slots<S>>();
  readonly #slotNames: readonly S[];

  /**
   * @param parameters by name; the names key the state in checkpoints.
   * @throws TorchError where two groups have a parameter of one name.
   */
  protected constructor(parameters: OptimizedParameters<O>, settings: O, slotNames: readonly S[]) {
    const given = isMap(parameters) ? [{ parameters } as ParameterGroup<O>] : parameters;
    this.groups = given.map(group => ({ ...settings, ...group }));
    this.#slotNames = slotNames;
    const all = new Map<string, Parameter>();
    for (const group of this.groups)
      for (const [name, parameter] of group.parameters) {
        if (all.has(name)) throw this.#error('INVALID_ARGUMENT', `two groups have a parameter '${name}'`);
        all.set(name, parameter);
      }
    this.#parameters = all;
  }

  /** The learning rate of the first group. Setting it sets that of all groups. */
  get lr(): number {
    return this.groups[0]?.lr ?? 0;
  }

  /** The learning rate of all groups. */
  set lr(lr: number) {
    for (const group of this.groups) group.lr = lr;
  }

  /**
   * Updates every parameter that has a gradient.
   * @param gradients in the order of the parameters, group after group; null leaves a parameter and its state alone. Left out:
   * those that `backward` has added up.
   */
  step(gradients?: readonly (Tensor | null)[]): void {
    if (gradients === undefined) {
      scope(() => this.step([...this.#parameters.values()].map(({ compute }) => compute.grad)));
      return;
    }
    if (gradients.length !== this.#parameters.size)
      throw this.#error('INVALID_ARGUMENT', `${gradients.length} gradients for ${this.#parameters.size} parameters`);
    let index = 0;
    const turns: Turn<O, S>[] = [];
    const updated: Slots<S>[] = [];
    for (const group of this.groups)
      for (const [name, parameter] of group.parameters) {
        const gradient = gradients[index++];
        if (gradient === null || gradient === undefined) continue;
        const slots = this.#slotsOf(name, parameter);
        updated.push(slots);
        turns.push({ parameter, gradient, step: slots.step + 1, slots: slots.tensors, group });
      }
    this.update(turns);
    // Last, so that gradients that are refused count for nothing.
    for (const slots of updated) slots.step++;
  }

  /** Updates parameters in place, the bfloat16 copies too. */
  protected abstract update(turns: readonly Turn<O, S>[]): void;

  /** Clears the gradients that `backward` adds up, as each step begins with none. */
  zeroGrad(): void {
    for (const { compute } of this.#parameters.values()) compute.grad = null;
  }

  /** What is kept by parameter name, of those that were updated; the tensors are the optimiser's own. */
  state(): Map<string, OptimizerState<S>> {
    return new Map([...this.#slots].map(([name, { step, tensors }]) => [name, { step, ...tensors }]));
  }

  /** The shapes of the parameters by name: which state {@link loadState} takes. */
  shapes(): Map<string, readonly number[]> {
    return new Map([...this.#parameters].map(([name, parameter]) => [name, parameter.value.shape]));
  }

  /**
   * Continues from a saved state (copied).
   * @throws TorchError for a name this optimiser does not have, or a shape that differs.
   */
  loadState(state: ReadonlyMap<string, OptimizerState<S>>): void {
    for (const [name, saved] of state) {
      const parameter = this.#parameters.get(name);
      if (parameter === undefined) throw this.#error('STATE_MISMATCH', `no parameter '${name}'`);
      for (const slot of this.#slotNames)
        if (String(saved[slot].shape) !== String(parameter.value.shape))
          throw this.#error(
            'STATE_MISMATCH',
            `${slot} of ${name} has shape [${saved[slot].shape}], expected [${parameter.value.shape}]`,
          );
      const slots = this.#slotsOf(name, parameter);
      slots.step = saved.step;
      noGrad(() => {
        for (const slot of this.#slotNames) ops.copyInPlace(slots.tensors[slot], saved[slot]).dispose();
      });
    }
  }

  /** Frees what is kept. */
  dispose(): void {
    for (const { tensors } of this.#slots.values()) for (const slot of this.#slotNames) tensors[slot].dispose();
    this.#slots.clear();
  }

  #slotsOf(name: string, parameter: Parameter): Slots<S> {
    let slots = this.#slots.get(name);
    if (slots === undefined) {
      const zeros = () => noGrad(() => keep(ops.zerosLike(parameter.value)));
      const tensors = Object.fromEntries(this.#slotNames.map(slot => [slot, zeros()])) as { [K in S]: Tensor };
      slots = { step: 0, tensors };
      this.#slots.set(name, slots);
    }
    return slots;
  }

  #error(code: 'INVALID_ARGUMENT' | 'STATE_MISMATCH', problem: string): TorchError {
    return new TorchError(code, `${this.constructor.name}: ${problem}`);
  }
}

const isMap = (value: unknown): value is ReadonlyMap<string, Parameter> => value instanceof Map;
