// An allocator for libtorch's large tensors that keeps their pages. Depends on libtorch's allocator interface.
#pragma once

namespace p2p {

/** Makes libtorch allocate large CPU tensors from the pool, for the whole process. False where the system has no mremap. */
bool installPagePool();

/** Gives the pool's free pages back to the system. */
void drainPagePool();

}  // namespace p2p
