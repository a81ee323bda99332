// One compilation for the binding and for what a training step ends with. Most of a file's time goes into libtorch's
// headers, five seconds each time; files compiled together read them once. A .cc file that no unit includes is compiled
// by itself.

#include "../addon.cc"
#include "../autograd.cc"
#include "../cuda_graph.cc"
#include "../dispatch.cc"
#include "../guards.cc"
#include "../handle.cc"
#include "../kernels/adam.cc"
#include "../memory.cc"
#include "../meta.cc"
#include "../page_pool.cc"
#include "../profile.cc"
#include "../random.cc"
#include "../runtime.cc"
#include "../tensor.cc"
