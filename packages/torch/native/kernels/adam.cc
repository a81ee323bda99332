// One Adam update in one pass over memory, with the arithmetic and the order of PyTorch's torch.optim.Adam:
//
//   m = b1 m + (1 - b1) g,   v = b2 v + (1 - b2) g g,   p -= lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps)
//
// The gradient may be bfloat16; `shadow`, when given, receives the new weights in bfloat16, which the next forward pass
// reads. All tensors have the same shape and the same dense memory order. Off the CPU: plain operators.

#include "elements.h"

#include <ATen/Parallel.h>
#include <torch/library.h>

#include <cmath>

#include "../compat.h"

namespace p2p {
namespace {

struct Factors {
  double beta1, beta2, eps, stepSize, rootCorrection2;
};

template <typename P, typename G>
void updateCpu(const at::Tensor& param, const at::Tensor& m, const at::Tensor& v, const at::Tensor& grad, const Optional<at::Tensor>& shadow,
               const Factors& f) {
  using C = typename P::Compute;
  C* p = dataOf<P>(param);
  C* ms = dataOf<P>(m);
  C* vs = dataOf<P>(v);
  const auto* g = dataOf<G>(grad);
  uint16_t* s = shadow.has_value() ? dataOf<Element<at::BFloat16>>(*shadow) : nullptr;
  const C b1 = f.beta1, b2 = f.beta2, c1 = 1 - f.beta1, c2 = 1 - f.beta2, eps = f.eps, step = -f.stepSize, root = f.rootCorrection2;
  at::parallel_for(0, param.numel(), 1 << 14, [&](int64_t first, int64_t last) {
    C* __restrict pp = p;
    C* __restrict mm = ms;
    C* __restrict vv = vs;
    const auto* __restrict gg = g;
    for (int64_t i = first; i < last; i++) {
      const C grad_i = static_cast<C>(G::load(gg[i]));
      mm[i] = mm[i] * b1 + c1 * grad_i;
      vv[i] = vv[i] * b2 + c2 * grad_i * grad_i;
      pp[i] += step * (mm[i] / (std::sqrt(vv[i]) / root + eps));
    }
    if (s != nullptr)
      for (int64_t i = first; i < last; i++) s[i] = Element<at::BFloat16>::store(static_cast<float>(p[i]));
  });
}

void adamStep(at::Tensor param, at::Tensor m, at::Tensor v, const at::Tensor& gradient, Optional<at::Tensor> shadow, double lr, double beta1,
              double beta2, double eps, int64_t step) {
  at::NoGradGuard noGrad;
  const auto shaped = [&](const at::Tensor& other) { return other.sizes() == param.sizes(); };
  TORCH_CHECK(shaped(m) && shaped(v) && shaped(gradient) && (!shadow.has_value() || shaped(*shadow)),
              "adam_step: the gradient (", gradient.sizes(), "), a moment or the shadow has another shape than the parameter (",
              param.sizes(), ")");
  TORCH_CHECK(m.scalar_type() == param.scalar_type() && v.scalar_type() == param.scalar_type(), "adam_step: the moments have another dtype than ",
              param.scalar_type(), ", the parameter's");
  TORCH_CHECK(!shadow.has_value() || shadow->scalar_type() == at::kBFloat16, "adam_step: the shadow is not bfloat16");
  const double correction1 = 1 - std::pow(beta1, step), correction2 = 1 - std::pow(beta2, step);
  const Factors f{beta1, beta2, eps, lr / correction1, std::sqrt(correction2)};
  if (!param.is_cpu()) {
    const at::Tensor g = gradient.to(param.scalar_type());
    m.mul_(beta1).add_(g, 1 - beta1);
    v.mul_(beta2).addcmul_(g, g, 1 - beta2);
    param.addcdiv_(m, (v.sqrt() / f.rootCorrection2).add_(eps), -f.stepSize);
    if (shadow.has_value()) shadow->copy_(param);
    return;
  }
  TORCH_CHECK(param.is_non_overlapping_and_dense() && m.strides() == param.strides() && v.strides() == param.strides(),
              "adam_step: parameter and moments must share one dense memory order");
  TORCH_CHECK(!shadow.has_value() || shadow->strides() == param.strides(), "adam_step: the shadow's memory order differs");
  at::Tensor grad = gradient;
  if (grad.strides() != param.strides()) grad = at::empty_like(param, param.options().dtype(gradient.scalar_type())).copy_(gradient);
  if (param.scalar_type() == at::kDouble) {
    TORCH_CHECK(grad.scalar_type() == at::kDouble, "adam_step: a float64 parameter needs a float64 gradient");
    updateCpu<Element<double>, Element<double>>(param, m, v, grad, shadow, f);
  } else if (grad.scalar_type() == at::kBFloat16) {
    updateCpu<Element<float>, Element<at::BFloat16>>(param, m, v, grad, shadow, f);
  } else {
    TORCH_CHECK(param.scalar_type() == at::kFloat && grad.scalar_type() == at::kFloat, "adam_step: expected float32, found ",
                param.scalar_type(), " with gradient ", grad.scalar_type());
    updateCpu<Element<float>, Element<float>>(param, m, v, grad, shadow, f);
  }
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(pix2pixhd, library) {
  library.def(
      "adam_step(Tensor(a!) param, Tensor(b!) exp_avg, Tensor(c!) exp_avg_sq, Tensor grad, Tensor(d!)? shadow, float lr, float beta1, "
      "float beta2, float eps, int step) -> ()");
}
TORCH_LIBRARY_IMPL(pix2pixhd, CompositeImplicitAutograd, library) { library.impl("adam_step", adamStep); }

}  // namespace p2p
