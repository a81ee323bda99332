// What has another name in libtorch 1.13 than in 2.x. Depends on libtorch's headers only.
#pragma once

#include <torch/version.h>

#include <c10/util/Optional.h>
#include <optional>

#define P2P_TORCH_AT_LEAST(major, minor) \
  (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

namespace p2p {

// 1.13 has its own optional; from 2.2 it is an alias of the standard one, and later the alias goes.
#if P2P_TORCH_AT_LEAST(2, 2)
template <typename T>
using Optional = std::optional<T>;
#else
template <typename T>
using Optional = c10::optional<T>;
#endif

}  // namespace p2p
