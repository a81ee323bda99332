// Tensors as JavaScript values: creation from bytes, metadata, copies out, release, and the count of what lives.
// No arithmetic: that is dispatch.cc. Depends on handle.h.

#include "handle.h"

#include <cstring>
#include <sstream>
#include <unordered_map>

#include "memory.h"

namespace p2p {
namespace {

// One JavaScript thread owns all handles of this addon instance; worker threads have instances of their own state.
struct Live {
  struct Counted {
    int64_t handles = 0;
    int64_t bytes = 0;  // as counted at the first handle, so that release subtracts exactly that
  };
  std::unordered_map<const void*, Counted> storages;
  int64_t tensors = 0;
  int64_t bytes = 0;
};
thread_local Live live;

const struct {
  const char* name;
  at::ScalarType type;
} kDTypes[] = {{"float32", at::kFloat}, {"float64", at::kDouble},  {"float16", at::kHalf}, {"bfloat16", at::kBFloat16},
               {"int64", at::kLong},    {"int32", at::kInt},       {"int16", at::kShort},  {"int8", at::kChar},
               {"uint8", at::kByte},    {"bool", at::kBool}};

const char* nameOrUnknown(at::ScalarType type) {
  for (const auto& entry : kDTypes)
    if (type == entry.type) return entry.name;
  return "of a type that has no counterpart here";
}

void finalize(Napi::Env env, TensorHandle* handle) {
  releaseTensor(env, handle);
  delete handle;
}

// (bytes, shape, dtype, pinned, wanted dtype if another). Pinned memory is what a GPU copies from while the
// CPU goes on. Elements are converted as libtorch does.
Napi::Value fromBytes(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
      throw Napi::TypeError::New(env, "tensor: expected bytes (a Uint8Array), found " + describeValue(info[0]));
    if (!info[1].IsArray()) throw Napi::TypeError::New(env, "tensor: expected a shape (an array of sizes), found " + describeValue(info[1]));
    auto bytes = info[0].As<Napi::Uint8Array>();
    auto shapeArray = info[1].As<Napi::Array>();
    const at::ScalarType type = parseDType(env, info[2].ToString());
    const at::ScalarType wanted = info[4].IsUndefined() ? type : parseDType(env, info[4].ToString());
    std::vector<int64_t> shape(shapeArray.Length());
    // Before anything is allocated. In doubles, which do not overflow and are exact as far as bytes can reach.
    double expected = static_cast<double>(c10::elementSize(type));
    for (uint32_t i = 0; i < shape.size(); i++) {
      shape[i] = toInteger(shapeArray.Get(i), "tensor: axis " + std::to_string(i) + " of the shape");
      TORCH_CHECK(shape[i] >= 0, "tensor: axis ", i, " of the shape is negative (", shape[i], ")");
      expected *= static_cast<double>(shape[i]);
    }
    TORCH_CHECK(static_cast<double>(bytes.ByteLength()) == expected, "tensor: ", bytes.ByteLength(), " bytes of data for shape ",
                at::IntArrayRef(shape), " of ", dtypeName(type), ", which needs ", expected);
    at::Tensor tensor = at::empty(shape, at::TensorOptions().dtype(type).pinned_memory(wanted == type && info[3].ToBoolean().Value()));
    if (bytes.ByteLength() > 0) std::memcpy(tensor.data_ptr(), bytes.Data(), bytes.ByteLength());
    // libtorch reads a bool as the number its byte is: only 0 and 1 are any.
    if (type == at::kBool) tensor.copy_(tensor.view(at::kByte).ne(0));
    if (wanted != type) {
      tensor = tensor.to(wanted);
      if (info[3].ToBoolean().Value()) tensor = tensor.pin_memory();
    }
    return wrapTensor(env, std::move(tensor), "tensor()");
  });
}

// Copies the elements in row-major order into a fresh Uint8Array.
Napi::Value toBytes(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    at::Tensor source = unwrapTensor(info[0], "data").detach();
    TORCH_CHECK(source.layout() == at::kStrided, "data: the tensor is ", source.layout(), ", only dense ones can be read");
    at::Tensor dense = source.to(at::kCPU).resolve_neg().resolve_conj().contiguous();
    const size_t size = dense.numel() * dense.element_size();
    TORCH_CHECK(size == 0 || dense.data_ptr() != nullptr, "data: the tensor has no elements in memory");
    requireMemory(size, 0);
    // By JavaScript's own constructor: Node-API's ends the process where there is no memory.
    auto buffer = env.Global().Get("ArrayBuffer").As<Napi::Function>().New({Napi::Number::New(env, static_cast<double>(size))}).As<Napi::ArrayBuffer>();
    if (size > 0) std::memcpy(buffer.Data(), dense.data_ptr(), size);
    return Napi::Uint8Array::New(env, size, buffer, 0);
  });
}

Napi::Value describe(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const at::Tensor& tensor = unwrapTensor(info[0], "shape");
    auto shape = Napi::Array::New(env, tensor.dim());
    for (int64_t i = 0; i < tensor.dim(); i++) shape.Set(static_cast<uint32_t>(i), Napi::Number::New(env, tensor.size(i)));
    auto result = Napi::Array::New(env, 3);
    result.Set(0u, shape);
    result.Set(1u, Napi::String::New(env, dtypeName(tensor.scalar_type())));
    result.Set(2u, Napi::String::New(env, tensor.device().str()));
    return result;
  });
}

Napi::Value strides(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const at::Tensor& tensor = unwrapTensor(info[0], "strides");
    auto result = Napi::Array::New(env, tensor.dim());
    for (int64_t i = 0; i < tensor.dim(); i++) result.Set(static_cast<uint32_t>(i), Napi::Number::New(env, tensor.stride(i)));
    return result;
  });
}

TensorHandle* handleOf(const Napi::Value& value, const char* what) {
  auto* const handle = static_cast<TensorHandle*>(handleAddress(value, HandleKind::tensor));
  if (handle == nullptr) throw Napi::TypeError::New(value.Env(), std::string(what) + ": expected a tensor, found " + describeValue(value));
  return handle;
}

Napi::Value release(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    releaseTensor(env, handleOf(info[0], "dispose"));
    return env.Undefined();
  });
}

Napi::Value isReleased(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value { return Napi::Boolean::New(env, !handleOf(info[0], "disposed")->tensor.defined()); });
}

Napi::Value memoryStats(const Napi::CallbackInfo& info) {
  auto result = Napi::Object::New(info.Env());
  result.Set("tensors", Napi::Number::New(info.Env(), static_cast<double>(live.tensors)));
  result.Set("bytes", Napi::Number::New(info.Env(), static_cast<double>(live.bytes)));
  return result;
}

}  // namespace

at::ScalarType parseDType(Napi::Env env, const std::string& name) {
  for (const auto& entry : kDTypes)
    if (name == entry.name) return entry.type;
  throw Napi::TypeError::New(env, "unknown dtype '" + name + "'");
}

const char* dtypeName(at::ScalarType type) {
  for (const auto& entry : kDTypes)
    if (type == entry.type) return entry.name;
  TORCH_CHECK(false, "dtype ", type, " has no counterpart in @pix2pixhd/torch");
}

Napi::Value wrapTensor(Napi::Env env, at::Tensor tensor, const char* origin) {
  if (!tensor.defined()) return env.Null();
  auto* handle = new TensorHandle{std::move(tensor), origin};
  // What is on the meta device takes no memory: meta.cc counts it.
  if (handle->tensor.has_storage() && !handle->tensor.is_meta()) {
    const auto& storage = handle->tensor.storage();
    handle->storageKey = storage.unsafeGetStorageImpl();
    // Counted once per storage, not per view: the collector must not believe in memory that is shared.
    auto& counted = live.storages[handle->storageKey];
    if (++counted.handles == 1) {
      counted.bytes = static_cast<int64_t>(storage.nbytes());
      live.bytes += counted.bytes;
      Napi::MemoryManagement::AdjustExternalMemory(env, counted.bytes);
    }
  }
  live.tensors++;
  return makeHandle(env, HandleKind::tensor, handle, finalize);
}

const at::Tensor& unwrapTensor(const Napi::Value& value, const char* what) {
  const auto* handle = handleOf(value, what);
  if (!handle->tensor.defined()) {
    std::ostringstream text;
    text << what << ": the tensor (" << nameOrUnknown(handle->type) << " " << at::IntArrayRef(handle->sizes) << ", made by " << handle->origin
         << ") was disposed; keep() or return it from its scope";
    throwError(value.Env(), ErrorKind::disposed, text.str(), nullptr, value);
  }
  return handle->tensor;
}

void releaseTensor(Napi::Env env, TensorHandle* handle) {
  if (!handle->tensor.defined()) return;
  if (handle->storageKey != nullptr) {
    auto found = live.storages.find(handle->storageKey);
    if (found != live.storages.end() && --found->second.handles == 0) {
      const int64_t bytes = found->second.bytes;
      live.storages.erase(found);
      live.bytes -= bytes;
      Napi::MemoryManagement::AdjustExternalMemory(env, -bytes);
    }
  }
  live.tensors--;
  handle->type = handle->tensor.scalar_type();
  try {
    const at::IntArrayRef sizes = handle->tensor.sizes();
    handle->sizes.assign(sizes.begin(), sizes.end());
  } catch (const std::exception&) {
    // Kinds of tensors that have no sizes are released all the same.
  }
  handle->tensor.reset();
}

void initTensor(Napi::Env env, Napi::Object exports) {
  exports.Set("fromBytes", Napi::Function::New(env, fromBytes, "fromBytes"));
  exports.Set("toBytes", Napi::Function::New(env, toBytes, "toBytes"));
  exports.Set("describe", Napi::Function::New(env, describe, "describe"));
  exports.Set("strides", Napi::Function::New(env, strides, "strides"));
  exports.Set("release", Napi::Function::New(env, release, "release"));
  exports.Set("isReleased", Napi::Function::New(env, isReleased, "isReleased"));
  exports.Set("memoryStats", Napi::Function::New(env, memoryStats, "memoryStats"));
}

}  // namespace p2p
