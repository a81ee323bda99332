// Convolution of an image most of whose elements are zero, as one-hot labels are:
//
//   y[o, h, w] = b[o] + sum over p, q, c of x[c, s h + p - pad, s w + q - pad] * w[o, c, p, q], where that x is not zero
//   dw[o, c, p, q] = sum over h, w of dy[o, h, w] * x[c, s h + p - pad, s w + q - pad], likewise
//   db = sum dy
//
// The first layer of a generator multiplies 7 x 7 x 36 numbers for every output, of which one in thirty is not zero. Sums are
// gathered in float at least. Along a row, labels come in runs: over a run the taps' weights, and the pixels' gradients, are
// differences of two sums from the row's beginning, taken beforehand.
//
// Outputs are computed in whole vectors; the last one's surplus is dropped. For inputs without gradient, whose share of numbers
// other than zero is small; else, and off the CPU, pix2pixhd::conv2d.

#include "arguments.h"
#include "conv2d.h"
#include "elements.h"
#include "nonzeros.h"
#include "transpose.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <vector>

#include "../compat.h"

namespace p2p {
namespace {

// Share of numbers other than zero; with more, bfloat16's dense convolution is about as fast.
constexpr double kSparse = 1.0 / 12;
// With fewer outputs that do not fill vectors the dense convolution is about as fast.
constexpr int64_t kFewestOutputs = 16;
// Weight gradients are summed in so many parts, whatever the threads: the result must not depend on them.
constexpr int64_t kParts = 16;

struct Sizes {
  int64_t images, inputs, height, width;
  // Outputs in whole vectors, and those that there are.
  int64_t outputs, channels, kernelHeight, kernelWidth, outHeight, outWidth;
  int64_t stride, padding;
  int64_t taps() const { return kernelHeight * kernelWidth; }
  int64_t tableSize() const { return taps() * inputs * outputs; }
};

template <typename C>
struct Wide {
  static constexpr int kLanes = 64 / sizeof(C);
  typedef C Vector __attribute__((vector_size(64)));
  static Vector load(const C* from) {
    Vector v;
    std::memcpy(&v, from, sizeof v);
    return v;
  }
  static void store(C* to, Vector v) { std::memcpy(to, &v, sizeof v); }
};

/**
 * (kH, kW, in, out): the weights of the taps from the first of a kernel's row to this one, added up. What one element of the
 * input adds to all outputs lies together.
 */
template <typename E, typename C = typename E::Compute>
std::vector<C> tableOf(const at::Tensor& w, const Sizes& s) {
  const at::Tensor ordered = w.permute({2, 3, 1, 0}).contiguous();
  const auto* const from = dataOf<E>(ordered);
  const int64_t tap = s.inputs * s.outputs;
  std::vector<C> table(s.tableSize(), C(0));
  for (int64_t row = 0; row < s.taps() * s.inputs; row++) {
    const bool begins = row / s.inputs % s.kernelWidth == 0;
    for (int64_t o = 0; o < s.channels; o++) {
      const int64_t i = row * s.outputs + o;
      table[i] = E::load(from[row * s.channels + o]) + (begins ? C(0) : table[i - tap]);
    }
  }
  return table;
}

/** Outputs `from` to `from + kVectors * lanes` of row `h` of image `n`, for every pixel of it, into `row` (W, out). */
template <typename C, int kVectors>
void forwardRow(const Nonzeros<C>& x, const C* table, const C* bias, const Sizes& s, int64_t n, int64_t h, int64_t from, C* row) {
  using W = Wide<C>;
  const int64_t tap = s.inputs * s.outputs;
  for (int64_t w = 0; w < s.outWidth; w++) {
    const int64_t left = w * s.stride - s.padding;
    const int64_t first = std::max<int64_t>(0, -left), last = std::min(s.kernelWidth, s.width - left);
    typename W::Vector sum[kVectors];
    for (int k = 0; k < kVectors; k++) sum[k] = W::load(bias + from + k * W::kLanes);
    for (int64_t p = 0; p < s.kernelHeight; p++) {
      const int64_t y = h * s.stride + p - s.padding;
      if (y < 0 || y >= s.height) continue;
      const NonzeroRow<C>& seen = x.rows[n * s.height + y];
      const C* const taps = table + p * s.kernelWidth * tap + from;
      const Run* run = seen.runs.data() + seen.runOf[left + first];
      for (int64_t q = first, end; q < last; q = end, run++) {
        end = std::min(last, run->end - left);
        for (int64_t i = run->firstEntry; i < run->lastEntry; i++) {
          const auto& [channel, value] = seen.entries[i];
          const C* const until = taps + (end - 1) * tap + channel * s.outputs;
          if (q == 0) {
            for (int k = 0; k < kVectors; k++) sum[k] += value * W::load(until + k * W::kLanes);
          } else {
            const C* const before = taps + (q - 1) * tap + channel * s.outputs;
            for (int k = 0; k < kVectors; k++) sum[k] += value * (W::load(until + k * W::kLanes) - W::load(before + k * W::kLanes));
          }
        }
      }
    }
    for (int k = 0; k < kVectors; k++) W::store(row + w * s.outputs + from + k * W::kLanes, sum[k]);
  }
}

int64_t divideUp(int64_t a, int64_t b) { return a > 0 ? (a + b - 1) / b : 0; }

/**
 * Adds to `table` (kH, kW, in, out) what the gradient of row `h` of image `n` says. `sums` is (W + 1, out): of each pixel the
 * gradients of those to its left.
 */
template <typename C, int kVectors>
void backwardRow(const Nonzeros<C>& x, C* table, const Sizes& s, int64_t n, int64_t h, int64_t from, const C* sums) {
  using W = Wide<C>;
  for (int64_t p = 0; p < s.kernelHeight; p++) {
    const int64_t y = h * s.stride + p - s.padding;
    if (y < 0 || y >= s.height) continue;
    const NonzeroRow<C>& seen = x.rows[n * s.height + y];
    int64_t a = 0, b = 0;
    for (const Run& run : seen.runs) {
      a = b;
      b = run.end;
      if (run.firstEntry == run.lastEntry) continue;
      for (int64_t q = 0; q < s.kernelWidth; q++) {
        // The outputs whose tap q lies in the run.
        const int64_t first = divideUp(a + s.padding - q, s.stride), last = std::min(s.outWidth, divideUp(b + s.padding - q, s.stride));
        if (first >= last) continue;
        typename W::Vector sum[kVectors];
        for (int k = 0; k < kVectors; k++)
          sum[k] = W::load(sums + last * s.outputs + from + k * W::kLanes) - W::load(sums + first * s.outputs + from + k * W::kLanes);
        C* const tap = table + (p * s.kernelWidth + q) * s.inputs * s.outputs + from;
        for (int64_t i = run.firstEntry; i < run.lastEntry; i++) {
          const auto& [channel, value] = seen.entries[i];
          C* const weights = tap + channel * s.outputs;
          for (int k = 0; k < kVectors; k++) W::store(weights + k * W::kLanes, W::load(weights + k * W::kLanes) + value * sum[k]);
        }
      }
    }
  }
}

/** Calls `body(vectors, from)` for the outputs in pieces of four, two and one vectors. */
template <typename C, typename Body>
void inPieces(int64_t outputs, Body&& body) {
  constexpr int64_t lanes = Wide<C>::kLanes;
  int64_t from = 0;
  for (; from + 4 * lanes <= outputs; from += 4 * lanes) body(std::integral_constant<int, 4>{}, from);
  for (; from + 2 * lanes <= outputs; from += 2 * lanes) body(std::integral_constant<int, 2>{}, from);
  for (; from + lanes <= outputs; from += lanes) body(std::integral_constant<int, 1>{}, from);
}

/** Row `h` of image `n` between (W, out) and the tensor's own order. `fromTensor` tells the direction. */
template <typename E, bool fromTensor>
void moveRow(const at::Tensor& tensor, const Sizes& s, int64_t n, int64_t h, typename E::Compute* row, typename E::Storage* scratch) {
  using T = typename E::Storage;
  const int64_t count = s.outWidth * s.channels, plane = s.outHeight * s.outWidth;
  const bool channelsLast = isChannelsLast(tensor);
  T* const place = dataOf<E>(tensor) + (channelsLast ? (n * s.outHeight + h) * count : n * s.channels * plane + h * s.outWidth);
  T* const flat = channelsLast ? place : scratch;
  if constexpr (fromTensor) {
    if (!channelsLast) transposeMatrix(place, s.channels, s.outWidth, plane, scratch, s.channels);
    for (int64_t w = 0; w < s.outWidth; w++) {
      for (int64_t o = 0; o < s.channels; o++) row[w * s.outputs + o] = E::load(flat[w * s.channels + o]);
      for (int64_t o = s.channels; o < s.outputs; o++) row[w * s.outputs + o] = 0;
    }
  } else {
    for (int64_t w = 0; w < s.outWidth; w++)
      for (int64_t o = 0; o < s.channels; o++) flat[w * s.channels + o] = E::store(row[w * s.outputs + o]);
    if (!channelsLast) transposeMatrix(scratch, s.outWidth, s.channels, s.channels, place, plane);
  }
}

template <typename E, typename C = typename E::Compute>
at::Tensor forwardCpu(const Nonzeros<C>& x, const at::Tensor& w, const Optional<at::Tensor>& bias, const Sizes& s, at::MemoryFormat format) {
  const at::Tensor y = at::empty({s.images, s.channels, s.outHeight, s.outWidth}, w.options().memory_format(format));
  const std::vector<C> table = tableOf<E>(w, s);
  std::vector<C> first(s.outputs, C(0));
  if (bias.has_value())
    for (int64_t o = 0; o < s.channels; o++) first[o] = E::load(dataOf<E>(*bias)[o]);
  at::parallel_for(0, s.images * s.outHeight, 1, [&](int64_t begin, int64_t end) {
    std::vector<C> row(s.outWidth * s.outputs);
    std::vector<typename E::Storage> scratch(row.size());
    for (int64_t r = begin; r < end; r++) {
      const int64_t n = r / s.outHeight, h = r % s.outHeight;
      inPieces<C>(s.outputs, [&](auto vectors, int64_t from) { forwardRow<C, vectors>(x, table.data(), first.data(), s, n, h, from, row.data()); });
      moveRow<E, false>(y, s, n, h, row.data(), scratch.data());
    }
  });
  return y;
}

template <typename E, typename C = typename E::Compute>
at::Tensor weightGradientCpu(const Nonzeros<C>& x, const at::Tensor& dy, const at::Tensor& w, const Sizes& s) {
  std::vector<std::vector<C>> parts(kParts);
  const int64_t rows = s.images * s.outHeight;
  at::parallel_for(0, kParts, 1, [&](int64_t begin, int64_t end) {
    std::vector<C> sums((s.outWidth + 1) * s.outputs);
    std::vector<typename E::Storage> scratch(s.outWidth * s.outputs);
    for (int64_t part = begin; part < end; part++) {
      parts[part].assign(s.tableSize(), C(0));
      for (int64_t r = rows * part / kParts; r < rows * (part + 1) / kParts; r++) {
        const int64_t n = r / s.outHeight, h = r % s.outHeight;
        moveRow<E, true>(dy, s, n, h, sums.data() + s.outputs, scratch.data());
        for (int64_t i = 0; i < s.outWidth * s.outputs; i++) sums[s.outputs + i] += sums[i];
        inPieces<C>(s.outputs, [&](auto vectors, int64_t from) { backwardRow<C, vectors>(x, parts[part].data(), s, n, h, from, sums.data()); });
      }
    }
  });
  const at::Tensor ordered = at::empty({s.kernelHeight, s.kernelWidth, s.inputs, s.outputs}, w.options().memory_format(at::MemoryFormat::Contiguous));
  auto* const to = dataOf<E>(ordered);
  at::parallel_for(0, s.tableSize(), 4096, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      C sum = 0;
      for (const auto& part : parts) sum += part[i];
      to[i] = E::store(sum);
    }
  });
  return ordered.permute({3, 2, 0, 1}).narrow(0, 0, s.channels).contiguous(denseFormat(w));
}

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

Sizes sizesOf(at::IntArrayRef x, const at::Tensor& w, int64_t stride, int64_t padding) {
  const auto size = [&](int64_t axis) { return (x[axis] + 2 * padding - w.size(axis)) / stride + 1; };
  const int64_t lanes = w.scalar_type() == at::kDouble ? Wide<double>::kLanes : Wide<float>::kLanes;
  const int64_t outputs = (w.size(0) + lanes - 1) / lanes * lanes;
  return {x[0], x[1], x[2], x[3], outputs, w.size(0), w.size(2), w.size(3), size(2), size(3), stride, padding};
}

template <typename E>
struct SparseInputConvFunction : torch::autograd::Function<SparseInputConvFunction<E>> {
  using Found = Nonzeros<typename E::Compute>;

  static Variable forward(AutogradContext* ctx, const c10::intrusive_ptr<Found>& found, const Variable& x, const Variable& w,
                          const Optional<at::Tensor>& bias, int64_t stride, int64_t padding) {
    at::AutoDispatchBelowADInplaceOrView guard;
    // Not x: what was found of it is all that the gradient takes.
    ctx->save_for_backward({w});
    ctx->saved_data["found"] = c10::IValue::make_capsule(found);
    ctx->saved_data["input"] = x.sizes().vec();
    ctx->saved_data["bias"] = bias.has_value();
    ctx->saved_data["stride"] = stride;
    ctx->saved_data["padding"] = padding;
    return forwardCpu<E>(*found, w, bias, sizesOf(x.sizes(), w, stride, padding), denseFormat(x));
  }

  static variable_list backward(AutogradContext* ctx, variable_list upstream) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor& w = saved[0];
    const at::Tensor dy = upstream[0].contiguous(denseFormat(upstream[0]));
    at::Tensor dw, db;
    if (ctx->needs_input_grad(1)) {
      const auto found = ctx->saved_data["found"].toCapsule();
      const Sizes s = sizesOf(ctx->saved_data["input"].toIntVector(), w, ctx->saved_data["stride"].toInt(), ctx->saved_data["padding"].toInt());
      dw = weightGradientCpu<E>(static_cast<const Found&>(*found), dy, w, s);
    }
    if (ctx->saved_data["bias"].toBool() && ctx->needs_input_grad(2)) db = sumOfChannels(dy);
    return {Variable(), Variable(), dw, db, Variable(), Variable()};
  }
};

/** Whether the kernel can compute it at all, however many zeros there are. */
bool fits(const at::Tensor& x, const at::Tensor& w, int64_t padding) {
  const bool known = w.scalar_type() == at::kDouble || w.scalar_type() == at::kFloat || w.scalar_type() == at::kBFloat16;
  if (!known || !x.is_cpu() || x.numel() == 0) return false;
  const bool inside = x.size(2) + 2 * padding >= w.size(2) && x.size(3) + 2 * padding >= w.size(3);
  // So that every output sees a pixel in every row of its kernel.
  const bool sees = padding < std::min(w.size(2), w.size(3));
  const int64_t lanes = w.scalar_type() == at::kDouble ? Wide<double>::kLanes : Wide<float>::kLanes;
  // Of a few outputs most of a vector would be surplus.
  const bool fills = w.size(0) % lanes == 0 || w.size(0) >= kFewestOutputs;
  return inside && sees && fills && !(x.requires_grad() && at::GradMode::is_enabled());
}

at::Tensor sparseInputConv(const at::Tensor& x, const at::Tensor& w, const Optional<at::Tensor>& bias, int64_t stride, int64_t padding) {
  checkConvolution("sparse_input_conv2d", x, w, bias, 1, stride, padding);
  at::Tensor y;
  if (fits(x, w, padding))
    dispatchElement(w.scalar_type(), "sparse_input_conv2d", [&](auto element) {
      using E = decltype(element);
      const at::Tensor dense = x.contiguous(denseFormat(x));
      const Optional<at::Tensor> addend = bias.has_value() ? Optional<at::Tensor>(bias->contiguous()) : bias;
      if (const auto found = findNonzeros<E>(dense, kSparse))
        y = SparseInputConvFunction<E>::apply(found, dense, w, addend, stride, padding);
    });
  return y.defined() ? y : conv2d(x, w, bias, stride, padding);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(pix2pixhd, library) {
  library.def("sparse_input_conv2d(Tensor input, Tensor weight, Tensor? bias, int stride, int padding) -> Tensor");
}
TORCH_LIBRARY_IMPL(pix2pixhd, CompositeImplicitAutograd, library) { library.impl("sparse_input_conv2d", sparseInputConv); }

}  // namespace p2p
