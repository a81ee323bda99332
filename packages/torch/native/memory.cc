// See memory.h. On Linux the figures are those of /proc and of the control groups (version 1 and 2); elsewhere nothing is
// known, and nothing is refused.

#include "memory.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#if defined(__linux__)
#include <unistd.h>
#endif

namespace p2p {
namespace {

constexpr int64_t kUnknown = std::numeric_limits<int64_t>::max();

// Left to JavaScript, to small tensors and to everything else that asks nobody.
constexpr int64_t kReserve = int64_t(64) << 20;

std::string sizeText(double value) {
  const char* const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  int unit = 0;
  for (; value >= 1024 && unit < 6; unit++) value /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.2f %s", value, units[unit]);
  return text;
}

#if defined(__linux__)

/** The number behind `key` in a file of lines "key number"; -1 where there is none. */
int64_t readKey(const std::string& file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.compare(0, key.size(), key) == 0) return std::strtoll(line.c_str() + key.size(), nullptr, 10);
  return -1;
}

/** The number a file consists of; -1 where there is none ("max", no file). */
int64_t readNumber(const std::string& file) {
  std::ifstream in(file);
  int64_t number;
  return in >> number ? number : -1;
}

/** What a control group has left; what it could give up of cached files counts. */
int64_t leftOfGroup(const std::string& folder, const char* limitFile, const char* usageFile, const char* cachedKey) {
  const int64_t limit = readNumber(folder + limitFile), usage = readNumber(folder + usageFile);
  if (limit < 0 || usage < 0) return kUnknown;
  return std::max<int64_t>(0, limit - usage + std::max<int64_t>(0, readKey(folder + "/memory.stat", cachedKey)));
}

/** The least that a group and those it is in have left. Inside a container the groups above are not to be seen. */
template <typename Left>
int64_t leftOfPath(std::string path, const Left& left) {
  int64_t least = kUnknown;
  while (true) {
    if (path == "/") path.clear();
    least = std::min(least, left(path));
    if (path.empty()) return least;
    path.erase(path.rfind('/'));
  }
}

int64_t leftOfGroups() {
  int64_t least = kUnknown;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",", path = line.substr(second + 1);
    if (controllers == ",,")
      least = std::min(least, leftOfPath(path, [](const std::string& group) {
                return leftOfGroup("/sys/fs/cgroup" + group, "/memory.max", "/memory.current", "inactive_file ");
              }));
    else if (controllers.find(",memory,") != std::string::npos)
      least = std::min(least, leftOfPath(path, [](const std::string& group) {
                return leftOfGroup("/sys/fs/cgroup/memory" + group, "/memory.limit_in_bytes", "/memory.usage_in_bytes", "total_inactive_file ");
              }));
  }
  return least;
}

int64_t leftOfMachine() {
  const int64_t free = readKey("/proc/meminfo", "MemAvailable:"), swap = readKey("/proc/meminfo", "SwapFree:");
  return free < 0 ? kUnknown : (free + std::max<int64_t>(0, swap)) * 1024;
}

int64_t available() { return std::min(leftOfMachine(), leftOfGroups()); }

/** Memory of this process that is there and is no file's. */
int64_t resident() {
  std::ifstream in("/proc/self/statm");
  int64_t total = 0, pages = 0, shared = 0;
  in >> total >> pages >> shared;
  return (pages - shared) * sysconf(_SC_PAGESIZE);
}

#else

int64_t available() { return kUnknown; }
int64_t resident() { return 0; }

#endif

/** What can be handed out, after what was promised already. */
int64_t leftToPromise(size_t mapped) {
  const int64_t free = available();
  if (free == kUnknown) return kUnknown;
  const int64_t unwritten = std::max<int64_t>(0, static_cast<int64_t>(mapped) - resident());
  return std::max<int64_t>(0, free - unwritten - kReserve);
}

/** How many bytes more are handed out before the system is asked again: it takes 0.1 ms. */
std::atomic<int64_t> allowance{0};

[[noreturn]] void throwOutOfMemory(size_t size, const std::string& why) {
  TORCH_CHECK_WITH(OutOfMemoryError, false, "not enough memory for a tensor of ", sizeText(static_cast<double>(size)), ": ", why);
}

/** libtorch's own allocator, asked only for what there is. */
class CheckedAllocator final : public c10::Allocator {
 public:
  // Both, and none marked as overriding: libtorch took the const away after 1.13, and added copy_data.
  c10::DataPtr allocate(size_t size) const { return allocateChecked(size); }
  c10::DataPtr allocate(size_t size) { return allocateChecked(size); }
  void copy_data(void* to, const void* from, size_t size) const { std::memcpy(to, from, size); }

  c10::DeleterFnPtr raw_deleter() const override { return c10::GetDefaultCPUAllocator()->raw_deleter(); }

 private:
  static c10::DataPtr allocateChecked(size_t size) {
    if (size < kLargeAllocation) return c10::GetDefaultCPUAllocator()->allocate(size);
    requireMemory(size, 0);
    try {
      return c10::GetDefaultCPUAllocator()->allocate(size);
    } catch (const c10::Error&) {
      refuseMemory(size);
    }
  }
};

}  // namespace

void requireMemory(size_t size, size_t mapped) {
  if (size > static_cast<size_t>(kUnknown)) throwOutOfMemory(size, "no machine has that");
  const auto wanted = static_cast<int64_t>(size);
  if (allowance.fetch_sub(wanted) >= wanted) return;
  int64_t left = leftToPromise(mapped);
#if defined(__GLIBC__)
  // What malloc has kept of freed memory may be enough.
  if (wanted > left && malloc_trim(0) == 1) left = leftToPromise(mapped);
#endif
  if (wanted > left) {
    allowance = 0;
    throwOutOfMemory(size, sizeText(static_cast<double>(left)) + " are free");
  }
  // A part only: others take memory meanwhile.
  allowance = (left - wanted) / 4;
}

void refuseMemory(size_t size) { throwOutOfMemory(size, "the system grants this process no more (ulimit -v shows its limit)"); }

bool isOutOfMemory(const c10::Error& error) {
  return dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr || std::strstr(error.what(), "DefaultCPUAllocator: ") != nullptr;
}

void installMemoryCheck() {
  static CheckedAllocator& instance = *new CheckedAllocator;
  // Below the pool of pages, which another instance of the addon may have installed.
  c10::SetCPUAllocator(&instance, 1);
}

}  // namespace p2p
