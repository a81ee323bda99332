// Instance-wise average pooling (section 3.4 of the paper): every pixel's features become the mean over its instance.
//
//   y[n, :, p] = 1 / |S| sum_{q in S} x[n, :, q],   S = {q : id[n, q] = id[n, p]}     dx = the same of dy
//
// Pooling is a symmetric projection, hence its own adjoint: the backward pass pools the upstream gradient. An id that two
// images use means two instances. Neighbours mostly belong together, so instances are kept as runs of equal ids: only a
// run's first pixel is looked up in a hash map, and its features are summed and written as one line.
//
// Sums are in double whatever the element type and each mean is rounded once. Chunks of pixels are summed in parallel,
// and added in their order: neither the number of threads nor the rest of the batch changes a bit of the result.
// Off the CPU: plain operators.

#include "arguments.h"
#include "elements.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <c10/util/flat_hash_map.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "../meta.h"

namespace p2p {
namespace {

constexpr int64_t kChunkPixels = 8192;

// Numbers the ids it is given 0, 1, 2, ... in the order they first appear.
class Numbering {
 public:
  int64_t operator()(int64_t id) {
    const auto [entry, isNew] = numbers_.emplace(id, static_cast<int64_t>(ids.size()));
    if (isNew) ids.push_back(id);
    return entry->second;
  }

  std::vector<int64_t> ids;

 private:
  ska::flat_hash_map<int64_t, int64_t> numbers_;
};

// `length` neighbouring pixels of one instance, which is the `member`-th of its chunk.
struct Run {
  int32_t length, member;
};

// At most kChunkPixels consecutive pixels of one image, from pixel `start` on.
struct Chunk {
  int64_t image, start;
  std::vector<Run> runs;
  std::vector<int64_t> instances;  // of each member, its number in the batch
};

// The instances of a batch: what both passes need to know of the ids.
struct Instances : torch::CustomClassHolder {
  std::vector<Chunk> chunks;
  std::vector<int64_t> areas;  // pixels of each instance
};

// Cuts a chunk into runs; returns the ids of its members.
template <typename Id>
std::vector<int64_t> findRuns(const Id* ids, int64_t pixels, std::vector<Run>& runs) {
  Numbering number;
  for (int64_t p = 0; p < pixels;) {
    const int64_t start = p;
    while (p < pixels && ids[p] == ids[start]) p++;
    runs.push_back({static_cast<int32_t>(p - start), static_cast<int32_t>(number(ids[start]))});
  }
  return std::move(number.ids);
}

c10::intrusive_ptr<Instances> findInstances(const at::Tensor& map) {
  const int64_t images = map.size(0), pixels = map.size(2) * map.size(3);
  const int64_t perImage = (pixels + kChunkPixels - 1) / kChunkPixels;
  auto found = c10::make_intrusive<Instances>();
  found->chunks.resize(images * perImage);
  AT_DISPATCH_INTEGRAL_TYPES(map.scalar_type(), "pool_by_instance", [&] {
    const auto* ids = static_cast<const scalar_t*>(map.data_ptr());
    at::parallel_for(0, images * perImage, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; i++) {
        Chunk& chunk = found->chunks[i];
        chunk.image = i / perImage;
        chunk.start = i % perImage * kChunkPixels;
        chunk.instances = findRuns(ids + chunk.image * pixels + chunk.start, std::min(kChunkPixels, pixels - chunk.start), chunk.runs);
      }
    });
  });
  // From the ids of each chunk to numbers that the whole batch shares.
  for (int64_t image = 0; image < images; image++) {
    const int64_t earlier = found->areas.size();
    Numbering number;
    for (int64_t i = image * perImage; i < (image + 1) * perImage; i++) {
      Chunk& chunk = found->chunks[i];
      for (int64_t& instance : chunk.instances) instance = earlier + number(instance);
      found->areas.resize(earlier + number.ids.size());
      for (const Run& run : chunk.runs) found->areas[chunk.instances[run.member]] += run.length;
    }
  }
  return found;
}

// Where the features lie: one plane for each channel, or one with the channels of a pixel side by side.
struct Layout {
  int64_t channels, pixels, planes, cell;

  explicit Layout(const at::Tensor& x)
      : channels(x.size(1)),
        pixels(x.size(2) * x.size(3)),
        planes(isChannelsLast(x) ? 1 : channels),
        cell(isChannelsLast(x) ? channels : 1) {}

  int64_t offset(const Chunk& chunk, int64_t plane) const { return ((chunk.image * planes + plane) * pixels + chunk.start) * cell; }
};

// Adds elements, whose channels repeat every `cell`, to the sums of the channels: as many as fill whole lines of kLanes.
// Returns how many. A line of running sums takes vector instructions; kLanes is a multiple of the cells it is meant for.
template <typename E, int64_t kLanes>
int64_t addLines(const typename E::Storage* __restrict in, int64_t count, int64_t cell, double* __restrict sums) {
  if (count < kLanes || kLanes % cell != 0) return 0;
  double line[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (int64_t k = 0; k < kLanes; k++) line[k] += E::load(in[i + k]);
  for (int64_t k = 0; k < kLanes; k += cell)
    for (int64_t c = 0; c < cell; c++) sums[c] += line[k + c];
  return i;
}

// The same for all `count` elements.
template <typename E>
void addRun(const typename E::Storage* __restrict in, int64_t count, int64_t cell, double* __restrict sums) {
  if (cell == 1) {
    double rest = 0;
    for (int64_t i = addLines<E, 16>(in, count, 1, sums); i < count; i++) rest += E::load(in[i]);
    *sums += rest;
    return;
  }
  for (int64_t i = addLines<E, 48>(in, count, cell, sums); i < count; i += cell)
    for (int64_t c = 0; c < cell; c++) sums[c] += E::load(in[i + c]);
}

// Repeats the `cell` means until `count` elements are written.
template <typename Storage>
void fillRun(const Storage* mean, int64_t count, int64_t cell, Storage* out) {
  if (cell == 1) {
    std::fill_n(out, count, *mean);
    return;
  }
  std::copy_n(mean, cell, out);
  for (int64_t done = cell; done < count; done *= 2) std::memcpy(out + done, out, std::min(done, count - done) * sizeof(Storage));
}

// Replaces the features of each instance by their mean; the result has the memory order of x, which is dense.
at::Tensor project(const at::Tensor& x, const Instances& batch) {
  at::Tensor y = at::empty_like(x);
  if (x.is_meta()) return y;
  const Layout layout(x);
  const int64_t channels = layout.channels, cell = layout.cell, chunkCount = batch.chunks.size(), instanceCount = batch.areas.size();
  dispatchElement(x.scalar_type(), "pool_by_instance", [&](auto element) {
    using E = decltype(element);
    using Storage = typename E::Storage;
    const Storage* from = dataOf<E>(x);
    Storage* to = dataOf<E>(y);

    std::vector<std::vector<double>> partial(chunkCount);  // (members, channels) of each chunk
    at::parallel_for(0, chunkCount, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; i++) {
        const Chunk& chunk = batch.chunks[i];
        partial[i].resize(chunk.instances.size() * channels);
        for (int64_t plane = 0; plane < layout.planes; plane++) {
          const Storage* in = from + layout.offset(chunk, plane);
          for (const Run& run : chunk.runs) {
            addRun<E>(in, run.length * cell, cell, partial[i].data() + run.member * channels + plane);
            in += run.length * cell;
          }
        }
      }
    });

    std::vector<double> sums(instanceCount * channels);
    for (int64_t i = 0; i < chunkCount; i++) {
      const double* addend = partial[i].data();
      for (int64_t instance : batch.chunks[i].instances)
        for (int64_t c = 0; c < channels; c++) sums[instance * channels + c] += *addend++;
    }
    std::vector<Storage> means(sums.size());
    for (int64_t instance = 0; instance < instanceCount; instance++)
      for (int64_t c = instance * channels; c < (instance + 1) * channels; c++)
        means[c] = E::store(static_cast<typename E::Compute>(sums[c] / batch.areas[instance]));

    at::parallel_for(0, chunkCount, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; i++) {
        const Chunk& chunk = batch.chunks[i];
        for (int64_t plane = 0; plane < layout.planes; plane++) {
          Storage* out = to + layout.offset(chunk, plane);
          for (const Run& run : chunk.runs) {
            fillRun(means.data() + chunk.instances[run.member] * channels + plane, run.length * cell, cell, out);
            out += run.length * cell;
          }
        }
      }
    });
  });
  return y;
}

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

struct PoolByInstanceFunction : torch::autograd::Function<PoolByInstanceFunction> {
  static Variable forward(AutogradContext* ctx, const Variable& features, const c10::intrusive_ptr<Instances>& batch,
                          at::MemoryFormat format) {
    at::AutoDispatchBelowADInplaceOrView guard;
    ctx->saved_data["instances"] = at::IValue::make_capsule(batch);
    ctx->saved_data["format"] = static_cast<int64_t>(format);
    return project(features.contiguous(format), *batch);
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const auto batch = c10::static_intrusive_pointer_cast<Instances>(ctx->saved_data["instances"].toCapsule());
    const auto format = static_cast<at::MemoryFormat>(ctx->saved_data["format"].toInt());
    return {PoolByInstanceFunction::apply(gradients[0], batch, format), Variable(), Variable()};
  }
};

void check(const at::Tensor& features, const at::Tensor& instances) {
  checkPlain("pool_by_instance", "features", features);
  checkPlain("pool_by_instance", "instance map", instances);
  TORCH_CHECK(features.dim() == 4, "pool_by_instance: expected features (N, C, H, W), found ", features.sizes());
  const std::vector<int64_t> expected{features.size(0), 1, features.size(2), features.size(3)};
  TORCH_CHECK(instances.sizes() == at::IntArrayRef(expected), "pool_by_instance: features ", features.sizes(), " need instance ids ",
              at::IntArrayRef(expected), ", found ", instances.sizes());
  TORCH_CHECK(at::isIntegralType(instances.scalar_type(), false), "pool_by_instance: expected integer instance ids, found ",
              instances.scalar_type());
  TORCH_CHECK(instances.device() == features.device(), "pool_by_instance: expected features and instance ids on one device, found ",
              features.device(), " and ", instances.device());
}

// The same in libtorch's operators, differentiable by itself: the fallback off the CPU and the tests' reference.
at::Tensor plain(const at::Tensor& features, const at::Tensor& instances) {
  check(features, instances);
  if (features.numel() == 0) return at::empty_like(features);
  const auto type = features.scalar_type();
  const int64_t images = features.size(0), channels = features.size(1);
  const auto [ids, inverse, _] = at::_unique2(instances, true, true);
  // Image n owns the numbers from n |ids| on; those of ids it does not have stay unused.
  const at::Tensor offsets = at::arange(images, inverse.options()).mul(ids.numel()).reshape({images, 1, 1, 1});
  const at::Tensor number = (inverse + offsets).reshape({-1});
  const at::Tensor rows = features.to(type == at::kDouble ? at::kDouble : at::kFloat).permute({0, 2, 3, 1}).reshape({-1, channels});
  const at::Tensor areas = at::bincount(number, {}, images * ids.numel()).clamp_min(1).to(rows.scalar_type()).unsqueeze(1);
  const at::Tensor means = at::zeros({areas.size(0), channels}, rows.options()).index_add(0, number, rows) / areas;
  const at::Tensor pooled = means.index_select(0, number).reshape({images, features.size(2), features.size(3), channels});
  return pooled.permute({0, 3, 1, 2}).to(type).contiguous(denseFormat(features));
}

at::Tensor poolByInstance(const at::Tensor& features, const at::Tensor& instances) {
  if (!isOurs(features)) return plain(features, instances);
  check(features, instances);
  return PoolByInstanceFunction::apply(features, instances.is_meta() ? c10::make_intrusive<Instances>() : findInstances(instances.contiguous()), denseFormat(features));
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(pix2pixhd, library) {
  library.def("pool_by_instance(Tensor features, Tensor instances) -> Tensor");
  library.def("pool_by_instance_plain(Tensor features, Tensor instances) -> Tensor");
}
TORCH_LIBRARY_IMPL(pix2pixhd, CompositeImplicitAutograd, library) {
  library.impl("pool_by_instance", poolByInstance);
  library.impl("pool_by_instance_plain", plain);
}

}  // namespace p2p
