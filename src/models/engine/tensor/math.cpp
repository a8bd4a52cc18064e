// Math: functions of one number, element by element.
#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "models/engine/convert.hpp"
#include "models/engine/float_step.hpp"
#include "models/engine/tensor/functions.hpp"
#include "models/kernels/functions.hpp"

namespace holdfast::engine {
namespace {

using forms::Function;

/// Zero below zero, else x, NaN and -0 too. By its bits: of a comparison GCC makes a branch, missed every other time.
template <class T>
T relu(T x) {
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    return std::bit_cast<T>(std::bit_cast<Bits>(x) & (static_cast<Bits>(x < T{0}) - 1));
}

/// Calls `f` with the function of a float; the result of float32's own arithmetic is that of double's, rounded.
template <class T, class F>
void with_function(Function function, F f) {
    const auto in_double = [&]<class G>(G g) { f([g](T x) { return static_cast<T>(g(static_cast<double>(x))); }); };
    switch (function) {
        case Function::relu: return f([](T x) { return relu(x); });
        case Function::square_root: return f([](T x) { return std::sqrt(x); });
        case Function::sign: return f([](T x) { return x > T{0} ? T{1} : x < T{0} ? T{-1} : x; });
        case Function::floor: return f([](T x) { return std::floor(x); });
        case Function::ceil: return f([](T x) { return std::ceil(x); });
        case Function::round_even: return f([](T x) { return std::nearbyint(x); });
        case Function::reciprocal: return f([](T x) { return T{1} / x; });
        case Function::negate: return f([](T x) { return -x; });
        case Function::absolute: return f([](T x) { return std::fabs(x); });
        case Function::erf: return in_double([](double x) { return erf(x); });
        case Function::softplus: return in_double([](double x) { return softplus(x); });
        default: return f([](T x) { return x; });
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

template <class T>
class FloatMath final : public Step {
  public:
    FloatMath(Function function, ValueType input) : function_(function), input_(input) {}

    void run(const Work& work) const override {
        with_value(input_.dtype, [&]<class From>(Tag<From>) {
            const From* x = work.inputs[0].as<From>();
            T* to = work.output.as<T>();
            with_function<T>(function_, [&](auto f) {
                for (std::int64_t i = 0; i < work.rows * input_.width; ++i) to[i] = f(convert<T>(x[i]));
            });
        });
    }

  private:
    Function function_;
    ValueType input_;
};

class TanhStep final : public FloatStep {
  public:
    TanhStep(const forms::Math& form, ValueType input) : FloatStep(input, input.width, form.compute) {}

  private:
    void compute(std::int64_t rows, const double* x, double* y, double*) const override {
        kernels::tanhs(x, rows * width(), y);
    }
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
    if (form.function == Function::tanh) return std::make_unique<TanhStep>(form, input);
    if (form.compute == DType::float32) return std::make_unique<FloatMath<float>>(form.function, input);
    return std::make_unique<FloatMath<double>>(form.function, input);
}

}  // namespace holdfast::engine
