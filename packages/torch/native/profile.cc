// What the operators of a stretch of work were, how long each took, and how much memory their tensors held. Mechanism only:
// calls are listed as they happened, sums and tables are made in TypeScript. Depends on handle.h.
//
// libtorch tells observers of every call through its dispatcher and of every autograd node it runs (RecordFunction), and its
// allocators tell of every block taken and given back (MemoryReportingInfoBase). Both exist in 1.13 and 2.x, with other types of some
// parameters. The observers exist between startProfile and stopProfile only: at any other time they cost nothing.

#include "handle.h"

#include <ATen/record_function.h>
#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <variant>
#include <vector>

namespace p2p {
namespace {

struct Shape {
  at::ScalarType type;
  std::vector<int64_t> sizes;
};

// Of an argument only what tells the work: tensors' types and sizes (never the tensor, which would live longer), numbers.
using Input = std::variant<std::monostate, Shape, std::vector<Shape>, std::vector<int64_t>, double>;

struct Call {
  std::string name;
  bool gradient;   // an autograd node of the backward pass, not an operator
  int64_t parent;  // the call it was made by, on the same thread; -1: none
  std::vector<Input> inputs;
  std::chrono::steady_clock::time_point start, end;
};

// Backward passes of a GPU run on threads of their own, so calls come from several.
struct Recording {
  std::mutex mutex;
  std::vector<Call> calls;
};

// Blocks taken since the start, by address. Those taken before are not known, nor is their return counted.
class Blocks : public c10::MemoryReportingInfoBase {
  // 2.x changed two of the parameters from int64_t to size_t.
  template <typename Signature>
  struct Totals;
  template <typename T>
  struct Totals<void (c10::MemoryReportingInfoBase::*)(void*, int64_t, T, T, c10::Device)> {
    using Type = T;
  };
  using Total = Totals<decltype(&c10::MemoryReportingInfoBase::reportMemoryUsage)>::Type;

 public:
  void reportMemoryUsage(void* block, int64_t bytes, Total, Total, c10::Device) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (bytes > 0) {
      sizes_[block] = bytes;
      held_ += bytes;
      peak_ = std::max(peak_, held_);
    } else if (const auto found = sizes_.find(block); found != sizes_.end()) {
      held_ -= found->second;
      sizes_.erase(found);
    }
  }
  bool memoryProfilingEnabled() const override { return true; }
  int64_t held() const { return held_; }
  int64_t peak() const { return peak_; }

 private:
  std::mutex mutex_;
  std::unordered_map<void*, int64_t> sizes_;
  int64_t held_ = 0, peak_ = 0;
};

// One profile at a time in the process: the observer is global, since the autograd engine has threads of its own. No operator
// runs on any thread while these change, as libtorch demands: bodies are synchronous, and a backward pass ends with its call.
std::shared_ptr<Recording> recording;
std::shared_ptr<Blocks> blocks;
std::unique_ptr<c10::DebugInfoGuard> blocksGuard;
at::CallbackHandle observer = at::INVALID_CALLBACK_HANDLE;
thread_local std::vector<int64_t> openCalls;

struct Opened : at::ObserverContext {
  Opened(std::shared_ptr<Recording> owner, int64_t call) : recording(std::move(owner)), index(call) {}
  std::shared_ptr<Recording> recording;
  int64_t index;
};

Shape shapeOf(const at::Tensor& tensor) { return {tensor.scalar_type(), tensor.sizes().vec()}; }

Input summarise(const c10::IValue& value) {
  if (value.isTensor()) return value.toTensor().defined() ? Input(shapeOf(value.toTensor())) : Input();
  if (value.isTensorList()) {
    std::vector<Shape> shapes;
    for (const at::Tensor& tensor : value.toTensorVector())
      if (tensor.defined()) shapes.push_back(shapeOf(tensor));
    return shapes;
  }
  if (value.isIntList()) return value.toIntVector();
  if (value.isBoolList()) {
    std::vector<int64_t> flags;
    for (const bool flag : value.toBoolList()) flags.push_back(flag ? 1 : 0);
    return flags;
  }
  if (value.isInt()) return static_cast<double>(value.toInt());
  if (value.isDouble()) return value.toDouble();
  if (value.isBool()) return value.toBool() ? 1.0 : 0.0;
  return {};
}

std::unique_ptr<at::ObserverContext> onStart(const at::RecordFunction& function) {
  const std::shared_ptr<Recording> own = recording;
  if (!own) return nullptr;
  Call call{function.name(), function.scope() == at::RecordScope::BACKWARD_FUNCTION, openCalls.empty() ? -1 : openCalls.back(), {}, {}, {}};
  for (const c10::IValue& input : function.inputs()) call.inputs.push_back(summarise(input));
  const std::lock_guard<std::mutex> lock(own->mutex);
  const auto index = static_cast<int64_t>(own->calls.size());
  openCalls.push_back(index);
  call.start = call.end = std::chrono::steady_clock::now();
  own->calls.push_back(std::move(call));
  return std::make_unique<Opened>(own, index);
}

void onEnd(const at::RecordFunction&, at::ObserverContext* context) {
  const auto now = std::chrono::steady_clock::now();
  const auto* opened = static_cast<Opened*>(context);
  if (opened == nullptr) return;
  openCalls.pop_back();
  const std::lock_guard<std::mutex> lock(opened->recording->mutex);
  opened->recording->calls[opened->index].end = now;
}

Napi::Value startProfile(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    TORCH_CHECK(!recording, "profile: another profile is being taken; they do not nest");
    recording = std::make_shared<Recording>();
    blocks = std::make_shared<Blocks>();
    blocksGuard = std::make_unique<c10::DebugInfoGuard>(c10::DebugInfoKind::PROFILER_STATE, blocks);
    observer = at::addGlobalCallback(at::RecordFunctionCallback(onStart, onEnd)
                                         .needsInputs(true)
                                         .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}));
    return env.Undefined();
  });
}

template <typename T, typename Convert>
Napi::Array arrayOf(Napi::Env env, const std::vector<T>& values, const Convert& convert) {
  auto array = Napi::Array::New(env, values.size());
  for (uint32_t i = 0; i < values.size(); i++) array.Set(i, convert(values[i]));
  return array;
}

Napi::Value toValue(Napi::Env env, int64_t number) { return Napi::Number::New(env, static_cast<double>(number)); }

Napi::Value toValue(Napi::Env env, const Shape& shape) {
  auto result = Napi::Object::New(env);
  result.Set("dtype", dtypeName(shape.type));
  result.Set("shape", arrayOf(env, shape.sizes, [&](int64_t size) { return toValue(env, size); }));
  return result;
}

Napi::Value toValue(Napi::Env env, const Input& input) {
  if (const auto* shape = std::get_if<Shape>(&input)) return toValue(env, *shape);
  if (const auto* shapes = std::get_if<std::vector<Shape>>(&input))
    return arrayOf(env, *shapes, [&](const Shape& shape) { return toValue(env, shape); });
  if (const auto* numbers = std::get_if<std::vector<int64_t>>(&input))
    return arrayOf(env, *numbers, [&](int64_t number) { return toValue(env, number); });
  if (const auto* number = std::get_if<double>(&input)) return Napi::Number::New(env, *number);
  return env.Null();
}

// {calls: [{name, gradient, parent, milliseconds, inputs}], peakBytes, keptBytes}
Napi::Value stopProfile(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    TORCH_CHECK(recording != nullptr, "profile: none is being taken");
    at::removeCallback(observer);
    blocksGuard.reset();
    const auto taken = std::move(recording);
    const auto memory = std::move(blocks);
    auto result = Napi::Object::New(env);
    result.Set("calls", arrayOf(env, taken->calls, [&](const Call& call) {
      auto entry = Napi::Object::New(env);
      entry.Set("name", call.name);
      entry.Set("gradient", call.gradient);
      entry.Set("parent", call.parent < 0 ? env.Null() : toValue(env, call.parent));
      entry.Set("milliseconds", std::chrono::duration<double, std::milli>(call.end - call.start).count());
      entry.Set("inputs", arrayOf(env, call.inputs, [&](const Input& input) { return toValue(env, input); }));
      return entry;
    }));
    result.Set("peakBytes", toValue(env, memory->peak()));
    result.Set("keptBytes", toValue(env, memory->held()));
    return result;
  });
}

}  // namespace

void initProfile(Napi::Env env, Napi::Object exports) {
  exports.Set("startProfile", Napi::Function::New(env, startProfile, "startProfile"));
  exports.Set("stopProfile", Napi::Function::New(env, stopProfile, "stopProfile"));
}

}  // namespace p2p
