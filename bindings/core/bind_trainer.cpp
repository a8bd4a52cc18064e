#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/loop/jobs.hpp>
#include <holdfast/loop/subprocess.hpp>
#include <holdfast/loop/trainer.hpp>

#include "bindings.hpp"
#include "convert.hpp"
#include "loop_parts.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

/// A Python callable as trainer. `reference` is "module:function", or says why there is none; `name` is for the
/// lineage.
class PythonTrainer final : public Trainer {
  public:
    PythonTrainer(py::object function, std::string name, std::string reference, bool found_again, bool trusted)
        : function_(held(std::move(function))),
          name_(std::move(name)),
          reference_(std::move(reference)),
          found_again_(found_again),
          trusted_(trusted) {}

    Package train(const TrainingJob& job) override {
        const py::gil_scoped_acquire gil;
        try {
            return (*function_)(py::cast(job)).cast<Package>();
        } catch (py::error_already_set& error) {
            if (error.matches(PyExc_Exception))
                throw TrainerRaised(py::str(error.type().attr("__name__")), error.what());
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
    std::string name() const override { return name_; }
    bool trusted() const noexcept override { return trusted_; }

  private:
    std::shared_ptr<py::object> function_;
    std::string name_;
    std::string reference_;
    bool found_again_;
    bool trusted_;
};

}  // namespace

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
            "An empty folder of this attempt's own; removed once the job ended.")
        .def_readonly("attempt", &TrainingJob::attempt, "1, 2, ... of the job.")
        .def_property_readonly(
            "previous_package",
            [](const TrainingJob& job) {
                return job.previous_package.empty() ? std::optional<std::string>() : job.previous_package.string();
            },
            "Path of the champion's package, a zip to be read alone, or None.")
        .def_readonly("seed", &TrainingJob::seed, "Drawn from the controller's seed and the job's id; below 2**53.")
        .def_readonly("time", &TrainingJob::time, "When the retraining was decided.")
        .def(
            "progress",
            [](const TrainingJob& job, double share, const std::string& note) { job.progress(share, note); },
            py::arg("share"), py::arg("note") = "", py::call_guard<py::gil_scoped_release>(),
            R"doc(Says how far training is: a share in [0, 1], and a word; other processes see it in the job.

Raises Conflict once the job was cancelled.)doc")
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
        [](py::object function, std::string name, std::string reference, bool found_again,
           bool trusted) -> std::shared_ptr<Trainer> {
            return std::make_shared<PythonTrainer>(std::move(function), std::move(name), std::move(reference),
                                                   found_again, trusted);
        },
        py::arg("function"), py::arg("name"), py::arg("reference"), py::arg("found_again"), py::arg("trusted"));
    module.def(
        "subprocess_trainer",
        [](std::vector<std::string> argv, Json parameters, Duration max_wait, Duration poll_interval,
           std::int64_t max_output, bool trusted) {
            return Subprocess{std::move(argv), std::move(parameters), max_wait, poll_interval, max_output, trusted}
                .trainer();
        },
        py::arg("argv"), py::arg("parameters"), py::arg("max_wait"), py::arg("poll_interval"), py::arg("max_output"),
        py::arg("trusted"));
}

void bind_jobs(py::module_& module) {
    using store::JobRow;
    py::class_<JobRow>(module, "Job", "A training job as it stood when it was asked for.")
        .def_readonly("id", &JobRow::id)
        .def_readonly("endpoint", &JobRow::endpoint)
        .def_readonly("state", &JobRow::state, R"doc("queued", "running", "succeeded", "failed" or "cancelled".)doc")
        .def_readonly("attempt", &JobRow::attempt, "The newest: 1, 2, ...; 0 before the first.")
        .def_readonly("progress", &JobRow::progress, "Share of the attempt that is done.")
        .def_readonly("note", &JobRow::note, "What the trainer said with it.")
        .def_readonly("process", &JobRow::process, "Which works on it, by number and start; empty where none does.")
        .def_readonly("exit_code", &JobRow::exit_code,
                      "Of the program of the newest attempt that ended, 128 + n where signal n ended it; or None.")
        .def_readonly("error", &JobRow::error, "Why the newest failed attempt failed, or who cancelled it.")
        .def_property_readonly(
            "log", [](const JobRow& row) { return row.log ? std::optional(row.log->hex()) : std::nullopt; },
            "SHA-256 of what its program printed, an artifact of the workspace; or None.")
        .def_readonly("spec", &JobRow::spec)
        .def_readonly("queued", &JobRow::queued)
        .def_readonly("started", &JobRow::started, "When the newest attempt began, or None.")
        .def_readonly("ended", &JobRow::ended)
        .def("__repr__", [](const JobRow& row) {
            return "<Job " + row.id + ": " + row.state + ", attempt " + std::to_string(row.attempt) + ">";
        });
    using Release = py::call_guard<py::gil_scoped_release>;
    module.def("jobs", &jobs, py::arg("workspace"), py::arg("endpoint"), Release());
    module.def("job", &job, py::arg("workspace"), py::arg("id"), Release());
    module.def("cancel", &cancel, py::arg("workspace"), py::arg("job"), py::arg("reason"), py::arg("by"), Release());
    module.def(
        "job_output",
        [](const Workspace& workspace, const std::string& id) {
            std::string output;
            {
                const py::gil_scoped_release release;
                output = job_output(workspace, id);
            }
            return py::bytes(output).attr("decode")("utf-8", "replace").cast<py::str>();
        },
        py::arg("workspace"), py::arg("id"));
}

}  // namespace holdfast::bindings
