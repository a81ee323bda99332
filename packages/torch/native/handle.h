// What JavaScript holds of a tensor: an External around a TensorHandle. Depends on libtorch and Node-API.
#pragma once

#include <ATen/ATen.h>
#include <napi.h>

#include <string>

namespace p2p {

/** Owns one reference to a tensor until it is released or the JavaScript value is collected. */
struct TensorHandle {
  at::Tensor tensor;
  // The storage this handle was counted under.
  const void* storageKey = nullptr;
};

/** Wraps a tensor for JavaScript and counts its storage; an undefined tensor becomes null. */
Napi::Value wrapTensor(Napi::Env env, at::Tensor tensor);

/** The tensor behind a handle. Throws a JavaScript error when the value is no handle or was released. */
const at::Tensor& unwrapTensor(const Napi::Value& value, const char* what);

/** Drops our reference. Idempotent. Autograd and other views keep the storage alive as they need. */
void releaseTensor(Napi::Env env, TensorHandle* handle);

/** Runs a body and turns libtorch's errors into JavaScript errors whose first line is the cause. */
template <typename Body>
auto guarded(Napi::Env env, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (const c10::Error& error) {
    // what() carries several KB of backtrace; it goes into a property for --debug.
    Napi::Error jsError = Napi::Error::New(env, error.what_without_backtrace());
    jsError.Set("backtrace", Napi::String::New(env, error.what()));
    throw jsError;
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, error.what());
  }
}

/** PyTorch's dtype name ("float32") to the scalar type, and back. Throws for names outside the closed list. */
at::ScalarType parseDType(Napi::Env env, const std::string& name);
const char* dtypeName(at::ScalarType type);

void initTensor(Napi::Env env, Napi::Object exports);
void initDispatch(Napi::Env env, Napi::Object exports);
void initAutograd(Napi::Env env, Napi::Object exports);
void initRandom(Napi::Env env, Napi::Object exports);
void initRuntime(Napi::Env env, Napi::Object exports);
void initProfile(Napi::Env env, Napi::Object exports);
void initCudaGraph(Napi::Env env, Napi::Object exports);

/** The generator behind a handle made by initRandom's functions. */
at::Generator unwrapGenerator(const Napi::Value& value);

}  // namespace p2p
