// Checks of what some of libtorch's operators do not check themselves. Depends on libtorch's dispatcher.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

#include <string>

namespace p2p {

/** Looks at the arguments of a call; throws c10::Error where libtorch would end the process. */
using Guard = void (*)(const c10::FunctionSchema& schema, const torch::jit::Stack& arguments);

/** The check of an operator, null for the many that need none. */
Guard guardOf(const std::string& name, const std::string& overload);

}  // namespace p2p
