// What the kernels demand of their arguments before they read memory. Each refusal names the operator and the argument.
// Depends on libtorch's tensors.
#pragma once

#include <ATen/ATen.h>

#include <limits>

#include "../compat.h"

namespace p2p {

/** Elements in memory as they are: not sparse, no view that negates, no zeros that are nowhere. */
inline void checkPlain(const char* op, const char* name, const at::Tensor& x) {
  TORCH_CHECK(x.layout() == at::kStrided && !x.is_neg() && !x.is_conj() && !x._is_zerotensor(), op, ": the ", name,
              " must hold its elements in memory, found layout ", x.layout());
}

/** The dtype and device of what it is computed with. */
inline void checkSameKind(const char* op, const char* name, const at::Tensor& x, const char* likeName, const at::Tensor& like) {
  TORCH_CHECK(x.scalar_type() == like.scalar_type() && x.device() == like.device(), op, ": the ", name, "'s dtype or device (", x.scalar_type(),
              ", ", x.device(), ") differs from the ", likeName, "'s (", like.scalar_type(), ", ", like.device(), ")");
}

inline void checkFloating(const char* op, const char* name, const at::Tensor& x) {
  TORCH_CHECK(at::isFloatingType(x.scalar_type()), op, ": the ", name, " must be of a floating dtype, found ", x.scalar_type());
}

/** A number in a range, for what is multiplied or divided by. */
inline void checkBetween(const char* op, const char* name, int64_t value, int64_t least, int64_t most = std::numeric_limits<int32_t>::max()) {
  TORCH_CHECK(value >= least && value <= most, op, ": expected a ", name, " from ", least, " to ", most, ", found ", value);
}

/**
 * The factors of a convolution, transposed or not, of groups 1.
 * @param inputAxis axis of the weight that holds the input's channels: 1, or 0 where transposed.
 */
inline void checkConvolution(const char* op, const at::Tensor& x, const at::Tensor& w, const Optional<at::Tensor>& bias, int64_t inputAxis,
                             int64_t stride, int64_t padding) {
  checkPlain(op, "input", x);
  checkPlain(op, "weight", w);
  TORCH_CHECK(x.dim() == 4 && w.dim() == 4, op, ": expected (N, C, H, W) and a weight of 4 axes, found ", x.sizes(), " and ", w.sizes());
  TORCH_CHECK(x.size(1) == w.size(inputAxis), op, ": the input has ", x.size(1), " channels, the weight expects ", w.size(inputAxis));
  TORCH_CHECK(w.numel() > 0, op, ": the weight is empty: ", w.sizes());
  TORCH_CHECK(x.size(2) > 0 && x.size(3) > 0, op, ": the input has no pixels: ", x.sizes());
  checkFloating(op, "input", x);
  checkSameKind(op, "weight", w, "input", x);
  checkBetween(op, "stride", stride, 1);
  checkBetween(op, "padding", padding, 0);
  if (!bias.has_value()) return;
  checkPlain(op, "bias", *bias);
  const int64_t outputs = w.size(1 - inputAxis);
  TORCH_CHECK(bias->dim() == 1 && bias->size(0) == outputs, op, ": expected a bias of ", outputs, " numbers, found ", bias->sizes());
  checkSameKind(op, "bias", *bias, "input", x);
}

/** That a kernel without padding outside the image finds a place in it. */
inline void checkKernelFits(const char* op, const at::Tensor& x, const at::Tensor& w, int64_t padding) {
  TORCH_CHECK(x.size(2) + 2 * padding >= w.size(2) && x.size(3) + 2 * padding >= w.size(3), op, ": the kernel of ", w.size(2), "x", w.size(3),
              " is larger than the input of ", x.size(2), "x", x.size(3), " (height x width), padding included");
}

}  // namespace p2p
