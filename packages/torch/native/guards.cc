// Arguments that a schema lets through and on which libtorch 1.13 divides by zero or reads outside of its tensors. Found by
// `npm run fuzz:ops`; each guard says what happens without it.

#include "guards.h"

#include <ATen/ATen.h>

#include <limits>
#include <unordered_map>

namespace p2p {
namespace {

const c10::IValue& argumentOf(const c10::FunctionSchema& schema, const torch::jit::Stack& arguments, const char* name) {
  const auto index = schema.argumentIndexWithName(name);
  TORCH_CHECK(index.has_value(), schema.name(), " has no argument '", name, "'");
  return arguments[*index];
}

/** A number for each axis of an image, or one for both. */
void checkPair(const c10::FunctionSchema& schema, const torch::jit::Stack& arguments, const char* name, int64_t least) {
  const auto pair = argumentOf(schema, arguments, name).toIntVector();
  TORCH_CHECK(pair.size() == 1 || pair.size() == 2, schema.name(), ": expected one or two numbers of '", name, "', found ", pair.size());
  for (const int64_t value : pair)
    TORCH_CHECK(value >= least && value <= std::numeric_limits<int32_t>::max(), schema.name(), ": expected '", name, "' from ", least, " on, found ",
                value);
}

int64_t groupsOf(const c10::FunctionSchema& schema, const torch::jit::Stack& arguments, int64_t channels) {
  const int64_t groups = argumentOf(schema, arguments, "groups").toInt();
  TORCH_CHECK(groups >= 1 && channels % groups == 0, schema.name(), ": the ", channels, " channels cannot be divided into ", groups, " groups");
  return groups;
}

void checkImage(const c10::FunctionSchema& schema, const at::Tensor& x, const char* name, bool batched) {
  TORCH_CHECK(x.dim() == 4 || (!batched && x.dim() == 3), schema.name(), ": expected ", name, " of 4 axes, found ", x.sizes());
}

// Without: a division by zero where there are more groups than channels, and with a stride or a dilation of 0.
void guardConvolution(const c10::FunctionSchema& schema, const torch::jit::Stack& arguments) {
  const bool transposed = schema.name() == "aten::conv_transpose2d";
  const at::Tensor x = argumentOf(schema, arguments, "input").toTensor(), w = argumentOf(schema, arguments, "weight").toTensor();
  checkImage(schema, x, "an input", false);
  checkImage(schema, w, "a weight", true);
  TORCH_CHECK(x.device() == w.device(), schema.name(), ": the input is on ", x.device(), ", the weight on ", w.device());
  checkPair(schema, arguments, "stride", 1);
  checkPair(schema, arguments, "padding", 0);
  checkPair(schema, arguments, "dilation", 1);
  if (transposed) checkPair(schema, arguments, "output_padding", 0);
  const int64_t groups = groupsOf(schema, arguments, w.size(0)), channels = x.size(x.dim() - 3);
  TORCH_CHECK(channels == (transposed ? w.size(0) : w.size(1) * groups), schema.name(), ": the input has ", channels, " channels, the weight expects ",
              transposed ? w.size(0) : w.size(1) * groups);
}

// Without: the gradient is read as if it had the sizes that follow from the others, whatever its own are.
void guardConvolutionBackward(const c10::FunctionSchema& schema, const torch::jit::Stack& arguments) {
  const auto tensor = [&](const char* name) { return argumentOf(schema, arguments, name).toTensor(); };
  const auto pair = [&](const char* name, int64_t least) {
    checkPair(schema, arguments, name, least);
    const auto given = argumentOf(schema, arguments, name).toIntVector();
    return std::array<int64_t, 2>{given.front(), given.back()};
  };
  const at::Tensor dy = tensor("grad_output"), x = tensor("input"), w = tensor("weight");
  checkImage(schema, dy, "a gradient", true);
  checkImage(schema, x, "an input", true);
  checkImage(schema, w, "a weight", true);
  TORCH_CHECK(w.numel() > 0, schema.name(), ": the weight is empty: ", w.sizes());
  const auto stride = pair("stride", 1), padding = pair("padding", 0), dilation = pair("dilation", 1), outputPadding = pair("output_padding", 0);
  const bool transposed = argumentOf(schema, arguments, "transposed").toBool();
  const int64_t groups = groupsOf(schema, arguments, w.size(0));
  std::vector<int64_t> expected{x.size(0), transposed ? w.size(1) * groups : w.size(0)};
  for (const int64_t axis : {0, 1}) {
    const int64_t reach = dilation[axis] * (w.size(axis + 2) - 1) + 1, size = x.size(axis + 2);
    expected.push_back(transposed ? (size - 1) * stride[axis] - 2 * padding[axis] + reach + outputPadding[axis]
                                  : size + 2 * padding[axis] < reach ? -1 : (size + 2 * padding[axis] - reach) / stride[axis] + 1);
  }
  TORCH_CHECK(x.size(1) == (transposed ? w.size(0) : w.size(1) * groups), schema.name(), ": the input's ", x.size(1), " channels do not fit the weight ",
              w.sizes());
  TORCH_CHECK(dy.sizes() == at::IntArrayRef(expected), schema.name(), ": expected a gradient ", at::IntArrayRef(expected), ", found ", dy.sizes());
  for (const at::Tensor& other : {dy, w})
    TORCH_CHECK(other.scalar_type() == x.scalar_type() && other.device() == x.device(), schema.name(),
                ": gradient, input and weight must be of one dtype on one device");
}

// Without: the four numbers are read, however many there are.
void guardReflectionPad(const c10::FunctionSchema& schema, const torch::jit::Stack& arguments) {
  const auto padding = argumentOf(schema, arguments, "padding").toIntVector();
  TORCH_CHECK(padding.size() == 4, schema.name(), ": expected four widths (left, right, top, bottom), found ", padding.size());
}

}  // namespace

Guard guardOf(const std::string& name, const std::string& overload) {
  static const std::unordered_map<std::string, Guard> guards{
      {"aten::conv2d.", guardConvolution},
      {"aten::conv_transpose2d.input", guardConvolution},
      {"aten::convolution_backward.", guardConvolutionBackward},
      {"aten::reflection_pad2d.", guardReflectionPad},
  };
  const auto found = guards.find(name + "." + overload);
  return found == guards.end() ? nullptr : found->second;
}

}  // namespace p2p
