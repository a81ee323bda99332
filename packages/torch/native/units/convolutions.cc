// One compilation for the dense convolutions and the pooling by instance; core.cc tells why.

#include "../kernels/columns.cc"
#include "../kernels/conv2d.cc"
#include "../kernels/conv_to_image.cc"
#include "../kernels/conv_transpose.cc"
#include "../kernels/pool_by_instance.cc"
