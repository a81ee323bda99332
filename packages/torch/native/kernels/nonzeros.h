// The elements of an image that are not zero, in runs of equal pixels. Depends on libtorch's tensors.
#pragma once

#include <ATen/ATen.h>
#include <torch/custom_class.h>

#include <cstdint>
#include <vector>

#include "elements.h"

namespace p2p {

/** One channel of a pixel, in the type of the arithmetic. */
template <typename C>
struct Nonzero {
  int32_t channel;
  C value;
};

/** Pixels of a row that have the same entries, up to `end`. */
struct Run {
  int64_t end;
  int64_t firstEntry, lastEntry;
};

template <typename C>
struct NonzeroRow {
  std::vector<Run> runs;
  std::vector<Nonzero<C>> entries;
  /** Of each pixel the run it is in. */
  std::vector<int32_t> runOf;
};

/** The rows of (N, C, H, W): row h of image n is rows[n H + h]. */
template <typename C>
struct Nonzeros : torch::CustomClassHolder {
  std::vector<NonzeroRow<C>> rows;
};

/**
 * E tells the type of `x`, which is dense in one of the two memory orders.
 * @param most share of all elements that may be other than zero; with more, null is returned.
 */
template <typename E>
c10::intrusive_ptr<Nonzeros<typename E::Compute>> findNonzeros(const at::Tensor& x, double most);

}  // namespace p2p
