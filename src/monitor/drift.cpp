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
using stats::ColumnSample;
using stats::kind_of;
using stats::Profile;
using stats::Verdict;

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

/// What a report compares: the columns of a profile, or of a table, made into samples one at a time.
template <class Data>
class Side {
  public:
    Side(std::string_view name, const Data& data) : name_(name), data_(data) {}

    [[nodiscard]] const std::vector<std::string>& names() const { return data_.names(); }
    [[nodiscard]] bool has(std::string_view column) const { return type_of(data_, column).has_value(); }
    [[nodiscard]] ColumnType type(const std::string& column) const {
        if (const auto type = type_of(data_, column)) return *type;
        throw InvalidArgument("drift: the " + std::string(name_) + " side has no column " + in_quotes(column));
    }
    [[nodiscard]] ColumnSample sample(const std::string& column) const { return sample_of(data_, column); }

  private:
    static std::optional<ColumnType> type_of(const Profile& profile, std::string_view column) {
        const auto* found = profile.find(column);
        return found == nullptr ? std::nullopt : std::optional(found->type);
    }
    static std::optional<ColumnType> type_of(const Table& table, std::string_view column) {
        return table.has(column) ? std::optional(table.column(column).type()) : std::nullopt;
    }
    static ColumnSample sample_of(const Profile& profile, const std::string& column) {
        return ColumnSample::of(*profile.find(column));
    }
    static ColumnSample sample_of(const Table& table, const std::string& column) {
        return ColumnSample::of(table.column(column));
    }

    std::string_view name_;
    const Data& data_;
};

/// A column that was compared, with the effect that each of its tests saw.
struct Compared {
    std::string name;
    std::vector<DriftTest> tests;
    std::vector<stats::Effect> effects;
    bool misses_nothing = false;
};

std::vector<DriftTest> default_tests(ColumnKind kind) {
    if (kind == ColumnKind::numeric || kind == ColumnKind::timestamp)
        return {{"ks", -1.0}, {"wasserstein", -1.0}, {"missing", -1.0}};
    return {{"total_variation", -1.0}};
}

std::optional<std::string> reason_to_leave_out(const ColumnSample& reference, const ColumnSample& current) {
    if (reference.kind() == ColumnKind::timestamp) return "a timestamp";
    if (reference.is_private || current.is_private) return "private";
    if (reference.almost_distinct() || current.almost_distinct()) return "almost only distinct values";
    return std::nullopt;
}

void require_same_kind(const std::string& name, ColumnType reference, ColumnType current) {
    if (kind_of(reference) == kind_of(current)) return;
    throw InvalidArgument("drift: column " + in_quotes(name) + " is " + std::string(to_string(current)) +
                          " in the current data, " + std::string(to_string(reference)) + " wanted as in the reference");
}

template <class Reference, class Current>
std::vector<std::string> candidates(const Side<Reference>& reference, const Side<Current>& current,
                                    const DriftOptions& options, std::vector<std::string>& left_out) {
    if (!options.columns.empty()) return options.columns;
    std::vector<std::string> names;
    for (const std::string& name : reference.names()) {
        const auto excluded = options.excluded.find(name);
        if (excluded != options.excluded.end()) {
            left_out.push_back(name + ": " + excluded->second);
        } else if (current.has(name)) {
            names.push_back(name);
        } else {
            left_out.push_back(name + ": not in the current data");
        }
    }
    for (const std::string& name : current.names()) {
        if (!reference.has(name) && !options.excluded.contains(name))
            left_out.push_back(name + ": not in the reference");
    }
    return names;
}

std::vector<stats::Effect> effects_of(const std::vector<DriftTest>& tests, const ColumnSample& reference,
                                      const ColumnSample& current) {
    std::vector<stats::EffectTest> wanted;
    for (const DriftTest& test : tests) wanted.emplace_back(test.test, test.unit);
    return stats::effects_of(wanted, reference, current);
}

template <class Reference, class Current>
std::vector<Compared> compared_columns(const Side<Reference>& reference, const Side<Current>& current,
                                       const DriftOptions& options, std::vector<std::string>& left_out) {
    for (const auto& [name, tests] : options.tests) {
        static_cast<void>(reference.type(name));
        static_cast<void>(current.type(name));
    }
    const std::vector<std::string> names = candidates(reference, current, options, left_out);
    for (const std::string& name : names) require_same_kind(name, reference.type(name), current.type(name));
    std::vector<Compared> compared;
    for (const std::string& name : names) {
        const ColumnSample before = reference.sample(name), now = current.sample(name);
        const auto chosen = options.tests.find(name);
        if (chosen == options.tests.end() && options.columns.empty()) {
            if (const auto reason = reason_to_leave_out(before, now)) {
                left_out.push_back(name + ": " + *reason);
                continue;
            }
        }
        Compared column;
        column.name = name;
        column.tests = chosen != options.tests.end() ? chosen->second : default_tests(before.kind());
        column.effects = effects_of(column.tests, before, now);
        column.misses_nothing = before.finite() == before.rows && now.finite() == now.rows;
        compared.push_back(std::move(column));
    }
    return compared;
}

// A column that misses nothing on either side passes this test unseen; it stays in the family all the same.
bool says_nothing(const DriftTest& test, const Compared& column) {
    return test.test == "missing" && test.tolerance < 0.0 && column.misses_nothing;
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

void judge(const Compared& column, double alpha, stats::DriftSummary& summary) {
    Verdict verdict = Verdict::ok;
    for (std::size_t i = 0; i < column.tests.size(); ++i) {
        const DriftTest& test = column.tests[i];
        if (says_nothing(test, column)) continue;
        const double tolerance = test.tolerance < 0.0 ? default_tolerance(test.test) : test.tolerance;
        ColumnDrift seen = column.effects[i].judge(tolerance, alpha);
        seen.column = column.name;
        verdict = strongest(verdict, seen.verdict);
        summary.tests.push_back(std::move(seen));
    }
    ++summary.columns;
    if (verdict == Verdict::drift) ++summary.drifted;
    if (verdict == Verdict::insufficient) ++summary.undecided;
}

template <class Reference, class Current>
DriftReport report_on(const Reference& reference, const Current& current, const DriftOptions& options) {
    check(options);
    DriftReport report;
    report.alpha = options.alpha;
    report.share = options.share;
    report.summary.reference_rows = reference.rows();
    report.summary.current_rows = current.rows();
    const auto compared = compared_columns(Side<Reference>("reference", reference), Side<Current>("current", current),
                                           options, report.left_out);
    for (const Compared& column : compared) report.family += static_cast<std::int64_t>(column.tests.size());
    const double alpha = options.alpha / static_cast<double>(std::max<std::int64_t>(1, report.family));
    for (const Compared& column : compared) judge(column, alpha, report.summary);
    report.summary.verdict = of_whole(report.summary, options.share);
    return report;
}

}  // namespace

DriftReport drift(const Profile& reference, const Profile& current, const DriftOptions& options) {
    return report_on(reference, current, options);
}

DriftReport drift(const Profile& reference, const Table& current, const DriftOptions& options) {
    return report_on(reference, current, options);
}

DriftReport drift(const Table& reference, const Profile& current, const DriftOptions& options) {
    return report_on(reference, current, options);
}

DriftReport drift(const Table& reference, const Table& current, const DriftOptions& options) {
    return report_on(reference, current, options);
}

double default_tolerance(std::string_view test) { return stats::default_tolerance(test); }

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
