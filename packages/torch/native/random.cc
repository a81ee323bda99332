// Random generators of our own and the default ones, with their whole state saved and restored. Depends on handle.h.

#include "handle.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

#include <mutex>

namespace p2p {
namespace {

using GeneratorExternal = Napi::External<at::Generator>;

Napi::Value createGenerator(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    auto* generator = new at::Generator(at::make_generator<at::CPUGeneratorImpl>());
    return GeneratorExternal::New(env, generator, [](Napi::Env, at::Generator* owned) { delete owned; });
  });
}

Napi::Value defaultGenerator(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    auto* generator = new at::Generator(at::globalContext().defaultGenerator(c10::Device(info[0].ToString().Utf8Value())));
    return GeneratorExternal::New(env, generator, [](Napi::Env, at::Generator* owned) { delete owned; });
  });
}

Napi::Value seed(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    at::Generator generator = unwrapGenerator(info[0]);
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(static_cast<uint64_t>(info[1].As<Napi::Number>().Int64Value()));
    return env.Undefined();
  });
}

Napi::Value getState(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    at::Generator generator = unwrapGenerator(info[0]);
    std::lock_guard<std::mutex> lock(generator.mutex());
    return wrapTensor(env, generator.get_state());
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
  if (!value.IsExternal()) throw Napi::TypeError::New(value.Env(), "expected a random generator");
  return *value.As<GeneratorExternal>().Data();
}

void initRandom(Napi::Env env, Napi::Object exports) {
  exports.Set("createGenerator", Napi::Function::New(env, createGenerator, "createGenerator"));
  exports.Set("defaultGenerator", Napi::Function::New(env, defaultGenerator, "defaultGenerator"));
  exports.Set("seedGenerator", Napi::Function::New(env, seed, "seedGenerator"));
  exports.Set("getGeneratorState", Napi::Function::New(env, getState, "getGeneratorState"));
  exports.Set("setGeneratorState", Napi::Function::New(env, setState, "setGeneratorState"));
}

}  // namespace p2p
