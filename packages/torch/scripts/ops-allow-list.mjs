/**
 * The operators that get a typed wrapper in src/ops/generated.ts: `name` or `name.overload` of `aten::`. Any other operator can
 * be reached by `operator(name, overload)`.
 *
 * Operators are listed by the element type of their result, which schemas do not say. D is that of the tensor they are called
 * on. `name|name.dim` is one function: the second operator runs when an axis is given.
 */
export const operators = {
  /** D: what keeps its type or is made for floating tensors only, views, indexing. In-place operators return their argument. */
  same: `
    abs adaptive_avg_pool2d add_.Tensor addcdiv addcmul addmm avg_pool2d
    batch_norm binary_cross_entropy_with_logits bmm
    cat ceil chunk clamp_ clone constant_pad_nd contiguous conv2d conv_transpose2d.input convolution_backward copy_
    cross_entropy_loss
    detach diagonal div_.Tensor dot dropout
    elu embedding expand expand_as
    fill_.Scalar flatten.using_ints flip floor
    gather gelu group_norm
    hardtanh
    index.Tensor index_add index_select instance_norm
    layer_norm leaky_relu lerp.Scalar lerp_.Scalar linear
    masked_fill.Scalar masked_select matmul max_pool2d mm movedim.int mul_.Tensor
    narrow neg nll_loss_nd norm.Scalar normal_
    outer
    permute
    reflection_pad2d relu relu_ repeat reshape roll round
    scatter.src scatter.value scatter_.src scatter_add select.int sign silu slice.Tensor split.Tensor square
    squeeze|squeeze.dim stack std|std.dim sub_.Tensor
    t transpose.int tril triu
    unbind.int uniform_ unsqueeze upsample_bilinear2d upsample_nearest2d
    var|var.dim view
    zero_`,
  /** D where it is floating, else float32: functions that leave the integers. */
  floatOf: `
    cos
    erf exp expm1
    log log1p log_sigmoid logsumexp
    reciprocal rsqrt
    sigmoid sin softplus sqrt
    tanh`,
  /** The promotion of D with the other operand: a tensor, or a number, of which only a whole one keeps integers integer. */
  promoted: `
    add.Tensor
    bitwise_and.Tensor
    clamp
    huber_loss
    l1_loss
    maximum minimum mse_loss mul.Tensor
    pow.Tensor_Scalar
    remainder.Scalar
    smooth_l1_loss sub.Tensor
    where.self`,
  /** The promotion of both operands where that is floating, else float32: true division. */
  quotient: `
    div.Tensor`,
  bool: `
    all|all.dim any|any.dim
    eq.Tensor
    ge.Tensor gt.Tensor
    isfinite isnan
    le.Tensor logical_and logical_not logical_or lt.Tensor
    ne.Tensor`,
  int64: `
    argmax argmin argsort
    multinomial
    nonzero`,
  /** D and, of each value, where it was found (int64). */
  valuesAndIndices: `
    sort
    topk`,
  /** Without an axis D; with one values and indices. */
  extremum: `
    max|max.dim min|min.dim`,
  /** The dtype asked for; without one int64 for integers and booleans, else D. */
  sum: `
    cumsum
    prod
    sum|sum.dim_IntList`,
  /** The dtype asked for, else D. */
  converted: `
    empty_like
    full_like
    log_softmax.int
    mean|mean.dim
    ones_like
    rand_like randn_like
    softmax.int
    to.dtype
    zeros_like`,
  /** New tensors: the dtype asked for, else float32. */
  factory: `
    arange.start
    empty.memory_format eye
    full
    linspace
    ones
    rand.generator randn.generator
    zeros`,
  /** New tensors: the dtype asked for, else int64. */
  integerFactory: `
    randint.low_generator randperm.generator`,
  /** What the schema says, of any type. */
  plain: `
    allclose
    bincount
    equal`,
};

/** JavaScript names that the rule of camel case and overloads does not give. */
export const renamed = {
  cross_entropy_loss: 'crossEntropy',
  nll_loss_nd: 'nllLoss',
  'to.dtype': 'toDtype',
};

/**
 * Operators whose optional arguments are options by name, as everybody writes them in Python. Of the others only those are that
 * Python takes by keyword alone.
 */
export const optionsByName = new Set([
  'binary_cross_entropy_with_logits',
  'cross_entropy_loss',
  'huber_loss',
  'l1_loss',
  'mse_loss',
  'nll_loss_nd',
  'smooth_l1_loss',
  'to.dtype',
]);

/** Of operators that begin with `self`, those that are functions only in PyTorch too (`torch.nn.functional`, `zeros_like`). */
export const notMethods = new Set(
  `
  adaptive_avg_pool2d avg_pool2d
  constant_pad_nd
  elu empty_like
  full_like
  gelu
  hardtanh
  leaky_relu log_sigmoid
  max_pool2d
  ones_like
  rand_like randn_like reflection_pad2d
  silu softplus
  upsample_bilinear2d upsample_nearest2d
  zeros_like`
    .trim()
    .split(/\s+/),
);
