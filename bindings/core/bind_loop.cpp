#include <memory>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/loop/controller.hpp>
#include <holdfast/loop/explain.hpp>

#include "bindings.hpp"
#include "convert.hpp"
#include "loop_parts.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

template <class Body>
auto without_gil(Body&& body) {
    try {
        const py::gil_scoped_release released;
        return body();
    } catch (Interrupted& interrupted) {
        throw py::error_already_set(*interrupted.error);
    }
}

void bind_controller(py::module_& module) {
    py::class_<StepResult>(module, "StepResult", "What one step of the loop did.")
        .def_property_readonly(
            "before", [](const StepResult& result) { return std::string(to_string(result.before)); },
            "State of the loop before the step.")
        .def_property_readonly(
            "after", [](const StepResult& result) { return std::string(to_string(result.after)); },
            "State of the loop after the step.")
        .def_readonly("decision", &StepResult::decision,
                      "The Decision that was recorded, or None where nothing happened.")
        .def_readonly("job", &StepResult::job, "Id of the job that the step worked on or began; empty where none is.")
        .def("__repr__", [](const StepResult& result) {
            return "<StepResult " + std::string(to_string(result.before)) + " -> " +
                   std::string(to_string(result.after)) +
                   (result.decision ? ": " + result.decision->sentence : std::string()) + ">";
        });

    py::class_<LoopStatus>(module, "LoopStatus", "Where a loop stands, as committed.")
        .def_property_readonly("state", [](const LoopStatus& status) { return std::string(to_string(status.state)); })
        .def_readonly("since", &LoopStatus::since, "When it came to that state; None where nothing ever happened.")
        .def_readonly("paused", &LoopStatus::paused)
        .def_readonly("outcome", &LoopStatus::outcome,
                      R"doc(How the last run ended: "live", "rejected", "failed", "cancelled", "nothing to train on" or
"rolled back"; empty before the first has.)doc")
        .def_readonly("until", &LoopStatus::until,
                      "The next attempt after one that failed, or the end of the cooldown; or None.")
        .def_readonly("job", &LoopStatus::job, "Id of the job in work, or empty.")
        .def_readonly("challenger", &LoopStatus::challenger, "The version that it made; 0 before.")
        .def("__repr__", [](const LoopStatus& status) {
            return "<LoopStatus " + std::string(to_string(status.state)) + (status.paused ? ", paused" : "") + ">";
        });

    py::classh<Controller>(module, "Controller")
        .def(py::init([](const Workspace& workspace, std::string endpoint, const Rule& retrain, const Selection& select,
                         std::shared_ptr<Trainer> trainer, const PromoteIf& promote, const std::string& approve,
                         std::optional<Rule> rollback, double holdout, std::uint64_t seed, std::int64_t max_attempts,
                         Duration lease, Duration backoff, Duration cooldown,
                         std::vector<std::shared_ptr<Notifier>> notify) {
                 if (approve != "manual" && approve != "rule") {
                     throw InvalidArgument("controller: approve \"" + approve +
                                           "\" given, \"manual\" or \"rule\" wanted");
                 }
                 return Controller(workspace,
                                   ControllerOptions{.endpoint = std::move(endpoint),
                                                     .retrain = retrain,
                                                     .select = select,
                                                     .trainer = std::move(trainer),
                                                     .promote = promote,
                                                     .approve = approve == "rule" ? Approve::rule : Approve::manual,
                                                     .rollback = std::move(rollback),
                                                     .holdout = holdout,
                                                     .seed = seed,
                                                     .max_attempts = max_attempts,
                                                     .lease = lease,
                                                     .backoff = backoff,
                                                     .cooldown = cooldown,
                                                     .notify = std::move(notify)});
             }),
             py::arg("workspace"), py::arg("endpoint"), py::arg("retrain"), py::arg("select"), py::arg("trainer"),
             py::arg("promote"), py::arg("approve"), py::arg("rollback"), py::arg("holdout"), py::arg("seed"),
             py::arg("max_attempts"), py::arg("lease"), py::arg("backoff"), py::arg("cooldown"), py::arg("notify"))
        .def_static(
            "load",
            [](const Workspace& workspace, const std::string& endpoint, std::optional<std::shared_ptr<Trainer>> trainer,
               std::vector<std::shared_ptr<Notifier>> notify) {
                return Controller::load(workspace, endpoint, std::move(trainer).value_or(nullptr), std::move(notify));
            },
            py::arg("workspace"), py::arg("endpoint"), py::arg("trainer"), py::arg("notify"))
        .def(
            "step", [](Controller& self, bool dry_run) { return without_gil([&] { return self.step(dry_run); }); },
            py::arg("dry_run"))
        .def(
            "step_until",
            [](Controller& self, const std::string& until, const std::string& job) {
                return without_gil([&] { return self.step_until(parse_loop_state(until), job); });
            },
            py::arg("until"), py::arg("job"))
        .def(
            "run", [](Controller& self, Duration poll) { without_gil([&] { self.run(poll); }); }, py::arg("poll"))
        .def("stop", &Controller::stop)
        .def("pause", &Controller::pause, py::call_guard<py::gil_scoped_release>())
        .def("resume", &Controller::resume, py::call_guard<py::gil_scoped_release>())
        .def("cancel", &Controller::cancel, py::arg("job"), py::arg("reason"), py::arg("by"),
             py::call_guard<py::gil_scoped_release>())
        .def("deliver", [](Controller& self) { without_gil([&] { self.deliver(); }); })
        .def("status", &Controller::status, py::call_guard<py::gil_scoped_release>())
        .def_property_readonly("state", [](const Controller& self) { return std::string(to_string(self.state())); })
        .def("history", &Controller::history, py::call_guard<py::gil_scoped_release>())
        .def("save", &Controller::save);

    module.def(
        "saved_controller",
        [](const Workspace& workspace, const std::string& endpoint) {
            std::optional<store::ControllerRow> row;
            workspace.store().read([&](const store::Session& session) { row = session.controller(endpoint); });
            return row ? row->config : Json();
        },
        py::arg("workspace"), py::arg("endpoint"),
        "The configuration that was saved for an endpoint's controller, or None.");
    module.def("loop_status", &loop_status, py::arg("workspace"), py::arg("endpoint"),
               py::call_guard<py::gil_scoped_release>());
    module.def("decisions", &decisions, py::arg("workspace"), py::arg("endpoint"),
               py::call_guard<py::gil_scoped_release>(), "Decisions of an endpoint, oldest first.");
}

void bind_explain(py::module_& module) {
    py::class_<Explanation>(module, "Explanation", "A stored decision, run again.")
        .def_property_readonly(
            "verdict",
            [](const Explanation& explanation) {
                switch (explanation.verdict) {
                    case Explanation::Verdict::reproduced: return "reproduced";
                    case Explanation::Verdict::different: return "different";
                    case Explanation::Verdict::missing: return "missing";
                    case Explanation::Verdict::other_arithmetic: return "other arithmetic";
                    case Explanation::Verdict::not_reproducible: return "not reproducible";
                }
                return "";
            },
            R"doc("reproduced", "different", "missing", "other arithmetic" or "not reproducible".)doc")
        .def_readonly("decision", &Explanation::decision, "The decision as stored.")
        .def_readonly("notes", &Explanation::notes, "What differs or is missing.")
        .def("__str__", [](const Explanation& explanation) { return explanation.text; })
        .def("__repr__", [](const Explanation& explanation) { return explanation.text; });
    module.def("explain", &explain, py::arg("workspace"), py::arg("decision"),
               py::call_guard<py::gil_scoped_release>());
}

}  // namespace

void bind_loop(py::module_& module) {
    bind_trainer(module);
    bind_jobs(module);
    bind_notify(module);
    bind_controller(module);
    bind_explain(module);
}

}  // namespace holdfast::bindings
