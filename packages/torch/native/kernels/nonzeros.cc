// One-hot labels with a boundary channel have one or two of some forty channels set, and equal pixels side by side. A pixel is
// compared with its neighbour as a whole; only where it differs are its channels looked at. A picture in full colour is known
// for one after a few rows.

#include "nonzeros.h"

#include <ATen/Parallel.h>

#include <atomic>
#include <cstring>

#include "elements.h"

namespace p2p {
namespace {

struct Image {
  int64_t channels, height, width;
  bool channelsLast;
};

/** The element behind its bits, in the type of the arithmetic. */
float valueOf(uint16_t bits) { return Element<at::BFloat16>::load(bits); }
float valueOf(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
double valueOf(uint64_t bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/** differs[w] becomes other than zero where line[w] is not line[w - 1]. */
template <typename T>
void compareNeighbours(const T* __restrict line, int64_t width, T* __restrict differs) {
  for (int64_t w = 1; w < width; w++) differs[w] |= line[w] ^ line[w - 1];
}

/** Row `h` of image `n`. Returns how many of its elements are not zero. */
template <typename T, typename C>
int64_t findInRow(const T* data, const Image& image, int64_t n, int64_t h, std::vector<T>& differs, NonzeroRow<C>& row) {
  const int64_t width = image.width, channels = image.channels;
  const int64_t pixelStride = image.channelsLast ? channels : 1, channelStride = image.channelsLast ? 1 : image.height * width;
  const T* const first = data + n * channels * image.height * width + h * width * pixelStride;
  if (!image.channelsLast) {
    differs.assign(width, 0);
    for (int64_t c = 0; c < channels; c++) compareNeighbours(first + c * channelStride, width, differs.data());
  }
  row.runOf.resize(width);
  int64_t total = 0;
  for (int64_t w = 0; w < width; w++) {
    const T* const pixel = first + w * pixelStride;
    const bool same = w > 0 && (image.channelsLast ? std::memcmp(pixel, pixel - channels, channels * sizeof(T)) == 0 : differs[w] == 0);
    if (!same) {
      const int64_t start = static_cast<int64_t>(row.entries.size());
      for (int64_t c = 0; c < channels; c++)
        if (const T bits = pixel[c * channelStride]; bits != 0) row.entries.push_back({static_cast<int32_t>(c), static_cast<C>(valueOf(bits))});
      row.runs.push_back({w, start, static_cast<int64_t>(row.entries.size())});
    }
    Run& run = row.runs.back();
    run.end = w + 1;
    row.runOf[w] = static_cast<int32_t>(row.runs.size() - 1);
    total += run.lastEntry - run.firstEntry;
  }
  return total;
}

template <typename T, typename C>
bool findIn(const T* data, const Image& image, int64_t images, int64_t most, Nonzeros<C>& found) {
  found.rows.resize(images * image.height);
  std::atomic<int64_t> total{0};
  at::parallel_for(0, images * image.height, 4, [&](int64_t first, int64_t last) {
    std::vector<T> differs;
    for (int64_t r = first; r < last && total.load(std::memory_order_relaxed) <= most; r++)
      total += findInRow(data, image, r / image.height, r % image.height, differs, found.rows[r]);
  });
  return total <= most;
}

}  // namespace

template <typename C>
c10::intrusive_ptr<Nonzeros<C>> findNonzeros(const at::Tensor& x, double most) {
  const Image image{x.size(1), x.size(2), x.size(3), isChannelsLast(x)};
  const int64_t limit = static_cast<int64_t>(most * x.numel());
  const void* const data = x.data_ptr();
  const auto found = c10::make_intrusive<Nonzeros<C>>();
  bool few;
  if constexpr (sizeof(C) == sizeof(double)) few = findIn(static_cast<const uint64_t*>(data), image, x.size(0), limit, *found);
  else if (x.element_size() == 2) few = findIn(static_cast<const uint16_t*>(data), image, x.size(0), limit, *found);
  else few = findIn(static_cast<const uint32_t*>(data), image, x.size(0), limit, *found);
  return few ? found : c10::intrusive_ptr<Nonzeros<C>>();
}

template c10::intrusive_ptr<Nonzeros<float>> findNonzeros(const at::Tensor&, double);
template c10::intrusive_ptr<Nonzeros<double>> findNonzeros(const at::Tensor&, double);

}  // namespace p2p
