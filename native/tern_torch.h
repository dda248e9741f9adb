// libtorch behind a C ABI: every ATen operator through one call, and the few things that are not operators.
//
// Every function returns 0, or -1 after storing a message for tern_message() (per thread). No C++ exception leaves the library.
// A tensor handle is an owned reference to a libtorch TensorImpl: release it once with tern_release().
#pragma once
#include <stdint.h>

#define TERN_API extern "C" __attribute__((visibility("default")))

enum tern_tag : int32_t {
  TERN_NONE, TERN_TENSOR, TERN_FLOAT, TERN_INT, TERN_BOOL, TERN_INTS, TERN_FLOATS, TERN_TENSORS, TERN_STRING, TERN_DEVICE
};

// One argument or result. Lists and strings point at `count` elements that live for the duration of the call.
struct tern_value {
  int32_t tag, count;
  union { int64_t integer; double real; void* pointer; };   // TERN_DEVICE: type << 8 | index
};

struct tern_tensor_info {
  int32_t dtype, device_type, device_index, rank;
  int32_t requires_grad, is_contiguous;
  int64_t elements, bytes;
  int64_t sizes[8];
};

typedef void* tern_tensor;
typedef struct tern_operator tern_operator;

// Text
TERN_API const char* tern_message();                       // the last error of this thread, or the last text it asked for
TERN_API const char* tern_torch_version();

// Operators. `results` receives at most `room` values (lists of tensors flattened); `made` is how many there are;
// tern_results() copies all of them again when `made` was larger than `room`. room = 0 drops them (in-place operators).
TERN_API int tern_find_operator(const char* name, const char* overload, tern_operator** found);
TERN_API int tern_schema(const tern_operator* op);          // text in tern_message()
TERN_API int tern_call(const tern_operator* op, const tern_value* arguments, int count, tern_value* results, int room, int* made);
TERN_API int tern_results(tern_value* results);

// Tensors
TERN_API int tern_retain(tern_tensor tensor, tern_tensor* again);
TERN_API int tern_release(tern_tensor tensor);
TERN_API int tern_info(tern_tensor tensor, tern_tensor_info* info);
TERN_API int tern_data(tern_tensor tensor, void** data);    // contiguous CPU tensors only

// Autograd and modes (per thread)
TERN_API int tern_backward(tern_tensor root);
TERN_API int tern_gradient(tern_tensor tensor, tern_tensor* gradient);        // null when there is none
TERN_API int tern_set_gradient(tern_tensor tensor, tern_tensor gradient);     // null clears it
TERN_API int tern_grad_mode(int enabled, int* before);                        // enabled < 0 only asks
TERN_API int tern_inference_begin(void** guard);
TERN_API int tern_inference_end(void* guard);
TERN_API int tern_autocast(int device_type, int dtype);                       // dtype < 0 turns it off

// Process
TERN_API int tern_seed(uint64_t seed);
TERN_API int tern_random_state(tern_tensor replacement, tern_tensor* state);  // CPU; replacement may be null
TERN_API int tern_threads(int count, int* now);                               // count <= 0 only asks
TERN_API int tern_cuda_devices(int* count);
