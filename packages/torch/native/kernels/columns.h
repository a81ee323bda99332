// Convolutions as products of matrices. Depends on libtorch's tensors.
#pragma once

#include <ATen/ATen.h>

#include "../compat.h"

namespace p2p {

/** How a square convolution goes over its input. */
struct Geometry {
  int64_t stride, padding;
};

/** Whether a convolution's factors are such that libtorch multiplies matrices of them in oneDNN, or a test asks (float64). */
bool multipliesWell(const at::Tensor& x, const at::Tensor& weight);

/**
 * What the kernel sees of the input at every pixel of the output: (N H W, kH kW in). The input lies channels-last.
 * @param size height and width of the output.
 */
at::Tensor rowsUnderKernel(const at::Tensor& x, const at::Tensor& weight, at::IntArrayRef size, Geometry geometry);

/**
 * Gradient of a convolution's weight (out, in, kH, kW), in the memory order of `weight`, as one product of matrices:
 *
 *   dw[o, c, p, q] = sum over n, h, w of dy[n, o, h, w] * x[n, c, s h + p - padding, s w + q - padding]
 *
 * dy, x and weight are of one dtype and one dense memory order. Null where the library's own way is the faster one.
 */
Optional<at::Tensor> weightGradientByColumns(const at::Tensor& dy, const at::Tensor& x, const at::Tensor& weight, Geometry geometry);

}  // namespace p2p
