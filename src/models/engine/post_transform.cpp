// PostTransform.
#include <algorithm>
#include <cmath>

#include <holdfast/base/math.hpp>

#include "models/engine/float_step.hpp"
#include "models/kernels/functions.hpp"

namespace holdfast::engine {
namespace {

using forms::Transform;

void softmax(const double* x, double* y, std::int64_t width) {
    const double greatest = *std::max_element(x, x + width);
    double sum = 0.0;
    for (std::int64_t i = 0; i < width; ++i) sum += y[i] = math::exp(x[i] - greatest);
    for (std::int64_t i = 0; i < width; ++i) y[i] /= sum;
}

/// ONNX Runtime's: what is within 1e-7 of zero is only scaled and counts nothing.
void softmax_zero(const double* x, double* y, std::int64_t width) {
    const double greatest = *std::max_element(x, x + width);
    const double shrink = math::exp(-greatest);
    double sum = 0.0;
    for (std::int64_t i = 0; i < width; ++i) {
        if (std::fabs(x[i]) > 1e-7) {
            sum += y[i] = math::exp(x[i] - greatest);
        } else {
            y[i] = x[i] * shrink;
        }
    }
    for (std::int64_t i = 0; i < width; ++i) y[i] = sum == 0.0 ? y[i] : y[i] / sum;
}

void normalize_row(const double* x, double* y, std::int64_t width) {
    double sum = 0.0;
    for (std::int64_t i = 0; i < width; ++i) sum += x[i];
    for (std::int64_t i = 0; i < width; ++i) y[i] = sum == 0.0 ? 1.0 / static_cast<double>(width) : x[i] / sum;
}

double transform_one(Transform transform, double x) {
    switch (transform) {
        case Transform::probit: return math::normal_quantile(x);
        case Transform::log: return math::log(x);
        case Transform::absolute: return std::fabs(x);
        default: return x;
    }
}

class PostTransformStep final : public FloatStep {
  public:
    PostTransformStep(const forms::PostTransform& form, ValueType input, ValueType output)
        : FloatStep(input, output.width, form.compute), transform_(form.transform) {}

  private:
    void compute(std::int64_t rows, const double* x, double* y, double*) const override {
        if (width() == 0) return;
        if (transform_ == Transform::logistic) return kernels::logistics(x, rows * width(), y);
        if (transform_ == Transform::exp) return kernels::exps(1.0, x, rows * width(), y);
        for (std::int64_t row = 0; row < rows; ++row, x += width(), y += output_width()) transform_row(x, y);
    }

    void transform_row(const double* x, double* y) const {
        switch (transform_) {
            case Transform::softmax: return softmax(x, y, width());
            case Transform::softmax_zero: return softmax_zero(x, y, width());
            case Transform::normalize_rows: return normalize_row(x, y, width());
            case Transform::complement:
                y[1] = x[0];
                y[0] = 1.0 - x[0];
                return;
            case Transform::negate_pair:
                y[1] = x[0];
                y[0] = -x[0];
                return;
            default:
                for (std::int64_t i = 0; i < width(); ++i) y[i] = transform_one(transform_, x[i]);
        }
    }

    Transform transform_;
};

}  // namespace

std::unique_ptr<Step> make_post_transform(const forms::PostTransform& form, ValueType input, ValueType output) {
    return std::make_unique<PostTransformStep>(form, input, output);
}

}  // namespace holdfast::engine
