// Elementwise: two values, or a value and a constant, element by element.
#include <cmath>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>

#include "models/engine/convert.hpp"
#include "models/engine/step.hpp"
#include "models/engine/tensor/functions.hpp"

namespace holdfast::engine {
namespace {

using forms::Operation;

/// Calls `f` with the function of two floats; the result of float32's own arithmetic is that of double's, rounded.
template <class T, class F>
void with_arithmetic(Operation operation, F f) {
    switch (operation) {
        case Operation::add: return f([](T a, T b) { return a + b; });
        case Operation::subtract: return f([](T a, T b) { return a - b; });
        case Operation::multiply: return f([](T a, T b) { return a * b; });
        case Operation::divide: return f([](T a, T b) { return a / b; });
        case Operation::power:
            return f([](T a, T b) { return static_cast<T>(power(static_cast<double>(a), static_cast<double>(b))); });
        case Operation::minimum: return f([](T a, T b) { return std::isnan(a) || a < b ? a : b; });
        case Operation::maximum: return f([](T a, T b) { return std::isnan(a) || a > b ? a : b; });
        default: return;
    }
}

std::int64_t quotient(std::int64_t a, std::int64_t b) {
    if (b == 0) throw InvalidArgument("elementwise: " + std::to_string(a) + " is divided by 0");
    return b == -1 ? static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(a)) : a / b;
}

std::int64_t apply(Operation operation, std::int64_t a, std::int64_t b) {
    const auto left = static_cast<std::uint64_t>(a), right = static_cast<std::uint64_t>(b);
    switch (operation) {
        case Operation::add: return static_cast<std::int64_t>(left + right);
        case Operation::subtract: return static_cast<std::int64_t>(left - right);
        case Operation::multiply: return static_cast<std::int64_t>(left * right);
        case Operation::divide: return quotient(a, b);
        case Operation::power: return power(a, b);
        case Operation::minimum: return a < b ? a : b;
        case Operation::maximum: return a > b ? a : b;
        default: return 0;
    }
}

template <class T>
bool compare(Operation operation, T a, T b) {
    switch (operation) {
        case Operation::equal: return a == b;
        case Operation::less: return a < b;
        case Operation::less_equal: return a <= b;
        case Operation::greater: return a > b;
        case Operation::greater_equal: return a >= b;
        default: return false;
    }
}

bool compare(Operation operation, bool a, bool b) {
    switch (operation) {
        case Operation::equal: return a == b;
        case Operation::both: return a && b;
        case Operation::either: return a || b;
        default: return a != b;
    }
}

/// Operands and results are rounded to T.
template <class T>
class FloatElementwise final : public Step {
  public:
    FloatElementwise(const forms::Elementwise& form, std::int64_t width)
        : operation_(form.operation),
          width_(width),
          constant_(form.constant.empty() ? 0 : static_cast<std::size_t>(width)) {
        for (std::size_t i = 0; i < constant_.size(); ++i)
            constant_[i] = static_cast<T>(form.constant[i % form.constant.size()]);
    }

    [[nodiscard]] std::int64_t workspace_bytes(std::int64_t rows) const override {
        return 2 * rows * width_ * static_cast<std::int64_t>(sizeof(T));
    }

    void run(const Work& work) const override {
        auto* room = reinterpret_cast<T*>(work.workspace);
        const T* a = operand(work, 0, room);
        const T* b = constant_.empty() ? operand(work, 1, room + work.rows * width_) : constant_.data();
        if (operation_ >= Operation::equal) {
            each(work, a, b, work.output.as<bool>(), [&](T x, T y) { return compare(operation_, x, y); });
        } else {
            with_arithmetic<T>(operation_, [&](auto operate) { each(work, a, b, work.output.as<T>(), operate); });
        }
    }

  private:
    const T* operand(const Work& work, std::size_t i, T* room) const {
        const Block& block = work.inputs[i];
        if (block.type.dtype == dtype_of<T>) return block.as<T>();
        with_value(block.type.dtype, [&]<class From>(Tag<From>) {
            const From* from = block.as<From>();
            for (std::int64_t k = 0; k < work.rows * width_; ++k) room[k] = convert<T>(from[k]);
        });
        return room;
    }

    template <class Result, class F>
    void each(const Work& work, const T* a, const T* b, Result* to, F f) const {
        const std::int64_t step = constant_.empty() ? width_ : 0;
        for (std::int64_t row = 0; row < work.rows; ++row, a += width_, b += step, to += width_) {
            for (std::int64_t i = 0; i < width_; ++i) to[i] = f(a[i], b[i]);
        }
    }

    Operation operation_;
    std::int64_t width_;
    std::vector<T> constant_;
};

/// In the operands' own dtype: bool, int64 or text.
template <class T>
class OwnElementwise final : public Step {
  public:
    OwnElementwise(Operation operation, std::int64_t width) : operation_(operation), width_(width) {}

    void run(const Work& work) const override {
        const std::int64_t size = work.rows * width_;
        const T* a = work.inputs[0].as<T>();
        const T* b = work.inputs[1].as<T>();
        if constexpr (std::is_same_v<T, std::int64_t>) {
            if (operation_ < Operation::equal) {
                for (std::int64_t i = 0; i < size; ++i) work.output.as<T>()[i] = apply(operation_, a[i], b[i]);
                return;
            }
        }
        for (std::int64_t i = 0; i < size; ++i) work.output.as<bool>()[i] = compare(operation_, a[i], b[i]);
    }

  private:
    Operation operation_;
    std::int64_t width_;
};

}  // namespace

std::unique_ptr<Step> make_elementwise(const forms::Elementwise& form, std::span<const ValueType> inputs) {
    const std::int64_t width = inputs[0].width;
    switch (form.compute) {
        case DType::boolean: return std::make_unique<OwnElementwise<bool>>(form.operation, width);
        case DType::int64: return std::make_unique<OwnElementwise<std::int64_t>>(form.operation, width);
        case DType::string: return std::make_unique<OwnElementwise<std::string_view>>(form.operation, width);
        case DType::float32: return std::make_unique<FloatElementwise<float>>(form, width);
        default: return std::make_unique<FloatElementwise<double>>(form, width);
    }
}

}  // namespace holdfast::engine
