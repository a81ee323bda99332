/**
 * Parameter: a weight as the optimiser sees it and as the forward pass sees it. Depends on Tensor and ops.
 */
import { noGrad } from '../autograd.js';
import * as ops from '../ops/index.js';
import { keep, scope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import type { TensorFormat } from '../tensor-options.js';

/**
 * The master weight in full precision and, in mixed precision, a bfloat16 copy of it that the forward pass reads and
 * whose gradient autograd computes. The optimiser refreshes the copy while it updates the master, so weights are cast
 * once a step, not once a use.
 */
export class Parameter {
  /** The master weight: float32 (or float64). What checkpoints hold. */
  value: Tensor;
  /** The leaf the forward pass uses: {@link value} itself, or its bfloat16 copy. */
  compute: Tensor;
  /** Stays in float32 in mixed precision: batch norm's weights, whose operator takes them beside a bfloat16 input. */
  readonly staysFloat32: boolean;

  constructor(value: Tensor, { staysFloat32 = false }: { readonly staysFloat32?: boolean } = {}) {
    this.value = keep(value);
    this.compute = value;
    this.staysFloat32 = staysFloat32;
    value.requiresGrad = true;
  }

  /** The bfloat16 copy, or null in full precision. */
  get bf16Copy(): Tensor | null {
    return this.compute === this.value ? null : this.compute;
  }

  /** Whether gradients are computed for it. */
  get trainable(): boolean {
    return this.compute.requiresGrad;
  }

  /** Whether gradients are computed for it. */
  set trainable(on: boolean) {
    this.compute.requiresGrad = on;
    if (this.bf16Copy === null) this.value.requiresGrad = on;
  }

  /**
   * Moves the master to a device, a floating dtype, a memory format (four-dimensional weights only), or any of these
   * together; drops the bfloat16 copy where that changes anything.
   */
  to({ device, dtype, memoryFormat }: TensorFormat): void {
    if (device !== undefined && this.value.device !== device)
      this.replace(noGrad(() => scope(() => ops.to(ops.detach(this.value), { device, dtype: this.value.dtype }))));
    if (dtype !== undefined)
      this.replace(noGrad(() => scope(() => ops.clone(ops.toDtype(ops.detach(this.value), dtype)))));
    if (memoryFormat !== undefined && this.value.shape.length === 4)
      this.replace(noGrad(() => scope(() => ops.clone(ops.detach(this.value), { memoryFormat }))));
  }

  /** Computes in bfloat16, four-dimensional weights in channels-last order; the master stays. */
  toMixedPrecision(): void {
    if (this.staysFloat32 || this.bf16Copy !== null) return;
    const { trainable } = this;
    this.to({ memoryFormat: 'channels_last' });
    this.value.requiresGrad = false;
    this.compute = keep(noGrad(() => scope(() => ops.clone(ops.toDtype(this.value, 'bfloat16')))));
    this.compute.requiresGrad = trainable;
  }

  /** Frees the full-precision master where there is a bfloat16 copy: for networks that are not trained. */
  discardMaster(): void {
    if (this.bf16Copy === null) return;
    this.value.dispose();
    this.value = this.compute;
  }

  /** Copies new values into the master (and the bfloat16 copy). */
  assign(source: Tensor): void {
    noGrad(() => {
      ops.copyInPlace(this.value, source).dispose();
      this.refresh();
    });
  }

  /** Updates the bfloat16 copy after the master was changed in place. */
  refresh(): void {
    const { bf16Copy } = this;
    if (bf16Copy !== null) noGrad(() => ops.copyInPlace(bf16Copy, this.value).dispose());
  }

  /** Frees it. */
  dispose(): void {
    this.bf16Copy?.dispose();
    this.value.dispose();
  }

  private replace(value: Tensor): void {
    const { trainable } = this;
    this.dispose();
    this.value = keep(value);
    this.compute = value;
    value.requiresGrad = trainable;
  }
}
