/// Auc: area under the ROC curve with what each row contributes to it.
#pragma once

#include <vector>

#include "stats/rows.hpp"

namespace holdfast::stats::detail {

struct Auc {
    double value = 0.0;             ///< NaN where a class is missing
    std::vector<double> influence;  ///< one a row: their mean square over n is the value's variance (DeLong 1988)
    [[nodiscard]] double variance() const;
    double rarest = 0.0;  ///< (effective) rows of the rarest class
};

/// Weighted rows: every pair counts with the product of its weights.
/// Two classes: of class 1's probability; more: the mean over classes of one against the rest (macro).
[[nodiscard]] Auc auc_of(const CleanRows& rows);

/// DeLong, DeLong, Clarke-Pearson, Biometrics 44, 1988, on the logit's scale (Qin and Hotilovac, Stat. Methods Med.
/// Res. 17, 2008) and with Student's quantile for the rows of the rarest class, for few of them. Where no pair is out
/// of order its variance is 0, and the ends are Clopper and Pearson's for that many rows of the rarest class.
[[nodiscard]] Interval delong(const Auc& auc, double level);
[[nodiscard]] Interval delong(double auc, double variance, double rarest, double level);

}  // namespace holdfast::stats::detail
