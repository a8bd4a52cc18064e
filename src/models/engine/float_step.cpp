#include "models/engine/float_step.hpp"

#include "models/engine/convert.hpp"
#include "models/kernels/kernels.hpp"

namespace holdfast::engine {

void read_operand(const Block& from, std::int64_t size, DType compute, double* to) {
    with_value(from.type.dtype, [&]<class T>(Tag<T>) {
        const T* values = from.as<T>();
        if (compute == DType::float32) {
            for (std::int64_t i = 0; i < size; ++i) to[i] = static_cast<double>(convert<float>(values[i]));
        } else {
            for (std::int64_t i = 0; i < size; ++i) to[i] = convert<double>(values[i]);
        }
    });
}

void write_result(const double* from, std::int64_t size, const Block& to) {
    if (to.type.dtype == DType::float32) {
        kernels::narrow(from, size, to.as<float>());
    } else {
        for (std::int64_t i = 0; i < size; ++i) to.as<double>()[i] = from[i];
    }
}

std::vector<double> rounded(std::vector<double> values, DType compute) {
    if (compute == DType::float32) {
        for (double& value : values) value = static_cast<double>(static_cast<float>(value));
    }
    return values;
}

std::int64_t FloatStep::workspace_bytes(std::int64_t rows) const {
    return (aligned_extra() + rows * (input_.width + output_width_)) * static_cast<std::int64_t>(sizeof(double));
}

void FloatStep::run(const Work& work) const {
    auto* extra = reinterpret_cast<double*>(work.workspace);
    double* operand = extra + aligned_extra();
    double* result = operand + work.rows * input_.width;
    const bool wide = compute_ == DType::float64;

    const double* x = operand;
    if (wide && input_.dtype == DType::float64) {
        x = work.inputs[0].as<double>();
    } else {
        read_operand(work.inputs[0], work.rows * input_.width, compute_, operand);
    }
    double* y = wide ? work.output.as<double>() : result;
    compute(work.rows, x, y, extra);
    if (!wide) write_result(y, work.rows * output_width_, work.output);
}

}  // namespace holdfast::engine
