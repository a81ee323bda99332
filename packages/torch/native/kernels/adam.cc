// One Adam update in one pass over memory, with the arithmetic and the order of PyTorch's torch.optim.Adam:
//
//   m = b1 m + (1 - b1) g,   v = b2 v + (1 - b2) g g,   p -= lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps)
//
// The gradient of a float32 parameter may be bfloat16; `bf16_copy`, when given, receives the new weights in bfloat16, which the next forward pass
// reads. All tensors have the same shape and the same dense memory order. Off the CPU, and in other types
// than float32 and float64: plain operators.

#include "arguments.h"
#include "elements.h"

#include <ATen/MemoryOverlap.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <cmath>

#include "../compat.h"

namespace p2p {
namespace {

struct Factors {
  double beta1, beta2, eps, stepSize, rootCorrection2;
};

// The same in the type of the arithmetic. By value: a reference might be to what is written, and nothing would be vectorised.
template <typename C>
struct Constants {
  C b1, b2, c1, c2, eps, step, root;
};

// How many elements are updated before they are rounded into the bf16_copy: few enough to be in the cache still.
constexpr int64_t kBlock = 2048;

template <typename P, typename G, typename C = typename P::Compute>
void updateRange(C* __restrict p, C* __restrict m, C* __restrict v, const typename G::Storage* __restrict g, uint16_t* __restrict bf16_copy,
                 int64_t count, const Constants<C> k) {
  for (int64_t start = 0; start < count; start += kBlock) {
    const int64_t end = std::min(start + kBlock, count);
    for (int64_t i = start; i < end; i++) {
      const C grad = static_cast<C>(G::load(g[i]));
      m[i] = m[i] * k.b1 + k.c1 * grad;
      v[i] = v[i] * k.b2 + k.c2 * grad * grad;
      p[i] += k.step * (m[i] / (std::sqrt(v[i]) / k.root + k.eps));
    }
    if (bf16_copy != nullptr)
      for (int64_t i = start; i < end; i++) bf16_copy[i] = Element<at::BFloat16>::store(static_cast<float>(p[i]));
  }
}

template <typename P, typename G>
void updateCpu(const at::Tensor& param, const at::Tensor& m, const at::Tensor& v, const at::Tensor& grad, const Optional<at::Tensor>& bf16_copy,
               const Factors& f) {
  using C = typename P::Compute;
  const Constants<C> k{static_cast<C>(f.beta1), static_cast<C>(f.beta2), static_cast<C>(1 - f.beta1),          static_cast<C>(1 - f.beta2),
                       static_cast<C>(f.eps),   static_cast<C>(-f.stepSize), static_cast<C>(f.rootCorrection2)};
  uint16_t* const s = bf16_copy.has_value() ? dataOf<Element<at::BFloat16>>(*bf16_copy) : nullptr;
  at::parallel_for(0, param.numel(), 1 << 14, [&](int64_t first, int64_t last) {
    updateRange<P, G>(dataOf<P>(param) + first, dataOf<P>(m) + first, dataOf<P>(v) + first, dataOf<G>(grad) + first,
                      s == nullptr ? nullptr : s + first, last - first, k);
  });
}

void adamStep(at::Tensor param, at::Tensor m, at::Tensor v, const at::Tensor& gradient, Optional<at::Tensor> bf16_copy, double lr, double beta1,
              double beta2, double eps, int64_t step) {
  at::NoGradGuard noGrad;
  const std::pair<const char*, at::Tensor> written[] = {{"parameter", param}, {"first moment", m}, {"second moment", v}, {"bf16_copy", bf16_copy.value_or(at::Tensor())}};
  checkPlain("adam_step", "gradient", gradient);
  for (const auto& [name, tensor] : written) {
    if (!tensor.defined()) continue;
    checkPlain("adam_step", name, tensor);
    checkFloating("adam_step", name, tensor);
    TORCH_CHECK(tensor.device() == param.device() && gradient.device() == param.device(), "adam_step: the ", name, " (", tensor.device(),
                "), the gradient (", gradient.device(), ") and the parameter (", param.device(), ") must be on one device");
    if (param.device().is_meta()) continue;
    at::assert_no_internal_overlap(tensor);
    at::assert_no_overlap(tensor, gradient);
    for (const auto& [otherName, other] : written)
      if (other.defined() && otherName != name) at::assert_no_overlap(tensor, other);
  }
  checkBetween("adam_step", "step", step, 1, std::numeric_limits<int64_t>::max());
  checkFloating("adam_step", "gradient", gradient);
  const auto shaped = [&](const at::Tensor& other) { return other.sizes() == param.sizes(); };
  TORCH_CHECK(shaped(m) && shaped(v) && shaped(gradient) && (!bf16_copy.has_value() || shaped(*bf16_copy)),
              "adam_step: the gradient (", gradient.sizes(), "), a moment or the bf16_copy has another shape than the parameter (",
              param.sizes(), ")");
  TORCH_CHECK(m.scalar_type() == param.scalar_type() && v.scalar_type() == param.scalar_type(), "adam_step: the moments have another dtype than ",
              param.scalar_type(), ", the parameter's");
  TORCH_CHECK(!bf16_copy.has_value() || bf16_copy->scalar_type() == at::kBFloat16, "adam_step: the bf16_copy is not bfloat16");
  const double correction1 = 1 - std::pow(beta1, step), correction2 = 1 - std::pow(beta2, step);
  const Factors f{beta1, beta2, eps, lr / correction1, std::sqrt(correction2)};
  // Other types than those of the loops below: as PyTorch computes them, rounded after every operator.
  const bool known = param.scalar_type() == at::kFloat || param.scalar_type() == at::kDouble;
  if (!param.is_cpu() || !known) {
    const at::Tensor g = gradient.to(param.scalar_type());
    m.mul_(beta1).add_(g, 1 - beta1);
    v.mul_(beta2).addcmul_(g, g, 1 - beta2);
    param.addcdiv_(m, (v.sqrt() / f.rootCorrection2).add_(eps), -f.stepSize);
    if (bf16_copy.has_value()) bf16_copy->copy_(param);
    return;
  }
  TORCH_CHECK(param.is_non_overlapping_and_dense() && m.strides() == param.strides() && v.strides() == param.strides(),
              "adam_step: parameter and moments must share one dense memory order");
  TORCH_CHECK(!bf16_copy.has_value() || bf16_copy->strides() == param.strides(), "adam_step: the bf16_copy's memory order differs");
  // They are written to behind autograd's back: a graph that has saved one must notice.
  for (const auto& [name, tensor] : written)
    if (tensor.defined()) tensor.unsafeGetTensorImpl()->bump_version();
  at::Tensor grad = gradient;
  if (grad.strides() != param.strides()) grad = at::empty_like(param, param.options().dtype(gradient.scalar_type())).copy_(gradient);
  if (param.scalar_type() == at::kDouble) {
    TORCH_CHECK(grad.scalar_type() == at::kDouble, "adam_step: a float64 parameter needs a float64 gradient");
    updateCpu<Element<double>, Element<double>>(param, m, v, grad, bf16_copy, f);
  } else if (grad.scalar_type() == at::kBFloat16) {
    updateCpu<Element<float>, Element<at::BFloat16>>(param, m, v, grad, bf16_copy, f);
  } else {
    TORCH_CHECK(grad.scalar_type() == at::kFloat, "adam_step: a float32 parameter needs a gradient in float32 or bfloat16, found ",
                grad.scalar_type());
    updateCpu<Element<float>, Element<float>>(param, m, v, grad, bf16_copy, f);
  }
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(pix2pixhd, library) {
  library.def(
      "adam_step(Tensor(a!) param, Tensor(b!) exp_avg, Tensor(c!) exp_avg_sq, Tensor grad, Tensor(d!)? bf16_copy, float lr, float beta1, "
      "float beta2, float eps, int step) -> ()");
}
TORCH_LIBRARY_IMPL(pix2pixhd, CompositeImplicitAutograd, library) { library.impl("adam_step", adamStep); }

}  // namespace p2p
