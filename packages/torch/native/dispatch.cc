// The one entry through which every operator is called: PyTorch's boxed dispatcher, arguments converted by the operator's
// own schema. No operator is named here. Depends on handle.h, guards.h and memory.h.

#include "compat.h"
#include "guards.h"
#include "handle.h"
#include "meta.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>

#include <cmath>
#include <new>
#include <sstream>
#include <vector>

#include "memory.h"

namespace p2p {
namespace {

using c10::IValue;
using c10::TypeKind;

struct Operator {
  c10::OperatorHandle handle;
  Guard guard;
  bool factory;
};

/** Whether an operator makes tensors of nothing: it takes a device, and no tensor whose device it could take. */
bool isFactory(const c10::FunctionSchema& schema) {
  bool device = false;
  for (const c10::Argument& argument : schema.arguments()) {
    if (argument.type()->isSubtypeOf(*c10::TensorType::get())) return false;
    device = device || argument.name() == "device";
  }
  return device;
}

std::vector<Operator>& operators() {
  static thread_local std::vector<Operator> list;
  return list;
}

bool isInteger(double value) { return std::trunc(value) == value && std::fabs(value) < 9007199254740992.0; }

double toDouble(const Napi::Value& value, const std::string& name) {
  if (!value.IsNumber())
    throw Napi::TypeError::New(value.Env(), "argument '" + name + "': expected a number, found " + describeValue(value));
  return value.As<Napi::Number>().DoubleValue();
}

// JavaScript has one number type: whole numbers become integers, so that adding 1 to an int64 tensor stays int64.
at::Scalar toScalar(const Napi::Value& value, const std::string& name) {
  if (value.IsBoolean()) return at::Scalar(value.As<Napi::Boolean>().Value());
  if (value.IsBigInt()) return at::Scalar(toInteger(value, "argument '" + name + "'"));
  const double number = toDouble(value, name);
  return isInteger(number) ? at::Scalar(static_cast<int64_t>(number)) : at::Scalar(number);
}

at::MemoryFormat toMemoryFormat(const Napi::Value& value) {
  const std::string name = value.IsString() ? value.As<Napi::String>().Utf8Value() : describeValue(value);
  if (name == "contiguous") return at::MemoryFormat::Contiguous;
  if (name == "preserve") return at::MemoryFormat::Preserve;
  if (name == "channels_last") return at::MemoryFormat::ChannelsLast;
  throw Napi::TypeError::New(value.Env(), "unknown memory format '" + name + "'");
}

at::ScalarType toDType(const Napi::Value& value) {
  return parseDType(value.Env(), value.IsString() ? value.As<Napi::String>().Utf8Value() : describeValue(value));
}

int64_t toInt(const Napi::Value& value, const std::string& name) {
  if (value.IsBoolean()) return value.As<Napi::Boolean>().Value() ? 1 : 0;
  return toInteger(value, "argument '" + name + "'");
}

at::Tensor toTensor(const Napi::Value& value, const std::string& name) {
  if (value.IsNumber() || value.IsBoolean()) {
    // As Python does: a bare number takes part in type promotion as a "wrapped number".
    const at::Scalar scalar = toScalar(value, name);
    at::Tensor wrapped = at::scalar_tensor(scalar, at::TensorOptions().dtype(scalar.type()));
    wrapped.unsafeGetTensorImpl()->set_wrapped_number(true);
    return wrapped;
  }
  return unwrapTensor(value, ("argument '" + name + "'").c_str());
}

// What the schema calls an int here: dtypes, layouts and memory formats are integers to the boxed call, and any other number
// than those that exist would be read as one.
IValue toIntKind(const Napi::Value& value, const c10::Argument& argument) {
  const c10::Type* real = argument.real_type().get();
  if (real->kind() == TypeKind::OptionalType) real = real->castRaw<c10::OptionalType>()->getElementType().get();
  switch (real->kind()) {
    case TypeKind::ScalarTypeType:
      return static_cast<int64_t>(toDType(value));
    case TypeKind::MemoryFormatType:
      return static_cast<int64_t>(toMemoryFormat(value));
    case TypeKind::LayoutType:
      if (value.IsString() && value.As<Napi::String>().Utf8Value() == "strided") return static_cast<int64_t>(at::kStrided);
      throw Napi::TypeError::New(value.Env(), "argument '" + argument.name() + "': expected null or 'strided', found " + describeValue(value));
    default:
      return toInt(value, argument.name());
  }
}

IValue toList(const Napi::Value& value, const c10::Type& element, const c10::Argument& argument) {
  const std::string& name = argument.name();
  if (!value.IsArray()) {
    // "int[2]" accepts a bare number for both, as in PyTorch.
    if (argument.N().has_value() && value.IsNumber()) {
      const int32_t n = *argument.N();
      if (element.kind() == TypeKind::FloatType) return c10::List<double>(std::vector<double>(n, toDouble(value, name)));
      return c10::List<int64_t>(std::vector<int64_t>(n, toInt(value, name)));
    }
    throw Napi::TypeError::New(value.Env(), "argument '" + name + "': expected an array, found " + describeValue(value));
  }
  auto array = value.As<Napi::Array>();
  const uint32_t length = array.Length();
  switch (element.kind()) {
    case TypeKind::TensorType: {
      c10::List<at::Tensor> list;
      for (uint32_t i = 0; i < length; i++) list.push_back(toTensor(array.Get(i), name));
      return list;
    }
    case TypeKind::OptionalType: {
      c10::List<Optional<at::Tensor>> list;
      for (uint32_t i = 0; i < length; i++) {
        Napi::Value item = array.Get(i);
        if (item.IsNull() || item.IsUndefined())
          list.push_back(Optional<at::Tensor>());
        else
          list.push_back(Optional<at::Tensor>(toTensor(item, name)));
      }
      return list;
    }
    case TypeKind::FloatType: {
      c10::List<double> list;
      for (uint32_t i = 0; i < length; i++) list.push_back(toDouble(array.Get(i), name));
      return list;
    }
    case TypeKind::BoolType: {
      c10::List<bool> list;
      for (uint32_t i = 0; i < length; i++) list.push_back(array.Get(i).ToBoolean().Value());
      return list;
    }
    case TypeKind::NumberType: {
      c10::List<at::Scalar> list;
      for (uint32_t i = 0; i < length; i++) list.push_back(toScalar(array.Get(i), name));
      return list;
    }
    default: {
      c10::List<int64_t> list;
      for (uint32_t i = 0; i < length; i++) list.push_back(toInt(array.Get(i), name));
      return list;
    }
  }
}

std::string toText(const Napi::Value& value, const std::string& name) {
  if (!value.IsString()) throw Napi::TypeError::New(value.Env(), "argument '" + name + "': expected a string, found " + describeValue(value));
  return value.As<Napi::String>();
}

IValue toIValue(const Napi::Value& value, const c10::Type& type, const c10::Argument& argument) {
  const std::string& name = argument.name();
  switch (type.kind()) {
    case TypeKind::OptionalType:
      if (value.IsNull() || value.IsUndefined()) return IValue();
      return toIValue(value, *type.castRaw<c10::OptionalType>()->getElementType(), argument);
    case TypeKind::TensorType:
      return toTensor(value, name);
    case TypeKind::ListType:
      return toList(value, *type.castRaw<c10::ListType>()->getElementType(), argument);
    case TypeKind::IntType:
      return toIntKind(value, argument);
    case TypeKind::FloatType:
      return toDouble(value, name);
    case TypeKind::BoolType:
      return value.ToBoolean().Value();
    case TypeKind::NumberType:
      return toScalar(value, name);
    case TypeKind::StringType:
      return toText(value, name);
    case TypeKind::DeviceObjType:
      return c10::Device(toText(value, name));
    case TypeKind::GeneratorType:
      return unwrapGenerator(value);
    default:
      throw Napi::TypeError::New(value.Env(), "argument '" + name + "': type " + type.str() + " is not supported");
  }
}

// `origin`: the operator's name.
Napi::Value fromIValue(Napi::Env env, const IValue& value, const char* origin) {
  if (value.isNone()) return env.Null();
  if (value.isTensor()) return wrapTensor(env, value.toTensor(), origin);
  if (value.isBool()) return Napi::Boolean::New(env, value.toBool());
  if (value.isInt()) return Napi::Number::New(env, static_cast<double>(value.toInt()));
  if (value.isDouble()) return Napi::Number::New(env, value.toDouble());
  if (value.isScalar()) return Napi::Number::New(env, value.toScalar().toDouble());
  if (value.isList()) {
    auto list = value.toListRef();
    auto array = Napi::Array::New(env, list.size());
    for (uint32_t i = 0; i < list.size(); i++) array.Set(i, fromIValue(env, list[i], origin));
    return array;
  }
  throw Napi::TypeError::New(env, "an operator returned a " + std::string(value.tagKind()) + ", which has no JavaScript form");
}

// (name, overload) -> index for call()
Napi::Value findOperator(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const std::string name = toText(info[0], "name"), overload = toText(info[1], "overload");
    const c10::OperatorHandle handle = c10::Dispatcher::singleton().findSchemaOrThrow(name.c_str(), overload.c_str());
    operators().push_back({handle, guardOf(name, overload), isFactory(handle.schema())});
    return Napi::Number::New(env, static_cast<double>(operators().size() - 1));
  });
}

// Sizes among the arguments of a call: "[2, 3, 512, 512]" for a tensor and for a list of numbers; empty for others.
std::string sizesText(const Napi::Value& value) {
  std::ostringstream text;
  if (const auto* handle = static_cast<TensorHandle*>(handleAddress(value, HandleKind::tensor)); handle != nullptr && handle->tensor.defined()) {
    text << handle->tensor.sizes();
  } else if (value.IsArray()) {
    auto array = value.As<Napi::Array>();
    for (uint32_t i = 0; i < array.Length(); i++) {
      const Napi::Value item = array.Get(i);
      const std::string size = item.IsNumber() ? item.ToString().Utf8Value() : sizesText(item);
      if (size.empty()) return {};
      text << (i == 0 ? "[" : ", ") << size;
    }
    if (array.Length() > 0) text << "]";
  }
  return text.str();
}

// "aten::cat of [[2, 3], [2, 5]]": what an operator was given, for those who ask where the memory went.
std::string callText(const c10::FunctionSchema& schema, const Napi::Array& given) {
  std::string text = schema.name();
  const char* before = " of ";
  for (uint32_t i = 0; i < given.Length(); i++)
    if (const std::string sizes = sizesText(given.Get(i)); !sizes.empty()) {
      text += before + sizes;
      before = ", ";
    }
  return text;
}

// (index, arguments) -> result; missing trailing arguments take the schema's defaults.
Napi::Value call(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const int64_t index = toInteger(info[0], "operator index");
    TORCH_CHECK(index >= 0 && index < static_cast<int64_t>(operators().size()), "unknown operator index ", index);
    const auto& [op, guard, factory] = operators()[index];
    const auto& schema = op.schema();
    if (!info[1].IsArray()) throw Napi::TypeError::New(env, schema.name() + ": expected an array of arguments, found " + describeValue(info[1]));
    auto given = info[1].As<Napi::Array>();
    const uint32_t count = given.Length();
    TORCH_CHECK(count <= schema.arguments().size(), schema.name(), ": ", count, " arguments given, at most ",
                schema.arguments().size(), " expected");
    torch::jit::Stack stack;
    stack.reserve(schema.arguments().size());
    for (uint32_t i = 0; i < schema.arguments().size(); i++) {
      const c10::Argument& argument = schema.arguments()[i];
      Napi::Value value = i < count ? static_cast<Napi::Value>(given.Get(i)) : env.Undefined();
      if (factory && defaultDevice() != nullptr && argument.name() == "device" && (value.IsUndefined() || value.IsNull())) {
        stack.push_back(*defaultDevice());
      } else if (value.IsUndefined() && argument.default_value().has_value()) {
        stack.push_back(*argument.default_value());
      } else if (value.IsUndefined() && argument.type()->kind() != TypeKind::OptionalType) {
        TORCH_CHECK(false, schema.name(), ": argument '", argument.name(), "' is missing");
      } else {
        stack.push_back(toIValue(value, *argument.type(), argument));
      }
    }
    if (guard != nullptr) guard(schema, stack);
    try {
      op.callBoxed(stack);
    } catch (c10::Error& error) {
      if (isOutOfMemory(error)) error.add_context(callText(schema, given));
      throw;
    } catch (const std::bad_alloc&) {
      TORCH_CHECK_WITH(OutOfMemoryError, false, "not enough memory (", callText(schema, given), ")");
    }
    if (stack.empty()) return env.Undefined();
    const char* const origin = schema.name().c_str();
    if (stack.size() == 1) return fromIValue(env, stack[0], origin);
    auto results = Napi::Array::New(env, stack.size());
    for (uint32_t i = 0; i < stack.size(); i++) results.Set(i, fromIValue(env, stack[i], origin));
    return results;
  });
}

// The schema as PyTorch prints it, for the generator of the typed wrappers.
Napi::Value schemaOf(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const std::string name = toText(info[0], "name"), overload = toText(info[1], "overload");
    std::ostringstream text;
    text << c10::Dispatcher::singleton().findSchemaOrThrow(name.c_str(), overload.c_str()).schema();
    return Napi::String::New(env, text.str());
  });
}

}  // namespace

void initDispatch(Napi::Env env, Napi::Object exports) {
  exports.Set("findOperator", Napi::Function::New(env, findOperator, "findOperator"));
  exports.Set("call", Napi::Function::New(env, call, "call"));
  exports.Set("schemaOf", Napi::Function::New(env, schemaOf, "schemaOf"));
}

}  // namespace p2p
