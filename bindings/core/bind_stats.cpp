#include <pybind11/stl/filesystem.h>
#include <pybind11/typing.h>

#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/rng.hpp>
#include <holdfast/data/columns.hpp>
#include <holdfast/stats/profile.hpp>
#include <holdfast/stats/quality.hpp>
#include <holdfast/stats/scores.hpp>
#include <holdfast/stats/slices.hpp>
#include <holdfast/stats/tests.hpp>

#include "bindings.hpp"
#include "convert.hpp"
#include "convert_data.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

using Numbers = py::array_t<double, py::array::c_style | py::array::forcecast>;
using Codes = py::array_t<std::int64_t, py::array::c_style | py::array::forcecast>;

std::span<const double> view(const Numbers& values) { return {values.data(), static_cast<std::size_t>(values.size())}; }

std::string number(double value) { return py::repr(py::float_(value)).cast<std::string>(); }

void bind_results(py::module_& module) {
    py::class_<stats::Interval>(module, "Interval",
                                "A two-sided interval: lower, upper, level. NaN where an end is unknown.")
        .def_readonly("lower", &stats::Interval::lower)
        .def_readonly("upper", &stats::Interval::upper)
        .def_readonly("level", &stats::Interval::level)
        .def(
            "__iter__",
            [](const stats::Interval& i) {
                return py::reinterpret_borrow<py::typing::Iterator<double>>(py::iter(py::make_tuple(i.lower, i.upper)));
            },
            "Unpacks as (lower, upper).")
        .def("__repr__", [](const stats::Interval& i) {
            return "Interval(" + number(i.lower) + ", " + number(i.upper) + ", level=" + number(i.level) + ")";
        });

    py::class_<stats::TestResult>(module, "TestResult", R"doc(What a two-sample test found.

p_value is of exact equality (NaN where the method has none); effect is the size of the difference in the test's own
unit, with an interval.)doc")
        .def_readonly("test", &stats::TestResult::test)
        .def_readonly("statistic", &stats::TestResult::statistic)
        .def_readonly("p_value", &stats::TestResult::p_value)
        .def_readonly("effect", &stats::TestResult::effect)
        .def_readonly("interval", &stats::TestResult::interval)
        .def_readonly("reference_rows", &stats::TestResult::reference_rows)
        .def_readonly("current_rows", &stats::TestResult::current_rows)
        .def_readonly("note", &stats::TestResult::note)
        .def_readonly("insufficient", &stats::TestResult::insufficient,
                      "True where so few rows or permutations cannot give a p-value as small as the level asked for.")
        .def("to_dict", [](const stats::TestResult& result) { return stats::to_json(result); })
        .def("__repr__", [](const stats::TestResult& r) {
            return "TestResult(" + r.test + ": statistic=" + number(r.statistic) + ", p_value=" + number(r.p_value) +
                   ", effect=" + number(r.effect) + ")";
        });

    py::class_<stats::MetricValue>(module, "MetricValue",
                                   "A metric of labelled rows, with its interval; float(...) is its value.")
        .def_readonly("metric", &stats::MetricValue::metric)
        .def_readonly("value", &stats::MetricValue::value, "NaN where it is not defined: no rows, one class for auc.")
        .def_readonly("interval", &stats::MetricValue::interval)
        .def_readonly("rows", &stats::MetricValue::rows, "Labelled rows it was computed on.")
        .def("__float__", [](const stats::MetricValue& value) { return value.value; })
        .def("to_dict", [](const stats::MetricValue& value) { return stats::to_json(value); })
        .def("__repr__", [](const stats::MetricValue& v) {
            return "MetricValue(" + v.metric + "=" + number(v.value) + ", interval=(" + number(v.interval.lower) +
                   ", " + number(v.interval.upper) + "), rows=" + std::to_string(v.rows) + ")";
        });

    py::class_<stats::QualityValue, stats::MetricValue>(
        module, "QualityValue",
        R"doc(A metric of labelled rows, with an interval by a named method, or the reason why there is none.

Where it is insufficient, value and interval are NaN and reason says in words why.)doc")
        .def_property_readonly("insufficient", &stats::QualityValue::insufficient, "True where it is not defined.")
        .def_readonly("reason", &stats::QualityValue::reason, "Why it is not defined; empty where it is.")
        .def_readonly("method", &stats::QualityValue::method, "How the interval was made.")
        .def_readonly("effective_rows", &stats::QualityValue::effective_rows,
                      "(sum of weights)^2 / sum of squared weights; rows where all weigh the same.")
        .def_readonly("entities", &stats::QualityValue::entities,
                      "Drawn for the interval; 0 where rows are independent.")
        .def_readonly("note", &stats::QualityValue::note, "What the reader must know; empty where there is nothing.")
        .def_readonly(
            "matured_until", &stats::QualityValue::matured_until,
            "Of a window: interactions up to this event time had their labels, or had waited long enough; None "
            "where it is not known.")
        .def_readonly("waiting", &stats::QualityValue::waiting,
                      "Of a window by event time: interactions in buckets too young to be judged.")
        .def("to_dict", [](const stats::QualityValue& value) { return stats::to_json(value); })
        .def("__repr__", [](const stats::QualityValue& v) {
            if (v.insufficient()) return "QualityValue(" + v.metric + ": insufficient, " + v.reason + ")";
            return "QualityValue(" + v.metric + "=" + number(v.value) + ", interval=(" + number(v.interval.lower) +
                   ", " + number(v.interval.upper) + ") by " + v.method + ", rows=" + std::to_string(v.rows) + ")";
        });

    py::class_<stats::QualitySlice>(module, "QualitySlice", "A metric of the rows of one slice.")
        .def_readonly("slice", &stats::QualitySlice::slice, "What the column says in it, as text.")
        .def_readonly("quality", &stats::QualitySlice::quality)
        .def("__repr__", [](const stats::QualitySlice& slice) {
            return "QualitySlice('" + slice.slice + "', " + py::repr(py::cast(slice.quality)).cast<std::string>() + ")";
        });

    py::class_<stats::SlicedQuality>(module, "SlicedQuality",
                                     R"doc(A metric of all rows, and of the slices of them, the worst first.

The order is that of what each slice's metric is at its best by its interval; slices without a value come last.
float(...) is the value of all rows, [...] the quality of one slice by its text.)doc")
        .def_readonly("whole", &stats::SlicedQuality::whole, "Of all rows, as without slices.")
        .def_readonly("slices", &stats::SlicedQuality::slices, "The worst first.")
        .def("__float__", [](const stats::SlicedQuality& sliced) { return sliced.whole.value; })
        .def("__len__", [](const stats::SlicedQuality& sliced) { return sliced.slices.size(); })
        .def("__getitem__",
             [](const stats::SlicedQuality& sliced, const std::string& name) {
                 for (const stats::QualitySlice& each : sliced.slices) {
                     if (each.slice == name) return each.quality;
                 }
                 throw NotFound("slices of " + sliced.whole.metric + ": none is \"" + name + "\"");
             })
        .def("__repr__", [](const stats::SlicedQuality& sliced) {
            return "SlicedQuality(" + py::repr(py::cast(sliced.whole)).cast<std::string>() + ", " +
                   std::to_string(sliced.slices.size()) + " slices)";
        });

    py::class_<stats::Comparison>(module, "Comparison",
                                  R"doc(How much better the challenger is than the champion on the same rows.

improvement is positive where the challenger is better; lower is its one-sided lower bound at `confidence`.)doc")
        .def_readonly("metric", &stats::Comparison::metric)
        .def_readonly("champion", &stats::Comparison::champion)
        .def_readonly("challenger", &stats::Comparison::challenger)
        .def_readonly("improvement", &stats::Comparison::improvement)
        .def_readonly("lower", &stats::Comparison::lower)
        .def_readonly("confidence", &stats::Comparison::confidence)
        .def_readonly("rows", &stats::Comparison::rows)
        .def("to_dict", [](const stats::Comparison& comparison) { return stats::to_json(comparison); })
        .def("__repr__", [](const stats::Comparison& c) {
            return "Comparison(" + c.metric + ": improvement=" + number(c.improvement) + ", lower=" + number(c.lower) +
                   ")";
        });
}

/// A numeric, boolean or timestamp column of any kind of array or frame; nulls are NaN.
std::vector<double> numbers(const py::object& values, const char* name) { return to_column(values, name).as_doubles(); }

template <class Test>
void bind_sample_test(py::module_& module, const char* name, Test test) {
    module.def(
        name,
        [test](const py::object& reference, const py::object& current) {
            const std::vector<double> a = numbers(reference, "reference"), b = numbers(current, "current");
            const py::gil_scoped_release release;
            return test(a, b);
        },
        py::arg("reference"), py::arg("current"));
}

template <class Test>
void bind_count_test(py::module_& module, const char* name, Test test) {
    module.def(
        name, [test](const Numbers& reference, const Numbers& current) { return test(view(reference), view(current)); },
        py::arg("reference"), py::arg("current"));
}

template <class Divergence>
void bind_smoothed(py::module_& module, const char* name, Divergence divergence) {
    module.def(
        name,
        [divergence](const Numbers& reference, const Numbers& current, double smoothing) {
            return divergence(view(reference), view(current), smoothing);
        },
        py::arg("reference"), py::arg("current"), py::arg("smoothing") = 0.5);
}

using Counts = py::array_t<double>;
using CountedValues = py::typing::Tuple<py::typing::List<py::str>, Counts, Counts>;

/// Each distinct value of either column, as text and in its order, with its counts; nulls and NaN are left out.
CountedValues count_values(const py::object& reference, const py::object& current) {
    std::map<std::string, std::pair<double, double>> counts;
    const auto count = [&counts](const Column& column, double std::pair<double, double>::* side) {
        const bool text = column.type() == ColumnType::string || column.type() == ColumnType::categorical;
        for (std::int64_t row = 0; row < column.size(); ++row) {
            if (!column.is_valid(row) || (!text && std::isnan(column.number(row)))) continue;
            counts[column.value_text(row)].*side += 1.0;
        }
    };
    count(to_column(reference, "reference"), &std::pair<double, double>::first);
    count(to_column(current, "current"), &std::pair<double, double>::second);
    std::vector<std::string> labels;
    std::vector<double> a, b;
    for (const auto& [label, pair] : counts) {
        labels.push_back(label);
        a.push_back(pair.first);
        b.push_back(pair.second);
    }
    return CountedValues(py::make_tuple(labels, to_numpy(std::move(a)), to_numpy(std::move(b))));
}

void bind_tests(py::module_& module) {
    using Pair = std::span<const double>;
    bind_sample_test(module, "stats_ks", [](Pair a, Pair b) { return stats::ks(a, b); });
    bind_sample_test(module, "stats_wasserstein", [](Pair a, Pair b) { return stats::wasserstein(a, b); });
    bind_sample_test(module, "stats_cramer_von_mises", [](Pair a, Pair b) { return stats::cramer_von_mises(a, b); });
    bind_sample_test(module, "stats_anderson_darling", [](Pair a, Pair b) { return stats::anderson_darling(a, b); });
    bind_sample_test(module, "stats_kuiper", [](Pair a, Pair b) { return stats::kuiper(a, b); });
    bind_sample_test(module, "stats_mann_whitney", [](Pair a, Pair b) { return stats::mann_whitney(a, b); });
    bind_sample_test(module, "stats_welch", [](Pair a, Pair b) { return stats::welch(a, b); });
    bind_sample_test(module, "stats_levene_median", [](Pair a, Pair b) { return stats::levene(a, b); });
    bind_sample_test(module, "stats_levene_mean",
                     [](Pair a, Pair b) { return stats::levene(a, b, stats::LeveneCenter::mean); });
    bind_count_test(module, "stats_g_test", [](Pair a, Pair b) { return stats::g_test(a, b); });
    bind_count_test(module, "stats_fisher", [](Pair a, Pair b) { return stats::fisher(a, b); });
    bind_count_test(module, "stats_hellinger", [](Pair a, Pair b) { return stats::hellinger(a, b); });
    bind_count_test(module, "stats_l_infinity", [](Pair a, Pair b) { return stats::l_infinity(a, b); });
    bind_count_test(module, "stats_chi2", [](Pair a, Pair b) { return stats::chi2(a, b); });
    bind_count_test(module, "stats_js", [](Pair a, Pair b) { return stats::js(a, b); });
    bind_count_test(module, "stats_total_variation", [](Pair a, Pair b) { return stats::total_variation(a, b); });
    bind_smoothed(module, "stats_psi", [](Pair a, Pair b, double smoothing) { return stats::psi(a, b, smoothing); });
    bind_smoothed(module, "stats_kl", [](Pair a, Pair b, double smoothing) { return stats::kl(a, b, smoothing); });
    module.def(
        "stats_bins",
        [](const py::object& reference, const py::object& current, std::int64_t bins) {
            const stats::BinnedPair pair =
                stats::bin_by_quantiles(numbers(reference, "reference"), numbers(current, "current"), bins);
            return py::typing::Tuple<Counts, Counts, Counts>(
                py::make_tuple(to_numpy(pair.edges), to_numpy(pair.reference), to_numpy(pair.current)));
        },
        py::arg("reference"), py::arg("current"), py::arg("bins") = 10,
        "(edges, reference counts, current counts) over the reference's quantiles.");
    module.def("stats_count_values", &count_values, py::arg("reference"), py::arg("current"),
               "(values as text, reference counts, current counts); missing values are left out.");
    module.def(
        "stats_is_numeric", [](const py::object& values) { return is_numeric(to_column(values).type()); },
        py::arg("values"));
}

stats::ScoredRows rows_of(const Numbers& truth, const Numbers& prediction, const Numbers& probability,
                          std::int64_t classes) {
    return {view(truth), view(prediction), view(probability), classes};
}

void bind_scores(py::module_& module) {
    py::class_<stats::QualityOptions>(module, "QualityOptions")
        .def(py::init([](double level, std::string average, std::int64_t top, std::int64_t bins, double quantile,
                         std::uint64_t seed, std::int64_t resamples) {
                 return stats::QualityOptions{level, std::move(average), top, bins, quantile, seed, resamples};
             }),
             py::kw_only(), py::arg("level"), py::arg("average"), py::arg("top"), py::arg("bins"), py::arg("quantile"),
             py::arg("seed"), py::arg("resamples"));
    module.def("metric_names", &stats::metric_names, "The metrics that there are, by name.");
    module.def("needs_probability", &stats::needs_probability, py::arg("metric"));
    module.def("greater_is_better", &stats::greater_is_better, py::arg("metric"));
    module.def(
        "quality_input",
        [](const std::string& metric) {
            constexpr std::array<const char*, 3> names{"numbers", "classes", "probabilities"};
            return std::string(names.at(static_cast<std::size_t>(stats::quality_input(metric))));
        },
        py::arg("metric"), "What the metric is computed from: numbers, classes or probabilities.");
    module.def(
        "stats_quality",
        [](const std::string& metric, const Numbers& truth, const Numbers& prediction, const Numbers& probability,
           std::int64_t classes, const Numbers& weights, const Codes& entities, const stats::QualityOptions& options) {
            const py::gil_scoped_release release;
            return stats::quality(metric, rows_of(truth, prediction, probability, classes), view(weights), options,
                                  {entities.data(), static_cast<std::size_t>(entities.size())});
        },
        py::arg("metric"), py::arg("truth"), py::arg("prediction"), py::arg("probability"), py::arg("classes"),
        py::arg("weights"), py::arg("entities"), py::arg("options"));
    module.def(
        "stats_quality_by",
        [](const py::object& by, std::int64_t most, const std::string& metric, const Numbers& truth,
           const Numbers& prediction, const Numbers& probability, std::int64_t classes, const Numbers& weights,
           const Codes& entities, const stats::QualityOptions& options) {
            const Column column = to_column(by, "by");
            const py::gil_scoped_release release;
            const stats::ScoredRows rows = rows_of(truth, prediction, probability, classes);
            const std::span<const std::int64_t> whose(entities.data(), static_cast<std::size_t>(entities.size()));
            return stats::SlicedQuality{
                stats::quality(metric, rows, view(weights), options, whose),
                stats::quality_by(stats::slices_of(column, "by", most), metric, rows, view(weights), options, whose)};
        },
        py::arg("by"), py::arg("most"), py::arg("metric"), py::arg("truth"), py::arg("prediction"),
        py::arg("probability"), py::arg("classes"), py::arg("weights"), py::arg("entities"), py::arg("options"),
        "The metric of all rows and of each slice, the worst first.");
    module.def(
        "stats_confusion",
        [](const Numbers& truth, const Numbers& prediction, std::int64_t classes, const Numbers& weights) {
            stats::Confusion found = stats::confusion(rows_of(truth, prediction, {}, classes), view(weights));
            return py::typing::Tuple<py::int_, Counts, Counts>(
                py::make_tuple(found.rows, to_numpy(std::move(found.weight)), to_numpy(std::move(found.unforeseen))));
        },
        py::arg("truth"), py::arg("prediction"), py::arg("classes"), py::arg("weights"),
        "(rows, weight by true and predicted class, weight predicted as none of the classes).");
    module.def(
        "stats_compare",
        [](const std::string& metric, const Numbers& truth, const Numbers& champion,
           const Numbers& champion_probability, const Numbers& challenger, const Numbers& challenger_probability,
           std::int64_t classes, double confidence, std::uint64_t seed) {
            const py::gil_scoped_release release;
            return stats::compare(metric, rows_of(truth, champion, champion_probability, classes),
                                  rows_of(truth, challenger, challenger_probability, classes), confidence, seed);
        },
        py::arg("metric"), py::arg("truth"), py::arg("champion"), py::arg("champion_probability"),
        py::arg("challenger"), py::arg("challenger_probability"), py::arg("classes"), py::arg("confidence"),
        py::arg("seed"));
}

/// Of profiles that are given no salt: nobody can guess it, and the profiles of one process still merge.
const std::string& drawn_salt() {
    static const std::string salt = [] {
        Rng rng = Rng::from_system();
        std::string drawn;
        for (int i = 0; i < 64; ++i) drawn += "0123456789abcdef"[rng.below(16)];
        return drawn;
    }();
    return salt;
}

using Edges = std::map<std::string, std::vector<double>, std::less<>>;

stats::Profile profile_of(const py::object& data, const std::vector<std::string>& hidden, std::int64_t max_items,
                          const std::optional<Columns>& columns, const stats::Profile* like, const Edges& edges,
                          bool deciles, const std::optional<std::string>& salt) {
    const Table table = to_table(data);
    stats::ProfileOptions options;
    if (like != nullptr) {
        if (!hidden.empty() || !edges.empty() || deciles || columns || max_items != options.max_items)
            throw InvalidArgument("profile: like= gives all options but the salt; no other one wanted beside it");
        options = like->options();
    }
    options.private_columns.insert(hidden.begin(), hidden.end());
    if (columns) {
        for (const std::string& name : {columns->id, columns->entity})
            if (table.has(name)) options.private_columns.insert(name);
    }
    if (like == nullptr) {
        options.max_items = max_items;
        options.edges = edges;
    }
    if (salt || options.salt.empty()) options.salt = salt.value_or(drawn_salt());
    const py::gil_scoped_release release;
    return deciles ? stats::Profile::with_deciles(table, options) : stats::Profile::of(table, options);
}

std::span<const std::byte> bytes_of(const py::bytes& data) {
    const std::string_view text(data);
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

py::bytes encoded(const stats::Profile& profile) {
    const std::vector<std::byte> bytes = profile.encode();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string profile_repr(const stats::Profile& profile) {
    return "<Profile of " + std::to_string(profile.rows()) + " rows, " + std::to_string(profile.names().size()) +
           " columns>";
}

void bind_profile(py::module_& module) {
    py::classh<stats::Profile>(
        module, "Profile",
        R"doc(A small mergeable summary of a table: counts, moments, quantiles, distinct and frequent values of each column.

Its memory does not grow with the rows: below 64 KiB a numeric column, 256 KiB a text column. Quantiles come from a
KLL sketch (Karnin, Lang, Liberty, FOCS 2016) with a rank error of at most 0.45 % at 99 % confidence, distinct counts
from HyperLogLog (Ertl 2017) with a standard error of 1.6 %. docs/profiles.md has formulas, bounds and the format.

>>> p = Profile.of({"income": [1.0, 2.0, 3.0]})
>>> p += Profile.of({"income": [4.0]})
>>> p.rows, p.columns
(4, ['income'])
>>> p["income"]["max"]
4.0)doc")
        .def(py::init<>())
        .def_static("of", &profile_of, py::arg("data"), py::arg("private") = std::vector<std::string>(),
                    py::arg("max_items") = 256, py::kw_only(), py::arg("columns") = std::nullopt,
                    py::arg("like") = nullptr, py::arg("edges") = Edges(), py::arg("deciles") = false,
                    py::arg("salt") = std::nullopt,
                    R"doc(Summarises a frame, a dict of columns or a matrix.

private: columns of which only counts, the missing share and how many values are distinct are kept; one that is not
    there is InvalidArgument.
max_items: distinct values kept exactly in a text column; what comes after is counted within a bound.
columns: hf.Columns; the id and the entity are private, too.
like: a profile whose options and edges this one takes, so that both merge and their histograms compare.
edges: of histograms, ascending, by column of numbers; bins are (-inf, e0], (e0, e1], ..., (e_last, inf).
deciles: histograms on the columns' own deciles, as the reference of a package has.
salt: hashed with private values before they are counted, never stored; profiles of one salt merge these counts, of
    others they have none any more. None: one that is drawn for the process.

>>> Profile.of({"x": [1.0, 2.0, 3.0]}, edges={"x": [1.5]})["x"]["histogram"]["counts"]
[1, 2])doc")
        .def_static(
            "merged", [](const std::vector<stats::Profile>& profiles) { return stats::Profile::merged(profiles); },
            py::arg("profiles"), "A new profile of all rows; the order does not matter but within the sketches' bound.")
        .def(
            "add",
            [](stats::Profile& profile, const py::object& data) {
                const Table table = to_table(data);
                const py::gil_scoped_release release;
                profile.add(table);
            },
            py::arg("data"), "Adds rows, whose columns must be the profile's.")
        .def(
            "__iadd__",
            [](stats::Profile& profile, const stats::Profile& other) -> stats::Profile& { return profile += other; },
            py::arg("other"), py::return_value_policy::reference_internal)
        .def(
            "__add__", [](stats::Profile profile, const stats::Profile& other) { return profile += other; },
            py::arg("other"))
        .def_property_readonly("rows", &stats::Profile::rows)
        .def_property_readonly("columns", &stats::Profile::names)
        .def("__len__", [](const stats::Profile& profile) { return profile.names().size(); })
        .def("__contains__",
             [](const stats::Profile& profile, const std::string& name) { return profile.find(name) != nullptr; })
        .def(
            "__getitem__",
            [](const stats::Profile& profile, const std::string& name) {
                if (profile.find(name) == nullptr) throw NotFound("profile: no column \"" + name + "\"");
                const Json json = profile.to_json();
                for (const Json& column : json.at("columns").as_array()) {
                    if (column.at("name").as_string() == name) return column;
                }
                return Json();
            },
            py::arg("name"), "One column's summary as a dict.")
        .def(
            "quantile",
            [](const stats::Profile& profile, const std::string& name, double q) {
                const stats::ColumnProfile* column = profile.find(name);
                if (column == nullptr) throw NotFound("profile: no column \"" + name + "\"");
                return column->sketch.quantile(q);
            },
            py::arg("column"), py::arg("q"), "The value below which a share q of a numeric column's values lies.")
        .def("to_dict", &stats::Profile::to_json)
        .def("to_bytes", &encoded, "All of it, rare text values included: for other processes, not for other people.")
        .def_static(
            "from_bytes", [](const py::bytes& data) { return stats::Profile::decode(bytes_of(data)); }, py::arg("data"))
        .def("save", &stats::Profile::save, py::arg("path"), py::arg("min_count") = stats::Profile::default_min_count,
             py::call_guard<py::gil_scoped_release>(),
             "Writes the profile, without text values that are counted in fewer than min_count rows.")
        .def(
            "describe_contents", &stats::Profile::describe_contents,
            py::arg("min_count") = stats::Profile::default_min_count,
            R"doc(The raw values that the saved file reveals, by column: of text, those frequent enough; of numbers, what the
sketch keeps, the extremes and the edges; of private columns, none.)doc")
        .def_static("load", &stats::Profile::load, py::arg("path"), py::call_guard<py::gil_scoped_release>())
        .def("__eq__",
             [](const stats::Profile& profile, const py::object& other) {
                 return py::isinstance<stats::Profile>(other) &&
                        profile.encode() == other.cast<const stats::Profile&>().encode();
             })
        .def("__hash__",
             [](const stats::Profile&) -> py::ssize_t { throw py::type_error("unhashable type: 'Profile'"); })
        .def("__repr__", &profile_repr)
        .def(py::pickle([](const stats::Profile& profile) { return encoded(profile); },
                        [](const py::bytes& data) { return stats::Profile::decode(bytes_of(data)); }));
}

}  // namespace

void bind_stats(py::module_& module) {
    bind_results(module);
    bind_tests(module);
    bind_multivariate(module);
    bind_scores(module);
    bind_profile(module);
}

}  // namespace holdfast::bindings
