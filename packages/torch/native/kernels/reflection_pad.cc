// Reflection padding by the same width on all sides, in either memory order and in bfloat16 (which libtorch 1.13 lacks).
//
//   y[i, j] = x[reflect(i - pad, H), reflect(j - pad, W)]     dx = the sum of dy over the places that read x
//
// Off the CPU: copies and sums of borders. libtorch's operator there knows planes only, and its gradient adds in any order.

#include "arguments.h"
#include "elements.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "../meta.h"

namespace p2p {
namespace {

int64_t reflect(int64_t i, int64_t size) {
  if (i < 0) return -i;
  return i < size ? i : 2 * (size - 1) - i;
}

// One image or plane is H rows of W cells of `cell` elements: C in channels-last, 1 in planes.
struct Geometry {
  int64_t batch, height, width, cell;
};

Geometry geometryOf(const at::Tensor& x) {
  if (isChannelsLast(x)) return {x.size(0), x.size(2), x.size(3), x.size(1)};
  return {x.size(0) * x.size(1), x.size(2), x.size(3), 1};
}

at::Tensor forwardCpu(const at::Tensor& x, int64_t pad) {
  const Geometry g = geometryOf(x);
  at::Tensor y = at::empty({x.size(0), x.size(1), x.size(2) + 2 * pad, x.size(3) + 2 * pad}, x.options().memory_format(denseFormat(x)));
  if (x.is_meta()) return y;
  const int64_t size = x.element_size() * g.cell, outHeight = g.height + 2 * pad, outWidth = g.width + 2 * pad;
  const char* from = static_cast<const char*>(x.data_ptr());
  char* to = static_cast<char*>(y.data_ptr());
  at::parallel_for(0, g.batch * outHeight, 8, [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; row++) {
      const int64_t image = row / outHeight, i = row % outHeight;
      const char* in = from + (image * g.height + reflect(i - pad, g.height)) * g.width * size;
      char* out = to + row * outWidth * size;
      std::memcpy(out + pad * size, in, g.width * size);
      for (int64_t k = 1; k <= pad; k++) {
        std::memcpy(out + (pad - k) * size, in + k * size, size);
        std::memcpy(out + (pad + g.width - 1 + k) * size, in + (g.width - 1 - k) * size, size);
      }
    }
  });
  return y;
}

at::Tensor backwardCpu(const at::Tensor& gradient, at::IntArrayRef inputSizes, at::MemoryFormat format, int64_t pad) {
  const at::Tensor dy = gradient.contiguous(format);
  at::Tensor dx = at::empty(inputSizes, dy.options().memory_format(format));
  if (dx.is_meta()) return dx;
  const Geometry g = format == at::MemoryFormat::ChannelsLast ? Geometry{inputSizes[0], inputSizes[2], inputSizes[3], inputSizes[1]}
                                                              : Geometry{inputSizes[0] * inputSizes[1], inputSizes[2], inputSizes[3], 1};
  dispatchElement(dy.scalar_type(), "reflection_pad2d", [&](auto element) {
    using E = decltype(element);
    using C = typename E::Compute;
    const int64_t outHeight = g.height + 2 * pad, outWidth = g.width + 2 * pad, rowSize = g.width * g.cell;
    const auto* from = dataOf<E>(dy);
    auto* to = dataOf<E>(dx);
    at::parallel_for(0, g.batch * g.height, 8, [&](int64_t first, int64_t last) {
      std::vector<C> sum(rowSize);
      for (int64_t row = first; row < last; row++) {
        const int64_t image = row / g.height, i = row % g.height;
        // The padded rows that show row i: itself, and its mirror images above and below.
        int64_t sources[3] = {i + pad, -1, -1};
        if (i >= 1 && i <= pad) sources[1] = pad - i;
        if (i <= g.height - 2 && i >= g.height - 1 - pad) sources[2] = pad + 2 * (g.height - 1) - i;
        bool started = false;
        for (int64_t source : sources) {
          if (source < 0) continue;
          const auto* __restrict in = from + (image * outHeight + source) * outWidth * g.cell;
          const auto* __restrict middle = in + pad * g.cell;
          C* __restrict s = sum.data();
          if (started) {
            for (int64_t e = 0; e < rowSize; e++) s[e] += E::load(middle[e]);
          } else {
            for (int64_t e = 0; e < rowSize; e++) s[e] = E::load(middle[e]);
            started = true;
          }
          for (int64_t k = 1; k <= pad; k++) {
            const auto* left = in + (pad - k) * g.cell;
            const auto* right = in + (pad + g.width - 1 + k) * g.cell;
            for (int64_t c = 0; c < g.cell; c++) s[k * g.cell + c] += E::load(left[c]);
            for (int64_t c = 0; c < g.cell; c++) s[(g.width - 1 - k) * g.cell + c] += E::load(right[c]);
          }
        }
        auto* __restrict out = to + row * rowSize;
        for (int64_t e = 0; e < rowSize; e++) out[e] = E::store(sum[e]);
      }
    });
  });
  return dx;
}

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

struct ReflectionPadFunction : torch::autograd::Function<ReflectionPadFunction> {
  static Variable forward(AutogradContext* ctx, const Variable& input, int64_t pad) {
    at::AutoDispatchBelowADInplaceOrView guard;
    const at::MemoryFormat format = denseFormat(input);
    ctx->saved_data["sizes"] = input.sizes().vec();
    ctx->saved_data["format"] = static_cast<int64_t>(format);
    ctx->saved_data["pad"] = pad;
    return forwardCpu(input.contiguous(format), pad);
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const auto sizes = ctx->saved_data["sizes"].toIntVector();
    const auto format = static_cast<at::MemoryFormat>(ctx->saved_data["format"].toInt());
    return {backwardCpu(gradients[0], sizes, format, ctx->saved_data["pad"].toInt()), Variable()};
  }
};

at::Tensor mirrored(const at::Tensor& border, int64_t axis) { return border.size(axis) > 1 ? border.flip({axis}) : border; }

// Rows first, over the image's own columns; then columns, over all rows.
at::Tensor forwardBySlices(const at::Tensor& x, int64_t pad) {
  const at::Tensor y = at::empty({x.size(0), x.size(1), x.size(2) + 2 * pad, x.size(3) + 2 * pad}, x.options().memory_format(denseFormat(x)));
  const at::Tensor middle = y.narrow(3, pad, x.size(3));
  middle.narrow(2, pad, x.size(2)).copy_(x);
  if (pad == 0) return y;
  for (const auto& [part, axis] : {std::pair{middle, 2}, std::pair{y, 3}}) {
    const int64_t size = x.size(axis);
    part.narrow(axis, 0, pad).copy_(mirrored(part.narrow(axis, pad + 1, pad), axis));
    part.narrow(axis, pad + size, pad).copy_(mirrored(part.narrow(axis, size - 1, pad), axis));
  }
  return y;
}

at::Tensor backwardBySlices(const at::Tensor& gradient, at::IntArrayRef inputSizes, at::MemoryFormat format, int64_t pad) {
  at::Tensor sum = gradient;
  for (const int64_t axis : {3, 2}) {
    const int64_t size = inputSizes[axis];
    const at::Tensor inner = sum.narrow(axis, pad, size).clone(format);
    if (pad > 0) {
      inner.narrow(axis, 1, pad).add_(mirrored(sum.narrow(axis, 0, pad), axis));
      inner.narrow(axis, size - 1 - pad, pad).add_(mirrored(sum.narrow(axis, pad + size, pad), axis));
    }
    sum = inner;
  }
  return sum;
}

struct SlicedReflectionPadFunction : torch::autograd::Function<SlicedReflectionPadFunction> {
  static Variable forward(AutogradContext* ctx, const Variable& input, int64_t pad) {
    at::AutoDispatchBelowADInplaceOrView guard;
    ctx->saved_data["sizes"] = input.sizes().vec();
    ctx->saved_data["format"] = static_cast<int64_t>(denseFormat(input));
    ctx->saved_data["pad"] = pad;
    return forwardBySlices(input, pad);
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const auto sizes = ctx->saved_data["sizes"].toIntVector();
    const auto format = static_cast<at::MemoryFormat>(ctx->saved_data["format"].toInt());
    return {backwardBySlices(gradients[0], sizes, format, ctx->saved_data["pad"].toInt()), Variable()};
  }
};

void check(const at::Tensor& x, int64_t pad) {
  checkPlain("reflection_pad2d", "input", x);
  TORCH_CHECK(x.dim() == 4, "reflection_pad2d: expected (N, C, H, W), found ", x.sizes());
  TORCH_CHECK(pad >= 0 && x.size(2) > pad && x.size(3) > pad, "reflection_pad2d: padding ", pad,
              " needs an image larger than that on both sides, found ", x.size(3), "x", x.size(2), " (width x height)");
}

at::Tensor bySlices(const at::Tensor& x, int64_t pad) {
  check(x, pad);
  return SlicedReflectionPadFunction::apply(x, pad);
}

at::Tensor reflectionPad(const at::Tensor& x, int64_t pad) {
  check(x, pad);
  return isOurs(x) ? ReflectionPadFunction::apply(x, pad) : SlicedReflectionPadFunction::apply(x, pad);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(pix2pixhd, library) {
  library.def("reflection_pad2d(Tensor input, int pad) -> Tensor");
  library.def("reflection_pad2d_by_slices(Tensor input, int pad) -> Tensor");
}
TORCH_LIBRARY_IMPL(pix2pixhd, CompositeImplicitAutograd, library) {
  library.impl("reflection_pad2d", reflectionPad);
  library.impl("reflection_pad2d_by_slices", bySlices);
}

}  // namespace p2p
