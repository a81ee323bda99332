// Autograd: which tensors want gradients, the grad mode of the thread, backward and gradients of chosen inputs.
// Depends on handle.h.

#include "handle.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/grad_mode.h>
#include <torch/csrc/autograd/variable.h>

namespace p2p {
namespace {

/** @param gaps whether null may stand in for a tensor. */
std::vector<at::Tensor> toTensors(const Napi::Value& value, const char* what, bool gaps = false) {
  if (!value.IsArray()) throw Napi::TypeError::New(value.Env(), std::string(what) + ": expected an array of tensors, found " + describeValue(value));
  auto array = value.As<Napi::Array>();
  std::vector<at::Tensor> tensors;
  tensors.reserve(array.Length());
  for (uint32_t i = 0; i < array.Length(); i++) {
    Napi::Value item = array.Get(i);
    tensors.push_back(gaps && (item.IsNull() || item.IsUndefined()) ? at::Tensor() : unwrapTensor(item, what));
  }
  return tensors;
}

/** The gradients that the caller gives of the outputs: none, or one for each. */
std::vector<at::Tensor> toSeeds(const Napi::Value& value, size_t outputs, const char* what) {
  if (value.IsNull() || value.IsUndefined()) return {};
  auto seeds = toTensors(value, what, true);
  TORCH_CHECK(seeds.size() == outputs, what, ": ", seeds.size(), " seeds for ", outputs, " outputs");
  return seeds;
}

// (roots, rootGradients or null, retainGraph)
Napi::Value backward(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    auto roots = toTensors(info[0], "backward");
    const auto seeds = toSeeds(info[1], roots.size(), "backward");
    torch::autograd::backward(roots, seeds, info[2].ToBoolean().Value());
    return env.Undefined();
  });
}

// (outputs, inputs, outputGradients or null, retainGraph, allowUnused) -> gradients, null where unused
Napi::Value grad(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    auto outputs = toTensors(info[0], "grad");
    auto inputs = toTensors(info[1], "grad");
    const auto seeds = toSeeds(info[2], outputs.size(), "grad");
    auto gradients = torch::autograd::grad(outputs, inputs, seeds, info[3].ToBoolean().Value(), false, info[4].ToBoolean().Value());
    auto result = Napi::Array::New(env, gradients.size());
    for (uint32_t i = 0; i < gradients.size(); i++) result.Set(i, wrapTensor(env, gradients[i], "grad()"));
    return result;
  });
}

Napi::Value getRequiresGrad(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Napi::Boolean::New(info.Env(), unwrapTensor(info[0], "requiresGrad").requires_grad());
  });
}

Napi::Value setRequiresGrad(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    at::Tensor tensor = unwrapTensor(info[0], "requiresGrad");
    const bool on = info[1].ToBoolean().Value();
    TORCH_CHECK(on || tensor.is_leaf(), "requiresGrad: the tensor was computed by a graph; ops.detach gives one without gradient");
    tensor.set_requires_grad(on);
    return info.Env().Undefined();
  });
}

Napi::Value getGrad(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value { return wrapTensor(info.Env(), unwrapTensor(info[0], "grad").grad(), "backward()"); });
}

Napi::Value clearGrad(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    at::Tensor tensor = unwrapTensor(info[0], "grad");
    tensor.mutable_grad() = at::Tensor();
    return info.Env().Undefined();
  });
}

Napi::Value isGradEnabled(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), at::GradMode::is_enabled());
}

Napi::Value setGradEnabled(const Napi::CallbackInfo& info) {
  at::GradMode::set_enabled(info[0].ToBoolean().Value());
  return info.Env().Undefined();
}

}  // namespace

void initAutograd(Napi::Env env, Napi::Object exports) {
  exports.Set("backward", Napi::Function::New(env, backward, "backward"));
  exports.Set("grad", Napi::Function::New(env, grad, "grad"));
  exports.Set("getRequiresGrad", Napi::Function::New(env, getRequiresGrad, "getRequiresGrad"));
  exports.Set("setRequiresGrad", Napi::Function::New(env, setRequiresGrad, "setRequiresGrad"));
  exports.Set("getGrad", Napi::Function::New(env, getGrad, "getGrad"));
  exports.Set("clearGrad", Napi::Function::New(env, clearGrad, "clearGrad"));
  exports.Set("isGradEnabled", Napi::Function::New(env, isGradEnabled, "isGradEnabled"));
  exports.Set("setGradEnabled", Napi::Function::New(env, setGradEnabled, "setGradEnabled"));
}

}  // namespace p2p
