// The addon's door: one init function per topic. Depends on handle.h.

#include "handle.h"

namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  p2p::initErrors(env, exports);
  p2p::initTensor(env, exports);
  p2p::initDispatch(env, exports);
  p2p::initAutograd(env, exports);
  p2p::initRandom(env, exports);
  p2p::initRuntime(env, exports);
  p2p::initProfile(env, exports);
  p2p::initCudaGraph(env, exports);
  p2p::initMeta(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(pix2pixhd_torch, init)
