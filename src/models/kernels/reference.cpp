#include <array>
#include <cstddef>

#include "models/kernels/kernels.hpp"

namespace holdfast::kernels::reference {
namespace {

template <class Term>
double eight_lanes(std::int64_t size, Term term) {
    std::array<double, 8> lane{};
    for (std::int64_t begin = 0; begin < size; begin += 8) {
        for (std::int64_t j = 0; j < 8; ++j)
            lane[static_cast<std::size_t>(j)] += begin + j < size ? term(begin + j) : 0.0;
    }
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

}  // namespace

double dot(const double* a, const double* b, std::int64_t size) {
    return eight_lanes(size, [&](std::int64_t i) { return a[i] * b[i]; });
}

double squared_distance(const double* a, const double* b, std::int64_t size) {
    return eight_lanes(size, [&](std::int64_t i) { return (a[i] - b[i]) * (a[i] - b[i]); });
}

void scale_rows(const double* x, std::int64_t rows, std::int64_t width, const double* offset, const double* scale,
                bool divide, double* out) {
    for (std::int64_t i = 0; i < rows * width; ++i) {
        double value = x[i];
        if (offset != nullptr) value -= offset[i % width];
        if (scale != nullptr) value = divide ? value / scale[i % width] : value * scale[i % width];
        out[i] = value;
    }
}

void narrow(const double* x, std::int64_t size, float* out) {
    for (std::int64_t i = 0; i < size; ++i) out[i] = static_cast<float>(x[i]);
}

}  // namespace holdfast::kernels::reference
