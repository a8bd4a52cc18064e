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
          support_(rounded(form.support_vectors, form.compute)),
          eights_(kernels::side_by_side(support_, input.width)),
          coefficients_(rounded(form.coefficients, form.compute)),
          intercept_(rounded(form.intercept, form.compute)) {}

  private:
    static constexpr std::int64_t block = 64;  // support vectors, that stay in the cache with their values
    static constexpr std::int64_t tile = 16;   // rows side by side; if fewer are left, eight,
    static constexpr std::int64_t least = 6;   // unless these are so few that each by itself is sooner

    [[nodiscard]] std::int64_t classes() const noexcept {
        return static_cast<std::int64_t>(form_.vectors_a_class.size());
    }
    /// Values of the kernel, the rows of a tile side by side, and their sums.
    [[nodiscard]] std::int64_t extra_doubles() const override { return tile * (block + width() + output_width()); }

    void compute(std::int64_t rows, const double* x, double* y, double* extra) const override {
        while (rows >= least) {
            const std::int64_t some = rows >= tile ? tile : std::min<std::int64_t>(rows, 8);
            decide_tile(x, some, y, extra);
            rows -= some, x += some * width(), y += some * output_width();
        }
        for (; rows > 0; --rows, x += width(), y += output_width()) decide_row(x, y, extra);
    }

    /// A row with eight support vectors at a time. Each decision is one long chain of additions: those of one block run
    /// beside the next one's kernel.
    void decide_row(const double* x, double* y, double* values) const {
        std::fill_n(y, output_width(), 0.0);
        for (std::int64_t begin = 0; begin < vectors_; begin += block) {
            const std::int64_t end = std::min(begin + block, vectors_);
            apply_kernel(x, 1, eights_.data() + begin / 8 * width(), (end - begin + 7) / 8, values);
            for_each_chain(begin, end,
                           [&](std::int64_t from, std::int64_t to, const double* coefficients, std::int64_t pair) {
                               double sum = y[pair];
                               for (std::int64_t i = from; i < to; ++i) sum += coefficients[i] * values[i - begin];
                               y[pair] = sum;
                           });
        }
        for (std::int64_t pair = 0; pair < output_width(); ++pair)
            y[pair] += intercept_[static_cast<std::size_t>(pair)];
    }

    /// A support vector with eight rows at a time: so are the chains of these rows, side by side.
    void decide_tile(const double* x, std::int64_t rows, double* y, double* extra) const {
        const std::int64_t groups = (rows + 7) / 8, lanes = 8 * groups;
        auto* x_eights = reinterpret_cast<kernels::Eight*>(extra);
        double* sums = extra + lanes * width();
        double* values = sums + lanes * output_width();
        kernels::side_by_side(x, rows, width(), x_eights);
        std::fill_n(sums, lanes * output_width(), 0.0);
        for (std::int64_t begin = 0; begin < vectors_; begin += block) {
            const std::int64_t end = std::min(begin + block, vectors_);
            apply_kernel(support_.data() + begin * width(), end - begin, x_eights, groups, values);
            for_each_chain(begin, end,
                           [&](std::int64_t from, std::int64_t to, const double* coefficients, std::int64_t pair) {
                               kernels::add_weighted(coefficients + from, values + (from - begin) * lanes, to - from,
                                                     groups, sums + pair * lanes);
                           });
        }
        for (std::int64_t row = 0; row < rows; ++row) {
            for (std::int64_t pair = 0; pair < output_width(); ++pair)
                *y++ = sums[pair * lanes + row] + intercept_[static_cast<std::size_t>(pair)];
        }
    }

    /// Of each of `rows` rows with each vector of `groups` groups: (rows, 8 groups).
    void apply_kernel(const double* x, std::int64_t rows, const kernels::Eight* vectors, std::int64_t groups,
                      double* values) const {
        const std::int64_t size = rows * 8 * groups;
        if (form_.kernel == forms::Kernel::rbf) {
            kernels::squared_distances(x, rows, vectors, groups, width(), values);
            return kernels::exps(-form_.gamma, values, size, values);
        }
        kernels::dots(x, rows, vectors, groups, width(), values);
        if (form_.kernel == forms::Kernel::linear) return;
        const std::span all(values, static_cast<std::size_t>(size));
        for (double& value : all) value = form_.gamma * value + form_.coef0;
        if (form_.kernel == forms::Kernel::sigmoid) return kernels::tanhs(values, size, values);
        for (double& value : all) value = power(value, static_cast<std::int64_t>(form_.degree));
    }

    /// use(from, to, coefficients, pair) of all that the support vectors from `begin` to `end` add to a decision. The
    /// vectors of class i come before those of class j in the chain of their pair, as they do in the blocks.
    template <class Use>
    void for_each_chain(std::int64_t begin, std::int64_t end, Use use) const {
        if (classes() == 0) return use(begin, end, coefficients_.data(), 0);
        std::int64_t last = 0;
        for (std::int64_t c = 0; c < classes(); ++c) {
            const std::int64_t first = last;
            last += form_.vectors_a_class[static_cast<std::size_t>(c)];
            const std::int64_t from = std::max(first, begin), to = std::min(last, end);
            if (from >= to) continue;
            std::int64_t pair = c - 1;  // of class 0 and this one
            for (std::int64_t other = 0; other < c; pair += classes() - other - 2, ++other)
                use(from, to, coefficients_.data() + other * vectors_, pair);
            pair = c * (2 * classes() - c - 1) / 2;  // of this class and the next one
            for (std::int64_t other = c + 1; other < classes(); ++other, ++pair)
                use(from, to, coefficients_.data() + (other - 1) * vectors_, pair);
        }
    }

    const forms::Kernels& form_;
    std::int64_t vectors_;
    std::vector<double> support_;         // one after the other, for tiles;
    std::vector<kernels::Eight> eights_;  // and side by side, for rows by themselves
    std::vector<double> coefficients_, intercept_;
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
    static constexpr std::int64_t together = 8;  // rows whose chains of divisions run side by side

    /// A number of each of some rows.
    template <std::size_t Rows>
    using Numbers = std::array<double, Rows>;

    [[nodiscard]] std::int64_t extra_doubles() const override {
        return 2 * (output_width() * output_width() + output_width()) * together;
    }

    void compute(std::int64_t rows, const double* decisions, double* p, double* extra) const override {
        std::int64_t row = 0;
        for (; row + together <= rows; row += together)
            couple<together>(decisions + row * width(), p + row * output_width(), extra);
        for (; row < rows; ++row) couple<1>(decisions + row * width(), p + row * output_width(), extra);
    }

    template <std::size_t Rows>
    void couple(const double* decisions, double* out, double* extra) const {
        const auto k = static_cast<std::size_t>(output_width());
        auto* r = reinterpret_cast<Numbers<Rows>*>(extra);
        Numbers<Rows>*q = r + k * k, *qp = q + k * k, *p = qp + k;
        for (std::size_t row = 0; row < Rows; ++row)
            pair_probabilities(decisions + row * static_cast<std::size_t>(width()), r, row);
        make_q(r, q);
        solve(q, qp, p);
        for (std::size_t row = 0; row < Rows; ++row) {
            for (std::size_t t = 0; t < k; ++t) out[row * k + t] = p[t][row];
        }
    }

    template <std::size_t Rows>
    void pair_probabilities(const double* decisions, Numbers<Rows>* r, std::size_t row) const {
        constexpr double least = 1e-7;
        const auto k = static_cast<std::size_t>(output_width());
        std::size_t pair = 0;
        for (std::size_t i = 0; i < k; ++i) {
            for (std::size_t j = i + 1; j < k; ++j, ++pair) {
                const double value = platt(decisions[pair], form_.a[pair], form_.b[pair]);
                r[i * k + j][row] = std::min(std::max(value, least), 1.0 - least);
                r[j * k + i][row] = 1.0 - r[i * k + j][row];
            }
        }
    }

    template <std::size_t Rows>
    void make_q(const Numbers<Rows>* r, Numbers<Rows>* q) const {
        const auto k = static_cast<std::size_t>(output_width());
        for (std::size_t t = 0; t < k; ++t) {
            q[t * k + t].fill(0.0);
            for (std::size_t j = 0; j < k; ++j) {
                if (j == t) continue;
                const Numbers<Rows>&of_t = r[j * k + t], &of_j = r[t * k + j];
                for (std::size_t row = 0; row < Rows; ++row) {
                    q[t * k + t][row] += of_t[row] * of_t[row];
                    q[t * k + j][row] = j < t ? q[j * k + t][row] : -of_t[row] * of_j[row];
                }
            }
        }
    }

    /// libsvm's multiclass_probability, step by step: where it stops decides the last digits. A row that has stopped
    /// takes steps of 0.
    template <std::size_t Rows>
    void solve(const Numbers<Rows>* q, Numbers<Rows>* qp, Numbers<Rows>* p) const {
        const auto k = static_cast<std::size_t>(output_width());
        const double tolerance = 0.005 / static_cast<double>(k);
        for (std::size_t t = 0; t < k; ++t) p[t].fill(1.0 / static_cast<double>(k));
        const std::size_t rounds = std::max<std::size_t>(100, k);
        for (std::size_t round = 0; round < rounds; ++round) {
            Numbers<Rows> pqp{}, worst{};
            for (std::size_t t = 0; t < k; ++t) {
                qp[t].fill(0.0);
                for (std::size_t j = 0; j < k; ++j) {
                    for (std::size_t row = 0; row < Rows; ++row) qp[t][row] += q[t * k + j][row] * p[j][row];
                }
                for (std::size_t row = 0; row < Rows; ++row) pqp[row] += p[t][row] * qp[t][row];
            }
            for (std::size_t t = 0; t < k; ++t) {
                for (std::size_t row = 0; row < Rows; ++row)
                    worst[row] = std::max(worst[row], std::fabs(qp[t][row] - pqp[row]));
            }
            if (std::all_of(worst.begin(), worst.end(), [&](double gap) { return gap < tolerance; })) break;
            for (std::size_t t = 0; t < k; ++t) {
                const Numbers<Rows>& q_t = q[t * k + t];
                Numbers<Rows> step, whole;
                for (std::size_t row = 0; row < Rows; ++row) {
                    step[row] = worst[row] < tolerance ? 0.0 : (-qp[t][row] + pqp[row]) / q_t[row];
                    whole[row] = 1.0 + step[row];
                    p[t][row] += step[row];
                    pqp[row] =
                        (pqp[row] + step[row] * (step[row] * q_t[row] + 2.0 * qp[t][row])) / whole[row] / whole[row];
                }
                for (std::size_t j = 0; j < k; ++j) {
                    for (std::size_t row = 0; row < Rows; ++row) {
                        qp[j][row] = (qp[j][row] + step[row] * q[t * k + j][row]) / whole[row];
                        p[j][row] /= whole[row];
                    }
                }
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
