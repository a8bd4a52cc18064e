// Reduce: runs of columns to one column each.
#include <algorithm>
#include <cmath>

#include <holdfast/base/math.hpp>

#include "models/engine/convert.hpp"
#include "models/engine/float_step.hpp"

namespace holdfast::engine {
namespace {

using forms::Reduction;

double log_sum_exp(const double* x, std::int64_t extent) {
    double greatest = x[0];
    for (std::int64_t i = 1; i < extent; ++i) greatest = x[i] > greatest ? x[i] : greatest;
    if (std::isinf(greatest)) greatest = 0.0;
    double sum = 0.0;
    for (std::int64_t i = 0; i < extent; ++i) sum += math::exp(x[i] - greatest);
    return math::log(sum) + greatest;
}

/// `better(a, b)`: a is to be taken instead of b. A NaN is taken before all.
template <class T, class Better>
std::int64_t position(const T* x, std::int64_t extent, Better better) {
    std::int64_t best = 0;
    for (std::int64_t i = 1; i < extent; ++i) {
        if (x[best] != x[best]) break;
        if (x[i] != x[i] || better(x[i], x[best])) best = i;
    }
    return best;
}

template <class T>
std::int64_t position_of(Reduction reduction, const T* x, std::int64_t extent) {
    switch (reduction) {
        case Reduction::arg_min: return position(x, extent, [](T a, T b) { return a < b; });
        case Reduction::arg_max: return position(x, extent, [](T a, T b) { return a > b; });
        case Reduction::arg_min_last: return position(x, extent, [](T a, T b) { return a <= b; });
        default: return position(x, extent, [](T a, T b) { return a >= b; });
    }
}

bool gives_position(Reduction reduction) { return reduction >= Reduction::arg_min; }

/// Integers are summed without a sign, so that they wrap around.
template <class T>
T reduced(Reduction reduction, const T* x, std::int64_t extent) {
    using Sum = std::conditional_t<std::is_same_v<T, std::int64_t>, std::uint64_t, double>;
    Sum sum = reduction == Reduction::product ? Sum{1} : Sum{0};
    const auto each = [&](auto add) {
        for (std::int64_t i = 0; i < extent; ++i) add(static_cast<Sum>(x[i]), x[i]);
    };
    switch (reduction) {
        case Reduction::product: each([&](Sum value, T) { sum *= value; }); break;
        case Reduction::length:
        case Reduction::sum_of_squares: each([&](Sum value, T) { sum += value * value; }); break;
        case Reduction::sum_of_absolutes:
            each([&](Sum value, T own) { sum += own < T{} ? Sum{0} - value : value; });
            break;
        case Reduction::minimum: return x[position_of(Reduction::arg_min, x, extent)];
        case Reduction::maximum: return x[position_of(Reduction::arg_max, x, extent)];
        default: each([&](Sum value, T) { sum += value; });
    }
    return static_cast<T>(sum);
}

double reduced_float(Reduction reduction, const double* x, std::int64_t extent) {
    if (reduction == Reduction::log_sum_exp) return log_sum_exp(x, extent);
    const double value = reduced(reduction, x, extent);
    if (reduction == Reduction::mean) return value / static_cast<double>(extent);
    return reduction == Reduction::length ? std::sqrt(value) : value;
}

class FloatReduce final : public FloatStep {
  public:
    FloatReduce(const forms::Reduce& form, ValueType input)
        : FloatStep(input, input.width / form.extent, form.compute), form_(form) {}

  private:
    void compute(std::int64_t rows, const double* x, double* y, double*) const override {
        for (std::int64_t i = 0; i < rows * output_width(); ++i, x += form_.extent)
            y[i] = reduced_float(form_.reduction, x, form_.extent);
    }

    const forms::Reduce& form_;
};

class WholeReduce final : public Step {
  public:
    explicit WholeReduce(const forms::Reduce& form) : form_(form) {}

    void run(const Work& work) const override {
        const auto* x = work.inputs[0].as<std::int64_t>();
        for (std::int64_t i = 0; i < work.rows * work.output.type.width; ++i, x += form_.extent)
            work.output.as<std::int64_t>()[i] = reduced(form_.reduction, x, form_.extent);
    }

  private:
    const forms::Reduce& form_;
};

class PositionReduce final : public Step {
  public:
    explicit PositionReduce(const forms::Reduce& form) : form_(form) {}

    void run(const Work& work) const override {
        with_value(work.inputs[0].type.dtype, [&]<class T>(Tag<T>) {
            const T* x = work.inputs[0].as<T>();
            for (std::int64_t i = 0; i < work.rows * work.output.type.width; ++i, x += form_.extent)
                work.output.as<std::int64_t>()[i] = position_of(form_.reduction, x, form_.extent);
        });
    }

  private:
    const forms::Reduce& form_;
};

}  // namespace

std::unique_ptr<Step> make_reduce(const forms::Reduce& form, ValueType input) {
    if (gives_position(form.reduction)) return std::make_unique<PositionReduce>(form);
    if (form.compute == DType::int64) return std::make_unique<WholeReduce>(form);
    return std::make_unique<FloatReduce>(form, input);
}

}  // namespace holdfast::engine
