/// Metrics of true and predicted classes, out of the confusion matrix.
#pragma once

#include <string_view>

#include <holdfast/stats/quality.hpp>

#include "stats/rows.hpp"

namespace holdfast::stats::detail {

/// True classes are positions below `rows.classes`; predictions may be anything.
[[nodiscard]] Confusion confusion_of(const CleanRows& rows);

/// These fill in value, interval and method, or the reason. `rows` has at least one row.
void score_accuracy(QualityValue& result, const CleanRows& rows, double level);
/// precision, recall, f1 of class 1, or the mean over classes.
void score_class_share(QualityValue& result, const CleanRows& rows, bool macro, double level);
void score_mcc(QualityValue& result, const CleanRows& rows, double level);

}  // namespace holdfast::stats::detail
