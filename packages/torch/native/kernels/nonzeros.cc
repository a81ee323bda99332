// One-hot labels with a boundary channel have one or two of some forty channels set, and equal pixels side by side. A pixel is
// compared with its neighbour as a whole; only where it differs are its channels looked at. An image in full colour is known
// for one after a few rows.

#include "nonzeros.h"

#include <ATen/Parallel.h>

#include <atomic>
#include <cstring>

namespace p2p {
namespace {

struct Image {
  int64_t channels, height, width;
  bool channelsLast;
};

/** Marks in `differs` where an element is not the one before it. */
template <typename S>
void compareNeighbours(const S* __restrict line, int64_t width, uint8_t* __restrict differs) {
  for (int64_t w = 1; w < width; w++) differs[w] |= line[w] != line[w - 1];
}

/** Row `h` of image `n`. Returns how many of its elements are not zero. */
template <typename E, typename S = typename E::Storage, typename C = typename E::Compute>
int64_t findInRow(const S* data, const Image& image, int64_t n, int64_t h, std::vector<uint8_t>& differs, NonzeroRow<C>& row) {
  const int64_t width = image.width, channels = image.channels;
  const int64_t pixelStride = image.channelsLast ? channels : 1, channelStride = image.channelsLast ? 1 : image.height * width;
  const S* const first = data + n * channels * image.height * width + h * width * pixelStride;
  if (!image.channelsLast) {
    differs.assign(width, 0);
    for (int64_t c = 0; c < channels; c++) compareNeighbours(first + c * channelStride, width, differs.data());
  }
  row.runOf.resize(width);
  int64_t total = 0;
  for (int64_t w = 0; w < width; w++) {
    const S* const pixel = first + w * pixelStride;
    const bool same = w > 0 && (image.channelsLast ? std::memcmp(pixel, pixel - channels, channels * sizeof(S)) == 0 : differs[w] == 0);
    if (!same) {
      const int64_t start = static_cast<int64_t>(row.entries.size());
      for (int64_t c = 0; c < channels; c++)
        if (const C value = E::load(pixel[c * channelStride]); value != 0) row.entries.push_back({static_cast<int32_t>(c), value});
      row.runs.push_back({w, start, static_cast<int64_t>(row.entries.size())});
    }
    Run& run = row.runs.back();
    run.end = w + 1;
    row.runOf[w] = static_cast<int32_t>(row.runs.size() - 1);
    total += run.lastEntry - run.firstEntry;
  }
  return total;
}

}  // namespace

template <typename E>
c10::intrusive_ptr<Nonzeros<typename E::Compute>> findNonzeros(const at::Tensor& x, double most) {
  const Image image{x.size(1), x.size(2), x.size(3), isChannelsLast(x)};
  const int64_t rows = x.size(0) * image.height, limit = static_cast<int64_t>(most * x.numel());
  auto found = c10::make_intrusive<Nonzeros<typename E::Compute>>();
  found->rows.resize(rows);
  std::atomic<int64_t> total{0};
  at::parallel_for(0, rows, 4, [&](int64_t first, int64_t last) {
    std::vector<uint8_t> differs;
    for (int64_t r = first; r < last && total.load(std::memory_order_relaxed) <= limit; r++)
      total += findInRow<E>(dataOf<E>(x), image, r / image.height, r % image.height, differs, found->rows[r]);
  });
  if (total > limit) found.reset();
  return found;
}

template c10::intrusive_ptr<Nonzeros<float>> findNonzeros<Element<float>>(const at::Tensor&, double);
template c10::intrusive_ptr<Nonzeros<float>> findNonzeros<Element<at::BFloat16>>(const at::Tensor&, double);
template c10::intrusive_ptr<Nonzeros<double>> findNonzeros<Element<double>>(const at::Tensor&, double);

}  // namespace p2p
