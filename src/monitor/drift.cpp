#include <holdfast/monitor/drift.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/stats/effects.hpp>

namespace holdfast {
namespace {

using stats::ColumnDrift;
using stats::ColumnKind;
using stats::ColumnProfile;
using stats::kind_of;
using stats::Profile;
using stats::Verdict;

struct Default {
    std::string_view test;
    double tolerance;
};
constexpr std::array<Default, 7> defaults{{{"ks", 0.1},
                                           {"wasserstein", 0.1},
                                           {"total_variation", 0.1},
                                           {"missing", 0.1},
                                           {"psi", 0.1},
                                           {"js", 0.1},
                                           {"chi2", 0.1}}};

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

/// A column of both sides with the tests it gets.
struct Compared {
    std::string name;
    const ColumnProfile* reference;
    const ColumnProfile* current;
    std::vector<DriftTest> tests;
};

std::vector<DriftTest> default_tests(ColumnKind kind) {
    if (kind == ColumnKind::numeric || kind == ColumnKind::timestamp)
        return {{"ks", -1.0}, {"wasserstein", -1.0}, {"missing", -1.0}};
    return {{"total_variation", -1.0}};
}

std::optional<std::string> reason_to_leave_out(const ColumnProfile& reference, const ColumnProfile& current) {
    if (kind_of(reference.type) == ColumnKind::timestamp) return "a timestamp";
    if (reference.is_private || current.is_private) return "private";
    if (reference.almost_distinct() || current.almost_distinct()) return "almost only distinct values";
    return std::nullopt;
}

const ColumnProfile& wanted_column(const Profile& profile, std::string_view side, const std::string& name) {
    const ColumnProfile* column = profile.find(name);
    if (column != nullptr) return *column;
    throw InvalidArgument("drift: the " + std::string(side) + " side has no column " + in_quotes(name));
}

void require_same_kind(const std::string& name, const ColumnProfile& reference, const ColumnProfile& current) {
    if (kind_of(reference.type) == kind_of(current.type)) return;
    throw InvalidArgument("drift: column " + in_quotes(name) + " is " + std::string(to_string(current.type)) +
                          " in the current data, " + std::string(to_string(reference.type)) +
                          " wanted as in the reference");
}

std::vector<std::string> candidates(const Profile& reference, const Profile& current, const DriftOptions& options,
                                    std::vector<std::string>& left_out) {
    if (!options.columns.empty()) return options.columns;
    std::vector<std::string> names;
    for (const std::string& name : reference.names()) {
        const auto excluded = options.excluded.find(name);
        if (excluded != options.excluded.end()) {
            left_out.push_back(name + ": " + excluded->second);
        } else if (current.find(name) != nullptr) {
            names.push_back(name);
        } else {
            left_out.push_back(name + ": not in the current data");
        }
    }
    for (const std::string& name : current.names()) {
        if (reference.find(name) == nullptr && !options.excluded.contains(name))
            left_out.push_back(name + ": not in the reference");
    }
    return names;
}

std::vector<Compared> columns_to_compare(const Profile& reference, const Profile& current, const DriftOptions& options,
                                         std::vector<std::string>& left_out) {
    for (const auto& [name, tests] : options.tests) {
        static_cast<void>(wanted_column(reference, "reference", name));
        static_cast<void>(wanted_column(current, "current", name));
    }
    std::vector<Compared> compared;
    for (const std::string& name : candidates(reference, current, options, left_out)) {
        const ColumnProfile& before = wanted_column(reference, "reference", name);
        const ColumnProfile& now = wanted_column(current, "current", name);
        require_same_kind(name, before, now);
        const auto chosen = options.tests.find(name);
        if (chosen == options.tests.end() && options.columns.empty()) {
            if (const auto reason = reason_to_leave_out(before, now)) {
                left_out.push_back(name + ": " + *reason);
                continue;
            }
        }
        compared.push_back({name, &before, &now,
                            chosen != options.tests.end() ? chosen->second : default_tests(kind_of(before.type))});
    }
    return compared;
}

// A column that misses nothing on either side passes this test unseen; it stays in the family all the same.
bool says_nothing(const DriftTest& test, const Compared& column) {
    return test.test == "missing" && test.tolerance < 0.0 && column.reference->finite() == column.reference->rows &&
           column.current->finite() == column.current->rows;
}

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

void check(const DriftOptions& options) {
    if (!(options.alpha > 0.0 && options.alpha < 1.0)) {
        throw InvalidArgument("drift: alpha is " + std::to_string(options.alpha) + ", between 0 and 1 wanted");
    }
    if (!(options.share >= 0.0 && options.share <= 1.0)) {
        throw InvalidArgument("drift: share is " + std::to_string(options.share) + ", 0 to 1 wanted");
    }
}

}  // namespace

DriftReport drift(const Profile& reference, const Profile& current, const DriftOptions& options) {
    check(options);
    DriftReport report;
    report.alpha = options.alpha;
    report.share = options.share;
    report.summary.reference_rows = reference.rows();
    report.summary.current_rows = current.rows();
    const auto compared = columns_to_compare(reference, current, options, report.left_out);
    for (const Compared& column : compared) report.family += static_cast<std::int64_t>(column.tests.size());
    const double alpha = options.alpha / static_cast<double>(std::max<std::int64_t>(1, report.family));
    for (const Compared& column : compared) {
        Verdict verdict = Verdict::ok;
        for (const DriftTest& test : column.tests) {
            if (says_nothing(test, column)) continue;
            const double tolerance = test.tolerance < 0.0 ? default_tolerance(test.test) : test.tolerance;
            ColumnDrift seen = stats::effect_of(test.test, *column.reference, *column.current, tolerance, alpha);
            seen.column = column.name;
            verdict = strongest(verdict, seen.verdict);
            report.summary.tests.push_back(std::move(seen));
        }
        ++report.summary.columns;
        if (verdict == Verdict::drift) ++report.summary.drifted;
        if (verdict == Verdict::insufficient) ++report.summary.undecided;
    }
    report.summary.verdict = of_whole(report.summary, options.share);
    return report;
}

DriftReport drift(const Table& reference, const Table& current, const DriftOptions& options) {
    return drift(Profile::of(reference), Profile::of(current), options);
}

double default_tolerance(std::string_view test) {
    const auto* found =
        std::find_if(defaults.begin(), defaults.end(), [&](const Default& row) { return row.test == test; });
    if (found != defaults.end()) return found->tolerance;
    std::string known;
    for (const Default& row : defaults) known += (known.empty() ? "" : ", ") + std::string(row.test);
    throw InvalidArgument("drift test " + in_quotes(test) + " is unknown; wanted: " + known);
}

Json to_json(const DriftReport& report) {
    Json left_out = Json::array();
    for (const std::string& name : report.left_out) left_out.push_back(Json(name));
    return Json::object({{"alpha", report.alpha},
                         {"family", report.family},
                         {"left_out", std::move(left_out)},
                         {"share", report.share},
                         {"summary", stats::to_json(report.summary)}});
}

}  // namespace holdfast
