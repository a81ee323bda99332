// One compilation for the layers between convolutions; core.cc tells why.

#include "../kernels/instance_norm.cc"
#include "../kernels/reflection_pad.cc"
