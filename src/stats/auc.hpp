/// Auc: area under the ROC curve with what each row contributes to it.
#pragma once

#include <vector>

#include "stats/rows.hpp"

namespace holdfast::stats::detail {

struct Auc {
    double value = 0.0;             ///< NaN where a class is missing
    std::vector<double> influence;  ///< one a row: their mean square over n is the value's variance (DeLong 1988)
    [[nodiscard]] double variance() const;
    double rarest = 0.0;  ///< rows of the rarest class
};

/// Two classes: of class 1's probability; more: the mean over classes of one against the rest (macro).
[[nodiscard]] Auc auc_of(const CleanRows& rows);

}  // namespace holdfast::stats::detail
