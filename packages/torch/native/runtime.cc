// The process around the tensors: threads, denormals, the C allocator, devices, versions. Mechanism only: which values to
// set is decided in TypeScript. Depends on handle.h, memory.h and page_pool.h.

#include "compat.h"
#include "handle.h"
#include "memory.h"
#include "page_pool.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/DeviceGuard.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <atomic>

namespace p2p {
namespace {

constexpr int64_t kMostThreads = 1024;

Napi::Value setThreads(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const int64_t count = toInteger(info[0], "threads");
    // The system gives so many to nobody, and OpenMP ends the process when it is refused one.
    TORCH_CHECK(count >= 1 && count <= kMostThreads, "threads: expected 1 to ", kMostThreads, ", found ", count);
    at::set_num_threads(static_cast<int>(count));
    return env.Undefined();
  });
}

Napi::Value getThreads(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), at::get_num_threads()); }

// Denormals are a flag of each CPU thread: set it on every thread of the pool, not only on the caller.
Napi::Value setFlushDenormal(const Napi::CallbackInfo& info) {
  const bool on = info[0].ToBoolean().Value();
  const int threads = at::get_num_threads();
  std::atomic<bool> supported{true};
  at::parallel_for(0, threads, 1, [&](int64_t, int64_t) {
    if (!at::globalContext().setFlushDenormal(on)) supported = false;
  });
  if (!at::globalContext().setFlushDenormal(on)) supported = false;
  return Napi::Boolean::New(info.Env(), supported);
}

// A training step frees and takes gigabytes, and by default every step pays for mapping and zeroing them again (about 1.1
// million page faults). Large tensors go to a pool of pages; of what is smaller, and of what oneDNN asks for itself, glibc
// is told to keep freed pages.
Napi::Value keepPages(const Napi::CallbackInfo& info) {
  bool kept = installPagePool();
#if defined(__GLIBC__)
  kept = mallopt(M_MMAP_MAX, 0) == 1 && mallopt(M_TRIM_THRESHOLD, 0x7fffffff) == 1 && mallopt(M_TOP_PAD, 256 << 20) == 1 &&
         mallopt(M_ARENA_MAX, 1) == 1 && kept;
#endif
  return Napi::Boolean::New(info.Env(), kept);
}

// Gives free pages back to the system now, those between blocks in use too: loading a network takes several times the
// memory that the network keeps.
Napi::Value releasePages(const Napi::CallbackInfo& info) {
  drainPagePool();
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
  return info.Env().Undefined();
}

Napi::Value cudaDeviceCount(const Napi::CallbackInfo& info) {
  int count = 0;
  try {
    if (at::hasCUDA()) count = static_cast<int>(at::detail::getCUDAHooks().getNumGPUs());
  } catch (const std::exception&) {
    count = 0;
  }
  return Napi::Number::New(info.Env(), count);
}

// (device): whether cuDNN convolves in bfloat16 there, which takes the tensor cores of compute capability 8.
Napi::Value cudaHasBfloat16(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    if (!at::hasCUDA()) return Napi::Boolean::New(env, false);
    const c10::DeviceGuard guard(c10::Device(info[0].ToString().Utf8Value()));
    return Napi::Boolean::New(env, at::detail::getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8());
  });
}

// Whether cuDNN times its algorithms for every new shape of a convolution and keeps the fastest. Returns what is set then.
Napi::Value setCudnnBenchmark(const Napi::CallbackInfo& info) {
  at::globalContext().setBenchmarkCuDNN(info[0].ToBoolean().Value());
  return Napi::Boolean::New(info.Env(), at::globalContext().benchmarkCuDNN());
}

// Whether float32 products may be rounded to TF32's ten bits on their way in; libtorch's default for convolutions is yes.
Napi::Value setTf32(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const bool on = info[0].ToBoolean().Value();
    at::globalContext().setAllowTF32CuDNN(on);
    at::globalContext().setAllowTF32CuBLAS(on);
    return env.Undefined();
  });
}

Napi::Value version(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), TORCH_VERSION); }

}  // namespace

void initRuntime(Napi::Env env, Napi::Object exports) {
  installMemoryCheck();
  exports.Set("setThreads", Napi::Function::New(env, setThreads, "setThreads"));
  exports.Set("getThreads", Napi::Function::New(env, getThreads, "getThreads"));
  exports.Set("setFlushDenormal", Napi::Function::New(env, setFlushDenormal, "setFlushDenormal"));
  exports.Set("keepPages", Napi::Function::New(env, keepPages, "keepPages"));
  exports.Set("releasePages", Napi::Function::New(env, releasePages, "releasePages"));
  exports.Set("cudaDeviceCount", Napi::Function::New(env, cudaDeviceCount, "cudaDeviceCount"));
  exports.Set("cudaHasBfloat16", Napi::Function::New(env, cudaHasBfloat16, "cudaHasBfloat16"));
  exports.Set("setCudnnBenchmark", Napi::Function::New(env, setCudnnBenchmark, "setCudnnBenchmark"));
  exports.Set("setTf32", Napi::Function::New(env, setTf32, "setTf32"));
  exports.Set("version", Napi::Function::New(env, version, "version"));
}

}  // namespace p2p
