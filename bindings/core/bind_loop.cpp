#include <memory>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/loop/controller.hpp>
#include <holdfast/loop/explain.hpp>

#include "bindings.hpp"
#include "convert.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

/// KeyboardInterrupt and its like: not the training's failure, but the user's wish. Passes through the loop, which
/// catches only std::exception.
struct Interrupted {
    std::shared_ptr<py::error_already_set> error;
};

/// A Python callable as trainer. `reference` is "module:function", or says why there is none.
class PythonTrainer final : public Trainer {
  public:
    PythonTrainer(py::object function, std::string reference, bool found_again, bool trusted)
        : function_(new py::object(std::move(function)),
                    [](py::object* held) {
                        const py::gil_scoped_acquire gil;
                        delete held;
                    }),
          reference_(std::move(reference)),
          found_again_(found_again),
          trusted_(trusted) {}

    Package train(const TrainingJob& job) override {
        const py::gil_scoped_acquire gil;
        try {
            return (*function_)(py::cast(job)).cast<Package>();
        } catch (py::error_already_set& error) {
            if (error.matches(PyExc_Exception)) throw InvalidArgument(error.what());
            throw Interrupted{std::make_shared<py::error_already_set>(error)};
        } catch (const py::cast_error&) {
            throw InvalidArgument("trainer " + reference_ + ": gave back something that is no holdfast.Package");
        }
    }

    Json to_json() const override {
        if (!found_again_) {
            throw Unsupported("trainer " + reference_ +
                              ": a function that another process can import as \"module:function\" wanted");
        }
        return Json::object({{"kind", "python"}, {"function", reference_}, {"trusted", trusted_}});
    }
    bool trusted() const noexcept override { return trusted_; }

  private:
    std::shared_ptr<py::object> function_;
    std::string reference_;
    bool found_again_;
    bool trusted_;
};

template <class Body>
auto without_gil(Body&& body) {
    try {
        const py::gil_scoped_release released;
        return body();
    } catch (Interrupted& interrupted) {
        throw py::error_already_set(*interrupted.error);
    }
}

void bind_trainer(py::module_& module) {
    py::classh<TrainingJob>(module, "TrainingJob", R"doc(One piece of work for a trainer.

The same job again (after a crash) has the same id, samples and seed.)doc")
        .def_readonly("id", &TrainingJob::id, "Names the job: endpoint and the decision that asked for it.")
        .def_readonly("endpoint", &TrainingJob::endpoint)
        .def_readonly("model", &TrainingJob::model, "The name that the package must have.")
        .def_readonly("table", &TrainingJob::samples,
                      "The samples as a holdfast.Table: id, time, features, label, label_time.")
        .def_readonly("features", &TrainingJob::features, "Names of the feature columns.")
        .def_readonly("previous", &TrainingJob::previous, "The champion's Version, or None.")
        .def_property_readonly(
            "workdir", [](const TrainingJob& job) { return job.workdir.string(); },
            "An empty folder of the job's own; removed once it ended.")
        .def_readonly("seed", &TrainingJob::seed, "Drawn from the controller's seed and the job's id; below 2**53.")
        .def_readonly("time", &TrainingJob::time, "When the retraining was decided.")
        .def(
            "progress",
            [](const TrainingJob& job, double share, const std::string& note) { job.progress(share, note); },
            py::arg("share"), py::arg("note") = "", "Says how far training is: a share in [0, 1], and a word.")
        .def_property_readonly(
            "samples", [](const py::object& self) { return self.attr("table").attr("to_pandas")(); },
            "The samples as a pandas.DataFrame: id, time, features, label, label_time. The holdout is not among them.")
        .def("__repr__", [](const TrainingJob& job) {
            return "<TrainingJob " + job.id + " of model " + job.model + ": " + std::to_string(job.samples.rows()) +
                   " samples>";
        });

    py::classh<Trainer>(module, "Trainer");
    module.def(
        "python_trainer",
        [](py::object function, std::string reference, bool found_again, bool trusted) -> std::shared_ptr<Trainer> {
            return std::make_shared<PythonTrainer>(std::move(function), std::move(reference), found_again, trusted);
        },
        py::arg("function"), py::arg("reference"), py::arg("found_again"), py::arg("trusted"));
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
        .def("__repr__", [](const StepResult& result) {
            return "<StepResult " + std::string(to_string(result.before)) + " -> " +
                   std::string(to_string(result.after)) +
                   (result.decision ? ": " + result.decision->sentence : std::string()) + ">";
        });

    py::classh<Controller>(module, "Controller")
        .def(py::init([](const Workspace& workspace, std::string endpoint, const Rule& retrain, const Selection& select,
                         std::shared_ptr<Trainer> trainer, const PromoteIf& promote, const std::string& approve,
                         std::optional<Rule> rollback, double holdout, std::uint64_t seed, std::int64_t max_attempts,
                         Duration lease) {
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
                                                     .lease = lease});
             }),
             py::arg("workspace"), py::arg("endpoint"), py::arg("retrain"), py::arg("select"), py::arg("trainer"),
             py::arg("promote"), py::arg("approve"), py::arg("rollback"), py::arg("holdout"), py::arg("seed"),
             py::arg("max_attempts"), py::arg("lease"))
        .def_static(
            "load",
            [](const Workspace& workspace, const std::string& endpoint,
               std::optional<std::shared_ptr<Trainer>> trainer) {
                return Controller::load(workspace, endpoint, std::move(trainer).value_or(nullptr));
            },
            py::arg("workspace"), py::arg("endpoint"), py::arg("trainer"))
        .def(
            "step", [](Controller& self, bool dry_run) { return without_gil([&] { return self.step(dry_run); }); },
            py::arg("dry_run"))
        .def(
            "run", [](Controller& self, Duration poll) { without_gil([&] { self.run(poll); }); }, py::arg("poll"))
        .def("stop", &Controller::stop)
        .def("pause", &Controller::pause, py::call_guard<py::gil_scoped_release>())
        .def("resume", &Controller::resume, py::call_guard<py::gil_scoped_release>())
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
    bind_controller(module);
    bind_explain(module);
}

}  // namespace holdfast::bindings
