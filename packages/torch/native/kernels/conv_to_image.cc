// The convolution that makes an image of features: stride 1, no padding, up to four output channels.
//
//   y[o, 2h + i, 2w + j] = z[(i, j, o), h, w],   z = conv(x, v, stride 2),   v[(i, j, o), c, i + p, j + q] = w[o, c, p, q]
//   dx = conv_backward_input(dz, v),   dw[o, c, p, q] = sum over i, j of dv[(i, j, o), c, i + p, j + q],   db = sum dy
//
// oneDNN computes output channels sixteen at a time, of which an image has three: 130-176 GFLOP/s where others run at 900.
// A block of 2 x 2 pixels taken as twelve channels of a convolution of stride 2, whose kernel is one wider, fills them:
// 64 operations a pixel instead of 4 * 49 (7 x 7 kernel), those with the zeros in v included. The zeros are summed
// along, so the result is that of the plain convolution in the same order of summation. Where a side of the result is
// odd, there are more channels, or off the CPU: libtorch's operator.

#include "arguments.h"
#include "elements.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <array>

#include "../compat.h"
#include "../meta.h"

namespace p2p {
namespace {

constexpr int64_t kMostChannels = 4;  // 2 * 2 * 4 fill the sixteen

// w, moved by (i, j) inside a kernel that is one larger.
at::Tensor placed(const at::Tensor& v, int64_t i, int64_t j, const at::Tensor& w) {
  const int64_t outputs = w.size(0);
  return v.narrow(0, (2 * i + j) * outputs, outputs).narrow(2, i, w.size(2)).narrow(3, j, w.size(3));
}

at::Tensor blockWeight(const at::Tensor& w) {
  at::Tensor v = at::zeros({4 * w.size(0), w.size(1), w.size(2) + 1, w.size(3) + 1}, w.options());
  v = v.contiguous(denseFormat(w));
  for (int64_t i = 0; i < 2; i++)
    for (int64_t j = 0; j < 2; j++) placed(v, i, j, w).copy_(w);
  return v;
}

// An image (N, O, 2h, 2w) and its blocks (N, 4 O, h, w), both seen as (N, i, j, O, h, w).
at::Tensor imagesView(const at::Tensor& y) {
  return y.view({y.size(0), y.size(1), y.size(2) / 2, 2, y.size(3) / 2, 2}).permute({0, 3, 5, 1, 2, 4});
}

at::Tensor blocksView(const at::Tensor& z) { return z.view({z.size(0), 2, 2, z.size(1) / 4, z.size(2), z.size(3)}); }

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

struct ConvToImageFunction : torch::autograd::Function<ConvToImageFunction> {
  static Variable forward(AutogradContext* ctx, const Variable& x, const Variable& w, const Optional<at::Tensor>& bias) {
    at::AutoDispatchBelowADInplaceOrView guard;
    ctx->save_for_backward({x, w});
    ctx->saved_data["bias"] = bias.has_value();
    const at::Tensor repeated = bias.has_value() ? bias->repeat({4}) : at::Tensor();
    const int64_t height = x.size(2) - w.size(2) + 1, width = x.size(3) - w.size(3) + 1;
    if (x.is_meta()) return at::empty({x.size(0), w.size(0), height, width}, x.options().memory_format(denseFormat(x)));
    const at::Tensor z = at::conv2d(x, blockWeight(w), repeated, {2, 2});
    const at::Tensor y = at::empty({z.size(0), w.size(0), 2 * z.size(2), 2 * z.size(3)}, z.options().memory_format(denseFormat(x)));
    imagesView(y).copy_(blocksView(z));
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list upstream) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &x = saved[0], &w = saved[1], &dy = upstream[0];
    const bool wantsInput = ctx->needs_input_grad(0), wantsWeight = ctx->needs_input_grad(1);
    at::Tensor dx, dw, db;
    if (x.is_meta()) {
      if (wantsInput) dx = at::empty_like(x);
      if (wantsWeight) dw = at::empty_like(w);
    } else if (wantsInput || wantsWeight) {
      const at::Tensor dz = at::empty({dy.size(0), 4 * dy.size(1), dy.size(2) / 2, dy.size(3) / 2}, dy.options().memory_format(denseFormat(x)));
      blocksView(dz).copy_(imagesView(dy));
      at::Tensor dv;
      std::tie(dx, dv, std::ignore) = at::convolution_backward(dz, x, blockWeight(w), at::OptionalIntArrayRef(), {2, 2}, {0, 0}, {1, 1}, false,
                                                               {0, 0}, 1, {wantsInput, wantsWeight, false});
      if (wantsWeight) dw = gatherWeight(dv, w);
    }
    if (ctx->saved_data["bias"].toBool() && ctx->needs_input_grad(2)) db = sumOfChannels(dy);
    return {dx, dw, db};
  }

  // The adjoint of blockWeight. Summed in float at least: four bfloat16 numbers would round three times more.
  static at::Tensor gatherWeight(const at::Tensor& dv, const at::Tensor& w) {
    const auto wide = w.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    at::Tensor sum = at::zeros(w.sizes(), w.options().dtype(wide).memory_format(denseFormat(w)));
    for (int64_t i = 0; i < 2; i++)
      for (int64_t j = 0; j < 2; j++) sum += placed(dv, i, j, w);
    return sum.to(w.scalar_type());
  }
};

at::Tensor convToImage(const at::Tensor& x, const at::Tensor& w, const Optional<at::Tensor>& bias) {
  checkConvolution("conv_to_image", x, w, bias, 1, 1, 0);
  checkKernelFits("conv_to_image", x, w, 0);
  const int64_t height = x.size(2) - w.size(2) + 1, width = x.size(3) - w.size(3) + 1;
  if (!x.is_meta() && (!x.is_cpu() || w.size(0) > kMostChannels || height % 2 != 0 || width % 2 != 0))
    return at::conv2d(x, w, bias.value_or(at::Tensor()));
  return ConvToImageFunction::apply(x, w, bias);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(pix2pixhd, library) { library.def("conv_to_image(Tensor input, Tensor weight, Tensor? bias) -> Tensor"); }
TORCH_LIBRARY_IMPL(pix2pixhd, CompositeImplicitAutograd, library) { library.impl("conv_to_image", convToImage); }

}  // namespace p2p
