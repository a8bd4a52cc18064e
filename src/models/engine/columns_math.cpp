// Scale, Impute, Normalize, Linear: column-wise and linear maps.
#include <algorithm>
#include <cmath>

#include "models/engine/convert.hpp"
#include "models/engine/float_step.hpp"
#include "models/kernels/kernels.hpp"
#include "models/kernels/machines.hpp"

namespace holdfast::engine {
namespace {

class ScaleStep final : public FloatStep {
  public:
    ScaleStep(const forms::Scale& form, ValueType input)
        : FloatStep(input, input.width, form.compute),
          offset_(rounded(form.offset, form.compute)),
          scale_(rounded(form.scale, form.compute)),
          divide_(form.divide) {}

  private:
    void compute(std::int64_t rows, const double* x, double* y, double*) const override {
        kernels::scale_rows(x, rows, width(), offset_.empty() ? nullptr : offset_.data(),
                            scale_.empty() ? nullptr : scale_.data(), divide_, y);
    }

    std::vector<double> offset_, scale_;
    bool divide_;
};

class ImputeStep final : public Step {
  public:
    ImputeStep(const forms::Impute& form, ValueType input) : form_(form), input_(input) {}

    void run(const Work& work) const override {
        with_value(input_.dtype, [&]<class T>(Tag<T>) {
            const T* row = work.inputs[0].as<T>();
            T* to = work.output.as<T>();
            for (std::int64_t i = 0; i < work.rows; ++i, row += input_.width) {
                for (std::size_t k = 0; k < form_.kept.size(); ++k) {
                    const T value = row[form_.kept[k]];
                    *to++ = is_missing(value) ? convert<T>(form_.fill[k]) : value;
                }
                for (const std::int64_t column : form_.indicators) *to++ = convert<T>(is_missing(row[column]));
            }
        });
    }

  private:
    template <class T>
    [[nodiscard]] bool is_missing(T value) const noexcept {
        if (!form_.missing_is_nan) return convert<double>(value) == form_.missing_value;
        if constexpr (std::is_floating_point_v<T>) return std::isnan(value);
        return false;
    }

    const forms::Impute& form_;
    ValueType input_;
};

class NormalizeStep final : public FloatStep {
  public:
    NormalizeStep(const forms::Normalize& form, ValueType input)
        : FloatStep(input, input.width, form.compute), norm_(form.norm) {}

  private:
    void compute(std::int64_t rows, const double* x, double* y, double*) const override {
        for (std::int64_t row = 0; row < rows; ++row, x += width(), y += width()) {
            const double length = norm(x);
            for (std::int64_t i = 0; i < width(); ++i) y[i] = length == 0.0 ? x[i] : x[i] / length;
        }
    }

    [[nodiscard]] double norm(const double* x) const {
        if (norm_ == forms::Norm::l2) return std::sqrt(kernels::dot(x, x, width()));
        double out = 0.0;
        for (std::int64_t i = 0; i < width(); ++i) {
            const double size = std::fabs(x[i]);
            if (norm_ == forms::Norm::l1) {
                out += size;
            } else if (!(size <= out)) {
                out = size;
            }
        }
        return out;
    }

    forms::Norm norm_;
};

class LinearStep final : public FloatStep {
  public:
    LinearStep(const forms::Linear& form, ValueType input)
        : FloatStep(input, form.outputs, form.compute),
          weights_(rounded(form.weights, form.compute)),
          intercept_(rounded(form.intercept, form.compute)) {
        if (form.outputs >= side_by_side_from)
            eights_ = kernels::side_by_side(std::exchange(weights_, {}), form.features);
    }

  private:
    static constexpr std::int64_t side_by_side_from = 3;  // outputs
    static constexpr std::int64_t together = 8;           // rows that meet the weights while these are in the cache

    [[nodiscard]] std::int64_t groups() const noexcept { return (output_width() + 7) / 8; }
    [[nodiscard]] std::int64_t extra_doubles() const override {
        return output_width() < side_by_side_from ? 0 : together * 8 * groups();
    }

    void compute(std::int64_t rows, const double* x, double* y, double* dots) const override {
        if (output_width() >= side_by_side_from) return compute_side_by_side(rows, x, y, dots);
        for (std::int64_t row = 0; row < rows; ++row, x += width()) {
            const double* weights = weights_.data();
            for (const double intercept : intercept_) {
                *y++ = kernels::dot(x, weights, width()) + intercept;
                weights += width();
            }
        }
    }

    void compute_side_by_side(std::int64_t rows, const double* x, double* y, double* dots) const {
        for (; rows > 0; rows -= together, x += together * width()) {
            const std::int64_t some = std::min(together, rows);
            kernels::dots(x, some, eights_.data(), groups(), width(), dots);
            for (std::int64_t row = 0; row < some; ++row, y += output_width()) {
                const double* products = dots + row * 8 * groups();
                for (std::int64_t i = 0; i < output_width(); ++i)
                    y[i] = products[i] + intercept_[static_cast<std::size_t>(i)];
            }
        }
    }

    std::vector<double> weights_, intercept_;
    std::vector<kernels::Eight> eights_;  // the weights of many outputs, side by side
};

}  // namespace

std::unique_ptr<Step> make_scale(const forms::Scale& form, ValueType input) {
    return std::make_unique<ScaleStep>(form, input);
}
std::unique_ptr<Step> make_impute(const forms::Impute& form, ValueType input) {
    return std::make_unique<ImputeStep>(form, input);
}
std::unique_ptr<Step> make_normalize(const forms::Normalize& form, ValueType input) {
    return std::make_unique<NormalizeStep>(form, input);
}
std::unique_ptr<Step> make_linear(const forms::Linear& form, ValueType input) {
    return std::make_unique<LinearStep>(form, input);
}

}  // namespace holdfast::engine
