#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <Eigen/Dense>

#include <holdfast/base/error.hpp>
#include <holdfast/stats/multivariate.hpp>

#include "stats/distributions.hpp"
#include "stats/pooled_columns.hpp"
#include "stats/samples.hpp"

namespace holdfast::stats {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::RowVectorXd;

constexpr std::int64_t folds = 10;

// A column as numbers: text as its share of the reference, what is missing as the reference's mean or commonest value.
class Encoder {
  public:
    explicit Encoder(const Column& reference)
        : is_text_(reference.type() == ColumnType::string || reference.type() == ColumnType::categorical) {
        double count = 0.0, sum = 0.0;
        for (std::int64_t row = 0; row < reference.size(); ++row) {
            if (is_missing(reference, row)) continue;
            count += 1.0;
            if (is_text_) {
                shares_[std::string(reference.text(row))] += 1.0;
            } else {
                sum += (reference.number(row) - sum) / count;
            }
        }
        missing_ = is_text_ ? 0.0 : sum;
        for (auto& [text, share] : shares_)
            missing_ = std::max(missing_, share /= static_cast<double>(reference.size()));
        if (!is_text_ || shares_.empty()) return;
        const double filled = 1.0 - count / static_cast<double>(reference.size());  // go to the commonest
        const auto commonest =
            std::find_if(shares_.begin(), shares_.end(), [this](const auto& one) { return one.second == missing_; });
        missing_ = commonest->second += filled;
    }

    [[nodiscard]] double operator()(const Column& column, std::int64_t row) const {
        if (is_missing(column, row)) return missing_;
        if (!is_text_) return column.number(row);
        const auto found = shares_.find(column.text(row));
        return found == shares_.end() ? 0.0 : found->second;
    }
    [[nodiscard]] bool is_text() const { return is_text_; }

  private:
    [[nodiscard]] bool is_missing(const Column& column, std::int64_t row) const {
        return !column.is_valid(row) || (!is_text_ && std::isnan(column.number(row)));
    }

    bool is_text_;
    double missing_ = 0.0;
    std::map<std::string, double, std::less<>> shares_;
};

Matrix encoded(const Table& table, const Table& reference) {
    Matrix rows(table.rows(), reference.width());
    for (std::int64_t c = 0; c < reference.width(); ++c) {
        const std::string& name = reference.names()[static_cast<std::size_t>(c)];
        const Column& column = table.column(name);
        const Encoder encode(reference.column(c));
        const bool is_text = column.type() == ColumnType::string || column.type() == ColumnType::categorical;
        if (is_text != encode.is_text()) {
            throw InvalidArgument("pca_reconstruction: column \"" + name + "\" is text in one sample alone");
        }
        for (std::int64_t row = 0; row < table.rows(); ++row) rows(row, c) = encode(column, row);
    }
    return rows;
}

// Sums of rows and of their products, about a middle that keeps the digits.
struct Moments {
    double rows = 0.0;
    Vector sum;
    Matrix products;  // the lower half
    explicit Moments(Eigen::Index width) : sum(Vector::Zero(width)), products(Matrix::Zero(width, width)) {}
    void add(const Vector& row) {
        rows += 1.0;
        sum += row;
        for (Eigen::Index i = 0; i < row.size(); ++i) {
            for (Eigen::Index j = 0; j <= i; ++j) products(i, j) += row(i) * row(j);
        }
    }
    [[nodiscard]] Moments without(const Moments& part) const {
        Moments rest = *this;
        rest.rows -= part.rows;
        rest.sum -= part.sum;
        rest.products -= part.products;
        return rest;
    }
};

// Standardised columns and the leading components of their correlations, as scikit-learn's StandardScaler and PCA: as
// many as explain more than a share, and at most `most`.
class Components {
  public:
    Components(const Moments& of, double share, Eigen::Index most) : mean_(of.sum / of.rows), scale_(of.sum.size()) {
        Matrix covariance = of.products / of.rows;
        for (Eigen::Index i = 0; i < mean_.size(); ++i) {
            for (Eigen::Index j = 0; j <= i; ++j) covariance(i, j) -= mean_(i) * mean_(j);
            const double square = of.products(i, i) / of.rows;
            const bool constant = !(covariance(i, i) > 1e-14 * square);
            scale_(i) = constant ? 1.0 : std::sqrt(covariance(i, i));
            if (constant) covariance.row(i).head(i + 1).setZero(), covariance.col(i).tail(mean_.size() - i).setZero();
        }
        for (Eigen::Index i = 0; i < mean_.size(); ++i) {
            for (Eigen::Index j = 0; j <= i; ++j) covariance(i, j) /= scale_(i) * scale_(j);
        }
        const Eigen::SelfAdjointEigenSolver<Matrix> solver(covariance);  // reads the lower half; ascending
        const auto values = solver.eigenvalues().cwiseMax(0.0).eval();
        const double all = values.sum();
        double explained = 0.0;
        while (count_ < std::min(most, values.size()) && all > 0.0) {
            explained += values(values.size() - 1 - count_);
            ++count_;
            if (explained / all > share) break;
        }
        axes_ = solver.eigenvectors().rightCols(count_);
    }

    [[nodiscard]] std::int64_t count() const { return count_; }
    // The distance from the nearest point that the components can tell.
    [[nodiscard]] double error(const Vector& row) const {
        Vector scaled = (row - mean_).cwiseQuotient(scale_);
        for (Eigen::Index k = 0; k < count_; ++k) {
            const double along = scaled.dot(axes_.col(k));
            scaled -= along * axes_.col(k).transpose();
        }
        return scaled.norm();
    }

  private:
    Vector mean_, scale_;
    Matrix axes_;
    Eigen::Index count_ = 0;
};

struct Spread {
    double rows = 0.0, mean = 0.0, variance = 0.0;
    explicit Spread(const std::vector<double>& values) : rows(static_cast<double>(values.size())) {
        for (const double value : values) mean += value / rows;
        for (const double value : values) variance += (value - mean) * (value - mean) / std::max(1.0, rows - 1.0);
    }
};

// Means of stretches of `chunk` rows; what is left over is in the last.
std::vector<double> chunk_means(const std::vector<double>& errors, std::int64_t chunk) {
    const auto size = static_cast<std::size_t>(chunk);
    const std::size_t chunks = std::max<std::size_t>(1, errors.size() / size);
    std::vector<double> means;
    for (std::size_t i = 0; i < chunks; ++i) {
        const auto begin = errors.begin() + static_cast<std::ptrdiff_t>(i * size);
        const auto end = i + 1 == chunks ? errors.end() : begin + static_cast<std::ptrdiff_t>(size);
        means.push_back(Spread(std::vector<double>(begin, end)).mean);
    }
    return means;
}

// Welch's comparison of the current errors with the reference's, in the reference's standard deviations.
void compare(PcaReconstruction& result, const Spread& reference, const Spread& current) {
    if (reference.rows < 2.0 || current.rows < 2.0) {
        detail::remark(result.note, "one row: no p-value");
        return;
    }
    const double gap = current.mean - reference.mean;
    const double a = reference.variance / reference.rows, b = current.variance / current.rows;
    if (a + b <= 0.0) {
        result.effect = gap == 0.0 ? 0.0 : std::copysign(std::numeric_limits<double>::infinity(), gap);
        result.p_value = gap == 0.0 ? 1.0 : 0.0;
        return;
    }
    const double unit = std::sqrt(reference.variance), error = std::sqrt(a + b);
    const double degrees = (a + b) * (a + b) / (a * a / (reference.rows - 1.0) + b * b / (current.rows - 1.0));
    const double width = detail::t_quantile(degrees, 0.5 + 0.5 * result.interval.level) * error;
    result.p_value = std::min(1.0, 2.0 * detail::t_sf(degrees, std::abs(gap) / error));
    result.effect = gap / unit;
    if (unit > 0.0) result.interval = {(gap - width) / unit, (gap + width) / unit, result.interval.level};
}

}  // namespace

PcaReconstruction pca_reconstruction(const Table& reference, const Table& current, double variance,
                                     std::int64_t chunk) {
    detail::check_columns("pca_reconstruction", reference, current);
    for (const Table* table : {&reference, &current}) {
        if (table->rows() > 0) continue;
        throw InvalidArgument(std::string("pca_reconstruction: the ") +
                              (table == &reference ? "reference" : "current") +
                              " sample has no rows; at least one wanted");
    }
    if (!(variance > 0.0 && variance < 1.0)) {
        throw InvalidArgument("pca_reconstruction: variance is " + std::to_string(variance) +
                              ", between 0 and 1 wanted");
    }
    if (chunk < 0) {
        throw InvalidArgument("pca_reconstruction: chunk is " + std::to_string(chunk) +
                              " rows, at least 1 wanted (0: a tenth of the reference)");
    }
    PcaReconstruction result;
    static_cast<TestResult&>(result) = detail::result_of("pca_reconstruction", reference.rows(), current.rows());
    result.chunk = chunk > 0 ? chunk : std::max<std::int64_t>(1, reference.rows() / 10);
    Matrix a = encoded(reference, reference), b = encoded(current, reference);
    if (!a.allFinite() || !b.allFinite()) {
        detail::remark(result.note, "infinite values: no distance");
        return result;
    }
    const Vector middle = a.colwise().mean();
    a.rowwise() -= middle;
    b.rowwise() -= middle;

    std::vector<Moments> parts(folds, Moments(a.cols()));
    for (Eigen::Index row = 0; row < a.rows(); ++row) parts[static_cast<std::size_t>(row % folds)].add(a.row(row));
    Moments all(a.cols());
    for (const Moments& part : parts) {
        all.rows += part.rows;
        all.sum += part.sum;
        all.products += part.products;
    }
    const Components components(all, variance, a.cols());
    result.components = components.count();

    std::vector<double> seen, own, unseen;  // errors: current; of the reference as fitted; as if it were not
    for (Eigen::Index row = 0; row < b.rows(); ++row) seen.push_back(components.error(b.row(row)));
    for (Eigen::Index row = 0; row < a.rows(); ++row) own.push_back(components.error(a.row(row)));
    if (a.rows() >= 2 * folds) {
        unseen.resize(own.size());
        for (std::int64_t fold = 0; fold < folds; ++fold) {
            const Components rest(all.without(parts[static_cast<std::size_t>(fold)]), 1.0, components.count());
            for (Eigen::Index row = fold; row < a.rows(); row += folds) {
                unseen[static_cast<std::size_t>(row)] = rest.error(a.row(row));
            }
        }
    }
    result.reference_chunks = chunk_means(own, result.chunk);
    result.current_chunks = chunk_means(seen, result.chunk);
    const Spread chunks(result.reference_chunks);
    result.expected = {chunks.mean - 3.0 * std::sqrt(chunks.variance), chunks.mean + 3.0 * std::sqrt(chunks.variance),
                       0.9973};
    result.statistic = Spread(seen).mean;
    if (unseen.empty()) {
        detail::remark(result.note, "below 20 rows of reference: no comparison");
    } else {
        compare(result, Spread(unseen), Spread(seen));
        if (a.rows() < 25 * a.cols()) {
            detail::remark(result.note, "below 25 rows of reference a column: the p-value is too small");
        }
    }
    return result;
}

}  // namespace holdfast::stats
