// Instance norm without affine parameters, followed by a leaky ReLU or a residual sum, in one pass each way.
//
//   m = mean(x), r = 1 / sqrt(var(x) + eps)           over H, W, for each image and channel (biased variance)
//   h = (x - m) r,   y = h > 0 ? h : slope h           slope 1: identity, 0: ReLU, 0.2: the discriminator's
//   y += residual                                      when given (then slope must be 1)
//
//   r = 0 where x is one number but for rounding: an image of a single class stays even
//
//   g = dy (h > 0 ? 1 : slope)
//   dx = r (g - mean(g) - h mean(g h)),   dresidual = dy
//
// libtorch's own instance norm goes through batch norm with float copies and loses the channels-last order. Only x, m and r
// are kept for the backward pass; the sign of the activation is recomputed. Sums are taken in float over blocks of pixels,
// shifted by the first pixel so that a large mean cancels nothing, and in double over blocks; the order of the blocks does
// not depend on the number of threads. Off the CPU: libtorch's batch norm of each image alone, which is the same.

#include "arguments.h"
#include "batch_norm_of_images.h"
#include "elements.h"
#include "instance_norm_loops.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "../compat.h"
#include "../meta.h"

namespace p2p {
namespace {

// Pixels summed in single precision before going to double: in channels-last, and in planes, where 16 sums share them.
constexpr int64_t kBlock = 256;
constexpr int64_t kPlaneBlock = 4096;

// The square of a spread, relative to the level, that is the rounding of the layers before it: some ten steps of the type.
template <class C>
constexpr double kRounding = std::is_same_v<C, double> ? 1e-29 : 1e-12;

// Where pixel p of channel c of one image lies: channels-last has step (C, 1), planes have step (1, HW).
struct Layout {
  int64_t images, channels, pixels;
  bool channelsLast;
};

Layout layoutOf(const at::Tensor& x) { return {x.size(0), x.size(1), x.size(2) * x.size(3), isChannelsLast(x)}; }

// Sums two terms over the pixels of one image into sumA and sumB [C]. addRow(offset, a, b) adds one pixel's channels to a
// and b; line(channel, offset, count, a, b) gives the sums over a part of one plane.
template <typename Compute, typename AddRow, typename Line>
void sumOverPixels(const Layout& l, double* sumA, double* sumB, const AddRow& addRow, const Line& line) {
  const int64_t C = l.channels, blocks = (l.pixels + kBlock - 1) / kBlock;
  if (l.channelsLast) {
    std::vector<Compute> partial(blocks * 2 * C);
    at::parallel_for(0, blocks, 1, [&](int64_t first, int64_t last) {
      for (int64_t b = first; b < last; b++) {
        Compute* a = partial.data() + b * 2 * C;
        const int64_t end = std::min(l.pixels, (b + 1) * kBlock);
        for (int64_t p = b * kBlock; p < end; p++) addRow(p * C, a, a + C);
      }
    });
    std::fill(sumA, sumA + C, 0.0);
    std::fill(sumB, sumB + C, 0.0);
    for (int64_t b = 0; b < blocks; b++) {
      const Compute* a = partial.data() + b * 2 * C;
      for (int64_t c = 0; c < C; c++) sumA[c] += a[c];
      for (int64_t c = 0; c < C; c++) sumB[c] += a[C + c];
    }
  } else {
    at::parallel_for(0, C, 1, [&](int64_t first, int64_t last) {
      for (int64_t c = first; c < last; c++) {
        double totalA = 0, totalB = 0;
        for (int64_t p = 0; p < l.pixels; p += kPlaneBlock) {
          Compute a, b;
          line(c, c * l.pixels + p, std::min(kPlaneBlock, l.pixels - p), a, b);
          totalA += a;
          totalB += b;
        }
        sumA[c] = totalA;
        sumB[c] = totalB;
      }
    });
  }
}

// Calls body(first element, count, channel of the first element or -1 for "channels run along the line").
template <typename Body>
void forLines(const Layout& l, const Body& body) {
  if (l.channelsLast) {
    at::parallel_for(0, l.pixels, std::max<int64_t>(1, 16384 / l.channels), [&](int64_t first, int64_t last) {
      for (int64_t p = first; p < last; p++) body(p * l.channels, l.channels, int64_t(-1));
    });
  } else {
    at::parallel_for(0, l.channels, 1, [&](int64_t first, int64_t last) {
      for (int64_t c = first; c < last; c++) body(c * l.pixels, l.pixels, c);
    });
  }
}

// The mean and the inverse deviation (images, channels) of a dense image batch.
std::tuple<at::Tensor, at::Tensor> statisticsOf(const at::Tensor& x, double eps) {
  const Layout l = layoutOf(x);
  const auto statType = x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  at::Tensor mean = at::empty({l.images, l.channels}, x.options().dtype(statType).memory_format(at::MemoryFormat::Contiguous));
  at::Tensor rstd = at::empty_like(mean);
  if (x.is_meta()) return {mean, rstd};
  dispatchElement(x.scalar_type(), "instance_norm", [&](auto element) {
    using E = decltype(element);
    using C = typename E::Compute;
    std::vector<double> sum(l.channels), square(l.channels);
    std::vector<C> shift(l.channels);
    for (int64_t n = 0; n < l.images; n++) {
      const auto* xs = dataOf<E>(x) + n * l.channels * l.pixels;
      C* m = static_cast<C*>(mean.data_ptr()) + n * l.channels;
      C* r = static_cast<C*>(rstd.data_ptr()) + n * l.channels;
      for (int64_t c = 0; c < l.channels; c++) shift[c] = E::load(xs[l.channelsLast ? c : c * l.pixels]);
      sumOverPixels<C>(
          l, sum.data(), square.data(), [&](int64_t at, C* a, C* b) { addMomentsRow<E>(xs + at, shift.data(), l.channels, a, b); },
          [&](int64_t c, int64_t at, int64_t count, C& a, C& b) { momentsOfLine<E>(xs + at, shift[c], count, a, b); });
      for (int64_t c = 0; c < l.channels; c++) {
        const double shifted = sum[c] / l.pixels;
        const double variance = std::max(0.0, square[c] / l.pixels - shifted * shifted);
        const double level = shift[c] + shifted;
        m[c] = static_cast<C>(level);
        // Equal but for rounding: divided by the root of eps, layer after layer, that would become noise.
        const bool says = variance > kRounding<C> * level * level;
        r[c] = says ? static_cast<C>(1.0 / std::sqrt(variance + eps)) : C(0);
      }
    }
  });
  return {mean, rstd};
}

// Writes y, which may be x itself.
void normaliseInto(const at::Tensor& y, const at::Tensor& x, const at::Tensor& residual, const at::Tensor& mean, const at::Tensor& rstd,
                   double slope) {
  if (x.is_meta()) return;
  const Layout l = layoutOf(x);
  dispatchElement(x.scalar_type(), "instance_norm", [&](auto element) {
    using E = decltype(element);
    using C = typename E::Compute;
    const int64_t imageSize = l.channels * l.pixels;
    const C negative = static_cast<C>(slope);
    for (int64_t n = 0; n < l.images; n++) {
      const auto* xs = dataOf<E>(x) + n * imageSize;
      const auto* rs = residual.defined() ? dataOf<E>(residual) + n * imageSize : nullptr;
      auto* ys = dataOf<E>(y) + n * imageSize;
      const C* m = static_cast<const C*>(mean.data_ptr()) + n * l.channels;
      const C* r = static_cast<const C*>(rstd.data_ptr()) + n * l.channels;
      forLines(l, [&](int64_t at, int64_t count, int64_t c) {
        if (rs != nullptr && c < 0) addResidualRow<E>(xs + at, rs + at, m, r, count, ys + at);
        if (rs != nullptr && c >= 0) addResidualLine<E>(xs + at, rs + at, m[c], r[c], count, ys + at);
        if (rs == nullptr && c < 0) activateRow<E>(xs + at, m, r, negative, count, ys + at);
        if (rs == nullptr && c >= 0) activateLine<E>(xs + at, m[c], r[c], negative, count, ys + at);
      });
    }
  });
}

at::Tensor backwardCpu(const at::Tensor& gradient, const at::Tensor& x, const at::Tensor& mean, const at::Tensor& rstd, double slope) {
  const Layout l = layoutOf(x);
  const at::Tensor dy = gradient.contiguous(denseFormat(x));
  at::Tensor dx = at::empty_like(x);
  if (x.is_meta()) return dx;
  dispatchElement(x.scalar_type(), "instance_norm", [&](auto element) {
    using E = decltype(element);
    using C = typename E::Compute;
    const int64_t imageSize = l.channels * l.pixels;
    std::vector<double> sum(l.channels), dot(l.channels);
    std::vector<C> meanG(l.channels), meanGh(l.channels);
    const C negative = static_cast<C>(slope);
    for (int64_t n = 0; n < l.images; n++) {
      const auto* xs = dataOf<E>(x) + n * imageSize;
      const auto* ds = dataOf<E>(dy) + n * imageSize;
      auto* out = dataOf<E>(dx) + n * imageSize;
      const C* m = static_cast<const C*>(mean.data_ptr()) + n * l.channels;
      const C* r = static_cast<const C*>(rstd.data_ptr()) + n * l.channels;
      sumOverPixels<C>(
          l, sum.data(), dot.data(),
          [&](int64_t at, C* a, C* b) { addGradientMomentsRow<E>(xs + at, ds + at, m, r, negative, l.channels, a, b); },
          [&](int64_t c, int64_t at, int64_t count, C& a, C& b) {
            gradientMomentsOfLine<E>(xs + at, ds + at, m[c], r[c], negative, count, a, b);
          });
      for (int64_t c = 0; c < l.channels; c++) {
        meanG[c] = static_cast<C>(sum[c] / l.pixels);
        meanGh[c] = static_cast<C>(dot[c] / l.pixels);
      }
      forLines(l, [&](int64_t at, int64_t count, int64_t c) {
        if (c < 0) gradientRow<E>(xs + at, ds + at, m, r, meanG.data(), meanGh.data(), negative, count, out + at);
        if (c >= 0) gradientLine<E>(xs + at, ds + at, m[c], r[c], meanG[c], meanGh[c], negative, count, out + at);
      });
    }
  });
  return dx;
}

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

struct InstanceNormFunction : torch::autograd::Function<InstanceNormFunction> {
  static Variable forward(AutogradContext* ctx, const Variable& input, const Optional<at::Tensor>& residual, double slope, double eps) {
    at::AutoDispatchBelowADInplaceOrView guard;
    const at::Tensor x = input.contiguous(denseFormat(input));
    at::Tensor add;
    if (residual.has_value()) add = residual->contiguous(denseFormat(x));
    auto [mean, rstd] = statisticsOf(x, eps);
    const at::Tensor y = at::empty_like(x);
    normaliseInto(y, x, add, mean, rstd, slope);
    ctx->save_for_backward({x, mean, rstd});
    ctx->saved_data["slope"] = slope;
    ctx->saved_data["residual"] = residual.has_value();
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const auto saved = ctx->get_saved_variables();
    at::Tensor dx;
    if (ctx->needs_input_grad(0)) dx = backwardCpu(gradients[0], saved[0], saved[1], saved[2], ctx->saved_data["slope"].toDouble());
    at::Tensor dresidual = ctx->saved_data["residual"].toBool() ? gradients[0] : at::Tensor();
    return {dx, dresidual, Variable(), Variable()};
  }
};

void check(const at::Tensor& x, const Optional<at::Tensor>& residual, double slope) {
  checkPlain("instance_norm", "input", x);
  if (residual.has_value()) checkPlain("instance_norm", "residual", *residual);
  TORCH_CHECK(x.dim() == 4, "instance_norm: expected (N, C, H, W), found ", x.sizes());
  TORCH_CHECK(x.size(2) * x.size(3) > 1, "instance_norm: needs more than one pixel, found ", x.sizes());
  TORCH_CHECK(!residual.has_value() || slope == 1.0, "instance_norm: a residual goes with slope 1");
  TORCH_CHECK(!residual.has_value() || residual->sizes() == x.sizes(), "instance_norm: the residual's shape differs from the input's");
  TORCH_CHECK(!residual.has_value() || (residual->scalar_type() == x.scalar_type() && residual->device() == x.device()),
              "instance_norm: the residual's dtype or device differs from the input's");
}

// The same formula in libtorch's operators, differentiable by itself: the tests' reference.
// Not at::instance_norm: that of 1.13 gives a wrong gradient when the upstream gradient of one image is channels-last.
at::Tensor plain(const at::Tensor& x, const Optional<at::Tensor>& residual, double slope, double eps) {
  check(x, residual, slope);
  const bool half = x.scalar_type() == at::kBFloat16 || x.scalar_type() == at::kHalf;
  const at::Tensor wide = half ? x.to(at::kFloat) : x;
  const at::Tensor centred = wide - wide.mean({2, 3}, true);
  at::Tensor h = centred * at::rsqrt((centred * centred).mean({2, 3}, true) + eps);
  if (residual.has_value()) return (*residual + h).to(x.scalar_type());
  if (slope != 1.0) h = slope == 0.0 ? at::relu(h) : at::leaky_relu(h, slope);
  return h.to(x.scalar_type());
}

at::Tensor byBatchNorm(const at::Tensor& x, const Optional<at::Tensor>& residual, double slope, double eps) {
  check(x, residual, slope);
  return BatchNormFunction::apply(x, residual, slope, eps);
}

at::Tensor instanceNormAutograd(const at::Tensor& x, const Optional<at::Tensor>& residual, double slope, double eps) {
  check(x, residual, slope);
  if (!isOurs(x)) return BatchNormFunction::apply(x, residual, slope, eps);
  return InstanceNormFunction::apply(x, residual, slope, eps);
}

// Whether nobody but the caller can read the memory of x: no view has its storage, and nothing else has x itself. A graph that
// has saved x holds the one or the other. Two references are the caller's handle and the argument on the dispatcher's stack;
// with more, or in a libtorch that keeps another, the result is made beside.
bool isExclusive(const at::Tensor& x) { return x.storage().use_count() == 1 && x.use_count() <= 2; }

// For an input that nobody reads again: the result takes its memory, unless a graph, another handle or a view needs that.
at::Tensor instanceNormOwned(const at::Tensor& x, const Optional<at::Tensor>& residual, double slope, double eps) {
  check(x, residual, slope);
  if (!isOurs(x) || at::GradMode::is_enabled() || !isExclusive(x) || !x.is_contiguous(denseFormat(x)))
    return instanceNormAutograd(x, residual, slope, eps);
  // Should a graph need the old values after all, its backward pass refuses instead of computing with the new ones.
  x.unsafeGetTensorImpl()->bump_version();
  const at::Tensor y = x.detach();
  auto [mean, rstd] = statisticsOf(y, eps);
  normaliseInto(y, y, residual.has_value() ? residual->contiguous(denseFormat(y)) : at::Tensor(), mean, rstd, slope);
  return y;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(pix2pixhd, library) {
  library.def("instance_norm(Tensor input, Tensor? residual, float slope, float eps) -> Tensor");
  library.def("instance_norm_owned(Tensor input, Tensor? residual, float slope, float eps) -> Tensor");
  library.def("instance_norm_by_batch_norm(Tensor input, Tensor? residual, float slope, float eps) -> Tensor");
  library.def("instance_norm_plain(Tensor input, Tensor? residual, float slope, float eps) -> Tensor");
}
TORCH_LIBRARY_IMPL(pix2pixhd, CompositeImplicitAutograd, library) {
  library.impl("instance_norm", instanceNormAutograd);
  library.impl("instance_norm_owned", instanceNormOwned);
  library.impl("instance_norm_by_batch_norm", byBatchNorm);
  library.impl("instance_norm_plain", plain);
}

}  // namespace p2p
