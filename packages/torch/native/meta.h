// Tensors without elements: libtorch's meta device, with an allocator that counts. Depends on libtorch's tensors.
#pragma once

#include <ATen/ATen.h>

namespace p2p {

/**
 * Whether a kernel of ours takes a tensor: on the CPU it computes; on the meta device it only makes the tensors that it would
 * make on the CPU, and keeps of them what it would keep for the gradients.
 */
inline bool isOurs(const at::Tensor& x) { return x.is_cpu() || x.is_meta(); }

/** Where factories make tensors when they are given no device; null for libtorch's own choice, the CPU. */
const c10::Device* defaultDevice();

}  // namespace p2p
