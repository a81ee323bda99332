// A matrix turned, blocks of 16 x 16 elements in registers. Depends on nothing of libtorch.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace p2p {

template <typename T>
struct Sixteen {
  typedef T Vector __attribute__((vector_size(16 * sizeof(T))));
};

/** out = a0 b0 a1 b1 … of the lower halves (from = 0) or of the upper ones (from = 8). By reference: whole vectors have no one ABI. */
template <int from, typename V>
void interleave(const V& a, const V& b, V& out) {
#if defined(__clang__) || __GNUC__ >= 12
  out = __builtin_shufflevector(a, b, from, 16 + from, from + 1, 17 + from, from + 2, 18 + from, from + 3, 19 + from, from + 4,
                                20 + from, from + 5, 21 + from, from + 6, 22 + from, from + 7, 23 + from);
#else
  using Index = std::conditional_t<sizeof(a[0]) == 8, int64_t, std::conditional_t<sizeof(a[0]) == 4, int32_t, int16_t>>;
  using Indices = typename Sixteen<Index>::Vector;
  constexpr Indices order = {from,     16 + from, from + 1, 17 + from, from + 2, 18 + from, from + 3, 19 + from,
                             from + 4, 20 + from, from + 5, 21 + from, from + 6, 22 + from, from + 7, 23 + from};
  out = __builtin_shuffle(a, b, order);
#endif
}

/** Turns sixteen rows of sixteen: interleaving row i with row i + 8 four times moves every bit of the row number to the column's. */
template <typename T>
void transposeBlock(const T* from, int64_t fromStride, T* to, int64_t toStride) {
  using V = typename Sixteen<T>::Vector;
  V rows[16], turned[16];
  for (int i = 0; i < 16; i++) std::memcpy(&rows[i], from + i * fromStride, sizeof(V));
  for (int pass = 0; pass < 4; pass++) {
    for (int i = 0; i < 8; i++) {
      interleave<0>(rows[i], rows[i + 8], turned[2 * i]);
      interleave<8>(rows[i], rows[i + 8], turned[2 * i + 1]);
    }
    std::memcpy(rows, turned, sizeof rows);
  }
  for (int i = 0; i < 16; i++) std::memcpy(to + i * toStride, &rows[i], sizeof(V));
}

/**
 * to[c * toStride + r] = from[r * fromStride + c] for all rows and columns. Both matrices lie row by row; strides are elements
 * from one row to the next.
 */
template <typename T>
void transposeMatrix(const T* from, int64_t rows, int64_t columns, int64_t fromStride, T* to, int64_t toStride) {
  const int64_t wholeRows = rows / 16 * 16, wholeColumns = columns / 16 * 16;
  for (int64_t c = 0; c < wholeColumns; c += 16)
    for (int64_t r = 0; r < wholeRows; r += 16) transposeBlock(from + r * fromStride + c, fromStride, to + c * toStride + r, toStride);
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = r < wholeRows ? wholeColumns : 0; c < columns; c++) to[c * toStride + r] = from[r * fromStride + c];
}

}  // namespace p2p
