/**
 * The operators that get a typed wrapper in src/ops/generated.ts: `aten::name` or `aten::name.overload`, one a line.
 * Any other operator can be reached by `operator(name, overload)`; a name is added here when this project uses it twice.
 */
export const allowList = `
abs add.Tensor add_.Tensor addcmul all allclose any arange.start argmax argmin avg_pool2d
batch_norm bincount binary_cross_entropy_with_logits bitwise_and.Tensor
cat clamp clone constant_pad_nd contiguous conv2d conv_transpose2d.input convolution_backward copy_ cumsum
detach dropout div.Tensor div_.Tensor
empty.memory_format eq.Tensor equal exp expand
fill_.Scalar flip full
gather ge.Tensor gt.Tensor
index.Tensor index_add index_select instance_norm isfinite
l1_loss le.Tensor leaky_relu lerp_.Scalar log logical_and logical_not logical_or lt.Tensor
masked_fill.Scalar matmul max max.dim max_pool2d maximum mean mean.dim min minimum mse_loss mul.Tensor mul_.Tensor
narrow ne.Tensor neg normal_
ones
permute pow.Tensor_Scalar
rand randint.low randn randperm reciprocal reflection_pad2d relu remainder.Scalar reshape roll round rsqrt
scatter.src scatter.value scatter_.src select.int sigmoid sign slice.Tensor softmax.int softplus sort split.Tensor sqrt
squeeze.dim stack std sub.Tensor sub_.Tensor sum sum.dim_IntList
tanh to.device to.dtype transpose.int
uniform_ unsqueeze upsample_nearest2d
var view where.self
zero_ zeros zeros_like
`
  .trim()
  .split(/\s+/);
