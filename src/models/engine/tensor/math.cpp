// Math: functions of one number, element by element.
#include <cmath>

#include <holdfast/base/math.hpp>

#include "models/engine/convert.hpp"
#include "models/engine/float_step.hpp"
#include "models/engine/tensor/functions.hpp"

namespace holdfast::engine {
namespace {

using forms::Function;

double apply(Function function, double x) {
    switch (function) {
        case Function::relu: return x < 0.0 ? 0.0 : x;
        case Function::tanh: return math::tanh(x);
        case Function::square_root: return std::sqrt(x);
        case Function::sign: return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x;
        case Function::floor: return std::floor(x);
        case Function::ceil: return std::ceil(x);
        case Function::round_even: return std::nearbyint(x);
        case Function::erf: return erf(x);
        case Function::softplus: return softplus(x);
        case Function::reciprocal: return 1.0 / x;
        case Function::negate: return -x;
        case Function::absolute: return std::fabs(x);
        default: return x;
    }
}

std::int64_t apply(Function function, std::int64_t x) {
    const auto negated = static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(x));
    switch (function) {
        case Function::relu: return x < 0 ? 0 : x;
        case Function::sign: return x > 0 ? 1 : x < 0 ? -1 : 0;
        case Function::negate: return negated;
        case Function::absolute: return x < 0 ? negated : x;
        default: return static_cast<std::int32_t>(static_cast<std::uint32_t>(static_cast<std::uint64_t>(x)));
    }
}

class FloatMath final : public FloatStep {
  public:
    FloatMath(const forms::Math& form, ValueType input)
        : FloatStep(input, input.width, form.compute), function_(form.function) {}

  private:
    void compute(std::int64_t rows, const double* x, double* y, double*) const override {
        for (std::int64_t i = 0; i < rows * width(); ++i) y[i] = apply(function_, x[i]);
    }

    Function function_;
};

class WholeMath final : public Step {
  public:
    WholeMath(Function function, ValueType input) : function_(function), input_(input) {}

    void run(const Work& work) const override {
        const auto* x = work.inputs[0].as<std::int64_t>();
        for (std::int64_t i = 0; i < work.rows * input_.width; ++i)
            work.output.as<std::int64_t>()[i] = apply(function_, x[i]);
    }

  private:
    Function function_;
    ValueType input_;
};

class NotStep final : public Step {
  public:
    void run(const Work& work) const override {
        const bool* x = work.inputs[0].as<bool>();
        for (std::int64_t i = 0; i < work.rows * work.output.type.width; ++i) work.output.as<bool>()[i] = !x[i];
    }
};

class IsNanStep final : public Step {
  public:
    void run(const Work& work) const override {
        with_value(work.inputs[0].type.dtype, [&]<class T>(Tag<T>) {
            const T* x = work.inputs[0].as<T>();
            for (std::int64_t i = 0; i < work.rows * work.output.type.width; ++i)
                work.output.as<bool>()[i] = x[i] != x[i];
        });
    }
};

}  // namespace

std::unique_ptr<Step> make_math(const forms::Math& form, ValueType input) {
    if (form.function == Function::exclusive_not) return std::make_unique<NotStep>();
    if (form.function == Function::is_nan) return std::make_unique<IsNanStep>();
    if (form.compute == DType::int64) return std::make_unique<WholeMath>(form.function, input);
    return std::make_unique<FloatMath>(form, input);
}

}  // namespace holdfast::engine
