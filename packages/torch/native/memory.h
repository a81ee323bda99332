// How much memory there is, and the refusal of what is beyond it. Depends on libtorch's exceptions and allocator interface.
#pragma once

#include <c10/util/Exception.h>

#include <cstddef>

namespace p2p {

/**
 * Throws unless the system can hold `size` bytes more. It grants addresses for more memory than there is, and ends the
 * process when they are written to; so what is free is asked before: of the machine, and of the control groups it is in.
 *
 * @param mapped bytes that the caller has of the system already, some of which may never have been written to.
 * @throws c10::OutOfMemoryError
 */
void requireMemory(size_t size, size_t mapped);

/** Throws the c10::OutOfMemoryError of a request that the system itself has refused. */
[[noreturn]] void refuseMemory(size_t size);

/** Whether libtorch says with this error that memory ran out: ours, CUDA's, or that of its own allocator. */
bool isOutOfMemory(const c10::Error& error);

/** From here on an allocation is looked at, and comes from the pool of pages where there is one. */
constexpr size_t kLargeAllocation = size_t(8) << 20;

/** Makes libtorch's allocator of CPU tensors refuse what is beyond memory, for the whole process. */
void installMemoryCheck();

}  // namespace p2p
