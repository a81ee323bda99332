// CUDA graphs: work of a fixed shape, recorded once and then launched as a whole, without the CPU's time for every
// single operator. Depends on handle.h and, where libtorch has CUDA and its headers are at hand, on CUDA's headers.
//
// build-addon sets P2P_CUDA_GRAPHS; without it there is nothing to record with, and the functions say so.

#include "handle.h"

#ifdef P2P_CUDA_GRAPHS
#include <ATen/Context.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <memory>
#endif

namespace p2p {
namespace {

Napi::Value cudaGraphsBuilt(const Napi::CallbackInfo& info) {
#ifdef P2P_CUDA_GRAPHS
  return Napi::Boolean::New(info.Env(), true);
#else
  return Napi::Boolean::New(info.Env(), false);
#endif
}

#ifdef P2P_CUDA_GRAPHS

/** A recording, and the stream that operators ran on before it began. */
struct GraphHandle {
  std::unique_ptr<at::cuda::CUDAGraph> graph;
  c10::Stream before;
};

const c10::impl::VirtualGuardImpl& streams() {
  static const c10::impl::VirtualGuardImpl guard(c10::DeviceType::CUDA);
  return guard;
}

GraphHandle& unwrapGraph(const Napi::Value& value) {
  auto* const handle = static_cast<GraphHandle*>(handleAddress(value, HandleKind::graph));
  if (handle == nullptr) throw Napi::TypeError::New(value.Env(), "expected a CUDA graph, found " + describeValue(value));
  return *handle;
}

at::cuda::CUDAGraph& undisposed(GraphHandle& handle) {
  TORCH_CHECK(handle.graph != nullptr, "the CUDA graph was disposed");
  return *handle.graph;
}

// (device) -> graph. CUDA records on no default stream: until endRecording operators run on another one. What is under way
// is waited for, so that nothing recorded depends on the order of two streams.
Napi::Value beginRecording(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const c10::Device device(info[0].ToString().Utf8Value());
    at::detail::getCUDAHooks().deviceSynchronize(device.index());
    auto handle = std::make_unique<GraphHandle>(GraphHandle{std::make_unique<at::cuda::CUDAGraph>(), streams().getStream(device)});
    streams().exchangeStream(streams().getStreamFromGlobalPool(device));
    try {
      handle->graph->capture_begin();
    } catch (...) {
      streams().exchangeStream(handle->before);
      throw;
    }
    return makeHandle(env, HandleKind::graph, handle.release(), [](Napi::Env, GraphHandle* gone) { delete gone; });
  });
}

// (graph): what ran since beginRecording can be replayed from now on. Throws where CUDA could not record some of it.
Napi::Value endRecording(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    GraphHandle& handle = unwrapGraph(info[0]);
    try {
      undisposed(handle).capture_end();
    } catch (...) {
      streams().exchangeStream(handle.before);
      throw;
    }
    streams().exchangeStream(handle.before);
    return env.Undefined();
  });
}

Napi::Value replay(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    undisposed(unwrapGraph(info[0])).replay();
    return env.Undefined();
  });
}

// (graph): frees the recording and the memory that its tensors do not hold. Idempotent.
Napi::Value releaseGraph(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    unwrapGraph(info[0]).graph.reset();
    return env.Undefined();
  });
}

#else

Napi::Value unavailable(const Napi::CallbackInfo& info) {
  throw Napi::Error::New(info.Env(), "CUDA graphs: the addon was built without CUDA's headers, or for a libtorch without CUDA");
}
constexpr auto beginRecording = unavailable, endRecording = unavailable, replay = unavailable, releaseGraph = unavailable;

#endif

}  // namespace

void initCudaGraph(Napi::Env env, Napi::Object exports) {
  exports.Set("cudaGraphsBuilt", Napi::Function::New(env, cudaGraphsBuilt, "cudaGraphsBuilt"));
  exports.Set("beginRecording", Napi::Function::New(env, beginRecording, "beginRecording"));
  exports.Set("endRecording", Napi::Function::New(env, endRecording, "endRecording"));
  exports.Set("replayRecording", Napi::Function::New(env, replay, "replayRecording"));
  exports.Set("releaseRecording", Napi::Function::New(env, releaseGraph, "releaseRecording"));
}

}  // namespace p2p
