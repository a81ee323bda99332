// Random generators of our own and the default ones, with their whole state saved and restored. Depends on handle.h.

#include "handle.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

#include <mutex>

namespace p2p {
namespace {

Napi::Value wrapGenerator(Napi::Env env, at::Generator generator) {
  return makeHandle(env, HandleKind::generator, new at::Generator(std::move(generator)), [](Napi::Env, at::Generator* gone) { delete gone; });
}

Napi::Value createGenerator(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    return wrapGenerator(env, at::make_generator<at::CPUGeneratorImpl>());
  });
}

Napi::Value defaultGenerator(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    return wrapGenerator(env, at::globalContext().defaultGenerator(c10::Device(info[0].ToString().Utf8Value())));
  });
}

Napi::Value seed(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    at::Generator generator = unwrapGenerator(info[0]);
    const int64_t number = toInteger(info[1], "seed");
    TORCH_CHECK(number >= 0, "seed: expected a number that is not negative, found ", number);
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(static_cast<uint64_t>(number));
    return env.Undefined();
  });
}

Napi::Value getState(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    at::Generator generator = unwrapGenerator(info[0]);
    std::lock_guard<std::mutex> lock(generator.mutex());
    return wrapTensor(env, generator.get_state(), "getState()");
  });
}

Napi::Value setState(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    at::Generator generator = unwrapGenerator(info[0]);
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(unwrapTensor(info[1], "random state"));
    return env.Undefined();
  });
}

}  // namespace

at::Generator unwrapGenerator(const Napi::Value& value) {
  const auto* generator = static_cast<at::Generator*>(handleAddress(value, HandleKind::generator));
  if (generator == nullptr) throw Napi::TypeError::New(value.Env(), "expected a random generator, found " + describeValue(value));
  return *generator;
}

void initRandom(Napi::Env env, Napi::Object exports) {
  exports.Set("createGenerator", Napi::Function::New(env, createGenerator, "createGenerator"));
  exports.Set("defaultGenerator", Napi::Function::New(env, defaultGenerator, "defaultGenerator"));
  exports.Set("seedGenerator", Napi::Function::New(env, seed, "seedGenerator"));
  exports.Set("getGeneratorState", Napi::Function::New(env, getState, "getGeneratorState"));
  exports.Set("setGeneratorState", Napi::Function::New(env, setState, "setGeneratorState"));
}

}  // namespace p2p
