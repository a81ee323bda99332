// Transposed convolution as the input gradient of a strided convolution.
//
//   y = conv_backward_input(x, w) + b       dx = conv(dy, w)       dw = conv_backward_weight(grad x, input dy)       db = sum dy
//
// libtorch 1.13 runs its own transposed convolution outside oneDNN (GEMM and col2im in float, 77-169 GFLOP/s); this
// formulation stays inside it in either type. Equal to rounding. Off the CPU: libtorch's operator.

#include "arguments.h"
#include "columns.h"
#include "elements.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "../compat.h"
#include "../meta.h"

namespace p2p {
namespace {

using Pair = std::array<int64_t, 2>;

std::tuple<at::Tensor, at::Tensor, at::Tensor> gradients(const at::Tensor& dy, const at::Tensor& x, const at::Tensor& w, int64_t stride,
                                                         int64_t padding, std::array<bool, 3> mask) {
  const Pair s{stride, stride}, p{padding, padding}, one{1, 1}, none{0, 0};
  return at::convolution_backward(dy, x, w, at::OptionalIntArrayRef(), s, p, one, false, none, 1, mask);
}

int64_t sizeOf(const at::Tensor& x, const at::Tensor& w, int64_t axis, int64_t stride, int64_t padding, int64_t outputPadding) {
  return (x.size(axis) - 1) * stride - 2 * padding + w.size(axis) + outputPadding;
}

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

struct ConvTransposeFunction : torch::autograd::Function<ConvTransposeFunction> {
  static Variable forward(AutogradContext* ctx, const Variable& x, const Variable& w, const Optional<at::Tensor>& bias, int64_t stride,
                          int64_t padding, int64_t outputPadding) {
    at::AutoDispatchBelowADInplaceOrView guard;
    ctx->save_for_backward({x, w});
    ctx->saved_data["stride"] = stride;
    ctx->saved_data["padding"] = padding;
    ctx->saved_data["bias"] = bias.has_value();
    const auto size = [&](int64_t axis) { return sizeOf(x, w, axis, stride, padding, outputPadding); };
    // Only its sizes and order are read.
    const at::Tensor like = at::empty({x.size(0), w.size(1), size(2), size(3)}, x.options().memory_format(denseFormat(x)));
    if (x.is_meta()) return like;
    at::Tensor y = std::get<0>(gradients(x, like, w, stride, padding, {true, false, false}));
    if (bias.has_value()) y.add_(bias->view({1, -1, 1, 1}));
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list upstream) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &x = saved[0], &w = saved[1];
    const int64_t stride = ctx->saved_data["stride"].toInt(), padding = ctx->saved_data["padding"].toInt();
    const at::Tensor dy = upstream[0].contiguous(denseFormat(x));
    at::Tensor dx, dw, db;
    if (x.is_meta()) {
      if (ctx->needs_input_grad(0)) dx = at::empty_like(x);
      if (ctx->needs_input_grad(1)) dw = at::empty_like(w);
      if (ctx->saved_data["bias"].toBool() && ctx->needs_input_grad(2)) db = sumOfChannels(dy);
      return {dx, dw, db, Variable(), Variable(), Variable()};
    }
    if (ctx->needs_input_grad(0)) {
      const Pair s{stride, stride}, p{padding, padding}, one{1, 1}, none{0, 0};
      dx = at::convolution(dy, w, {}, s, p, one, false, none, 1);
    }
    if (ctx->needs_input_grad(1)) {
      const Optional<at::Tensor> product = weightGradientByColumns(x, dy, w, {stride, padding});
      dw = product ? *product : std::get<1>(gradients(x, dy, w, stride, padding, {false, true, false}));
    }
    if (ctx->saved_data["bias"].toBool() && ctx->needs_input_grad(2)) db = sumOfChannels(dy);
    return {dx, dw, db, Variable(), Variable(), Variable()};
  }
};

at::Tensor convTranspose(const at::Tensor& x, const at::Tensor& w, const Optional<at::Tensor>& bias, int64_t stride, int64_t padding,
                         int64_t outputPadding) {
  checkConvolution("conv_transpose2d", x, w, bias, 0, stride, padding);
  TORCH_CHECK(outputPadding >= 0 && outputPadding < stride, "conv_transpose2d: output padding ", outputPadding,
              " must be smaller than the stride (", stride, ")");
  for (const int64_t axis : {2, 3}) {
    const int64_t size = sizeOf(x, w, axis, stride, padding, outputPadding);
    TORCH_CHECK(size > 0, "conv_transpose2d: the padding of ", padding, " leaves nothing of the result: axis ", axis, " would have ", size, " pixels");
  }
  if (!isOurs(x)) {
    const Pair s{stride, stride}, p{padding, padding}, o{outputPadding, outputPadding};
    return at::conv_transpose2d(x, w, bias.value_or(at::Tensor()), s, p, o);
  }
  return ConvTransposeFunction::apply(x, w, bias, stride, padding, outputPadding);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(pix2pixhd, library) {
  library.def("conv_transpose2d(Tensor input, Tensor weight, Tensor? bias, int stride, int padding, int output_padding) -> Tensor");
}
TORCH_LIBRARY_IMPL(pix2pixhd, CompositeImplicitAutograd, library) { library.impl("conv_transpose2d", convTranspose); }

}  // namespace p2p
