// Kernels, PairwiseVotes, PairwiseProbability: libsvm's decision values, votes and probabilities, in libsvm's order.
#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include <holdfast/base/math.hpp>

#include "models/engine/float_step.hpp"
#include "models/kernels/functions.hpp"
#include "models/kernels/machines.hpp"

namespace holdfast::engine {
namespace {

/// libsvm's powi: by squares.
double power(double base, std::int64_t exponent) {
    double result = 1.0;
    for (std::int64_t left = exponent; left > 0; left /= 2) {
        if (left % 2 == 1) result *= base;
        base *= base;
    }
    return result;
}

class KernelsStep final : public FloatStep {
  public:
    KernelsStep(const forms::Kernels& form, ValueType input)
        : FloatStep(input, static_cast<std::int64_t>(form.intercept.size()), form.compute),
          form_(form),
          vectors_(static_cast<std::int64_t>(form.coefficients.size()) / std::max<std::int64_t>(1, classes() - 1)),
          support_(kernels::side_by_side(rounded(form.support_vectors, form.compute), input.width)),
          coefficients_(rounded(form.coefficients, form.compute)),
          intercept_(rounded(form.intercept, form.compute)) {}

  private:
    static constexpr std::int64_t together = 8;  // rows that meet the support vectors while these are in the cache

    [[nodiscard]] std::int64_t classes() const noexcept {
        return static_cast<std::int64_t>(form_.vectors_a_class.size());
    }
    [[nodiscard]] std::int64_t groups() const noexcept { return (vectors_ + 7) / 8; }
    [[nodiscard]] std::int64_t extra_doubles() const override { return together * 8 * groups(); }

    void compute(std::int64_t rows, const double* x, double* y, double* values) const override {
        for (std::int64_t row = 0; row < rows; row += together) {
            const std::int64_t some = std::min(together, rows - row);
            apply_kernel(x + row * width(), some, values);
            std::int64_t done = 0;
            for (; done + 4 <= some; done += 4)
                decide<4>(values + done * 8 * groups(), y + (row + done) * output_width());
            for (; done < some; ++done) decide<1>(values + done * 8 * groups(), y + (row + done) * output_width());
        }
    }

    void apply_kernel(const double* x, std::int64_t rows, double* values) const {
        const std::int64_t size = rows * 8 * groups();
        if (form_.kernel == forms::Kernel::rbf) {
            kernels::squared_distances(x, rows, support_.data(), groups(), width(), values);
            return kernels::exps(-form_.gamma, values, size, values);
        }
        kernels::dots(x, rows, support_.data(), groups(), width(), values);
        if (form_.kernel == forms::Kernel::linear) return;
        const std::span all(values, static_cast<std::size_t>(size));
        for (double& value : all) value = form_.gamma * value + form_.coef0;
        if (form_.kernel == forms::Kernel::sigmoid) return kernels::tanhs(values, size, values);
        for (double& value : all) value = power(value, static_cast<std::int64_t>(form_.degree));
    }

    /// Of so many rows at once: each sum is one long chain, and they run side by side.
    template <std::size_t Rows>
    void decide(const double* values, double* y) const {
        std::array<double, Rows> sums{};
        if (classes() == 0) {
            add(coefficients_.data(), values, 0, vectors_, sums);
            for (std::size_t row = 0; row < Rows; ++row) y[row] = sums[row] + intercept_[0];
            return;
        }
        std::size_t pair = 0;
        std::int64_t start_i = 0;
        for (std::int64_t i = 0; i < classes(); ++i) {
            const std::int64_t end_i = start_i + count(i);
            std::int64_t start_j = end_i;
            for (std::int64_t j = i + 1; j < classes(); ++j, ++pair) {
                const std::int64_t end_j = start_j + count(j);
                sums.fill(0.0);
                add(coefficients_.data() + (j - 1) * vectors_, values, start_i, end_i, sums);
                add(coefficients_.data() + i * vectors_, values, start_j, end_j, sums);
                for (std::size_t row = 0; row < Rows; ++row)
                    y[row * static_cast<std::size_t>(output_width()) + pair] = sums[row] + intercept_[pair];
                start_j = end_j;
            }
            start_i = end_i;
        }
    }

    [[nodiscard]] std::int64_t count(std::int64_t i) const {
        return form_.vectors_a_class[static_cast<std::size_t>(i)];
    }

    template <std::size_t Rows>
    void add(const double* coefficients, const double* values, std::int64_t begin, std::int64_t end,
             std::array<double, Rows>& sums) const {
        const std::int64_t stride = 8 * groups();
        std::array<double, Rows> here = sums;
        for (std::int64_t i = begin; i < end; ++i) {
            for (std::size_t row = 0; row < Rows; ++row)
                here[row] += coefficients[i] * values[static_cast<std::int64_t>(row) * stride + i];
        }
        sums = here;
    }

    const forms::Kernels& form_;
    std::int64_t vectors_;
    std::vector<double> support_, coefficients_, intercept_;
};

class VotesStep final : public FloatStep {
  public:
    VotesStep(const forms::PairwiseVotes& form, ValueType input)
        : FloatStep(input, form.classes, DType::float64), ovr_(form.ovr) {}

  private:
    [[nodiscard]] std::int64_t extra_doubles() const override { return output_width(); }

    void compute(std::int64_t rows, const double* decisions, double* votes, double* confidences) const override {
        const std::int64_t classes = output_width();
        for (std::int64_t row = 0; row < rows; ++row, decisions += width(), votes += classes) {
            std::fill(votes, votes + classes, 0.0);
            std::fill(confidences, confidences + classes, 0.0);
            const double* decision = decisions;
            for (std::int64_t i = 0; i < classes; ++i) {
                for (std::int64_t j = i + 1; j < classes; ++j, ++decision) {
                    // A decision of exactly zero goes to j in libsvm, to i in scikit-learn's one-against-rest values.
                    votes[*decision > 0 || (ovr_ && !(*decision < 0)) ? i : j] += 1.0;
                    confidences[i] += *decision;
                    confidences[j] -= *decision;
                }
            }
            if (!ovr_) continue;
            for (std::int64_t i = 0; i < classes; ++i)
                votes[i] += confidences[i] / (3.0 * (std::fabs(confidences[i]) + 1.0));
        }
    }

    bool ovr_;
};

double platt(double decision, double a, double b) {
    const double t = decision * a + b;
    if (t >= 0) return math::exp(-t) / (1.0 + math::exp(-t));
    return 1.0 / (1.0 + math::exp(t));
}

class ProbabilityStep final : public FloatStep {
  public:
    ProbabilityStep(const forms::PairwiseProbability& form, ValueType input)
        : FloatStep(input, form.classes, DType::float64), form_(form) {}

  private:
    [[nodiscard]] std::int64_t extra_doubles() const override {
        return 2 * output_width() * output_width() + output_width();
    }

    void compute(std::int64_t rows, const double* decisions, double* p, double* extra) const override {
        const std::int64_t k = output_width();
        double* pairwise = extra;
        double* q = pairwise + k * k;
        double* qp = q + k * k;
        for (std::int64_t row = 0; row < rows; ++row, decisions += width(), p += k) {
            pair_probabilities(decisions, pairwise);
            couple(pairwise, q, qp, p);
        }
    }

    void pair_probabilities(const double* decisions, double* r) const {
        constexpr double least = 1e-7;
        const std::int64_t k = output_width();
        std::size_t pair = 0;
        for (std::int64_t i = 0; i < k; ++i) {
            r[i * k + i] = 0.0;
            for (std::int64_t j = i + 1; j < k; ++j, ++pair) {
                const double value = platt(decisions[pair], form_.a[pair], form_.b[pair]);
                r[i * k + j] = std::min(std::max(value, least), 1.0 - least);
                r[j * k + i] = 1.0 - r[i * k + j];
            }
        }
    }

    /// libsvm's multiclass_probability, step by step: where it stops decides the last digits.
    void couple(const double* r, double* q, double* qp, double* p) const {
        const std::int64_t k = output_width();
        const double tolerance = 0.005 / static_cast<double>(k);
        make_q(r, q);
        std::fill(p, p + k, 1.0 / static_cast<double>(k));
        const std::int64_t rounds = std::max<std::int64_t>(100, k);
        for (std::int64_t round = 0; round < rounds; ++round) {
            double pqp = 0.0;
            for (std::int64_t t = 0; t < k; ++t) {
                qp[t] = 0.0;
                for (std::int64_t j = 0; j < k; ++j) qp[t] += q[t * k + j] * p[j];
                pqp += p[t] * qp[t];
            }
            double worst = 0.0;
            for (std::int64_t t = 0; t < k; ++t) worst = std::max(worst, std::fabs(qp[t] - pqp));
            if (worst < tolerance) break;
            for (std::int64_t t = 0; t < k; ++t) {
                const double step = (-qp[t] + pqp) / q[t * k + t];
                p[t] += step;
                pqp = (pqp + step * (step * q[t * k + t] + 2.0 * qp[t])) / (1.0 + step) / (1.0 + step);
                for (std::int64_t j = 0; j < k; ++j) {
                    qp[j] = (qp[j] + step * q[t * k + j]) / (1.0 + step);
                    p[j] /= 1.0 + step;
                }
            }
        }
    }

    void make_q(const double* r, double* q) const {
        const std::int64_t k = output_width();
        for (std::int64_t t = 0; t < k; ++t) {
            q[t * k + t] = 0.0;
            for (std::int64_t j = 0; j < k; ++j) {
                if (j == t) continue;
                q[t * k + t] += r[j * k + t] * r[j * k + t];
                q[t * k + j] = j < t ? q[j * k + t] : -r[j * k + t] * r[t * k + j];
            }
        }
    }

    const forms::PairwiseProbability& form_;
};

}  // namespace

std::unique_ptr<Step> make_kernels(const forms::Kernels& form, ValueType input) {
    return std::make_unique<KernelsStep>(form, input);
}
std::unique_ptr<Step> make_votes(const forms::PairwiseVotes& form, ValueType input) {
    return std::make_unique<VotesStep>(form, input);
}
std::unique_ptr<Step> make_probability(const forms::PairwiseProbability& form, ValueType input) {
    return std::make_unique<ProbabilityStep>(form, input);
}

}  // namespace holdfast::engine
