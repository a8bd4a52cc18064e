#include "models/onnx/tensors.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>

#include "models/onnx/fields.hpp"

namespace holdfast::onnx {
namespace {

constexpr std::int64_t most_elements = std::int64_t{1} << 24;

std::int64_t checked_size(const Dims& dims) {
    const std::int64_t size = size_of_dims(dims);
    if (size > most_elements) throw Malformed("a shape of more than 2^24 elements");
    return size;
}

std::string shape_text(const Dims& dims) {
    std::string text = "[";
    for (const std::int64_t dim : dims) text += (text.size() > 1 ? ", " : "") + std::to_string(dim);
    return text + "]";
}

/// For each element of `dims`, in C order, the sum of its coordinates times `strides`.
std::vector<std::int64_t> walk(const Dims& dims, const std::vector<std::int64_t>& strides) {
    std::vector<std::int64_t> out;
    out.reserve(static_cast<std::size_t>(checked_size(dims)));
    std::vector<std::int64_t> at(dims.size(), 0);
    if (size_of_dims(dims) == 0) return out;
    for (std::int64_t offset = 0;;) {
        out.push_back(offset);
        std::size_t axis = dims.size();
        while (axis > 0) {
            --axis;
            offset += strides[axis];
            if (++at[axis] < dims[axis]) break;
            offset -= strides[axis] * dims[axis];
            at[axis] = 0;
            if (axis == 0) return out;
        }
        if (dims.empty()) return out;
    }
}

std::vector<std::int64_t> strides_of(const Dims& dims) {
    std::vector<std::int64_t> strides(dims.size(), 1);
    for (std::size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * dims[i];
    return strides;
}

std::vector<std::int64_t> followed(const std::vector<std::int64_t>& positions, std::vector<std::int64_t> through) {
    for (std::int64_t& place : through) place = positions[static_cast<std::size_t>(place)];
    return through;
}

bool is_arithmetic(forms::Operation operation) { return operation < forms::Operation::equal; }

}  // namespace

Places Places::all(const Dims& dims) {
    Places out;
    out.dims = dims;
    out.positions.resize(static_cast<std::size_t>(checked_size(dims)));
    std::iota(out.positions.begin(), out.positions.end(), std::int64_t{0});
    return out;
}

Places Places::transposed(const std::vector<std::int64_t>& axes) const {
    const std::vector<std::int64_t> own = strides_of(dims);
    Places out;
    std::vector<std::int64_t> strides;
    for (const std::int64_t axis : axes) {
        out.dims.push_back(dims[static_cast<std::size_t>(axis)]);
        strides.push_back(own[static_cast<std::size_t>(axis)]);
    }
    out.positions = followed(positions, walk(out.dims, strides));
    return out;
}

Places Places::taken(std::size_t axis, const std::vector<std::int64_t>& at) const {
    const auto first = dims.begin() + static_cast<std::ptrdiff_t>(axis);
    const std::int64_t before = size_of_dims({dims.begin(), first}), after = size_of_dims({first + 1, dims.end()});
    Places out;
    out.dims = dims;
    out.dims[axis] = static_cast<std::int64_t>(at.size());
    out.positions.reserve(static_cast<std::size_t>(checked_size(out.dims)));
    for (std::int64_t i = 0; i < before; ++i) {
        for (const std::int64_t place : at) {
            const auto from = positions.begin() + (i * dims[axis] + place) * after;
            out.positions.insert(out.positions.end(), from, from + after);
        }
    }
    return out;
}

Places Places::expanded(const Dims& to) const {
    if (to.size() < dims.size()) throw Malformed("shape " + shape_text(dims) + " has more axes than " + shape_text(to));
    const std::size_t shift = to.size() - dims.size();
    const std::vector<std::int64_t> own = strides_of(dims);
    std::vector<std::int64_t> strides(to.size(), 0);
    for (std::size_t i = 0; i < dims.size(); ++i) {
        if (dims[i] == to[i + shift]) {
            strides[i + shift] = own[i];
        } else if (dims[i] != 1) {
            throw Malformed("shape " + shape_text(dims) + " does not broadcast to " + shape_text(to));
        }
    }
    Places out;
    out.dims = to;
    out.positions = followed(positions, walk(to, strides));
    return out;
}

std::size_t axis_of(const Operation& op, std::int64_t axis, std::size_t rank) {
    const auto axes = static_cast<std::int64_t>(rank);
    if (axis < -axes || axis >= axes)
        op.corrupt("works along axis " + std::to_string(axis) + " of " + std::to_string(rank));
    return static_cast<std::size_t>(axis < 0 ? axis + axes : axis);
}

std::size_t rank_of(const Value& x) { return x.dims.size(); }

Value moved(Operation& op, const Value& x, const Places& places, std::int64_t rows) {
    bool same = static_cast<std::int64_t>(places.positions.size()) == x.width;
    for (std::size_t i = 0; same && i < places.positions.size(); ++i)
        same = places.positions[i] == static_cast<std::int64_t>(i);
    if (same) return reshaped(x, places.dims, rows);
    Value like = x;
    like.dims = places.dims;
    like.rows = rows;
    if (like.meaning == Meaning::probability) like.meaning = Meaning::other;
    return op.builder().add_like(forms::Select{places.positions}, {x}, std::move(like));
}

Value reshaped(Value x, Dims dims, std::int64_t rows) {
    x.dims = std::move(dims);
    x.rows = rows;
    return x;
}

Value transposed(Operation& op, const Value& x, const std::vector<std::int64_t>& axes) {
    const auto found = std::find(axes.begin(), axes.end(), x.rows);
    const std::int64_t rows = x.rows < 0 ? -1 : found - axes.begin();
    return moved(op, x, Places::all(x.dims).transposed(axes), rows);
}

Turned with_last(Operation& op, const Value& x, const std::vector<std::size_t>& last) {
    std::vector<std::int64_t> axes;
    for (std::size_t i = 0; i < x.dims.size(); ++i) {
        if (std::find(last.begin(), last.end(), i) == last.end()) axes.push_back(static_cast<std::int64_t>(i));
    }
    for (const std::size_t axis : last) axes.push_back(static_cast<std::int64_t>(axis));
    Turned out{transposed(op, x, axes), std::vector<std::int64_t>(axes.size())};
    for (std::size_t i = 0; i < axes.size(); ++i)
        out.back[static_cast<std::size_t>(axes[i])] = static_cast<std::int64_t>(i);
    return out;
}

Value joined(std::span<const Value> values) {
    Value out;
    for (const Value& value : values) out.dims.resize(std::max(out.dims.size(), value.dims.size()), 1);
    const auto rank = static_cast<std::int64_t>(out.dims.size());
    std::int64_t from_right = -1;
    for (const Value& value : values) {
        if (value.rows < 0) continue;
        const auto place = static_cast<std::int64_t>(value.dims.size()) - value.rows;
        if (from_right >= 0 && from_right != place) throw MixesRows();
        from_right = place;
    }
    out.rows = from_right < 0 ? -1 : rank - from_right;
    for (const Value& value : values) {
        const std::size_t shift = out.dims.size() - value.dims.size();
        for (std::size_t i = 0; i < value.dims.size(); ++i) {
            std::int64_t& dim = out.dims[i + shift];
            if (value.dims[i] == 1 || value.dims[i] == dim) continue;
            if (dim != 1)
                throw Malformed("shapes " + shape_text(out.dims) + " and " + shape_text(value.dims) +
                                " do not broadcast");
            dim = value.dims[i];
        }
    }
    if (out.rows >= 0 && out.dims[static_cast<std::size_t>(out.rows)] != 1) throw MixesRows();
    return out;
}

Value broadcast(Operation& op, const Value& x, const Value& like) {
    return moved(op, x, Places::all(x.dims).expanded(like.dims), like.rows);
}

bool is_float(const Value& x) { return x.dtype == DType::float32 || x.dtype == DType::float64; }

void expect_float(const Operation& op, const Value& x) {
    if (!is_float(x)) op.refuse("of " + std::string(to_string(x.dtype)) + " is not covered; float and double are");
}

void expect_number(const Operation& op, const Value& x) {
    if (!is_float(x) && x.dtype != DType::int64)
        op.refuse("of " + std::string(to_string(x.dtype)) + " is not covered; float, double, int32 and int64 are");
}

void expect_same_dtype(const Operation& op, const Value& a, const Value& b) {
    if (a.dtype != b.dtype || a.whole32 != b.whole32)
        op.corrupt("joins " + std::string(to_string(a.dtype)) + " with " + std::string(to_string(b.dtype)));
}

Value wrapped(Operation& op, const Value& x) {
    if (!x.whole32) return x;
    return op.builder().add_like(forms::Math{forms::Function::wrap_to_32bits, DType::int64}, {x}, x);
}

Value combined(Operation& op, forms::Operation operation, const Value& a, const Value& b) {
    expect_same_dtype(op, a, b);
    const std::array<Value, 2> both{a, b};
    Value like = joined(both);
    like.dtype = is_arithmetic(operation) ? a.dtype : DType::boolean;
    like.whole32 = a.whole32 && is_arithmetic(operation);
    like.meaning = is_arithmetic(operation) ? (a.literal != nullptr ? b.meaning : a.meaning) : Meaning::other;
    const bool commutes = operation == forms::Operation::add || operation == forms::Operation::multiply;
    if (a.literal != nullptr && b.literal == nullptr && commutes) return combined(op, operation, b, a);
    if (is_float(a) && a.literal == nullptr && b.literal != nullptr && b.width >= 1 &&
        size_of_dims(like.dims) == a.width) {
        const Value constant = b.width == 1 ? b : broadcast(op, b, like);
        return op.builder().add_like(forms::Elementwise{operation, constant.literal->floats, a.dtype}, {a}, like);
    }
    Value out = op.builder().add_like(forms::Elementwise{operation, {}, a.dtype},
                                      {broadcast(op, a, like), broadcast(op, b, like)}, like);
    return wrapped(op, out);
}

Value applied(Operation& op, forms::Function function, const Value& x) {
    Value like = x;
    if (function == forms::Function::is_nan) like.dtype = DType::boolean;
    const DType compute = x.dtype == DType::boolean ? DType::float64 : x.dtype;
    return wrapped(op, op.builder().add_like(forms::Math{function, compute}, {x}, like));
}

Value applied(Operation& op, forms::Transform transform, const Value& x) {
    return op.builder().add_like(forms::PostTransform{transform, x.dtype}, {x}, x);
}

Value chosen(Operation& op, const Value& condition, const Value& yes, const Value& no) {
    expect_same_dtype(op, yes, no);
    const std::array<Value, 3> given{condition, yes, no};
    Value like = joined(given);
    like.dtype = yes.dtype;
    like.whole32 = yes.whole32;
    like.meaning = yes.meaning == no.meaning ? yes.meaning : Meaning::other;
    std::vector<Value> inputs;
    for (const Value& one : given) inputs.push_back(broadcast(op, one, like));
    return op.builder().add_like(forms::Choose{}, inputs, like);
}

Value reduced(Operation& op, forms::Reduction reduction, const Value& x, const std::vector<std::size_t>& axes) {
    Value like = x;
    for (const std::size_t axis : axes) {
        if (static_cast<std::int64_t>(axis) == x.rows) throw MixesRows();
        like.dims[axis] = 1;
    }
    const std::int64_t left = size_of_dims(like.dims);
    if (x.width == 0) op.refuse("of a tensor without elements is not covered");
    if (reduction >= forms::Reduction::arg_min) {
        like.dtype = DType::int64;
        like.whole32 = false;
    }
    like.meaning = Meaning::other;
    const DType compute = is_float(x)                              ? x.dtype
                          : reduction >= forms::Reduction::arg_min ? DType::float64
                                                                   : DType::int64;
    const Turned turned = with_last(op, x, axes);
    return wrapped(op, op.builder().add_like(forms::Reduce{reduction, x.width / left, compute}, {turned.value}, like));
}

}  // namespace holdfast::onnx
