// Instance norm, then a leaky ReLU or a residual sum, by libtorch's batch norm: what computes it off the CPU; instance_norm.cc has
// the formula. Depends on libtorch's operators and autograd.
#pragma once

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <vector>

#include "../compat.h"
#include "elements.h"

namespace p2p {

// Batch norm over one image is its instance norm. Its kernels read bfloat16 and either memory order and sum in float. Planes of
// several images are those of one image with more channels; in channels-last the images go one by one.
inline std::vector<at::Tensor> asSingleImages(const at::Tensor& x) {
  if (x.size(0) == 1) return {x};
  if (!isChannelsLast(x)) return {x.view({1, x.size(0) * x.size(1), x.size(2), x.size(3)})};
  std::vector<at::Tensor> images;
  for (int64_t n = 0; n < x.size(0); n++) images.push_back(x.narrow(0, n, 1));
  return images;
}

inline at::Tensor asBatch(const std::vector<at::Tensor>& images, const at::Tensor& like) {
  const at::Tensor joined = images.size() == 1 ? images[0] : at::cat(images, 0);
  return joined.contiguous(denseFormat(like)).view(like.sizes());
}

struct BatchNormFunction : torch::autograd::Function<BatchNormFunction> {
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& input, const Optional<at::Tensor>& residual, double slope, double eps) {
    at::AutoDispatchBelowADInplaceOrView guard;
    const at::Tensor x = input.contiguous(denseFormat(input));
    std::vector<at::Tensor> normalised, saved{x, at::Tensor()};
    for (const at::Tensor& image : asSingleImages(x)) {
      auto [y, mean, rstd] = at::native_batch_norm(image, {}, {}, {}, {}, true, 0.0, eps);
      normalised.push_back(std::move(y));
      saved.push_back(std::move(mean));
      saved.push_back(std::move(rstd));
    }
    at::Tensor y = asBatch(normalised, x);
    if (residual.has_value()) y.add_(*residual);
    if (slope == 0.0) y.relu_();
    else if (slope != 1.0) at::leaky_relu_(y, slope);
    if (slope != 1.0) saved[1] = y;
    ctx->save_for_backward(std::move(saved));
    ctx->saved_data["slope"] = slope;
    ctx->saved_data["eps"] = eps;
    ctx->saved_data["residual"] = residual.has_value();
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx, torch::autograd::variable_list gradients) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &x = saved[0], &y = saved[1];
    const double slope = ctx->saved_data["slope"].toDouble();
    at::Tensor dx;
    if (ctx->needs_input_grad(0)) {
      at::Tensor g = gradients[0].contiguous(denseFormat(x));
      if (slope == 0.0) g = at::threshold_backward(g, y, 0);
      else if (slope != 1.0) g = at::leaky_relu_backward(g, y, slope, true);
      const std::vector<at::Tensor> images = asSingleImages(x), outputs = asSingleImages(g.contiguous(denseFormat(x)));
      std::vector<at::Tensor> parts;
      for (size_t i = 0; i < images.size(); i++)
        parts.push_back(std::get<0>(at::native_batch_norm_backward(outputs[i], images[i], {}, {}, {}, saved[2 + 2 * i], saved[3 + 2 * i], true,
                                                                   ctx->saved_data["eps"].toDouble(), {true, false, false})));
      dx = asBatch(parts, x);
    }
    return {dx, ctx->saved_data["residual"].toBool() ? gradients[0] : at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace p2p
