// Any ATen operator by its schema name: the dispatcher is the ABI.
#include <ATen/core/dispatch/Dispatcher.h>
#include <sstream>
#include "guard.h"

using c10::IValue;
using c10::TypeKind;
using tern::borrow;
using tern::guard;

namespace {

// What the schema says of one argument, read once.
struct Parameter {
  std::string name, type;
  TypeKind kind, element = TypeKind::AnyType;
  bool optional = false, optional_element = false, has_default = false;
  int length = 0;                                             // the N of int[N]
  IValue fallback;

  explicit Parameter(const c10::Argument& argument) : name(argument.name()), type(argument.type()->str()) {
    c10::TypePtr declared = argument.type();
    if (auto inner = declared->cast<c10::OptionalType>()) {
      optional = true;
      declared = inner->getElementType();
    }
    kind = declared->kind();
    length = argument.N() ? static_cast<int>(*argument.N()) : 0;
    if (auto list = declared->cast<c10::ListType>()) {
      c10::TypePtr item = list->getElementType();
      if (auto inner = item->cast<c10::OptionalType>()) {
        optional_element = true;
        item = inner->getElementType();
      }
      element = item->kind();
    }
    has_default = argument.default_value().has_value();
    if (has_default) fallback = *argument.default_value();
  }

  bool list_of(TypeKind wanted) const { return kind == TypeKind::ListType && element == wanted; }

  // Decided here, by name, so that libtorch never sees a value of the wrong kind (in a boxed call it would assert or crash).
  bool takes(int32_t tag) const {
    switch (tag) {
      case TERN_NONE: return optional || kind == TypeKind::TensorType;
      case TERN_TENSOR: return kind == TypeKind::TensorType;
      case TERN_FLOAT: return kind == TypeKind::FloatType || kind == TypeKind::NumberType || list_of(TypeKind::FloatType);
      case TERN_INT:
        return kind == TypeKind::IntType || kind == TypeKind::FloatType || kind == TypeKind::NumberType || (list_of(TypeKind::IntType) && length > 0);
      case TERN_BOOL: return kind == TypeKind::BoolType || kind == TypeKind::NumberType;
      case TERN_INTS: return list_of(TypeKind::IntType);
      case TERN_FLOATS: return list_of(TypeKind::FloatType) || list_of(TypeKind::NumberType);
      case TERN_TENSORS: return list_of(TypeKind::TensorType);
      case TERN_STRING: return kind == TypeKind::StringType;
      case TERN_DEVICE: return kind == TypeKind::DeviceObjType;
    }
    return false;
  }

  IValue value(const tern_value& given) const {
    switch (given.tag) {
      case TERN_TENSOR: return borrow(given.pointer);
      case TERN_FLOAT: return kind == TypeKind::ListType ? IValue(c10::List<double>({given.real})) : IValue(given.real);
      case TERN_INT:
        if (kind == TypeKind::FloatType) return static_cast<double>(given.integer);
        if (kind == TypeKind::ListType) return repeat(given.integer);       // stride: 2 means stride: [2, 2]
        return given.integer;
      case TERN_BOOL: return given.integer != 0;
      case TERN_INTS: return list<int64_t>(given);
      case TERN_FLOATS: return element == TypeKind::NumberType ? numbers(given) : IValue(list<double>(given));
      case TERN_TENSORS: return tensors(given);
      case TERN_STRING: return std::string(static_cast<const char*>(given.pointer), given.count);
      case TERN_DEVICE: return c10::Device(static_cast<c10::DeviceType>(given.integer >> 8), static_cast<c10::DeviceIndex>(static_cast<int8_t>(given.integer)));
    }
    return kind == TypeKind::TensorType && !optional ? IValue(at::Tensor()) : IValue();
  }

 private:
  IValue repeat(int64_t integer) const {
    c10::List<int64_t> items;
    for (int i = 0; i < length; i++) items.push_back(integer);
    return items;
  }

  template <class T>
  static c10::List<T> list(const tern_value& given) {
    auto data = static_cast<const T*>(given.pointer);
    c10::List<T> items;
    items.reserve(given.count);
    for (int i = 0; i < given.count; i++) items.push_back(data[i]);
    return items;
  }

  static IValue numbers(const tern_value& given) {
    auto data = static_cast<const double*>(given.pointer);
    c10::impl::GenericList items(c10::NumberType::get());
    for (int i = 0; i < given.count; i++) items.push_back(IValue(data[i]));
    return items;
  }

  IValue tensors(const tern_value& given) const {
    auto handles = static_cast<const tern_tensor*>(given.pointer);
    if (!optional_element) {
      c10::List<at::Tensor> items;
      for (int i = 0; i < given.count; i++) items.push_back(borrow(handles[i]));
      return items;
    }
    c10::impl::GenericList items(c10::OptionalType::create(c10::TensorType::get()));
    for (int i = 0; i < given.count; i++) items.push_back(handles[i] ? IValue(borrow(handles[i])) : IValue());
    return items;
  }
};

const char* kind_name(int32_t tag) {
  static const char* names[] = {"nothing", "a tensor", "a float", "an int", "a bool", "ints", "floats", "tensors", "a string", "a device"};
  return tag >= 0 && tag <= TERN_DEVICE ? names[tag] : "an unknown tag";
}

thread_local std::vector<IValue> stack;
thread_local std::vector<tern_value> made_values;

void append(const IValue& value) {
  tern_value result{};
  if (value.isTensor()) {
    result.tag = TERN_TENSOR;
    result.pointer = tern::give(value.toTensor());
  } else if (value.isDouble()) {
    result.tag = TERN_FLOAT;
    result.real = value.toDouble();
  } else if (value.isBool()) {
    result.tag = TERN_BOOL;
    result.integer = value.toBool();
  } else if (value.isInt()) {
    result.tag = TERN_INT;
    result.integer = value.toInt();
  } else if (value.isTensorList()) {
    for (const at::Tensor& tensor : value.toTensorVector()) append(tensor);
    return;
  }
  made_values.push_back(result);
}

}  // namespace

struct tern_operator {
  c10::OperatorHandle handle;
  std::string name;
  std::vector<Parameter> parameters;

  explicit tern_operator(c10::OperatorHandle found) : handle(std::move(found)), name(c10::toString(handle.operator_name())) {
    for (const auto& argument : handle.schema().arguments()) parameters.emplace_back(argument);
  }

  void push(const tern_value* given, int count) const {
    TORCH_CHECK(count <= static_cast<int>(parameters.size()), name, " takes ", parameters.size(), " arguments; got ", count);
    for (int i = 0; i < static_cast<int>(parameters.size()); i++) {
      const Parameter& parameter = parameters[i];
      if (i >= count) {
        TORCH_CHECK(parameter.has_default, name, ": argument '", parameter.name, "' (", parameter.type, ") is missing");
        stack.push_back(parameter.fallback);
        continue;
      }
      TORCH_CHECK(parameter.takes(given[i].tag), name, ": argument '", parameter.name, "' takes ", parameter.type, "; got ", kind_name(given[i].tag));
      stack.push_back(parameter.value(given[i]));
    }
  }
};

TERN_API int tern_find_operator(const char* name, const char* overload, tern_operator** found) {
  return guard([&] { *found = new tern_operator(c10::Dispatcher::singleton().findSchemaOrThrow(name, overload)); });
}

TERN_API int tern_schema(const tern_operator* op) {
  return guard([&] {
    std::ostringstream text;
    text << op->handle.schema();
    tern::message = text.str();
  });
}

TERN_API int tern_call(const tern_operator* op, const tern_value* arguments, int count, tern_value* results, int room, int* made) {
  int status = guard([&] {
    stack.clear();
    op->push(arguments, count);
    op->handle.callBoxed(stack);
    made_values.clear();
    if (room > 0)
      for (const IValue& value : stack) append(value);
    *made = static_cast<int>(made_values.size());
    std::copy_n(made_values.begin(), std::min(room, *made), results);
  });
  stack.clear();                                              // also after a failure: it holds references
  return status;
}

TERN_API int tern_results(tern_value* results) {
  return guard([&] { std::copy(made_values.begin(), made_values.end(), results); });
}
