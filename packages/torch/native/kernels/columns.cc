// oneDNN's weight gradients are its slowest kernels: where there are few pixels and many channels they run at half the rate of
// its products of matrices, into which the same sum is written out here. Both factors lie with the pixels innermost,
//
//   dw (out, kernel x in) = dy^T (out, pixels)  .  columns^T (kernel x in, pixels)^T
//
// which is how the product reads them fastest. In float32 libtorch multiplies matrices outside oneDNN, and oneDNN's gradient is
// as fast as its product; so this is for bfloat16, and for the tests in float64.

#include "columns.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstring>

#include "elements.h"
#include "transpose.h"

namespace p2p {
namespace {

// Measured between 512 and 2448 pixels (docs/speed.md); with more, the columns take more memory than they save time.
constexpr int64_t kMostPixels = 4096;
constexpr int64_t kFewestChannels = 128;

int64_t divideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

/** Turns a matrix (rows, columns) into (columns, rows), in parallel. */
template <typename T>
void transposeParallel(const T* from, int64_t rows, int64_t columns, T* to) {
  constexpr int64_t kBand = 64;
  at::parallel_for(0, divideUp(columns, kBand), 1, [&](int64_t first, int64_t last) {
    const int64_t start = first * kBand, end = std::min(last * kBand, columns);
    transposeMatrix(from + start, rows, end - start, columns, to + start * rows, rows);
  });
}

/** (C, N, H, W) without gaps. */
at::Tensor channelsFirst(const at::Tensor& x) {
  const int64_t images = x.size(0), channels = x.size(1), pixels = x.size(2) * x.size(3);
  if (!isChannelsLast(x)) return x.transpose(0, 1).contiguous();
  at::Tensor planes = at::empty({channels, images, x.size(2), x.size(3)}, x.options().memory_format(at::MemoryFormat::Contiguous));
  dispatchElement(x.scalar_type(), "convolution", [&](auto element) {
    using E = decltype(element);
    transposeParallel(dataOf<E>(x), images * pixels, channels, dataOf<E>(planes));
  });
  return planes;
}

struct Columns {
  int64_t channels, images, height, width;   // of the input
  int64_t kernelHeight, kernelWidth, stride, padding;
  int64_t outHeight, outWidth;
};

/** One row of columns^T: what one tap of the kernel sees of one channel, at every pixel of the output. */
template <typename T>
void fillRow(const T* plane, const Columns& c, int64_t p, int64_t q, T* row) {
  // The outputs whose tap lies inside the image.
  const auto inside = [&](int64_t tap, int64_t size, int64_t outputs) {
    const int64_t first = std::max<int64_t>(0, divideUp(c.padding - tap, c.stride));
    const int64_t last = std::min(outputs, size - 1 + c.padding - tap < 0 ? 0 : (size - 1 + c.padding - tap) / c.stride + 1);
    return std::make_pair(std::min(first, last), last);
  };
  const auto [top, bottom] = inside(p, c.height, c.outHeight);
  const auto [left, right] = inside(q, c.width, c.outWidth);
  for (int64_t n = 0; n < c.images; n++, plane += c.height * c.width)
    for (int64_t h = 0; h < c.outHeight; h++, row += c.outWidth) {
      if (h < top || h >= bottom) {
        std::fill(row, row + c.outWidth, T{0});
        continue;
      }
      const T* const line = plane + (h * c.stride + p - c.padding) * c.width + q - c.padding;
      std::fill(row, row + left, T{0});
      if (c.stride == 1)
        std::memcpy(row + left, line + left, (right - left) * sizeof(T));
      else
        for (int64_t w = left; w < right; w++) row[w] = line[w * c.stride];
      std::fill(row + right, row + c.outWidth, T{0});
    }
}

/** columns^T: (kernel x in, N x H x W), rows in the memory order of a row of the weight. */
at::Tensor columnRows(const at::Tensor& x, const Columns& c, bool channelsInnermost) {
  const at::Tensor planes = channelsFirst(x);
  const int64_t taps = c.kernelHeight * c.kernelWidth, pixels = c.images * c.outHeight * c.outWidth;
  const at::Tensor rows = at::empty({taps * c.channels, pixels}, x.options().memory_format(at::MemoryFormat::Contiguous));
  dispatchElement(x.scalar_type(), "convolution", [&](auto element) {
    using E = decltype(element);
    at::parallel_for(0, rows.size(0), 1, [&](int64_t first, int64_t last) {
      for (int64_t r = first; r < last; r++) {
        const int64_t channel = channelsInnermost ? r % c.channels : r / taps, tap = channelsInnermost ? r / c.channels : r % taps;
        fillRow(dataOf<E>(planes) + channel * c.images * c.height * c.width, c, tap / c.kernelWidth, tap % c.kernelWidth,
                dataOf<E>(rows) + r * pixels);
      }
    });
  });
  return rows;
}

}  // namespace

bool multipliesWell(const at::Tensor& x, const at::Tensor& weight) {
  if (x.scalar_type() != weight.scalar_type() || weight.numel() == 0) return false;
  if (x.scalar_type() == at::kDouble) return true;
  return x.scalar_type() == at::kBFloat16 && weight.size(0) >= kFewestChannels && weight.size(1) >= kFewestChannels;
}

at::Tensor rowsUnderKernel(const at::Tensor& x, const at::Tensor& weight, at::IntArrayRef size, Geometry geometry) {
  const int64_t height = x.size(2), width = x.size(3), kernelWidth = weight.size(3), taps = weight.size(2) * kernelWidth;
  const int64_t outHeight = size[0], outWidth = size[1], pixelBytes = x.size(1) * x.element_size();
  const at::Tensor rows =
      at::empty({x.size(0) * outHeight * outWidth, taps * x.size(1)}, x.options().memory_format(at::MemoryFormat::Contiguous));
  const char* const from = static_cast<const char*>(x.data_ptr());
  char* const to = static_cast<char*>(rows.data_ptr());
  at::parallel_for(0, rows.size(0), 16, [&](int64_t first, int64_t last) {
    for (int64_t r = first; r < last; r++) {
      const int64_t n = r / (outHeight * outWidth), h = r / outWidth % outHeight, w = r % outWidth;
      for (int64_t tap = 0; tap < taps; tap++) {
        const int64_t y = h * geometry.stride + tap / kernelWidth - geometry.padding;
        const int64_t z = w * geometry.stride + tap % kernelWidth - geometry.padding;
        char* const place = to + (r * taps + tap) * pixelBytes;
        if (y < 0 || y >= height || z < 0 || z >= width)
          std::memset(place, 0, pixelBytes);
        else
          std::memcpy(place, from + ((n * height + y) * width + z) * pixelBytes, pixelBytes);
      }
    }
  });
  return rows;
}

Optional<at::Tensor> weightGradientByColumns(const at::Tensor& dy, const at::Tensor& x, const at::Tensor& weight, Geometry geometry) {
  const int64_t pixels = dy.size(0) * dy.size(2) * dy.size(3);
  if (!multipliesWell(x, weight) || pixels > kMostPixels) return {};
  const Columns c{x.size(1),       x.size(0),        x.size(2),  x.size(3), weight.size(2), weight.size(3),
                  geometry.stride, geometry.padding, dy.size(2), dy.size(3)};
  const at::Tensor columns = columnRows(x, c, isChannelsLast(weight));
  const at::Tensor flat = at::mm(channelsFirst(dy).view({dy.size(1), pixels}), columns.t());
  if (!isChannelsLast(weight)) return flat.view(weight.sizes());
  return flat.view({weight.size(0), weight.size(2), weight.size(3), weight.size(1)}).permute({0, 3, 1, 2});
}

}  // namespace p2p
