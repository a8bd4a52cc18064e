#include <holdfast/monitor/drift.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <holdfast/base/error.hpp>

#include "monitor/drift_parts.hpp"

namespace holdfast {
namespace {

using detail::Compared;
using stats::ColumnDrift;
using stats::Verdict;

Verdict strongest(Verdict a, Verdict b) {
    if (a == Verdict::drift || b == Verdict::drift) return Verdict::drift;
    return a == Verdict::insufficient || b == Verdict::insufficient ? Verdict::insufficient : Verdict::ok;
}

Verdict of_whole(const stats::DriftSummary& summary, double share) {
    if (summary.columns == 0) return Verdict::insufficient;
    const double wanted = std::max(1.0, share * static_cast<double>(summary.columns) * (1.0 - 1e-12));
    if (static_cast<double>(summary.drifted) >= wanted) return Verdict::drift;
    return static_cast<double>(summary.drifted + summary.undecided) >= wanted ? Verdict::insufficient : Verdict::ok;
}

/// Takes the columns' results off the front of `judged`.
void summarise(const std::vector<Compared>& columns, std::vector<ColumnDrift>::iterator& judged, double share,
               stats::DriftSummary& summary) {
    for (const Compared& column : columns) {
        Verdict verdict = Verdict::ok;
        for (std::size_t test = 0; test < column.tests.size(); ++test, ++judged) {
            if (!column.is_listed(test)) continue;
            verdict = strongest(verdict, judged->verdict);
            summary.tests.push_back(std::move(*judged));
        }
        ++summary.columns;
        if (verdict == Verdict::drift) ++summary.drifted;
        if (verdict == Verdict::insufficient) ++summary.undecided;
    }
    summary.verdict = of_whole(summary, share);
}

void add_pointers(const std::vector<Compared>& columns, std::vector<const Compared*>& family) {
    for (const Compared& column : columns) family.push_back(&column);
}

/// By the largest lower bound in units of the tolerance; among equal ones, by the largest effect.
std::pair<double, double> rank_of(const DriftSlice& slice) {
    std::pair<double, double> rank{-1.0, -1.0};
    for (const ColumnDrift& test : slice.summary.tests) {
        const double unit = test.tolerance > 0.0 ? test.tolerance : std::numeric_limits<double>::min();
        if (test.interval.lower >= 0.0) rank.first = std::max(rank.first, test.interval.lower / unit);
        if (test.effect >= 0.0) rank.second = std::max(rank.second, test.effect / unit);
    }
    return rank;
}

void compare_slices(const std::vector<Compared>& whole, const DriftSide& reference, const DriftSide& current,
                    const DriftOptions& options, DriftReport& report) {
    std::vector<std::vector<Compared>> compared;
    report.by = options.by;
    for (const detail::Slice& slice : detail::slices_of(reference, current, options)) {
        compared.push_back(detail::compare_again(whole, slice.reference, slice.current, options));
        DriftSlice& added = report.slices.emplace_back();
        added.values = slice.values;
        added.summary.reference_rows = slice.reference.rows();
        added.summary.current_rows = slice.current.rows();
    }
    std::vector<const Compared*> family;
    for (const auto& columns : compared) add_pointers(columns, family);
    auto judged = detail::judge_family(family, options.correction, options.alpha);
    report.slice_family = static_cast<std::int64_t>(judged.size());
    auto next = judged.begin();
    for (std::size_t i = 0; i < compared.size(); ++i)
        summarise(compared[i], next, options.share, report.slices[i].summary);
    std::stable_sort(report.slices.begin(), report.slices.end(),
                     [](const DriftSlice& a, const DriftSlice& b) { return rank_of(a) > rank_of(b); });
}

std::int64_t rows_of(const DriftSide& side) {
    return side.table() != nullptr ? side.table()->rows() : side.profile()->rows();
}

void check(const DriftOptions& options, const DriftSide& current) {
    if (!(options.alpha > 0.0 && options.alpha < 1.0)) {
        throw InvalidArgument("drift: alpha is " + std::to_string(options.alpha) + ", between 0 and 1 wanted");
    }
    if (!(options.share >= 0.0 && options.share <= 1.0)) {
        throw InvalidArgument("drift: share is " + std::to_string(options.share) + ", 0 to 1 wanted");
    }
    if (options.max_slices < 1) {
        throw InvalidArgument("drift: max_slices is " + std::to_string(options.max_slices) + ", at least 1 wanted");
    }
    if (options.in_time_order && current.table() == nullptr)
        throw Unsupported("drift: in_time_order of a current profile, which does not keep rows; rows wanted");
}

Json slice_json(const DriftSlice& slice) {
    Json values = Json::array();
    for (const auto& value : slice.values) values.push_back(value ? Json(*value) : Json{});
    return Json::object({{"values", std::move(values)}, {"summary", stats::to_json(slice.summary)}});
}

template <class T, class ToJson>
Json list_json(const std::vector<T>& items, ToJson to_json) {
    Json list = Json::array();
    for (const T& item : items) list.push_back(to_json(item));
    return list;
}

}  // namespace

DriftReport drift(const DriftSide& reference, const DriftSide& current, const DriftOptions& options) {
    check(options, current);
    DriftReport report;
    report.alpha = options.alpha;
    report.share = options.share;
    report.correction = options.correction;
    report.summary.reference_rows = rows_of(reference);
    report.summary.current_rows = rows_of(current);
    const auto compared = detail::compare_columns(reference, current, options, report.left_out);
    std::vector<const Compared*> family;
    add_pointers(compared, family);
    auto judged = detail::judge_family(family, options.correction, options.alpha);
    report.family = static_cast<std::int64_t>(judged.size());
    auto next = judged.begin();
    summarise(compared, next, options.share, report.summary);
    if (!options.by.empty()) compare_slices(compared, reference, current, options, report);
    return report;
}

double default_tolerance(std::string_view test) { return stats::default_tolerance(test); }

Json to_json(const DriftReport& report) {
    const auto text = [](const std::string& item) { return Json(item); };
    return Json::object({{"alpha", report.alpha},
                         {"by", list_json(report.by, text)},
                         {"correction", stats::to_string(report.correction)},
                         {"family", report.family},
                         {"left_out", list_json(report.left_out, text)},
                         {"note", report.note},
                         {"share", report.share},
                         {"slice_family", report.slice_family},
                         {"slices", list_json(report.slices, slice_json)},
                         {"summary", stats::to_json(report.summary)}});
}

}  // namespace holdfast
