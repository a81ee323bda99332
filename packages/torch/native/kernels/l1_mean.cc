// Mean absolute difference in one pass each way, summed in double whatever the element type.
//
//   y = mean |a - b|,   da = dy sign(a - b) / n        b is a constant: it gets no gradient
//
// libtorch would round a bfloat16 difference and a bfloat16 mean, and make four passes. Off the CPU: plain operators.

#include "arguments.h"
#include "elements.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "../meta.h"

namespace p2p {
namespace {

constexpr int64_t kBlock = 4096;

// Free functions, not lambdas: what a lambda captures by reference might be what it writes, and nothing would be vectorised.

/** Sum of |x - y|. */
template <typename E, typename C = typename E::Compute>
C sumOfDistances(const typename E::Storage* __restrict x, const typename E::Storage* __restrict y, int64_t count) {
  // Sixteen running sums: a single one would forbid vector instructions.
  C sums[16] = {};
  int64_t i = 0;
  for (; i + 16 <= count; i += 16)
    for (int k = 0; k < 16; k++) sums[k] += std::abs(E::load(x[i + k]) - E::load(y[i + k]));
  for (; i < count; i++) sums[0] += std::abs(E::load(x[i]) - E::load(y[i]));
  C sum = 0;
  for (C s : sums) sum += s;
  return sum;
}

/** out = step * sign(x - y). */
template <typename E, typename S = typename E::Storage>
void stepBySign(const S* __restrict x, const S* __restrict y, S* __restrict out, int64_t count, typename E::Compute step) {
  const S plus = E::store(step), minus = E::store(-step), zero = E::store(0);
  for (int64_t i = 0; i < count; i++) {
    const auto a = E::load(x[i]), b = E::load(y[i]);
    out[i] = a > b ? plus : a < b ? minus : zero;
  }
}

at::Tensor forwardCpu(const at::Tensor& a, const at::Tensor& b) {
  const int64_t count = a.numel(), blocks = (count + kBlock - 1) / kBlock;
  const auto resultType = a.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  if (a.is_meta()) return at::empty({}, a.options().dtype(resultType));
  double total = 0;
  dispatchElement(a.scalar_type(), "l1_mean", [&](auto element) {
    using E = decltype(element);
    std::vector<typename E::Compute> partial(blocks);
    at::parallel_for(0, blocks, 4, [&](int64_t first, int64_t last) {
      for (int64_t block = first; block < last; block++) {
        const int64_t start = block * kBlock;
        partial[block] = sumOfDistances<E>(dataOf<E>(a) + start, dataOf<E>(b) + start, std::min(count - start, kBlock));
      }
    });
    for (const auto sum : partial) total += sum;
  });
  return at::full({}, total / count, a.options().dtype(resultType));
}

at::Tensor backwardCpu(const at::Tensor& upstream, const at::Tensor& a, const at::Tensor& b) {
  at::Tensor da = at::empty_like(a);
  if (a.is_meta()) return da;
  const double step = upstream.item<double>() / a.numel();
  dispatchElement(a.scalar_type(), "l1_mean", [&](auto element) {
    using E = decltype(element);
    at::parallel_for(0, a.numel(), kBlock, [&](int64_t first, int64_t last) {
      stepBySign<E>(dataOf<E>(a) + first, dataOf<E>(b) + first, dataOf<E>(da) + first, last - first, static_cast<typename E::Compute>(step));
    });
  });
  return da;
}

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

struct L1MeanFunction : torch::autograd::Function<L1MeanFunction> {
  static Variable forward(AutogradContext* ctx, const Variable& a, const Variable& b) {
    at::AutoDispatchBelowADInplaceOrView guard;
    const at::MemoryFormat format = a.dim() == 4 ? denseFormat(a) : at::MemoryFormat::Contiguous;
    const at::Tensor x = a.contiguous(format), y = b.contiguous(format);
    ctx->save_for_backward({x, y});
    return forwardCpu(x, y);
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const auto saved = ctx->get_saved_variables();
    return {backwardCpu(gradients[0], saved[0], saved[1]), Variable()};
  }
};

at::Tensor l1Mean(const at::Tensor& a, const at::Tensor& b) {
  TORCH_CHECK(a.sizes() == b.sizes() && a.scalar_type() == b.scalar_type(), "l1_mean: expected two tensors of one shape and type, found ",
              a.sizes(), " ", a.scalar_type(), " and ", b.sizes(), " ", b.scalar_type());
  TORCH_CHECK(a.device() == b.device(), "l1_mean: expected two tensors on one device, found ", a.device(), " and ", b.device());
  checkPlain("l1_mean", "first tensor", a);
  checkPlain("l1_mean", "second tensor", b);
  TORCH_CHECK(!b.requires_grad(), "l1_mean: the second tensor is a constant; detach it");
  if (!isOurs(a)) {
    const auto wide = a.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    return at::l1_loss(a.to(wide), b.to(wide));
  }
  return L1MeanFunction::apply(a, b);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(pix2pixhd, library) { library.def("l1_mean(Tensor input, Tensor target) -> Tensor"); }
TORCH_LIBRARY_IMPL(pix2pixhd, CompositeImplicitAutograd, library) { library.impl("l1_mean", l1Mean); }

}  // namespace p2p
