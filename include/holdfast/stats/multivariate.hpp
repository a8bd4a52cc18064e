/// Two-sample tests of several columns at once.
///
/// Both samples have the same columns, in any order; else InvalidArgument naming one. Rows in which a value is missing
/// are left out of mmd, and counted in the note; the others have a way to take them. A sample without rows, or without
/// one that is whole where that is wanted, is InvalidArgument. docs/statistics.md, "Several columns at once".
///
/// Thread safety: pure functions; the same bits on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/data/table.hpp>
#include <holdfast/export.hpp>
#include <holdfast/stats/permutations.hpp>
#include <holdfast/stats/types.hpp>

namespace holdfast::stats {

struct MmdOptions {
    double bandwidth = 0.0;     ///< sigma of the kernel exp(-|x - y|^2 / (2 sigma^2)); 0: by the median heuristic,
                                ///< 2 sigma^2 = the median of |x - y|^2 over (at most 1,000, drawn) pooled rows
    bool standardise = true;    ///< columns in their pooled standard deviations; the bandwidth is then in these
    Permutations permutations;  ///< of mmd
};

/// Maximum mean discrepancy by the unbiased U-statistic (Gretton et al., J. Mach. Learn. Res. 13, 2012, eq. 3), with a
/// p-value by permutations. Statistic: MMD^2, unbiased, below 0 at times. Effect: the same from 0 up; its interval
/// holds at zero and away from it (docs/statistics.md).
///
/// Numeric, boolean or timestamp columns; at most 100,000 pooled rows (InvalidArgument beyond; mmd_linear takes any).
/// Time rows^2 times permutations, memory rows times (2 columns + 130) doubles. With infinite values, or one row in a
/// sample: NaN and a note.
[[nodiscard]] HOLDFAST_EXPORT TestResult mmd(const Table& reference, const Table& current,
                                             const MmdOptions& options = {});

/// MMD^2 in linear time (Gretton et al. 2012, section 6), over pairs of rows that follow one another: a mean of
/// independent terms, so a normal p-value, one-sided, and Student's interval. Less powerful by far on the same rows.
[[nodiscard]] HOLDFAST_EXPORT TestResult mmd_linear(const Table& reference, const Table& current,
                                                    const MmdOptions& options = {});

/// How well the reference's leading principal components tell rows again.
struct PcaReconstruction : TestResult {
    std::int64_t components = 0;           ///< kept
    std::int64_t chunk = 0;                ///< rows of a chunk; the last one also has what is left over
    std::vector<double> reference_chunks;  ///< mean error of each, in order
    std::vector<double> current_chunks;
    Interval expected;  ///< of a chunk's mean error: the reference's mean and three standard deviations of its chunks
};

/// Reconstruction error, the distance of a row from the nearest one that the components can tell: columns standardised
/// by the reference, as many components as explain more than a share `variance` of it (NannyML's data reconstruction;
/// Jolliffe 2002, ch. 10). Statistic: the current rows' mean error. Effect: how much larger it is than the reference's,
/// in the standard deviation of a row's error, with Welch's interval and two-sided p-value; for these the reference's
/// errors are of as many components fitted on the other nine tenths of it (row i in part i mod 10).
///
/// What is missing is taken as the reference's mean or commonest category; categories as their share of the reference,
/// 0 where it has none. chunk 0: a tenth of the reference. With infinite values, or a reference below 20 rows, the
/// effect is NaN and a note says why. InvalidArgument: variance outside (0, 1), a negative chunk, a column that is text
/// in one sample alone.
[[nodiscard]] HOLDFAST_EXPORT PcaReconstruction pca_reconstruction(const Table& reference, const Table& current,
                                                                   double variance = 0.65, std::int64_t chunk = 0);

struct FeatureGap {
    std::string column;
    double importance = 0.0;  ///< by how much the AUC falls when the column is shuffled
};

/// How well a classifier tells the two samples apart, and by what.
struct DomainClassification : TestResult {
    std::vector<FeatureGap> features;  ///< the most important first
};

struct DomainOptions {
    std::string entity;  ///< column whose rows of one value stay together, and that is no feature; "": none
    std::int64_t most_rows = 20'000;  ///< of a sample; more are drawn
    std::uint64_t seed = 0;
};

/// Area under the ROC curve of a classifier that learns which sample a row is from, on rows that it did not learn from
/// (Lopez-Paz and Oquab, ICLR 2017): gradient-boosted trees on columns in at most 64 bins, five folds, rows of one
/// entity and (where at least 100 rows differ) equal rows in one fold. Statistic and effect: the AUC, the mean over the
/// folds' weighted by their pairs; 0.5 where nothing tells them apart. Its interval is DeLong's (Biometrics 44, 1988),
/// over entities and equal rows as a whole (LeDell, Petersen and van der Laan, Electron. J. Stat. 9, 2015), of twice
/// the variance, as two folds learn from one another; the p-value is one-sided, by the larger of that variance and
/// twice Mann and Whitney's of samples that are alike.
///
/// Columns of any type; missing values are a value of their own, infinite ones the smallest and largest. Below 20 rows
/// (or entities, or different rows) in a sample: NaN and a note. InvalidArgument: an entity column that is not there, a
/// column that is text in one sample alone.
[[nodiscard]] HOLDFAST_EXPORT DomainClassification domain_classifier(const Table& reference, const Table& current,
                                                                     const DomainOptions& options = {});

}  // namespace holdfast::stats
