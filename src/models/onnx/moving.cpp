// What moves elements: Concat, Reshape, Flatten, Squeeze, Unsqueeze, Transpose, Gather, Slice, Expand, Tile; and Shape
// and ConstantOfShape, whose values are known when the file is read, but for the number of rows.
#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "models/onnx/fields.hpp"
#include "models/onnx/tensors.hpp"

namespace holdfast::onnx {
namespace {

/// A shape that is asked for: extents, with 1 and `rows` where it says the number of rows.
struct Asked {
    Dims dims;
    std::int64_t rows = -1;
};

std::vector<std::int64_t> shape_input(const Operation& op, std::int64_t i) {
    const Value shape = op.operand(i);
    if (shape.literal == nullptr) op.refuse("with a computed shape is not covered");
    if (shape.dims.size() != 1 || shape.dtype != DType::int64) op.corrupt("has a shape that is not a list of integers");
    return shape.literal->integers;
}

Asked asked_shape(const Operation& op, std::int64_t i) {
    Asked out;
    for (const std::int64_t extent : shape_input(op, i)) {
        if (extent == rows_marker) {
            if (out.rows >= 0) throw MixesRows();
            out.rows = static_cast<std::int64_t>(out.dims.size());
        } else if (extent < 0) {
            op.corrupt("asks for an extent of " + std::to_string(extent));
        }
        out.dims.push_back(extent == rows_marker ? 1 : extent);
    }
    static_cast<void>(size_of_dims(out.dims));
    return out;
}

std::int64_t before_rows(const Dims& dims, std::int64_t rows) {
    std::int64_t size = 1;
    for (std::int64_t i = 0; i < rows; ++i) size *= dims[static_cast<std::size_t>(i)];
    return size;
}

/// As what an extent of -1 stands for: rows, where no other extent does, or what is left of the columns.
Asked reshape_of(const Operation& op, const Value& x, const std::vector<std::int64_t>& shape, bool zero_is_zero) {
    Asked out;
    std::int64_t open = -1, known = 1;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        std::int64_t extent = shape[i];
        bool counts = extent == rows_marker;
        if (extent == 0 && !zero_is_zero) {
            if (i >= x.dims.size())
                op.corrupt("copies the extent of axis " + std::to_string(i) + ", which is not there");
            extent = x.dims[i];
            counts = static_cast<std::int64_t>(i) == x.rows;
        }
        if (counts) {
            if (out.rows >= 0) throw MixesRows();
            out.rows = static_cast<std::int64_t>(i);
            extent = 1;
        } else if (extent == -1) {
            if (open >= 0) op.corrupt("leaves two extents open");
            open = static_cast<std::int64_t>(i);
            extent = 1;
        } else if (extent < 0) {
            op.corrupt("asks for an extent of " + std::to_string(extent));
        }
        out.dims.push_back(extent);
    }
    known = size_of_dims(out.dims);
    if (out.rows >= 0 && x.rows < 0) throw MixesRows();
    if (open >= 0 && x.rows >= 0 && out.rows < 0) {
        out.rows = open;
    } else if (open >= 0) {
        if (known == 0 || x.width % known != 0)
            op.corrupt("reshapes " + std::to_string(x.width) + " elements to a multiple of " + std::to_string(known));
        out.dims[static_cast<std::size_t>(open)] = x.width / known;
    }
    return out;
}

Value reshape(const Operation& op, const Value& x, Asked to) {
    if (x.rows >= 0 && (to.rows < 0 || size_of_dims(to.dims) != x.width)) throw MixesRows();
    if (size_of_dims(to.dims) != x.width)
        op.corrupt("reshapes " + std::to_string(x.width) + " elements to " + std::to_string(size_of_dims(to.dims)));
    if (x.rows >= 0 && before_rows(x.dims, x.rows) != before_rows(to.dims, to.rows)) throw MixesRows();
    return reshaped(x, std::move(to.dims), to.rows);
}

std::vector<std::int64_t> integers_or_input(Operation& op, std::string_view attribute, bool from_input) {
    if (!from_input) return op.integers(attribute);
    return op.has_input(1) ? op.integers_of_constant(1) : std::vector<std::int64_t>{};
}

Value list_of(Builder& builder, const std::vector<std::int64_t>& values, Dims dims) {
    TensorProto tensor;
    tensor.type = ElementType::int64;
    tensor.dims = std::move(dims);
    tensor.integers = values;
    return builder.kept(std::move(tensor));
}

/// Places on an axis, for positions that may count from its end.
std::vector<std::int64_t> places_on(const Operation& op, std::vector<std::int64_t> at, std::int64_t extent) {
    for (std::int64_t& place : at) {
        if (place < -extent || place >= extent)
            op.corrupt("picks " + std::to_string(place) + " of " + std::to_string(extent));
        if (place < 0) place += extent;
    }
    return at;
}

/// axis of `dims` becomes the axes `by`.
Dims replaced(const Dims& dims, std::size_t axis, const Dims& by) {
    Dims out(dims.begin(), dims.begin() + static_cast<std::ptrdiff_t>(axis));
    out.insert(out.end(), by.begin(), by.end());
    out.insert(out.end(), dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1, dims.end());
    return out;
}

std::int64_t rows_after(std::int64_t rows, std::size_t axis, std::size_t axes_put) {
    return rows > static_cast<std::int64_t>(axis) ? rows - 1 + static_cast<std::int64_t>(axes_put) : rows;
}

/// A list of constants at computed positions, which count from its end where they are negative.
Value looked_up(Operation& op, const TensorProto& list, const Value& positions) {
    using forms::Operation;
    Builder& builder = op.builder();
    const Value zero = builder.number(0.0, DType::int64);
    const Value count = builder.number(static_cast<double>(list.size()), DType::int64);
    const Value from_end = combined(op, Operation::less, positions, zero);
    const Value places = chosen(op, from_end, combined(op, Operation::add, positions, count), positions);
    Value like = places;
    like.dtype = dtype_of(list.type);
    if (list.is_float()) return builder.add_like(forms::Numbers{list.floats, like.dtype}, {places}, like);
    ClassLabels items = list.integers;
    if (list.type == ElementType::string) items = std::vector<std::string>(list.strings.begin(), list.strings.end());
    return builder.add_like(forms::Lookup{std::move(items)}, {places}, like);
}

bool is_list(const Value& x) {
    const bool covered = x.dtype != DType::boolean && !x.whole32 && !x.counts_rows;
    return x.literal != nullptr && x.rows < 0 && x.dims.size() == 1 && covered;
}

/// Gather with positions that are computed: along the last axis, for each run before it.
Value picked(Operation& op, const Value& x, const Value& positions, std::size_t axis) {
    if (x.rows >= 0 && positions.rows >= 0) throw MixesRows();
    if (x.width == 0 || positions.width == 0) op.refuse("of a tensor without elements is not covered");
    if (is_list(x)) return looked_up(op, *x.literal, positions);
    const Turned turned = with_last(op, x, {axis});
    const std::int64_t extent = x.dims[axis], runs = x.width / extent, count = positions.width;
    const Value repeated =
        moved(op, reshaped(positions, {1, count}, -1), Places::all({1, count}).expanded({runs, count}), -1);
    Value like = x;
    like.dims = {runs, count};
    like.rows = -1;
    const Value found = op.builder().add_like(forms::Pick{extent}, {turned.value, repeated}, like);
    // (before, after, count) to (before, count, after)
    const Dims tail(x.dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1, x.dims.end());
    const std::int64_t after = size_of_dims(tail);
    const Value split = reshaped(found, {runs / after, after, count}, -1);
    const Value ordered = transposed(op, split, {0, 2, 1});
    const std::int64_t rows = positions.rows >= 0 ? positions.rows + static_cast<std::int64_t>(axis)
                                                  : rows_after(x.rows, axis, positions.dims.size());
    return reshaped(ordered, replaced(x.dims, axis, positions.dims), rows);
}

/// What a slice takes of an axis, as numpy does.
std::vector<std::int64_t> slice_of(const Operation& op, std::int64_t start, std::int64_t end, std::int64_t step,
                                   std::int64_t extent) {
    if (step == 0) op.corrupt("has a step of 0");
    const std::int64_t least = step > 0 ? 0 : -1, most = step > 0 ? extent : extent - 1;
    const auto place = [&](std::int64_t at) {
        return std::clamp(at < 0 ? (at < -extent ? least : at + extent) : at, least, most);
    };
    std::vector<std::int64_t> out;
    const std::int64_t from = place(start), to = place(end);
    for (std::int64_t at = from; step > 0 ? at < to : at > to;) {
        out.push_back(at);
        if (step > extent || step < -extent) break;
        at += step;
    }
    return out;
}

struct SliceBounds {
    std::vector<std::int64_t> starts, ends, axes, steps;
};

std::vector<std::int64_t> bounds_input(const Operation& op, std::int64_t i) {
    const Value given = op.operand(i);
    if (given.literal == nullptr) op.refuse("with computed bounds is not covered");
    if (given.dims.size() != 1 || given.dtype != DType::int64) op.corrupt("has bounds that are not a list of integers");
    return given.literal->integers;
}

SliceBounds slice_bounds(Operation& op) {
    SliceBounds out;
    if (op.since() < 10) {
        out = {op.integers("starts"), op.integers("ends"), op.integers("axes"), {}};
    } else {
        out.starts = bounds_input(op, 1);
        out.ends = bounds_input(op, 2);
        if (op.has_input(3)) out.axes = bounds_input(op, 3);
        if (op.has_input(4)) out.steps = bounds_input(op, 4);
    }
    const auto count = static_cast<std::int64_t>(out.starts.size());
    op.expect_size("ends", out.ends.size(), count);
    if (out.axes.empty()) {
        out.axes.resize(out.starts.size());
        std::iota(out.axes.begin(), out.axes.end(), std::int64_t{0});
    }
    out.steps.resize(out.steps.empty() ? out.starts.size() : out.steps.size(), 1);
    op.expect_size("axes", out.axes.size(), count);
    op.expect_size("steps", out.steps.size(), count);
    return out;
}

}  // namespace

void translate_concat(Operation& op) {
    op.expect_inputs(1, 65536);
    std::vector<Value> parts;
    for (std::int64_t i = 0; i < op.inputs(); ++i) parts.push_back(op.operand(i));
    Value like = parts.front();
    const std::size_t axis = axis_of(op, op.integer("axis", 1), rank_of(like));
    if (static_cast<std::int64_t>(axis) == like.rows) throw MixesRows();
    std::vector<std::int64_t> origin;  // (before, extent of all, after) to where it is in the parts side by side
    like.dims[axis] = 0;
    for (const Value& part : parts) {
        expect_same_dtype(op, like, part);
        Dims others = part.dims;
        if (others.size() == like.dims.size()) others[axis] = like.dims[axis];
        if (part.rows != like.rows) throw MixesRows();
        if (others != like.dims) op.corrupt("joins tensors whose other axes differ");
        like.dims[axis] += part.dims[axis];
    }
    const bool likely =
        std::ranges::all_of(parts, [](const Value& part) { return part.meaning == Meaning::probability; });
    like.meaning = likely ? Meaning::probability : Meaning::other;
    const auto first = like.dims.begin() + static_cast<std::ptrdiff_t>(axis);
    const std::int64_t before = size_of_dims({like.dims.begin(), first}),
                       after = size_of_dims({first + 1, like.dims.end()});
    const Value joined_parts = op.builder().add_like(forms::Concat{}, parts, like);
    if (before == 1) return op.set_output(0, joined_parts);
    for (std::int64_t i = 0; i < before; ++i) {
        std::int64_t start = 0;
        for (const Value& part : parts) {
            const std::int64_t run = part.dims[axis] * after;
            for (std::int64_t k = 0; k < run; ++k) origin.push_back(start + i * run + k);
            start += part.width;
        }
    }
    op.set_output(0, moved(op, joined_parts, {like.dims, std::move(origin)}, like.rows));
}

void translate_reshape(Operation& op) {
    op.expect_inputs(2, 2);
    const Value x = op.operand(0);
    const bool zero_is_zero = op.integer("allowzero", 0) != 0;
    op.set_output(0, reshape(op, x, reshape_of(op, x, shape_input(op, 1), zero_is_zero)));
}

void translate_flatten(Operation& op) {
    op.expect_inputs(1, 1);
    const Value x = op.operand(0);
    const auto rank = static_cast<std::int64_t>(rank_of(x));
    std::int64_t axis = op.integer("axis", 1);
    if (axis < -rank || axis > rank)
        op.corrupt("works along axis " + std::to_string(axis) + " of " + std::to_string(rank));
    if (axis < 0) axis += rank;
    const std::int64_t first = before_rows(x.dims, axis);
    Asked to{{first, first == 0 ? 0 : x.width / first}, -1};
    if (x.rows >= 0) {
        to.rows = x.rows < axis ? 0 : 1;
        if (to.dims[static_cast<std::size_t>(to.rows)] != 1) throw MixesRows();
    }
    op.set_output(0, reshape(op, x, std::move(to)));
}

void translate_squeeze(Operation& op) {
    op.expect_inputs(1, op.since() < 13 ? 1 : 2);
    const Value x = op.operand(0);
    std::vector<bool> goes(rank_of(x), false);
    const std::vector<std::int64_t> axes = integers_or_input(op, "axes", op.since() >= 13);
    for (const std::int64_t given : axes) {
        const std::size_t axis = axis_of(op, given, rank_of(x));
        if (static_cast<std::int64_t>(axis) == x.rows) throw MixesRows();
        if (x.dims[axis] != 1) op.corrupt("squeezes an axis of " + std::to_string(x.dims[axis]));
        goes[axis] = true;
    }
    Asked to;
    for (std::size_t i = 0; i < rank_of(x); ++i) {
        const bool is_rows = static_cast<std::int64_t>(i) == x.rows;
        if (axes.empty() ? x.dims[i] == 1 && !is_rows : goes[i]) continue;
        if (is_rows) to.rows = static_cast<std::int64_t>(to.dims.size());
        to.dims.push_back(x.dims[i]);
    }
    op.set_output(0, reshaped(x, std::move(to.dims), to.rows));
}

void translate_unsqueeze(Operation& op) {
    op.expect_inputs(1, op.since() < 13 ? 1 : 2);
    const Value x = op.operand(0);
    const std::vector<std::int64_t> axes = integers_or_input(op, "axes", op.since() >= 13);
    const std::size_t rank = rank_of(x) + axes.size();
    if (rank > 64) op.refuse("to " + std::to_string(rank) + " axes is not covered");
    std::vector<bool> is_new(rank, false);
    for (const std::int64_t given : axes) {
        const std::size_t axis = axis_of(op, given, rank);
        if (is_new[axis]) op.corrupt("puts axis " + std::to_string(axis) + " twice");
        is_new[axis] = true;
    }
    Asked to;
    std::size_t from = 0;
    for (std::size_t i = 0; i < rank; ++i) {
        if (!is_new[i] && static_cast<std::int64_t>(from) == x.rows) to.rows = static_cast<std::int64_t>(i);
        to.dims.push_back(is_new[i] ? 1 : x.dims[from++]);
    }
    op.set_output(0, reshaped(x, std::move(to.dims), to.rows));
}

void translate_transpose(Operation& op) {
    op.expect_inputs(1, 1);
    const Value x = op.operand(0);
    std::vector<std::int64_t> axes = op.integers("perm");
    if (axes.empty()) {
        for (std::size_t i = rank_of(x); i > 0; --i) axes.push_back(static_cast<std::int64_t>(i) - 1);
    }
    std::vector<std::int64_t> sorted = axes;
    std::ranges::sort(sorted);
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (sorted.size() != rank_of(x) || sorted[i] != static_cast<std::int64_t>(i))
            op.corrupt("has a perm that is no order of " + std::to_string(rank_of(x)) + " axes");
    }
    op.set_output(0, transposed(op, x, axes));
}

void translate_gather(Operation& op) {
    op.expect_inputs(2, 2);
    const Value x = op.operand(0), positions = op.operand(1);
    const std::size_t axis = axis_of(op, op.integer("axis", 0), rank_of(x));
    if (positions.dtype != DType::int64) op.corrupt("picks by something else than integers");
    if (static_cast<std::int64_t>(axis) == x.rows) throw MixesRows();
    if (positions.literal == nullptr) return op.set_output(0, picked(op, x, positions, axis));
    if (positions.counts_rows || positions.rows >= 0) throw MixesRows();
    Places places = Places::all(x.dims).taken(axis, places_on(op, positions.literal->integers, x.dims[axis]));
    places.dims = replaced(x.dims, axis, positions.dims);
    op.set_output(0, moved(op, x, places, rows_after(x.rows, axis, positions.dims.size())));
}

// Along another axis than the one that counts rows, each run of x has positions of its own.
void translate_gather_elements(Operation& op) {
    op.expect_inputs(2, 2);
    const Value x = op.operand(0), positions = op.operand(1);
    const std::size_t axis = axis_of(op, op.integer("axis", 0), rank_of(x));
    if (positions.dtype != DType::int64) op.corrupt("picks by something else than integers");
    if (static_cast<std::int64_t>(axis) == x.rows || positions.rows != x.rows) throw MixesRows();
    Dims others = positions.dims;
    if (others.size() == x.dims.size()) others[axis] = x.dims[axis];
    if (others != x.dims) op.refuse("of positions with other extents is not covered");
    if (x.width == 0 || positions.width == 0) op.refuse("of a tensor without elements is not covered");
    const Turned turned = with_last(op, x, {axis}), at = with_last(op, positions, {axis});
    Value like = at.value;
    like.dtype = x.dtype;
    const Value found = op.builder().add_like(forms::Pick{x.dims[axis]}, {turned.value, at.value}, like);
    op.set_output(0, transposed(op, found, turned.back));
}

void translate_slice(Operation& op) {
    op.expect_inputs(op.since() < 10 ? 1 : 3, op.since() < 10 ? 1 : 5);
    const Value x = op.operand(0);
    const SliceBounds bounds = slice_bounds(op);
    Places places = Places::all(x.dims);
    for (std::size_t i = 0; i < bounds.starts.size(); ++i) {
        const std::size_t axis = axis_of(op, bounds.axes[i], rank_of(x));
        const std::int64_t start = bounds.starts[i], end = bounds.ends[i];
        if (static_cast<std::int64_t>(axis) == x.rows) {
            const bool all = start == 0 && bounds.steps[i] == 1 &&
                             (end == rows_marker || end >= std::numeric_limits<std::int32_t>::max());
            if (!all) throw MixesRows();
            continue;
        }
        if (start == rows_marker || end == rows_marker) throw MixesRows();
        places = places.taken(axis, slice_of(op, start, end, bounds.steps[i], places.dims[axis]));
    }
    op.set_output(0, moved(op, x, places, x.rows));
}

void translate_expand(Operation& op) {
    op.expect_inputs(2, 2);
    const Value x = op.operand(0);
    const Asked to = asked_shape(op, 1);
    Value shape;
    shape.dims = to.dims;
    shape.rows = to.rows;
    const std::array<Value, 2> both{x, shape};
    op.set_output(0, broadcast(op, x, joined(both)));
}

void translate_tile(Operation& op) {
    op.expect_inputs(2, 2);
    const Value x = op.operand(0);
    const std::vector<std::int64_t> repeats = op.integers_of_constant(1);
    op.expect_size("repeats", repeats.size(), static_cast<std::int64_t>(rank_of(x)));
    Places places = Places::all(x.dims);
    Dims dims = x.dims;
    for (std::size_t axis = 0; axis < repeats.size(); ++axis) {
        if (repeats[axis] == 1) continue;
        if (static_cast<std::int64_t>(axis) == x.rows) throw MixesRows();
        if (repeats[axis] == rows_marker) op.refuse("as often as there are rows is not covered");
        if (repeats[axis] < 0 || repeats[axis] > (std::int64_t{1} << 20))
            op.corrupt("repeats " + std::to_string(repeats[axis]) + " times");
        dims[axis] *= repeats[axis];
        if (size_of_dims(dims) > (std::int64_t{1} << 20)) throw Malformed("a shape of more than 2^20 elements");
        std::vector<std::int64_t> at(static_cast<std::size_t>(dims[axis]));
        for (std::size_t i = 0; i < at.size(); ++i) at[i] = static_cast<std::int64_t>(i) % x.dims[axis];
        places = places.taken(axis, at);
    }
    op.set_output(0, moved(op, x, places, x.rows));
}

void translate_shape(Operation& op) {
    op.expect_inputs(1, 1);
    const Value x = op.operand(0);
    const auto rank = static_cast<std::int64_t>(rank_of(x));
    const auto place = [&](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank); };
    const std::int64_t start = place(op.integer("start", 0)), end = place(op.integer("end", rank));
    std::vector<std::int64_t> extents;
    for (std::int64_t i = start; i < end; ++i)
        extents.push_back(i == x.rows ? rows_marker : x.dims[static_cast<std::size_t>(i)]);
    const auto count = static_cast<std::int64_t>(extents.size());
    Value out = list_of(op.builder(), extents, {count});
    out.counts_rows = start <= x.rows && x.rows < end;
    op.set_output(0, std::move(out));
}

void translate_constant_of_shape(Operation& op) {
    op.expect_inputs(1, 1);
    Asked to = asked_shape(op, 0);
    const TensorProto* given = op.tensor("value");
    if (given != nullptr && given->size() != 1)
        op.corrupt("has a value of " + std::to_string(given->size()) + " elements");
    const Value one = given != nullptr ? op.builder().constant(*given) : op.builder().number(0.0, DType::float32);
    Value like;
    like.dims = std::move(to.dims);
    like.rows = to.rows;
    op.set_output(0, broadcast(op, reshaped(one, {}, -1), like));
}

}  // namespace holdfast::onnx
