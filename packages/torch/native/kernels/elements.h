// Loading and storing elements in the type the arithmetic is done in, written so that the compiler vectorises the loops.
// Depends on libtorch's scalar types only.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <cstring>

/** Before a loop of which each turn reads and writes its own element only: it may be vectorised though pointers may be equal. */
#if defined(__clang__)
#define P2P_ELEMENTWISE _Pragma("clang loop vectorize(assume_safety)")
#else
#define P2P_ELEMENTWISE _Pragma("GCC ivdep")
#endif

namespace p2p {

/** How a stored element type is computed with: bfloat16 in float, float in float, double in double. */
template <typename T>
struct Element {
  using Storage = T;
  using Compute = T;
  static Compute load(Storage value) { return value; }
  static Storage store(Compute value) { return value; }
};

template <>
struct Element<at::BFloat16> {
  using Storage = uint16_t;
  using Compute = float;
  static float load(uint16_t bits) {
    const uint32_t wide = static_cast<uint32_t>(bits) << 16;
    float value;
    std::memcpy(&value, &wide, sizeof value);
    return value;
  }
  // Rounds to nearest even; a NaN stays a NaN (its payload may round, never to infinity: the quiet bit is kept).
  static uint16_t store(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    const bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
    return static_cast<uint16_t>(nan ? 0x7fc0u : rounded);
  }
};

/** Whether the memory order of a 4-d tensor is N, H, W, C without gaps (and not also plain N, C, H, W). */
inline bool isChannelsLast(const at::Tensor& x) {
  return x.is_contiguous(at::MemoryFormat::ChannelsLast) && !x.is_contiguous();
}

/** The dense memory format a kernel works in for this tensor. */
inline at::MemoryFormat denseFormat(const at::Tensor& x) {
  return isChannelsLast(x) ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
}

/** Runs a generic body with Element<float>, Element<double> or Element<BFloat16>. */
template <typename Body>
void dispatchElement(at::ScalarType type, const char* what, Body&& body) {
  switch (type) {
    case at::kFloat:
      return body(Element<float>{});
    case at::kDouble:
      return body(Element<double>{});
    case at::kBFloat16:
      return body(Element<at::BFloat16>{});
    default:
      TORCH_CHECK(false, what, ": dtype ", type, " is not supported; use float32, float64 or bfloat16");
  }
}

/** The gradient of a bias: (N, C, H, W) to (C), summed in float at least; libtorch's own sum rounds to bfloat16 on the way. */
inline at::Tensor sumOfChannels(const at::Tensor& dy) {
  const auto wide = dy.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  return at::sum(dy, {0, 2, 3}, false, wide).to(dy.scalar_type());
}

template <typename E>
typename E::Storage* dataOf(const at::Tensor& tensor) {
  return static_cast<typename E::Storage*>(tensor.data_ptr());
}

}  // namespace p2p
