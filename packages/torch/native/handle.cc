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

[[noreturn]] void throwError(Napi::Env env, const char* message, const char* backtrace, bool outOfMemory) {
  Napi::Error error = Napi::Error::New(env, message);
  // Several KB of libtorch's frames: for --debug.
  if (backtrace != nullptr) error.Set("backtrace", Napi::String::New(env, backtrace));
  if (outOfMemory) error.Set("code", Napi::String::New(env, "ERR_OUT_OF_MEMORY"));
  throw error;
}

}  // namespace

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
  } catch (const Napi::Error&) {
    throw;
  } catch (const c10::Error& error) {
    const char* const message = error.what_without_backtrace();
    throwError(env, message, error.what(), isOutOfMemory(error));
  } catch (const std::bad_alloc& error) {
    throwError(env, "not enough memory (std::bad_alloc)", nullptr, true);
  } catch (const std::exception& error) {
    throwError(env, error.what(), nullptr, false);
  } catch (...) {
    throwError(env, "an exception of an unknown kind", nullptr, false);
  }
}

}  // namespace p2p
