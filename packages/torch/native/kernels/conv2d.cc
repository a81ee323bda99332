// Convolution whose slow parts are computed as equal ones that are faster:
//
//   y  = conv(x, w, s, p) + b                few pixels: what the kernel sees of x (pixels, kernel x in) times w^T
//   dx = conv_backward_input(dy, w, s, p)    stride 1: conv(dy, w', 1, k - 1 - p), w'[c, o, i, j] = w[o, c, k - 1 - i, k - 1 - j]
//   dw = conv_backward_weight(dy, x, s, p)   few pixels, many channels: a product of matrices (columns.cc)
//   db = sum dy
//
// Which way is taken depends on sizes and dtype alone (measurements in docs/speed.md): in bfloat16 the faster one, in float64,
// which is for tests, always these, and in float32 never. Equal to rounding. Off the CPU: libtorch's operator.

#include "conv2d.h"

#include "arguments.h"
#include "columns.h"
#include "elements.h"
#include "transpose.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>

#include "../compat.h"
#include "../meta.h"

namespace p2p {
namespace {

/** The weight (out, in, k, k) with its channels exchanged and turned by 180 degrees: (in, out, k, k), channels-last. */
at::Tensor turnedWeight(const at::Tensor& weight) {
  const int64_t outputs = weight.size(0), inputs = weight.size(1), taps = weight.size(2) * weight.size(3);
  if (!isChannelsLast(weight)) return weight.flip({2, 3}).transpose(0, 1).contiguous(denseFormat(weight));
  at::Tensor turned = at::empty({inputs, outputs, weight.size(2), weight.size(3)}, weight.options().memory_format(at::MemoryFormat::ChannelsLast));
  dispatchElement(weight.scalar_type(), "convolution", [&](auto element) {
    using E = decltype(element);
    const auto* const from = dataOf<E>(weight);
    auto* const to = dataOf<E>(turned);
    constexpr int64_t kBand = 128;
    const int64_t bands = (outputs + kBand - 1) / kBand;
    at::parallel_for(0, taps * bands, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; i++) {
        const int64_t tap = i / bands, start = i % bands * kBand, count = std::min(kBand, outputs - start);
        transposeMatrix(from + start * taps * inputs + tap * inputs, count, inputs, taps * inputs, to + (taps - 1 - tap) * outputs + start,
                        taps * outputs);
      }
    });
  });
  return turned;
}

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;
using Pair = std::array<int64_t, 2>;

int64_t outputSize(const at::Tensor& x, const at::Tensor& w, int64_t axis, int64_t stride, int64_t padding) {
  return (x.size(axis) + 2 * padding - w.size(axis)) / stride + 1;
}

// Reordering the weight takes as long whatever the pixels; a product of matrices reads it as it lies.
constexpr int64_t kFewPixels = 1024;

bool rowsPay(const at::Tensor& x, const at::Tensor& w, int64_t pixels) {
  return pixels <= kFewPixels && multipliesWell(x, w) && isChannelsLast(x) && isChannelsLast(w);
}

// Turning costs as much as the weight is large; what it gains grows with the pixels, and is nothing for few channels.
bool turningPays(const at::Tensor& dy, const at::Tensor& w) {
  const int64_t pixels = dy.size(0) * dy.size(2) * dy.size(3), outputs = w.size(0), inputs = w.size(1);
  return dy.scalar_type() == at::kDouble || (outputs * inputs >= 256 * 512 && pixels * inputs >= 512 * 1024);
}

struct Conv2dFunction : torch::autograd::Function<Conv2dFunction> {
  static Variable forward(AutogradContext* ctx, const Variable& x, const Variable& w, const Optional<at::Tensor>& bias, int64_t stride,
                          int64_t padding) {
    at::AutoDispatchBelowADInplaceOrView guard;
    ctx->save_for_backward({x, w});
    ctx->saved_data["bias"] = bias.has_value();
    ctx->saved_data["stride"] = stride;
    ctx->saved_data["padding"] = padding;
    const int64_t height = outputSize(x, w, 2, stride, padding), width = outputSize(x, w, 3, stride, padding);
    if (x.is_meta()) return at::empty({x.size(0), w.size(0), height, width}, x.options().memory_format(denseFormat(x)));
    if (!rowsPay(x, w, x.size(0) * height * width)) {
      const Pair s{stride, stride}, p{padding, padding};
      return at::conv2d(x, w, bias.value_or(at::Tensor()), s, p);
    }
    const at::Tensor rows = rowsUnderKernel(x, w, {height, width}, {stride, padding});
    const at::Tensor kernels = w.permute({0, 2, 3, 1}).view({w.size(0), -1});
    const at::Tensor y = bias.has_value() ? at::addmm(*bias, rows, kernels.t()) : at::mm(rows, kernels.t());
    return y.view({x.size(0), height, width, w.size(0)}).permute({0, 3, 1, 2});
  }

  static variable_list backward(AutogradContext* ctx, variable_list upstream) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &x = saved[0], &w = saved[1];
    const int64_t stride = ctx->saved_data["stride"].toInt(), padding = ctx->saved_data["padding"].toInt();
    const at::Tensor dy = upstream[0].contiguous(denseFormat(x));
    bool wantsInput = ctx->needs_input_grad(0), wantsWeight = ctx->needs_input_grad(1);
    const bool wantsBias = ctx->saved_data["bias"].toBool() && ctx->needs_input_grad(2);
    at::Tensor dx, dw, db;
    if (x.is_meta()) {
      if (wantsInput) dx = at::empty_like(x);
      if (wantsWeight) dw = at::empty_like(w);
      wantsInput = wantsWeight = false;
    }
    if (wantsInput && stride == 1 && turningPays(dy, w)) {
      const Pair p{w.size(2) - 1 - padding, w.size(3) - 1 - padding}, one{1, 1};
      dx = at::conv2d(dy, turnedWeight(w), {}, one, p);
      wantsInput = false;
    }
    if (wantsWeight)
      if (const Optional<at::Tensor> found = weightGradientByColumns(dy, x, w, {stride, padding})) {
        dw = *found;
        wantsWeight = false;
      }
    if (wantsInput || wantsWeight) {
      const Pair s{stride, stride}, p{padding, padding}, one{1, 1}, none{0, 0};
      const auto rest = at::convolution_backward(dy, x, w, at::OptionalIntArrayRef(), s, p, one, false, none, 1, {wantsInput, wantsWeight, false});
      if (wantsInput) dx = std::get<0>(rest);
      if (wantsWeight) dw = std::get<1>(rest);
    }
    if (wantsBias) db = sumOfChannels(dy);
    return {dx, dw, db, Variable(), Variable()};
  }
};

}  // namespace

at::Tensor conv2d(const at::Tensor& x, const at::Tensor& w, const Optional<at::Tensor>& bias, int64_t stride, int64_t padding) {
  checkConvolution("conv2d", x, w, bias, 1, stride, padding);
  checkKernelFits("conv2d", x, w, padding);
  // On the meta device always: it keeps what libtorch's own keeps, which has shapes there in Python only.
  const bool ours = x.is_meta() || (x.is_cpu() && multipliesWell(x, w) && padding < std::min(w.size(2), w.size(3)));
  if (!ours) {
    const Pair s{stride, stride}, p{padding, padding};
    return at::conv2d(x, w, bias.value_or(at::Tensor()), s, p);
  }
  return Conv2dFunction::apply(x, w, bias, stride, padding);
}

TORCH_LIBRARY_FRAGMENT(pix2pixhd, library) { library.def("conv2d(Tensor input, Tensor weight, Tensor? bias, int stride, int padding) -> Tensor"); }
TORCH_LIBRARY_IMPL(pix2pixhd, CompositeImplicitAutograd, library) { library.impl("conv2d", conv2d); }

}  // namespace p2p
