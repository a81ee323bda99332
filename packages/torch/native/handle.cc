// Which values are handles of ours, and what JavaScript is told of a wrong one or of an error. Depends on handle.h and memory.h.

#include "handle.h"

#include <c10/util/flat_hash_map.h>

#include <cmath>
#include <new>

#include "memory.h"

namespace p2p {
namespace {

thread_local ska::flat_hash_map<const void*, HandleKind> handles;

const char* nameOf(HandleKind kind) {
  switch (kind) {
    case HandleKind::tensor:
      return "a tensor";
    case HandleKind::generator:
      return "a random generator";
    default:
      return "a CUDA graph";
  }
}

// Makes the package's errors: (kind, message, backtrace, handle) -> Error. One for each instance of the addon, and never
// destroyed, since the thread may outlive its environment.
thread_local Napi::FunctionReference* errorFactory = nullptr;

const char* nameOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::argument:
      return "argument";
    case ErrorKind::disposed:
      return "disposed";
    case ErrorKind::outOfMemory:
      return "out of memory";
    default:
      return "libtorch";
  }
}

Napi::Value setErrorFactory(const Napi::CallbackInfo& info) {
  errorFactory = new Napi::FunctionReference(Napi::Persistent(info[0].As<Napi::Function>()));
  return info.Env().Undefined();
}

}  // namespace

void throwError(Napi::Env env, ErrorKind kind, const std::string& message, const char* backtrace, Napi::Value handle) {
  // Loaded without the package around it.
  if (errorFactory == nullptr) throw Napi::Error::New(env, message);
  const Napi::Value trace = backtrace == nullptr ? env.Undefined() : Napi::String::New(env, backtrace).As<Napi::Value>();
  const Napi::Value made = errorFactory->Call({Napi::String::New(env, nameOf(kind)), Napi::String::New(env, message), trace,
                                              handle.IsEmpty() ? env.Undefined() : handle});
  throw Napi::Error(env, made);
}

void initErrors(Napi::Env env, Napi::Object exports) {
  exports.Set("setErrorFactory", Napi::Function::New(env, setErrorFactory, "setErrorFactory"));
}

void rememberHandle(const void* address, HandleKind kind) { handles[address] = kind; }

void forgetHandle(const void* address) { handles.erase(address); }

void* handleAddress(const Napi::Value& value, HandleKind kind) {
  if (!value.IsExternal()) return nullptr;
  void* const address = value.As<Napi::External<void>>().Data();
  const auto found = handles.find(address);
  return found != handles.end() && found->second == kind ? address : nullptr;
}

std::string describeValue(const Napi::Value& value) {
  if (value.IsEmpty() || value.IsUndefined()) return "undefined";
  if (value.IsNull()) return "null";
  if (value.IsExternal()) {
    const auto found = handles.find(value.As<Napi::External<void>>().Data());
    return found == handles.end() ? "a value of another addon" : nameOf(found->second);
  }
  if (value.IsString()) return "the string '" + value.As<Napi::String>().Utf8Value() + "'";
  if (value.IsSymbol()) return "a symbol";
  if (value.IsFunction()) return "a function";
  if (value.IsArray()) return "an array";
  if (value.IsObject()) return "an object";
  return value.ToString().Utf8Value();
}

int64_t toInteger(const Napi::Value& value, const std::string& what) {
  if (value.IsBigInt()) {
    bool lossless = true;
    const int64_t number = value.As<Napi::BigInt>().Int64Value(&lossless);
    if (lossless) return number;
  }
  if (value.IsNumber()) {
    const double number = value.As<Napi::Number>().DoubleValue();
    if (std::trunc(number) == number && std::fabs(number) < 9007199254740992.0) return static_cast<int64_t>(number);
  }
  throw Napi::TypeError::New(value.Env(), what + ": expected an integer, found " + describeValue(value));
}

void rethrow(Napi::Env env) {
  try {
    throw;
  } catch (const Napi::Error& error) {
    // Ours is one already; what Node-API's own classes say of a wrong argument becomes one.
    if (errorFactory == nullptr || error.Value().Get("code").IsString()) throw;
    const bool noMemory = error.Value().Get("name").ToString().Utf8Value() == "RangeError";
    throwError(env, noMemory ? ErrorKind::outOfMemory : ErrorKind::argument, error.Message());
  } catch (const c10::Error& error) {
    throwError(env, isOutOfMemory(error) ? ErrorKind::outOfMemory : ErrorKind::libtorch, error.what_without_backtrace(), error.what());
  } catch (const std::bad_alloc&) {
    throwError(env, ErrorKind::outOfMemory, "not enough memory (std::bad_alloc)");
  } catch (const std::exception& error) {
    throwError(env, ErrorKind::libtorch, error.what());
  } catch (...) {
    throwError(env, ErrorKind::libtorch, "an exception of an unknown kind");
  }
}

}  // namespace p2p
