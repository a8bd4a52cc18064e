#include <holdfast/base/error.hpp>

#include "data_inputs.hpp"
#include "dlpack.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

using dlpack::TypeCode;

void check_device(py::handle data, std::string_view what) {
    if (!py::hasattr(data, "__dlpack_device__")) return;
    py::tuple device;
    try {
        device = data.attr("__dlpack_device__")();
    } catch (const py::error_already_set& error) {
        if (!is_data_error(error)) throw;
        throw Unsupported(std::string(what) + ": " + type_name(data) +
                          " given, one on the CPU wanted: " + message_of(error));
    }
    const auto type = py::int_(device[0]).cast<std::int32_t>();
    if (type == static_cast<std::int32_t>(dlpack::DeviceType::cpu) ||
        type == static_cast<std::int32_t>(dlpack::DeviceType::cuda_host)) {
        return;
    }
    throw Unsupported(std::string(what) + ": " + type_name(data) + " on DLPack device type " + std::to_string(type) +
                      " given, the CPU wanted (for torch: tensor.cpu())");
}

/// torch's own refusals are BufferErrors whose text is of torch; these say what to do.
void check_torch_state(py::handle data, std::string_view what) {
    const auto set = [&](const char* name) {
        const py::object flag = py::getattr(data, name, py::none());
        const py::object value = PyCallable_Check(flag.ptr()) != 0 ? flag() : flag;
        return py::isinstance<py::bool_>(value) && value.cast<bool>();
    };
    if (set("requires_grad")) {
        throw Unsupported(std::string(what) + ": " + type_name(data) +
                          " that requires gradients given, one without wanted (tensor.detach())");
    }
    if (set("is_conj") || set("is_neg")) {
        throw Unsupported(std::string(what) + ": " + type_name(data) +
                          " with a lazy conjugate or negative given, a plain one wanted (tensor.resolve_conj())");
    }
}

py::object call_dlpack(py::handle data) {
    const py::object method = data.attr("__dlpack__");
    try {
        return method(py::arg("max_version") = py::make_tuple(dlpack::major_version, 0));
    } catch (const py::error_already_set& error) {
        if (!error.matches(PyExc_TypeError)) throw;
        return method();  // a producer older than DLPack 1.0
    }
}

py::capsule export_capsule(py::handle data, std::string_view what) {
    py::object made;
    try {
        made = call_dlpack(data);
    } catch (const py::error_already_set& error) {
        if (!is_data_error(error)) throw;
        throw Unsupported(std::string(what) + ": " + type_name(data) +
                          " that DLPack cannot carry given: " + message_of(error));
    }
    if (PyCapsule_CheckExact(made.ptr()) != 0) return made;
    throw InvalidArgument(std::string(what) + ": " + type_name(made) +
                          " given by __dlpack__, a capsule named \"dltensor\" wanted");
}

std::optional<DType> dtype_of_dlpack(const dlpack::DataType& type) {
    if (type.lanes != 1) return std::nullopt;
    const auto pick = [&](DType one, DType two, DType four, DType eight) -> std::optional<DType> {
        switch (type.bits) {
            case 8: return one;
            case 16: return two;
            case 32: return four;
            case 64: return eight;
            default: return std::nullopt;
        }
    };
    switch (static_cast<TypeCode>(type.code)) {
        case TypeCode::integer: return pick(DType::int8, DType::int16, DType::int32, DType::int64);
        case TypeCode::unsigned_integer: return pick(DType::uint8, DType::uint16, DType::uint32, DType::uint64);
        case TypeCode::real:
            if (type.bits == 32) return DType::float32;
            if (type.bits == 64) return DType::float64;
            return std::nullopt;
        case TypeCode::boolean:
            if (type.bits == 8) return DType::boolean;
            return std::nullopt;
        case TypeCode::bfloat:
        case TypeCode::complex: break;
    }
    return std::nullopt;
}

std::string described(const dlpack::DataType& type) {
    constexpr std::array<std::string_view, 7> names{"int", "uint", "float", "opaque ", "bfloat", "complex", "bool"};
    const std::string name =
        type.code < names.size() ? std::string(names[type.code]) : "type " + std::to_string(type.code) + " of ";
    return name + std::to_string(type.bits) + (type.lanes == 1 ? "" : " x " + std::to_string(type.lanes));
}

TensorView view_of(const dlpack::Tensor& tensor, bool writable, std::string_view what) {
    const auto dtype = dtype_of_dlpack(tensor.dtype);
    if (!dtype) {
        throw Unsupported(std::string(what) + ": DLPack tensor of " + described(tensor.dtype) +
                          " given; bool, int8 to int64, uint8 to uint64, float32 or float64 wanted");
    }
    if (tensor.rank < 0 || tensor.rank > TensorView::max_rank || (tensor.rank > 0 && tensor.shape == nullptr)) {
        throw InvalidArgument(std::string(what) + ": DLPack tensor of rank " + std::to_string(tensor.rank) +
                              " given, at most " + std::to_string(TensorView::max_rank) + " wanted");
    }
    const std::span shape(tensor.shape, static_cast<std::size_t>(tensor.rank));
    const void* data =
        tensor.data == nullptr ? nullptr : static_cast<const std::byte*>(tensor.data) + tensor.byte_offset;
    if (tensor.strides == nullptr) {
        return writable ? TensorView(const_cast<void*>(data), *dtype, shape) : TensorView(data, *dtype, shape);
    }
    return TensorView(data, *dtype, shape, std::span(tensor.strides, shape.size()), writable);
}

/// Takes the tensor out of its capsule, which is marked used as the protocol asks.
template <class Managed>
HeldTensor take(const py::capsule& capsule, const char* used_name, bool writable, std::string_view what) {
    auto* managed = capsule.get_pointer<Managed>();
    if (PyCapsule_SetName(capsule.ptr(), used_name) != 0) throw py::error_already_set();
    const Owner owner(managed, [](const void* held) {
        auto* tensor = static_cast<Managed*>(const_cast<void*>(held));
        if (tensor->deleter == nullptr || Py_IsInitialized() == 0) return;
        const py::gil_scoped_acquire gil;
        tensor->deleter(tensor);
    });
    return {view_of(managed->tensor, writable, what), owner};
}

}  // namespace

bool has_dlpack(py::handle data) { return py::hasattr(data, "__dlpack__"); }

HeldTensor dlpack_tensor(py::handle data, std::string_view what) {
    check_torch_state(data, what);
    check_device(data, what);
    const py::capsule capsule = export_capsule(data, what);
    const char* name = PyCapsule_GetName(capsule.ptr());
    const std::string_view seen = name == nullptr ? "" : name;
    if (seen == "dltensor_versioned") {
        const auto* managed = capsule.get_pointer<dlpack::ManagedTensorVersioned>();
        if (managed->version.major != dlpack::major_version) {
            throw Unsupported(std::string(what) + ": DLPack version " + std::to_string(managed->version.major) +
                              " given, " + std::to_string(dlpack::major_version) + " wanted");
        }
        const bool writable = (managed->flags & dlpack::flag_read_only) == 0;
        return take<dlpack::ManagedTensorVersioned>(capsule, "used_dltensor_versioned", writable, what);
    }
    if (seen == "dltensor") return take<dlpack::ManagedTensor>(capsule, "used_dltensor", true, what);
    throw InvalidArgument(std::string(what) + ": a capsule named \"" + std::string(seen) +
                          "\" given by __dlpack__, \"dltensor\" wanted");
}

}  // namespace holdfast::bindings
