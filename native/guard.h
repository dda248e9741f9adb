// What every source file of the shim shares: handles and the one place where exceptions stop.
#pragma once
#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>
#include <string>
#include "tern_torch.h"

namespace tern {

inline thread_local std::string message;

// A handle lends its reference to the call...
inline at::Tensor borrow(tern_tensor handle) {
  if (!handle) return {};
  using Reference = c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>;
  return at::Tensor(Reference::reclaim_copy(static_cast<at::TensorImpl*>(handle)));
}

// ...and a result gives its own away.
inline tern_tensor give(at::Tensor tensor) { return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr; }

template <class Body>
int guard(Body body) {
  try {
    body();
    return 0;
  } catch (const c10::Error& error) {
    message = error.what_without_backtrace();
  } catch (const std::exception& error) {
    message = error.what();
  } catch (...) {
    message = "an exception that is not a std::exception";
  }
  return -1;
}

}  // namespace tern
