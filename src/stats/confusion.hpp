/// Metrics of true and predicted classes, out of the weight of rows by both.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <holdfast/stats/quality.hpp>

#include "stats/rows.hpp"
#include "stats/weighted.hpp"

namespace holdfast::stats::detail {

/// Rows of one true class that are predicted as one class; -1: as none of them.
struct ClassCell {
    std::int64_t truth = 0, prediction = 0;
    double weight = 0.0, squares = 0.0;  ///< sums of weights and of their squares
    [[nodiscard]] bool right() const noexcept { return truth == prediction; }
};

/// All rows, in cells that have some.
struct ClassCells {
    std::int64_t classes = 0;
    std::int64_t rows = 0;
    std::vector<ClassCell> cells{};
    [[nodiscard]] Weight weight() const;
};

/// True classes are positions below `rows.classes`; predictions may be anything.
[[nodiscard]] ClassCells cells_of(const CleanRows& rows);
[[nodiscard]] Confusion confusion_of(const ClassCells& cells);

/// These fill in value, interval and method, or the reason. There is at least one row.
/// A share of `all` the weight: accuracy, top_k_accuracy.
void score_share(QualityValue& result, const Weight& right, const Weight& all, double level);
/// precision, recall, f1 of class 1, or the mean over classes.
void score_class_share(QualityValue& result, const ClassCells& rows, bool macro, double level);
void score_mcc(QualityValue& result, const ClassCells& rows, double level);
/// Any of them, as `options` say.
void score_cells(QualityValue& result, const ClassCells& rows, const QualityOptions& options);

}  // namespace holdfast::stats::detail
