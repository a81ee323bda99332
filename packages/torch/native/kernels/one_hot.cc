// One-hot classes and, behind them, the boundary map: what a network is conditioned on, written once in its own type and
// order.
//
//   y[n, c, p] = 1 if label[n, p] = c else 0,   y[n, C, p] = boundary[n, p]
//
// A scatter needs the labels as 64-bit integers and a second pass to bring planes into order. Labels outside 0...C-1 set no
// channel. Off the CPU: plain operators.

#include "arguments.h"
#include "elements.h"

#include <ATen/Parallel.h>
#include <torch/library.h>

#include "../compat.h"

namespace p2p {
namespace {

template <typename E>
void fillPixels(const int32_t* label, const uint8_t* boundary, int64_t classes, int64_t pixels, at::Tensor& y) {
  const int64_t channels = y.size(1);
  auto* out = dataOf<E>(y);
  const auto one = E::store(1);
  at::parallel_for(0, pixels, 1024, [&](int64_t first, int64_t last) {
    std::memset(out + first * channels, 0, (last - first) * channels * sizeof(*out));
    for (int64_t p = first; p < last; p++) {
      if (label[p] >= 0 && label[p] < classes) out[p * channels + label[p]] = one;
      if (boundary != nullptr) out[p * channels + classes] = E::store(boundary[p]);
    }
  });
}

template <typename E>
void fillPlane(const int32_t* __restrict label, int32_t wanted, int64_t pixels, typename E::Storage* __restrict out) {
  const auto one = E::store(1), zero = E::store(0);
  for (int64_t p = 0; p < pixels; p++) out[p] = label[p] == wanted ? one : zero;
}

template <typename E>
void fillPlanes(const int32_t* label, const uint8_t* boundary, int64_t classes, int64_t pixels, at::Tensor& y) {
  const int64_t channels = y.size(1);
  auto* out = dataOf<E>(y);
  at::parallel_for(0, y.size(0) * channels, 1, [&](int64_t first, int64_t last) {
    for (int64_t plane = first; plane < last; plane++) {
      const int64_t image = plane / channels * pixels, channel = plane % channels;
      auto* to = out + plane * pixels;
      if (channel < classes) fillPlane<E>(label + image, static_cast<int32_t>(channel), pixels, to);
      else
        for (int64_t p = 0; p < pixels; p++) to[p] = E::store(boundary[image + p]);
    }
  });
}

at::Tensor plain(const at::Tensor& label, const Optional<at::Tensor>& boundary, int64_t classes, at::ScalarType type, at::MemoryFormat format) {
  const at::Tensor ids = at::arange(classes, label.options()).view({1, -1, 1, 1});
  at::Tensor y = (label == ids).to(type);
  if (boundary.has_value()) y = at::cat({y, boundary->to(type)}, 1);
  return y.contiguous(format);
}

at::Tensor oneHot(const at::Tensor& label, const Optional<at::Tensor>& boundary, int64_t classes, at::ScalarType type,
                  at::MemoryFormat format) {
  checkPlain("one_hot", "label map", label);
  if (boundary.has_value()) checkPlain("one_hot", "boundary map", *boundary);
  TORCH_CHECK(label.dim() == 4 && label.size(1) == 1 && label.scalar_type() == at::kInt, "one_hot: expected labels (N, 1, H, W) of int32, found ",
              label.sizes(), " of ", label.scalar_type());
  TORCH_CHECK(!boundary.has_value() || (boundary->sizes() == label.sizes() && boundary->scalar_type() == at::kByte && boundary->device() == label.device()),
              "one_hot: expected a boundary map of uint8 and the labels' shape and device");
  checkBetween("one_hot", "number of classes", classes, 1);
  TORCH_CHECK(format == at::MemoryFormat::Contiguous || format == at::MemoryFormat::ChannelsLast, "one_hot: memory order ", format);
  if (!label.is_cpu()) return plain(label, boundary, classes, type, format);
  const at::Tensor ids = label.contiguous(), edge = boundary.has_value() ? boundary->contiguous() : at::Tensor();
  const int64_t channels = classes + (boundary.has_value() ? 1 : 0);
  at::Tensor y = at::empty({label.size(0), channels, label.size(2), label.size(3)}, label.options().dtype(type).memory_format(format));
  const auto* from = static_cast<const int32_t*>(ids.data_ptr());
  const auto* edges = edge.defined() ? static_cast<const uint8_t*>(edge.data_ptr()) : nullptr;
  dispatchElement(type, "one_hot", [&](auto element) {
    using E = decltype(element);
    if (format == at::MemoryFormat::ChannelsLast) fillPixels<E>(from, edges, classes, label.numel(), y);
    else fillPlanes<E>(from, edges, classes, label.size(2) * label.size(3), y);
  });
  return y;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(pix2pixhd, library) {
  library.def("one_hot(Tensor label, Tensor? boundary, int classes, ScalarType dtype, MemoryFormat memory_format) -> Tensor");
}
TORCH_LIBRARY_IMPL(pix2pixhd, CompositeExplicitAutograd, library) { library.impl("one_hot", oneHot); }

}  // namespace p2p
