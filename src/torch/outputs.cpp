#include "torch/outputs.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>

#include "torch/dtypes.hpp"
#include "torch/text.hpp"

namespace holdfast::torch_backend {
namespace {

[[noreturn]] void refuse(const TensorSpec& spec, const at::Tensor& tensor, bool derived) {
    std::string seen(c10::toString(tensor.scalar_type()));
    if (const auto dtype = dtype_of_scalar(tensor.scalar_type())) seen = to_string(*dtype);
    throw InvalidArgument("output " + in_quotes(spec.name) + ": the model gave " + seen + shape_text(tensor.sizes()) +
                          ", its " + (derived ? "derived " : "") + "signature says " +
                          std::string(to_string(spec.dtype)) + shape_text(spec.shape) +
                          (derived ? "; give a signature" : ""));
}

at::Tensor fitted(const TensorSpec& spec, at::Tensor tensor, std::int64_t rows, bool exact) {
    const at::Tensor given = tensor;
    if (tensor.dim() == 1 && spec.shape.size() == 2) tensor = tensor.unsqueeze(1);
    if (tensor.dim() == 2 && spec.shape.size() == 1 && tensor.size(1) == 1) tensor = tensor.squeeze(1);
    bool fits = tensor.dim() == static_cast<std::int64_t>(spec.shape.size()) && tensor.size(0) == rows;
    for (std::size_t axis = 1; fits && axis < spec.shape.size(); ++axis)
        fits = spec.shape[axis] < 0 || spec.shape[axis] == tensor.size(static_cast<std::int64_t>(axis));
    if (!fits || tensor.is_complex() || (exact && tensor.scalar_type() != scalar_type(spec.dtype)))
        refuse(spec, given, exact);
    return tensor;
}

}  // namespace

bool copy_plain(const TensorSpec& spec, const at::Tensor& tensor, std::int64_t rows, const TensorView& out) {
    if (out.dtype() != spec.dtype || out.rank() != static_cast<int>(spec.shape.size()) || out.rows() != rows)
        return false;
    for (int axis = 1; axis < out.rank(); ++axis) {
        const std::int64_t wanted = spec.shape[static_cast<std::size_t>(axis)];
        if (wanted >= 0 && wanted != out.extent(axis)) return false;
    }
    if (!tensor.device().is_cpu() || tensor.scalar_type() != scalar_type(spec.dtype) || tensor.is_neg() ||
        !tensor.is_contiguous() || !out.contiguous())
        return false;
    // A vector goes where one column is wanted, and back.
    const auto column = [rows](auto&& shape) { return shape.size() == 2 && shape[0] == rows && shape[1] == 1; };
    const auto vector = [rows](auto&& shape) { return shape.size() == 1 && shape[0] == rows; };
    const c10::IntArrayRef given = tensor.sizes();
    const auto wanted = out.shape();
    if (!std::ranges::equal(given, wanted) && !(column(given) && vector(wanted)) && !(vector(given) && column(wanted)))
        return false;
    if (out.size() > 0) std::memcpy(out.mutable_data(), tensor.const_data_ptr(), tensor.nbytes());
    return true;
}

void write_output(const TensorSpec& spec, const at::Tensor& tensor, std::int64_t rows, bool exact, Outputs& out) {
    const at::Tensor from = fitted(spec, tensor, rows, exact);
    const TensorView place = out.place(spec.name, spec.dtype, from.sizes());
    if (place.data() == nullptr || place.size() == 0) return;
    if (copy_plain(spec, from, rows, place)) return;
    static_cast<void>(place.mutable_data());
    const Wrapped to = wrap(place);
    to.tensor.copy_(to.reversed.empty() ? from : from.flip(to.reversed));
}

}  // namespace holdfast::torch_backend
