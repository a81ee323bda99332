// See meta.h. libtorch keeps no count of what tensors on the meta device would take; an allocator in the place of its own does.
// What libtorch has on the meta device in Python only is added here: shapes alone.

#include "meta.h"

#include "handle.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/Allocator.h>
#include <torch/library.h>

#include <array>
#include <atomic>
#include <string>

#include "compat.h"

namespace p2p {
namespace {

std::atomic<int64_t> liveBytes{0}, peakBytes{0};

/** Hands out no memory, and notes how much it would have been. */
class CountingAllocator final : public c10::Allocator {
 public:
  // See CheckedAllocator in memory.cc.
  c10::DataPtr allocate(size_t size) const { return count(size); }
  c10::DataPtr allocate(size_t size) { return count(size); }
  void copy_data(void*, const void*, size_t) const {}

  c10::DeleterFnPtr raw_deleter() const override { return nullptr; }

 private:
  static c10::DataPtr count(size_t size) {
    const int64_t live = liveBytes += static_cast<int64_t>(size);
    for (int64_t peak = peakBytes; peak < live && !peakBytes.compare_exchange_weak(peak, live);) {
    }
    return {nullptr, new int64_t(static_cast<int64_t>(size)), release, c10::Device(c10::DeviceType::Meta)};
  }

  static void release(void* context) {
    auto* const size = static_cast<int64_t*>(context);
    liveBytes -= *size;
    delete size;
  }
};

using Found = const Optional<at::Tensor>&;

at::Tensor relu(const at::Tensor& x) { return at::empty_like(x); }

// With what the CPU keeps of it for the gradient.
std::tuple<at::Tensor, at::Tensor> logSigmoid(const at::Tensor& x) { return {at::empty_like(x), at::empty_like(x)}; }

at::Tensor mseLossBackward(const at::Tensor&, const at::Tensor& x, const at::Tensor&, int64_t) { return at::empty_like(x); }

std::tuple<at::Tensor, at::Tensor, at::Tensor> batchNorm(const at::Tensor& x, Found, Found, Found, Found, bool training, double, double) {
  const at::Tensor mean = at::empty({training ? x.size(1) : 0}, x.options().dtype(at::kFloat));
  return {at::empty_like(x), mean, at::empty_like(mean)};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> batchNormBackward(const at::Tensor&, const at::Tensor& x, Found weight, Found, Found, Found, Found,
                                                                 bool, double, std::array<bool, 3> mask) {
  const auto perChannel = [&](bool wanted) { return wanted ? at::empty_like(*weight) : at::Tensor(); };
  return {mask[0] ? at::empty_like(x) : at::Tensor(), perChannel(mask[1]), perChannel(mask[2])};
}

/** Gives the meta device an operator, unless libtorch has. */
template <typename Function>
void addShapes(torch::Library& library, const char* name, Function&& function) {
  const auto found = c10::Dispatcher::singleton().findSchema({std::string("aten::") + name, ""});
  if (!found.has_value() || !found->hasKernelForDispatchKey(c10::DispatchKey::Meta)) library.impl(name, function);
}

void addMissingShapes() {
  static torch::Library& library = *new torch::Library(torch::Library::IMPL, "aten", c10::DispatchKey::Meta, __FILE__, __LINE__);
  addShapes(library, "relu", TORCH_FN(relu));
  addShapes(library, "log_sigmoid_forward", TORCH_FN(logSigmoid));
  addShapes(library, "mse_loss_backward", TORCH_FN(mseLossBackward));
  addShapes(library, "native_batch_norm", TORCH_FN(batchNorm));
  addShapes(library, "native_batch_norm_backward", TORCH_FN(batchNormBackward));
}

thread_local Optional<c10::Device> device;

// (device or null)
Napi::Value setDefaultDevice(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    if (info[0].IsNull()) device.reset();
    else device = c10::Device(info[0].ToString().Utf8Value());
    return env.Undefined();
  });
}

Napi::Value getDefaultDevice(const Napi::CallbackInfo& info) {
  if (!device.has_value()) return info.Env().Null();
  return Napi::String::New(info.Env(), device->str());
}

// Bytes of the meta tensors that live, and the most since resetMetaPeak.
Napi::Value metaMemory(const Napi::CallbackInfo& info) {
  auto result = Napi::Object::New(info.Env());
  result.Set("bytes", Napi::Number::New(info.Env(), static_cast<double>(liveBytes.load())));
  result.Set("peak", Napi::Number::New(info.Env(), static_cast<double>(peakBytes.load())));
  return result;
}

Napi::Value resetMetaPeak(const Napi::CallbackInfo& info) {
  peakBytes = liveBytes.load();
  return info.Env().Undefined();
}

}  // namespace

const c10::Device* defaultDevice() { return device.has_value() ? &*device : nullptr; }

void initMeta(Napi::Env env, Napi::Object exports) {
  // Once: other threads of Node load the addon again.
  static const bool installed = [] {
    c10::SetAllocator(c10::DeviceType::Meta, new CountingAllocator, 1);
    addMissingShapes();
    return true;
  }();
  static_cast<void>(installed);
  exports.Set("setDefaultDevice", Napi::Function::New(env, setDefaultDevice, "setDefaultDevice"));
  exports.Set("getDefaultDevice", Napi::Function::New(env, getDefaultDevice, "getDefaultDevice"));
  exports.Set("metaMemory", Napi::Function::New(env, metaMemory, "metaMemory"));
  exports.Set("resetMetaPeak", Napi::Function::New(env, resetMetaPeak, "resetMetaPeak"));
}

}  // namespace p2p
