/**
 * Module: a tree of layers with PyTorch's state-dict keys. Depends on Parameter and Tensor.
 */

import { noGrad } from '../autograd.js';
import type { TensorData } from '../dtype.js';
import { TorchError } from '../errors.js';
import { fromData } from '../from-values.js';
import * as ops from '../ops/index.js';
import { keep, scope } from '../scope.js';
import { Tensor } from '../tensor.js';
import type { TensorFormat } from '../tensor-options.js';
import { Parameter } from './parameter.js';

/** A layer or a network. Children, parameters and buffers are registered under the names checkpoints use. */
export abstract class Module {
  readonly #children = new Map<string, Module>();
  readonly #parameters = new Map<string, Parameter>();
  readonly #buffers = new Map<string, Tensor>();
  /** Whether layers that differ between training and evaluation (batch norm) are in training mode. */
  training = true;

  /** What the layer makes of its input: (N, C, H, W) to (N, C', H', W') where a layer does not say otherwise. */
  abstract forward(input: Tensor): Tensor;

  /**
   * {@link forward} of an input that is not used again. The layer owns it: it is freed after its last use,
   * or overwritten. Autograd keeps what it needs by itself.
   */
  forwardOwned(input: Tensor): Tensor {
    const output = this.forward(input);
    if (output !== input) input.dispose();
    return output;
  }

  /** Registers a child under its key. Returns it. */
  protected child<M extends Module>(key: string, module: M): M {
    this.#children.set(key, module);
    return module;
  }

  /** Registers a weight under its key. Returns it. */
  protected parameter(key: string, value: Tensor, options: { readonly staysFloat32?: boolean } = {}): Parameter {
    const parameter = new Parameter(value, options);
    this.#parameters.set(key, parameter);
    return parameter;
  }

  /** Registers a tensor that is saved but not trained. */
  protected buffer(key: string, value: Tensor): void {
    this.#buffers.set(key, keep(value));
  }

  /** A registered buffer; read at each use, since a conversion replaces it. */
  protected getBuffer(key: string): Tensor {
    const tensor = this.#buffers.get(key);
    if (tensor === undefined) throw new TorchError('INVALID_ARGUMENT', `module has no buffer '${key}'`);
    return tensor;
  }

  /** This module and all below it, parents first. */
  *modules(): Generator<Module> {
    yield this;
    for (const child of this.#children.values()) yield* child.modules();
  }

  /** All parameters by their full key, in registration order. */
  namedParameters(prefix = ''): Map<string, Parameter> {
    const all = new Map<string, Parameter>();
    for (const [key, parameter] of this.#parameters) all.set(prefix + key, parameter);
    for (const [key, child] of this.#children)
      for (const [name, parameter] of child.namedParameters(`${prefix}${key}.`)) all.set(name, parameter);
    return all;
  }

  /** All parameters, in registration order. */
  parameters(): Parameter[] {
    return [...this.namedParameters().values()];
  }

  /** Number of weights. */
  parameterCount(): number {
    return this.parameters().reduce((sum, parameter) => sum + parameter.value.numel, 0);
  }

  /** Master weights and buffers by PyTorch's keys. The tensors are the module's own: do not dispose of them. */
  stateDict(prefix = ''): Map<string, Tensor> {
    const state = new Map<string, Tensor>();
    for (const [key, parameter] of this.#parameters) state.set(prefix + key, parameter.value);
    for (const [key, tensor] of this.#buffers) state.set(prefix + key, tensor);
    for (const [key, child] of this.#children)
      for (const [name, tensor] of child.stateDict(`${prefix}${key}.`)) state.set(name, tensor);
    return state;
  }

  /**
   * Copies a state dict into this module.
   * @param state tensors, or records of a file, whose bytes are asked for one tensor at a time.
   * @throws Error naming every missing key, unexpected key and wrong shape; nothing is copied then.
   */
  loadStateDict(state: ReadonlyMap<string, Tensor | TensorData>): void {
    const own = this.stateDict();
    const problems: string[] = [];
    for (const [key, tensor] of own) {
      const given = state.get(key);
      if (given === undefined) problems.push(`missing ${key} [${tensor.shape}]`);
      else if (String(given.shape) !== String(tensor.shape))
        problems.push(`${key} has shape [${given.shape}], expected [${tensor.shape}]`);
    }
    for (const key of state.keys()) if (!own.has(key)) problems.push(`unexpected ${key}`);
    if (problems.length > 0)
      throw new TorchError('STATE_MISMATCH', `the state dict does not fit the network:\n  ${problems.join('\n  ')}`);
    const parameters = this.namedParameters();
    noGrad(() => {
      for (const [key, tensor] of own)
        scope(() => {
          const given = state.get(key)!;
          const source = given instanceof Tensor ? given : fromData(given);
          const parameter = parameters.get(key);
          if (parameter === undefined) ops.copyInPlace(tensor, source).dispose();
          else parameter.assign(source);
        });
    });
  }

  /** Sets training mode here and below. */
  train(on = true): this {
    for (const module of this.modules()) module.training = on;
    return this;
  }

  /** Evaluation mode: batch norm uses its running statistics. */
  eval(): this {
    return this.train(false);
  }

  /**
   * Moves weights and buffers to a device, a floating dtype (master weights and floating buffers), a memory format
   * (convolution weights), or any of these together, as `torch.nn.Module.to` does.
   */
  to(options: TensorFormat): this {
    const { device, dtype } = options;
    for (const module of this.modules()) {
      for (const parameter of module.#parameters.values()) parameter.to(options);
      for (const [key, tensor] of module.#buffers) {
        const type = tensor.dtype.startsWith('float') ? (dtype ?? tensor.dtype) : tensor.dtype;
        const place = device ?? tensor.device;
        if (tensor.device === place && tensor.dtype === type) continue;
        module.#buffers.set(key, keep(scope(() => ops.to(tensor, { device: place, dtype: type }))));
        tensor.dispose();
      }
    }
    return this;
  }

  /** Computes in bfloat16 with channels-last weights from here on; master weights stay in float32. */
  toMixedPrecision(): this {
    for (const parameter of this.parameters()) parameter.toMixedPrecision();
    return this;
  }

  /** Frees the float32 masters of weights in mixed precision; the network can then no longer be trained. */
  discardMasters(): this {
    for (const parameter of this.parameters()) parameter.discardMaster();
    return this;
  }

  /** Whether gradients are computed for the weights below. */
  trainable(on: boolean): this {
    for (const parameter of this.parameters()) parameter.trainable = on;
    return this;
  }

  /** Frees all weights and buffers. */
  dispose(): void {
    for (const module of this.modules()) {
      for (const parameter of module.#parameters.values()) parameter.dispose();
      for (const tensor of module.#buffers.values()) tensor.dispose();
    }
  }
}
