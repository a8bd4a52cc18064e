// Elementwise: two values, or a value and a constant, element by element.
#include <cmath>
#include <string>

#include <holdfast/base/error.hpp>

#include "models/engine/convert.hpp"
#include "models/engine/float_step.hpp"
#include "models/engine/tensor/functions.hpp"

namespace holdfast::engine {
namespace {

using forms::Operation;

double smaller(double a, double b) { return std::isnan(a) || a < b ? a : b; }
double greater(double a, double b) { return std::isnan(a) || a > b ? a : b; }

double apply(Operation operation, double a, double b) {
    switch (operation) {
        case Operation::add: return a + b;
        case Operation::subtract: return a - b;
        case Operation::multiply: return a * b;
        case Operation::divide: return a / b;
        case Operation::power: return power(a, b);
        case Operation::minimum: return smaller(a, b);
        case Operation::maximum: return greater(a, b);
        default: return 0.0;
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

/// In doubles; operands and results are rounded to `compute`.
class FloatElementwise final : public Step {
  public:
    FloatElementwise(const forms::Elementwise& form, std::int64_t width)
        : form_(form), width_(width), constant_(rounded(form.constant, form.compute)) {}

    [[nodiscard]] std::int64_t workspace_bytes(std::int64_t rows) const override {
        return 2 * rows * width_ * static_cast<std::int64_t>(sizeof(double));
    }

    void run(const Work& work) const override {
        const std::int64_t size = work.rows * width_;
        auto* a = reinterpret_cast<double*>(work.workspace);
        double* b = a + size;
        read_operand(work.inputs[0], size, form_.compute, a);
        if (constant_.empty()) {
            read_operand(work.inputs[1], size, form_.compute, b);
        } else {
            const auto constants = static_cast<std::int64_t>(constant_.size());
            for (std::int64_t i = 0; i < size; ++i) b[i] = constant_[static_cast<std::size_t>(i % constants)];
        }
        if (form_.operation >= Operation::equal) {
            for (std::int64_t i = 0; i < size; ++i) work.output.as<bool>()[i] = compare(form_.operation, a[i], b[i]);
            return;
        }
        for (std::int64_t i = 0; i < size; ++i) a[i] = apply(form_.operation, a[i], b[i]);
        write_result(a, size, work.output);
    }

  private:
    const forms::Elementwise& form_;
    std::int64_t width_;
    std::vector<double> constant_;
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
        default: return std::make_unique<FloatElementwise>(form, width);
    }
}

}  // namespace holdfast::engine
