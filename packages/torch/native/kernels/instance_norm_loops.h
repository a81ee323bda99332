// The innermost loops of instance norm, over the channels of a pixel (Row) or pixels of one channel (Line). E says how an element is
// stored and what it is computed in; instance_norm.cc has the formulas and decides what is summed where. Depends on elements.h.
#pragma once

#include "elements.h"

namespace p2p {
namespace {

// They are free functions whose pointers are all __restrict: anything less, and the compiler does not vectorise.
constexpr int kLanes = 16;  // running sums of a reduction; one alone would forbid vector instructions

template <typename E, typename S, typename C>
void addMomentsRow(const S* __restrict x, const C* __restrict shift, int64_t channels, C* __restrict sum, C* __restrict square) {
  for (int64_t c = 0; c < channels; c++) {
    const C v = E::load(x[c]) - shift[c];
    sum[c] += v;
    square[c] += v * v;
  }
}

template <typename E, typename S, typename C>
void momentsOfLine(const S* __restrict x, C shift, int64_t count, C& sum, C& square) {
  C sums[kLanes] = {}, squares[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (int k = 0; k < kLanes; k++) {
      const C v = E::load(x[i + k]) - shift;
      sums[k] += v;
      squares[k] += v * v;
    }
  for (; i < count; i++) {
    const C v = E::load(x[i]) - shift;
    sums[0] += v;
    squares[0] += v * v;
  }
  sum = square = 0;
  for (int k = 0; k < kLanes; k++) {
    sum += sums[k];
    square += squares[k];
  }
}

template <typename E, typename S, typename C>
void addGradientMomentsRow(const S* __restrict x, const S* __restrict dy, const C* __restrict mean, const C* __restrict rstd, C slope,
                           int64_t channels, C* __restrict sum, C* __restrict dot) {
  for (int64_t c = 0; c < channels; c++) {
    const C h = (E::load(x[c]) - mean[c]) * rstd[c];
    const C g = E::load(dy[c]) * (h > 0 ? C(1) : slope);
    sum[c] += g;
    dot[c] += g * h;
  }
}

template <typename E, typename S, typename C>
void gradientMomentsOfLine(const S* __restrict x, const S* __restrict dy, C mean, C rstd, C slope, int64_t count, C& sum, C& dot) {
  C sums[kLanes] = {}, dots[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (int k = 0; k < kLanes; k++) {
      const C h = (E::load(x[i + k]) - mean) * rstd;
      const C g = E::load(dy[i + k]) * (h > 0 ? C(1) : slope);
      sums[k] += g;
      dots[k] += g * h;
    }
  for (; i < count; i++) {
    const C h = (E::load(x[i]) - mean) * rstd;
    const C g = E::load(dy[i]) * (h > 0 ? C(1) : slope);
    sums[0] += g;
    dots[0] += g * h;
  }
  sum = dot = 0;
  for (int k = 0; k < kLanes; k++) {
    sum += sums[k];
    dot += dots[k];
  }
}

// y may be x itself, element for element: hence no __restrict on the two.

template <typename E, typename S, typename C>
void activateRow(const S* x, const C* __restrict mean, const C* __restrict rstd, C slope, int64_t count, S* y) {
  P2P_ELEMENTWISE
  for (int64_t i = 0; i < count; i++) {
    const C h = (E::load(x[i]) - mean[i]) * rstd[i];
    y[i] = E::store(h * (h > 0 ? C(1) : slope));
  }
}

template <typename E, typename S, typename C>
void activateLine(const S* x, C mean, C rstd, C slope, int64_t count, S* y) {
  P2P_ELEMENTWISE
  for (int64_t i = 0; i < count; i++) {
    const C h = (E::load(x[i]) - mean) * rstd;
    y[i] = E::store(h * (h > 0 ? C(1) : slope));
  }
}

template <typename E, typename S, typename C>
void addResidualRow(const S* x, const S* __restrict residual, const C* __restrict mean, const C* __restrict rstd, int64_t count, S* y) {
  P2P_ELEMENTWISE
  for (int64_t i = 0; i < count; i++) y[i] = E::store((E::load(x[i]) - mean[i]) * rstd[i] + E::load(residual[i]));
}

template <typename E, typename S, typename C>
void addResidualLine(const S* x, const S* __restrict residual, C mean, C rstd, int64_t count, S* y) {
  P2P_ELEMENTWISE
  for (int64_t i = 0; i < count; i++) y[i] = E::store((E::load(x[i]) - mean) * rstd + E::load(residual[i]));
}

template <typename E, typename S, typename C>
void gradientRow(const S* __restrict x, const S* __restrict dy, const C* __restrict mean, const C* __restrict rstd, const C* __restrict meanG,
                 const C* __restrict meanGh, C slope, int64_t count, S* __restrict dx) {
  for (int64_t i = 0; i < count; i++) {
    const C h = (E::load(x[i]) - mean[i]) * rstd[i];
    const C g = E::load(dy[i]) * (h > 0 ? C(1) : slope);
    dx[i] = E::store(rstd[i] * (g - meanG[i] - h * meanGh[i]));
  }
}

template <typename E, typename S, typename C>
void gradientLine(const S* __restrict x, const S* __restrict dy, C mean, C rstd, C meanG, C meanGh, C slope, int64_t count,
                  S* __restrict dx) {
  for (int64_t i = 0; i < count; i++) {
    const C h = (E::load(x[i]) - mean) * rstd;
    const C g = E::load(dy[i]) * (h > 0 ? C(1) : slope);
    dx[i] = E::store(rstd * (g - meanG - h * meanGh));
  }
}

}  // namespace
}  // namespace p2p
