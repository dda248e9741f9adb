// What is not an operator: references, memory, gradients, modes, random state, threads.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/cuda.h>
#include <torch/version.h>
#include <mutex>
#include "guard.h"

using tern::borrow;
using tern::give;
using tern::guard;

TERN_API const char* tern_message() { return tern::message.c_str(); }
TERN_API const char* tern_torch_version() { return TORCH_VERSION; }

TERN_API int tern_retain(tern_tensor tensor, tern_tensor* again) {
  return guard([&] { *again = give(borrow(tensor)); });
}

TERN_API int tern_release(tern_tensor tensor) {
  return guard([&] {
    if (tensor) c10::raw::intrusive_ptr::decref(static_cast<at::TensorImpl*>(tensor));
  });
}

TERN_API int tern_info(tern_tensor handle, tern_tensor_info* info) {
  return guard([&] {
    at::Tensor tensor = borrow(handle);
    TORCH_CHECK(tensor.dim() <= 8, "tensors of more than 8 dimensions are not supported; got ", tensor.dim());
    *info = {};
    info->dtype = static_cast<int32_t>(tensor.scalar_type());
    info->device_type = static_cast<int32_t>(tensor.device().type());
    info->device_index = tensor.device().index();
    info->rank = static_cast<int32_t>(tensor.dim());
    info->requires_grad = tensor.requires_grad();
    info->is_contiguous = tensor.is_contiguous();
    info->elements = tensor.numel();
    info->bytes = static_cast<int64_t>(tensor.nbytes());
    for (int i = 0; i < info->rank; i++) info->sizes[i] = tensor.size(i);
  });
}

TERN_API int tern_data(tern_tensor handle, void** data) {
  return guard([&] {
    at::Tensor tensor = borrow(handle);
    TORCH_CHECK(tensor.device().is_cpu(), "the memory of a tensor on ", tensor.device().str(), " cannot be read directly: move it to the CPU first");
    TORCH_CHECK(tensor.is_contiguous(), "the memory of a non-contiguous tensor cannot be read directly: call Contiguous() first");
    *data = tensor.data_ptr();
  });
}

TERN_API int tern_backward(tern_tensor root) {
  return guard([&] { torch::autograd::backward({borrow(root)}); });
}

TERN_API int tern_gradient(tern_tensor tensor, tern_tensor* gradient) {
  return guard([&] { *gradient = give(borrow(tensor).grad()); });
}

TERN_API int tern_set_gradient(tern_tensor tensor, tern_tensor gradient) {
  return guard([&] { borrow(tensor).mutable_grad() = borrow(gradient); });
}

TERN_API int tern_grad_mode(int enabled, int* before) {
  return guard([&] {
    *before = c10::GradMode::is_enabled();
    if (enabled >= 0) c10::GradMode::set_enabled(enabled != 0);
  });
}

TERN_API int tern_inference_begin(void** inference) {
  return guard([&] { *inference = new c10::InferenceMode(true); });
}

TERN_API int tern_inference_end(void* inference) {
  return guard([&] { delete static_cast<c10::InferenceMode*>(inference); });
}

TERN_API int tern_autocast(int device_type, int dtype) {
  return guard([&] {
    auto type = static_cast<at::ScalarType>(dtype);
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
    auto device = static_cast<at::DeviceType>(device_type);
    at::autocast::set_autocast_enabled(device, dtype >= 0);
    if (dtype >= 0) at::autocast::set_autocast_dtype(device, type);
#else
    if (device_type == static_cast<int>(at::kCUDA)) {
      at::autocast::set_enabled(dtype >= 0);
      if (dtype >= 0) at::autocast::set_autocast_gpu_dtype(type);
    } else {
      at::autocast::set_cpu_enabled(dtype >= 0);
      if (dtype >= 0) at::autocast::set_autocast_cpu_dtype(type);
    }
#endif
    if (dtype < 0) at::autocast::clear_cache();
  });
}

TERN_API int tern_seed(uint64_t seed) {
  return guard([&] { at::manual_seed(seed); });               // every device's generator
}

TERN_API int tern_random_state(tern_tensor replacement, tern_tensor* state) {
  return guard([&] {
    at::Generator generator = at::globalContext().defaultGenerator(at::kCPU);
    std::lock_guard<std::mutex> lock(generator.mutex());
    if (replacement) generator.set_state(borrow(replacement));
    *state = give(generator.get_state());
  });
}

TERN_API int tern_threads(int count, int* now) {
  return guard([&] {
    if (count > 0) at::set_num_threads(count);
    *now = at::get_num_threads();
  });
}

TERN_API int tern_cuda_devices(int* count) {
  return guard([&] { *count = static_cast<int>(torch::cuda::device_count()); });
}
