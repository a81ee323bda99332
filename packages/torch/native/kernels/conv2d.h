// The convolution of conv2d.cc, for kernels that leave to it what is not theirs. Depends on libtorch's tensors.
#pragma once

#include <ATen/ATen.h>

#include "../compat.h"

namespace p2p {

/** PyTorch's convolution, groups 1, dilation 1; differentiable. */
at::Tensor conv2d(const at::Tensor& x, const at::Tensor& w, const Optional<at::Tensor>& bias, int64_t stride, int64_t padding);

}  // namespace p2p
