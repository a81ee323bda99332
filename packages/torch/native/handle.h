// What JavaScript holds of the addon's objects, and what it may hand in. Depends on libtorch and Node-API.
#pragma once

#include <ATen/ATen.h>
#include <napi.h>

#include <c10/util/SmallVector.h>

#include <string>

namespace p2p {

/** What an External of ours points to. */
enum class HandleKind { tensor, generator, graph };

/**
 * Externals carry no type of their own, and others than ours exist: which addresses are handles, and of what, is kept
 * beside. One JavaScript thread owns all handles of its instance of the addon.
 */
void rememberHandle(const void* address, HandleKind kind);
void forgetHandle(const void* address);

/** The address behind a handle of this kind; null for any other value. */
void* handleAddress(const Napi::Value& value, HandleKind kind);

/** An External around an object that `destroy(env, object)` ends when the value is collected. */
template <typename T, typename Destroy>
Napi::Value makeHandle(Napi::Env env, HandleKind kind, T* object, Destroy destroy) {
  auto handle = Napi::External<T>::New(env, object, [destroy](Napi::Env own, T* gone) {
    forgetHandle(gone);
    destroy(own, gone);
  });
  rememberHandle(object, kind);
  return handle;
}

/** "a tensor", "a random generator", "undefined", "the string 'x'": for messages about a wrong argument. */
std::string describeValue(const Napi::Value& value);

/** A whole number as int64. Throws a TypeError that begins with `what` for anything else, beyond 2^53 without BigInt too. */
int64_t toInteger(const Napi::Value& value, const std::string& what);

/** Owns one reference to a tensor until it is released or the JavaScript value is collected. */
struct TensorHandle {
  at::Tensor tensor;
  // What made it, for messages: an operator's name, which lives as long as the library.
  const char* origin = nullptr;
  // The storage this handle was counted under.
  const void* storageKey = nullptr;
  // What it was, once it is released.
  at::ScalarType type = at::kFloat;
  // Inline: an allocation of its own, kept until the handle is collected, would stand between freed memory.
  c10::SmallVector<int64_t, 5> sizes;
};

/** Wraps a tensor for JavaScript and counts its storage; an undefined tensor becomes null. */
Napi::Value wrapTensor(Napi::Env env, at::Tensor tensor, const char* origin);

/** The tensor behind a handle. Throws a JavaScript error when the value is no handle of a tensor or was released. */
const at::Tensor& unwrapTensor(const Napi::Value& value, const char* what);

/** Drops our reference. Idempotent. Autograd and other views keep the storage alive as they need. */
void releaseTensor(Napi::Env env, TensorHandle* handle);

/** What kind of error it is: the package's error class makes its code of that. */
enum class ErrorKind { libtorch, argument, disposed, outOfMemory };

/**
 * Throws the package's own JavaScript error.
 * @param backtrace several KB of libtorch's frames, or null.
 * @param handle the tensor concerned, if any.
 */
[[noreturn]] void throwError(Napi::Env env, ErrorKind kind, const std::string& message, const char* backtrace = nullptr,
                             Napi::Value handle = Napi::Value());

/**
 * Turns the exception being handled into the package's JavaScript error, whose first line is the cause.
 */
[[noreturn]] void rethrow(Napi::Env env);

/** Runs a body; what it throws becomes a JavaScript error. */
template <typename Body>
auto guarded(Napi::Env env, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (...) {
    rethrow(env);
  }
}

/** PyTorch's dtype name ("float32") to the scalar type, and back. Throws for names outside the closed list. */
at::ScalarType parseDType(Napi::Env env, const std::string& name);
const char* dtypeName(at::ScalarType type);

void initErrors(Napi::Env env, Napi::Object exports);
void initTensor(Napi::Env env, Napi::Object exports);
void initDispatch(Napi::Env env, Napi::Object exports);
void initAutograd(Napi::Env env, Napi::Object exports);
void initRandom(Napi::Env env, Napi::Object exports);
void initRuntime(Napi::Env env, Napi::Object exports);
void initProfile(Napi::Env env, Napi::Object exports);
void initCudaGraph(Napi::Env env, Napi::Object exports);
void initMeta(Napi::Env env, Napi::Object exports);

/** The generator behind a handle made by initRandom's functions. */
at::Generator unwrapGenerator(const Napi::Value& value);

}  // namespace p2p
