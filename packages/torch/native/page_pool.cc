// Large tensors come and go in every step, in changing sizes. malloc either gives their pages back, and every step has them
// zeroed anew (48 ms for 128 MB), or keeps them in holes that the next tensor does not fit, and the process grows to twice
// what lives at any time. Here a freed tensor's pages go to a pool, and a new one of any size is put together of them: its
// addresses are fresh, the pages are moved there by mremap, 0.5 ms for 128 MB. What is missing comes from the system. So
// the process takes as much as lives at the same time at most, and nothing is zeroed twice.
//
// Pages move in units of 2 MiB, which the kernel does by one entry of a page directory. Smaller tensors stay with malloc.

#include "page_pool.h"

#include "memory.h"

#if defined(__linux__)

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace p2p {
namespace {

constexpr size_t kUnit = size_t(2) << 20;
static_assert(kLargeAllocation >= 4 * kUnit, "rounding to units must cost little");

// Adjacent addresses that the kernel knows as one mapping, the most that one mremap can move. Aligned to units.
struct Piece {
  char* start;
  size_t size;
};

size_t roundUp(size_t size) { return (size + kUnit - 1) / kUnit * kUnit; }

// Addresses without pages behind them, aligned to units; null where there are none left.
char* reserve(size_t size) {
  void* mapped = mmap(nullptr, size + kUnit, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  char* const first = static_cast<char*>(mapped);
  char* const start = reinterpret_cast<char*>(roundUp(reinterpret_cast<uintptr_t>(first)));
  if (start > first) munmap(first, start - first);
  if (start < first + kUnit) munmap(start + size, first + kUnit - start);
  // Weights and moments are streamed through: pages of 4 KiB would take an entry of the TLB each.
  madvise(start, size, MADV_HUGEPAGE);
  return start;
}

class PagePool final : public c10::Allocator {
 public:
  // Both, and none marked as overriding: libtorch took the const away after 1.13, and added copy_data.
  c10::DataPtr allocate(size_t size) const { return allocateLarge(size); }
  c10::DataPtr allocate(size_t size) { return allocateLarge(size); }
  void copy_data(void* to, const void* from, size_t size) const { std::memcpy(to, from, size); }

  // What oneDNN frees through libtorch comes without its deleter.
  c10::DeleterFnPtr raw_deleter() const override { return &PagePool::giveAny; }

  void drain() const {
    const std::lock_guard<std::mutex> guard(lock_);
    unmapFree();
  }

 private:
  c10::DataPtr allocateLarge(size_t size) const {
    if (size < kLargeAllocation) return c10::GetDefaultCPUAllocator()->allocate(size);
    void* const memory = take(size);
    // As libtorch's own allocator does, for those who watch the memory of tensors.
    c10::profiledCPUMemoryReporter().New(memory, size);
    return {memory, memory, &PagePool::give, c10::Device(c10::DeviceType::CPU)};
  }

  void* take(size_t wanted) const {
    const std::lock_guard<std::mutex> guard(lock_);
    // Before rounding, which would overflow where no memory is enough.
    if (wanted > freeBytes_) requireMemory(wanted - freeBytes_, mappedBytes_);
    const size_t size = roundUp(wanted);
    char* start = reserve(size);
    if (start == nullptr) {
      unmapFree();
      start = reserve(size);
    }
    if (start == nullptr) refuseMemory(wanted);
    std::vector<Piece> pieces;
    const size_t filled = moveFree(start, size, pieces);
    if (filled < size) {
      pieces.push_back({start + filled, size - filled});
      mappedBytes_ += size - filled;
    }
    taken_.emplace(start, std::move(pieces));
    return start;
  }

  // Moves free pages to the addresses from `start` on, as far as there are any; returns how many bytes.
  size_t moveFree(char* start, size_t size, std::vector<Piece>& pieces) const {
    size_t filled = 0;
    while (filled < size && !free_.empty()) {
      // From the end: what was freed last is the likeliest to be in the CPU's cache.
      Piece& last = free_.back();
      const size_t moving = std::min(last.size, size - filled);
      char* const to = start + filled;
      if (mremap(last.start + last.size - moving, moving, moving, MREMAP_MAYMOVE | MREMAP_FIXED, to) == MAP_FAILED) {
        // The kernel has no room for more mappings, and may have removed the one that was to be replaced.
        unmapFree();
        void* const again = mmap(to, size - filled, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
        if (again == MAP_FAILED) refuseMemory(size);
        break;
      }
      pieces.push_back({to, moving});
      filled += moving;
      freeBytes_ -= moving;
      last.size -= moving;
      if (last.size == 0) free_.pop_back();
    }
    return filled;
  }

  void unmapFree() const {
    for (const Piece& piece : free_) munmap(piece.start, piece.size);
    free_.clear();
    mappedBytes_ -= freeBytes_;
    freeBytes_ = 0;
  }

  static void give(void* memory);
  static void giveAny(void* memory);

  // Whether the memory was the pool's.
  bool takeBack(void* memory) const {
    {
      const std::lock_guard<std::mutex> guard(lock_);
      if (taken_.count(memory) == 0) return false;
    }
    // Before the address can be another tensor's.
    c10::profiledCPUMemoryReporter().Delete(memory);
    const std::lock_guard<std::mutex> guard(lock_);
    const auto found = taken_.find(memory);
    for (const Piece& piece : found->second) freeBytes_ += piece.size;
    free_.insert(free_.end(), found->second.begin(), found->second.end());
    taken_.erase(found);
    return true;
  }

  mutable std::mutex lock_;
  mutable std::vector<Piece> free_;
  mutable size_t freeBytes_ = 0;
  mutable size_t mappedBytes_ = 0;  // those taken and those free
  mutable std::unordered_map<void*, std::vector<Piece>> taken_;
};

// Never destroyed: tensors may outlive whatever order a process ends in.
const PagePool& pool() {
  static const PagePool& instance = *new PagePool;
  return instance;
}

void PagePool::give(void* memory) { pool().takeBack(memory); }

void PagePool::giveAny(void* memory) {
  if (!pool().takeBack(memory)) c10::GetDefaultCPUAllocator()->raw_deleter()(memory);
}

}  // namespace

bool installPagePool() {
  // Above the check of memory alone.
  c10::SetCPUAllocator(const_cast<PagePool*>(&pool()), 2);
  return true;
}

void drainPagePool() { pool().drain(); }

}  // namespace p2p

#else

namespace p2p {

bool installPagePool() { return false; }

void drainPagePool() {}

}  // namespace p2p

#endif
