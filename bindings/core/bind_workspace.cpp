#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/stl/filesystem.h>

#include <holdfast/base/error.hpp>
#include <holdfast/workspace/workspace.hpp>

#include "bindings.hpp"
#include "convert.hpp"
#include "convert_data.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

using Release = py::gil_scoped_release;

/// One id, or one a row: str, int, UUID, in a list, an array or a column.
std::vector<Id> to_ids(const py::object& ids) {
    const auto one = [](py::handle value) {
        const bool plain = py::isinstance<py::str>(value) || py::isinstance<py::int_>(value);
        const bool uuid = !plain && py::hasattr(value, "hex") && py::hasattr(value, "urn");
        return to_id(uuid ? py::object(py::str(value)) : py::reinterpret_borrow<py::object>(value));
    };
    if (ids.is_none()) return {};
    if (py::isinstance<py::str>(ids) || !py::hasattr(ids, "__iter__")) return {one(ids)};
    const py::object items = py::hasattr(ids, "tolist")    ? ids.attr("tolist")()
                             : py::hasattr(ids, "to_list") ? ids.attr("to_list")()
                                                           : ids;
    std::vector<Id> out;
    out.reserve(py::len_hint(items));
    for (const py::handle item : items) out.push_back(one(item));
    return out;
}

/// Whether a time is said, rather than a while before now.
bool is_moment(const py::object& value) {
    if (!py::isinstance<py::str>(value)) return is_time_like(value);
    try {
        static_cast<void>(to_duration(value));
        return false;
    } catch (const InvalidArgument&) {
        return true;
    }
}

/// A time, or a while before now.
std::optional<Time> to_moment(const py::object& value, const Clock& clock) {
    if (value.is_none()) return std::nullopt;
    return is_moment(value) ? to_time(value) : clock.now() - to_duration(value);
}

/// A (rows, 1) answer as (rows), as Model.predict gives it.
py::array flat(const TensorView& view) {
    if (view.rank() != 2 || view.extent(1) != 1) return to_numpy(view);
    const std::array<std::int64_t, 1> shape{view.extent(0)}, strides{view.stride(0)};
    return to_numpy(TensorView(view.data(), view.dtype(), shape, strides, false));
}

py::list texts(const std::vector<Id>& ids) {
    py::list out;
    for (const Id& id : ids) out.append(py::str(std::string(id.view())));
    return out;
}

/// What `predict` gives, as Python's own objects.
struct PythonAnswer {
    py::object values;
    py::dict outputs;
    py::object probabilities;
    std::string model;
    std::int64_t version = 0;
    py::list ids;
    std::int64_t latency_ns = 0;
};

PythonAnswer to_python(const Answer& answer) {
    const Signature& signature = answer.served->model->signature();
    PythonAnswer out{py::none(),       {}, py::none(), answer.served->model_name, answer.version(), texts(answer.ids),
                     answer.latency_ns};
    for (const std::string& name : answer.outputs.names())
        out.outputs[py::str(name)] = to_numpy(answer.outputs.at(name));
    if (!signature.prediction.empty()) out.values = flat(answer.values());
    if (!signature.probability.empty()) out.probabilities = to_numpy(answer.probabilities());
    return out;
}

PythonAnswer predict(Endpoint& endpoint, const py::object& x, const py::object& ids, const py::object& time,
                     const std::optional<Duration>& deadline) {
    const BatchHolder holder = to_batch(x);
    const std::vector<Id> given = to_ids(ids);
    RequestOptions options;
    options.ids = given;
    options.deadline = deadline;
    std::vector<Time> times;
    if (!time.is_none() && is_time_like(time)) {
        options.time = to_time(time);
    } else if (!time.is_none()) {
        for (const std::int64_t micros : to_micros_column(time, "time")) times.push_back(from_micros(micros));
        options.times = times;
    }
    const Answer answer = [&] {
        const Release release;
        return endpoint.predict(holder.batch(), options).value();
    }();
    return to_python(answer);
}

void bind_answer(py::module_& module) {
    py::class_<PythonAnswer>(module, "Answer",
                             "What an endpoint answered: values as Model.predict gives them, every output, ids.")
        .def_readonly("values", &PythonAnswer::values,
                      "What Model.predict gives; None where the model names no prediction.")
        .def_readonly("outputs", &PythonAnswer::outputs, "Every output by name.")
        .def_readonly("probabilities", &PythonAnswer::probabilities, "Rows x classes; None where the model has none.")
        .def_readonly("model", &PythonAnswer::model)
        .def_readonly("version", &PythonAnswer::version, "The number of the version that answered.")
        .def_readonly("ids", &PythonAnswer::ids, "One a row: as given, or made here.")
        .def_readonly("latency_ns", &PythonAnswer::latency_ns)
        .def("__len__", [](const PythonAnswer& answer) { return answer.ids.size(); })
        .def("__repr__", [](const PythonAnswer& answer) {
            return "Answer(" + std::to_string(answer.ids.size()) + " rows by " + answer.model + "@" +
                   std::to_string(answer.version) + ")";
        });
}

void bind_performance(py::module_& module) {
    py::class_<PerformanceOptions>(module, "PerformanceOptions")
        .def(py::init([](std::vector<std::string> metrics, bool by_event, double mature,
                         std::optional<Duration> horizon, bool cluster, std::uint64_t seed) {
                 return PerformanceOptions{std::move(metrics), by_event, mature, horizon, cluster, seed};
             }),
             py::kw_only(), py::arg("metrics"), py::arg("by_event"), py::arg("mature"), py::arg("horizon"),
             py::arg("cluster"), py::arg("seed"));
    py::class_<LabelCohort>(module, "LabelCohort",
                            "The interactions of one bucket of event time, (after, until], and how many have a label.")
        .def_readonly("after", &LabelCohort::after)
        .def_readonly("until", &LabelCohort::until)
        .def_readonly("interactions", &LabelCohort::interactions)
        .def_readonly("labelled", &LabelCohort::labelled)
        .def_readonly("settled", &LabelCohort::settled, "Labelled, or past the label horizon.")
        .def_readonly("matured", &LabelCohort::matured, "Whether enough are settled to be judged.")
        .def("__repr__", [](const LabelCohort& cohort) {
            return "LabelCohort(until " + format_time(cohort.until) + ": " + std::to_string(cohort.labelled) + " of " +
                   std::to_string(cohort.interactions) + " labelled" + (cohort.matured ? ", matured)" : ")");
        });
}

void bind_endpoint(py::module_& module) {
    py::class_<EndpointMonitor>(module, "EndpointMonitor")
        .def(
            "drift",
            [](const EndpointMonitor& monitor, const Window& over, DriftOptions options,
               std::optional<double> false_alarms) {
                return false_alarms ? monitor.drift(over, options, *false_alarms) : monitor.drift_now(over, options);
            },
            py::arg("over"), py::arg("options"), py::arg("false_alarms"), py::call_guard<Release>())
        .def(
            "performance",
            [](const EndpointMonitor& monitor, const Window& over, const PerformanceOptions& options) {
                return monitor.performance(over, options);
            },
            py::arg("over"), py::arg("options"), py::call_guard<Release>())
        .def("performance_by", &EndpointMonitor::performance_by, py::arg("column"), py::arg("over"), py::arg("options"),
             py::arg("most"), py::call_guard<Release>())
        .def("cohorts", &EndpointMonitor::cohorts, py::arg("over"), py::arg("options"), py::call_guard<Release>())
        .def("violations", &EndpointMonitor::violations, py::arg("level"), py::call_guard<Release>())
        .def("yield_", &EndpointMonitor::yield, py::arg("over"), py::call_guard<Release>());

    py::class_<Endpoint>(module, "Endpoint", py::release_gil_before_calling_cpp_dtor())
        .def_property_readonly("name", &Endpoint::name)
        .def("predict", &predict, py::arg("x"), py::arg("ids"), py::arg("time"), py::arg("deadline"))
        .def("deploy",
             py::overload_cast<std::string_view, std::int64_t, std::string_view, std::string_view>(&Endpoint::deploy),
             py::arg("model"), py::arg("version"), py::arg("by"), py::arg("reason"), py::call_guard<Release>())
        .def("follow", &Endpoint::follow, py::arg("what"), py::call_guard<Release>())
        .def("rollback", py::overload_cast<std::string_view, std::string_view>(&Endpoint::rollback), py::arg("reason"),
             py::arg("by"), py::call_guard<Release>())
        .def("freeze", &Endpoint::freeze, py::arg("reason"), py::arg("by"), py::call_guard<Release>())
        .def("unfreeze", &Endpoint::unfreeze, py::arg("reason"), py::arg("by"), py::call_guard<Release>())
        .def("refresh", &Endpoint::refresh, py::call_guard<Release>())
        .def("frozen", &Endpoint::frozen, py::call_guard<Release>())
        .def("live", &Endpoint::live, py::call_guard<Release>())
        .def("good", &Endpoint::good, py::call_guard<Release>())
        .def("ledger", &Endpoint::ledger, py::call_guard<Release>())
        .def("served_model",
             [](const Endpoint& endpoint) {
                 const auto served = endpoint.served();
                 return served ? served->model : nullptr;
             })
        .def("logging", &Endpoint::logging)
        .def("set_logging", &Endpoint::set_logging, py::arg("logging"), py::call_guard<Release>())
        .def("logging_counts", &Endpoint::logging_counts)
        .def("monitor", &Endpoint::monitor);
}

store::InteractionQuery to_query(const Workspace& workspace, std::string endpoint, const py::object& since,
                                 const py::object& until, bool labelled, std::optional<std::int64_t> last,
                                 std::optional<std::int64_t> version, std::string role) {
    store::InteractionQuery query;
    query.endpoint = std::move(endpoint);
    query.role = std::move(role);
    query.after = to_moment(since, *workspace.clock());
    // A while back is half-open, as windows are; a moment is meant to be inside.
    if (query.after && is_moment(since)) *query.after -= Duration(1);
    query.until = to_moment(until, *workspace.clock());
    query.labelled = labelled;
    query.last = last;
    query.version = version;
    return query;
}

/// Interactions a piece at a time, oldest first, as they were when the reading began.
class Pieces {
  public:
    Pieces(Workspace workspace, store::InteractionQuery query, std::int64_t rows)
        : workspace_(std::move(workspace)), query_(std::move(query)) {
        query_.first = rows;
        workspace_.store().read([&](const store::Session& session) { query_.up_to = session.transaction(); });
    }

    std::optional<Table> next() {
        if (done_) return std::nullopt;
        Table piece = workspace_.interactions().query(query_).rows;
        const std::int64_t rows = piece.rows();
        done_ = rows < *query_.first;
        if (rows == 0) return std::nullopt;
        const auto last = static_cast<std::size_t>(rows - 1);
        query_.beyond = {from_micros(piece.column("time").values<std::int64_t>()[last]),
                         piece.column("transaction").values<std::int64_t>()[last],
                         std::string(piece.column("id").text(rows - 1))};
        return piece;
    }

  private:
    Workspace workspace_;
    store::InteractionQuery query_;
    bool done_ = false;
};

void label(Workspace& workspace, const py::object& ids, const py::object& labels, const std::optional<Time>& time,
           const std::string& endpoint) {
    const std::vector<Id> given = to_ids(ids);
    const Column column = to_column(labels, "labels");
    const Release release;
    workspace.interactions().label(given, column, time, endpoint);
}

void bind_handle(py::module_& module) {
    py::class_<Pieces>(module, "InteractionPieces", "Interactions a piece at a time, oldest first.")
        .def("__iter__", [](Pieces& pieces) -> Pieces& { return pieces; })
        .def("__next__", [](Pieces& pieces) {
            std::optional<Table> piece;
            {
                const Release release;
                piece = pieces.next();
            }
            if (!piece) throw py::stop_iteration();
            return *std::move(piece);
        });
    // Its last handle ends the thread that watches, which must not be waited for with the GIL held.
    py::class_<Workspace>(module, "Workspace", py::release_gil_before_calling_cpp_dtor())
        .def(py::init([](const std::filesystem::path& folder, std::string name_space,
                         std::optional<std::shared_ptr<Clock>> clock, bool create, std::uint64_t seed,
                         std::int64_t log_rows, const std::vector<std::string>& trusted_keys) {
                 std::vector<PublicKey> keys;
                 for (const std::string& pem : trusted_keys) keys.push_back(PublicKey::from_pem(pem));
                 const Release release;
                 return Workspace(folder, {std::move(name_space), std::move(clock).value_or(nullptr), create, seed,
                                           log_rows, std::move(keys)});
             }),
             py::arg("folder"), py::arg("namespace"), py::arg("clock"), py::arg("create"), py::arg("seed"),
             py::arg("log_rows"), py::arg("trusted_keys"))
        .def_property_readonly("folder", &Workspace::folder)
        .def_property_readonly("clock", &Workspace::clock)
        .def_property_readonly("namespace", [](const Workspace& workspace) { return workspace.store().name_space(); })
        .def_property_readonly("registry", &Workspace::registry, py::return_value_policy::reference_internal)
        .def(
            "create_endpoint",
            [](Workspace& workspace, const std::string& name, std::string model, std::vector<std::string> good,
               std::optional<LoggingOptions> logging) {
                return workspace.create_endpoint(name, {std::move(model), std::move(good), std::move(logging)});
            },
            py::arg("name"), py::arg("model"), py::arg("good"), py::arg("logging"), py::call_guard<Release>())
        .def("endpoint", &Workspace::endpoint, py::arg("name"), py::call_guard<Release>())
        .def("endpoints", &Workspace::endpoints, py::call_guard<Release>())
        .def(
            "ledger",
            [](const Workspace& workspace, const std::string& endpoint) {
                std::vector<store::DeploymentRow> rows;
                workspace.store().read([&](const store::Session& session) { rows = session.deployments(endpoint); });
                return rows;
            },
            py::arg("endpoint"), "An endpoint's deployment ledger, without opening the endpoint.",
            py::call_guard<Release>())
        .def("what_served", &Workspace::what_served, py::arg("endpoint"), py::arg("time"), py::call_guard<Release>())
        .def(
            "collect_garbage",
            [](Workspace& workspace, bool dry_run, Duration grace) {
                store::Garbage garbage;
                {
                    const Release release;
                    garbage = workspace.collect_garbage(dry_run, grace);
                }
                return std::pair(garbage.files, garbage.bytes);
            },
            py::arg("dry_run"), py::arg("grace"))
        .def("record_metric", &Workspace::record_metric, py::arg("name"), py::arg("value"), py::arg("time"),
             py::call_guard<Release>())
        .def("record_event", &Workspace::record_event, py::arg("kind"), py::arg("data"), py::arg("time"),
             py::call_guard<Release>())
        .def("label", &label, py::arg("ids"), py::arg("labels"), py::arg("time"), py::arg("endpoint"))
        .def(
            "interactions",
            [](Workspace& workspace, std::string endpoint, const py::object& since, const py::object& until,
               bool labelled, std::optional<std::int64_t> last, std::optional<std::int64_t> version, std::string role) {
                const auto query =
                    to_query(workspace, std::move(endpoint), since, until, labelled, last, version, std::move(role));
                const Release release;
                return workspace.interactions().query(query).rows;
            },
            py::arg("endpoint"), py::arg("since"), py::arg("until"), py::arg("labelled"), py::arg("last"),
            py::arg("version"), py::arg("role"))
        .def(
            "pieces",
            [](Workspace& workspace, std::string endpoint, const py::object& since, const py::object& until,
               bool labelled, std::optional<std::int64_t> version, std::string role, std::int64_t rows) {
                auto query =
                    to_query(workspace, std::move(endpoint), since, until, labelled, {}, version, std::move(role));
                const Release release;
                return Pieces(workspace, std::move(query), rows);
            },
            py::arg("endpoint"), py::arg("since"), py::arg("until"), py::arg("labelled"), py::arg("version"),
            py::arg("role"), py::arg("rows"))
        .def(
            "count",
            [](Workspace& workspace, std::string endpoint, const py::object& since, const py::object& until,
               bool labelled, std::optional<std::int64_t> version, std::string role) {
                const auto query =
                    to_query(workspace, std::move(endpoint), since, until, labelled, {}, version, std::move(role));
                const Release release;
                return workspace.interactions().count(query);
            },
            py::arg("endpoint"), py::arg("since"), py::arg("until"), py::arg("labelled"), py::arg("version"),
            py::arg("role"))
        .def(
            "summary",
            [](Workspace& workspace, const std::string& endpoint, const py::object& since, const py::object& until,
               std::optional<std::int64_t> version) {
                const auto query = to_query(workspace, endpoint, since, until, false, std::nullopt, version, "live");
                const Time now = workspace.clock()->now();
                const Release release;
                return workspace.interactions().summary(endpoint, query.after.value_or(from_micros(0)),
                                                        query.until.value_or(now), version);
            },
            py::arg("endpoint"), py::arg("since"), py::arg("until"), py::arg("version"))
        .def(
            "label_summary",
            [](Workspace& workspace, const std::string& endpoint, const py::object& since, const py::object& until,
               std::optional<std::int64_t> version) {
                const auto query = to_query(workspace, endpoint, since, until, false, std::nullopt, version, "live");
                const Time now = workspace.clock()->now();
                const Release release;
                return workspace.interactions().label_summary(endpoint, query.after.value_or(from_micros(0)),
                                                              query.until.value_or(now), version);
            },
            py::arg("endpoint"), py::arg("since"), py::arg("until"), py::arg("version"))
        .def("refresh", &Workspace::refresh, py::call_guard<Release>())
        .def("flush", &Workspace::flush, py::call_guard<Release>())
        .def("close", &Workspace::close, py::call_guard<Release>());
}

}  // namespace

void bind_workspace(py::module_& module) {
    bind_answer(module);
    bind_performance(module);
    bind_endpoint(module);
    bind_handle(module);
}

}  // namespace holdfast::bindings
