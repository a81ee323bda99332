// One compilation for what works on label maps, and the mean distance; core.cc tells why.

#include "../kernels/l1_mean.cc"
#include "../kernels/nonzeros.cc"
#include "../kernels/one_hot.cc"
#include "../kernels/sparse_input_conv.cc"
