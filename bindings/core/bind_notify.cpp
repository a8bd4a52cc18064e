#include <memory>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/loop/notify.hpp>

#include "bindings.hpp"
#include "convert.hpp"
#include "loop_parts.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

/// A Python callable as notifier. `config` is None, and `reference` says why, where it cannot be kept.
class PythonNotifier final : public Notifier {
  public:
    PythonNotifier(std::string name, py::object function, Json config, std::string reference)
        : name_(std::move(name)),
          function_(held(std::move(function))),
          config_(std::move(config)),
          reference_(std::move(reference)) {}

    std::string name() const override { return name_; }

    void send(const Notification& told) override {
        const py::gil_scoped_acquire gil;
        try {
            (*function_)(py::cast(told));
        } catch (py::error_already_set& error) {
            if (!error.matches(PyExc_Exception)) throw Interrupted{std::make_shared<py::error_already_set>(error)};
            throw Unavailable(std::string(py::str(error.value())));
        }
    }

    Json to_json() const override {
        if (config_.is_null()) throw Unsupported("notifier \"" + name_ + "\": " + reference_);
        return config_;
    }

  private:
    std::string name_;
    std::shared_ptr<py::object> function_;
    Json config_;
    std::string reference_;
};

}  // namespace

void bind_notify(py::module_& module) {
    py::class_<Notification>(module, "Notification", "A transition of a loop, as others are told of it.")
        .def_readonly("sequence", &Notification::sequence,
                      "The same at every attempt, so that who was told twice can tell.")
        .def_readonly("endpoint", &Notification::endpoint)
        .def_readonly("time", &Notification::time)
        .def_readonly("before", &Notification::before, "State of the loop before.")
        .def_readonly("after", &Notification::after, "State of the loop after.")
        .def_readonly("outcome", &Notification::outcome, "How the run ended, where it did; else empty.")
        .def_readonly("job", &Notification::job, "The job's id, or empty.")
        .def_readonly("decision", &Notification::decision, "Sequence of its decision; 0 where none was made.")
        .def_readonly("sentence", &Notification::sentence, "What happened, in words.")
        .def("to_dict", &Notification::to_json, "All of it as JSON values.")
        .def("__repr__", [](const Notification& told) {
            return "<Notification " + told.endpoint + " " + told.before + " -> " + told.after + ": " + told.sentence +
                   ">";
        });
    py::classh<Notifier>(module, "Notifier");
    module.def("log_notifier", &log_notifier);
    module.def(
        "python_notifier",
        [](std::string name, py::object function, Json config, std::string reference) -> std::shared_ptr<Notifier> {
            return std::make_shared<PythonNotifier>(std::move(name), std::move(function), std::move(config),
                                                    std::move(reference));
        },
        py::arg("name"), py::arg("function"), py::arg("config"), py::arg("reference"));
    py::class_<store::DeliveryRow>(module, "Delivery", "How a notification fares on one channel.")
        .def_readonly("channel", &store::DeliveryRow::channel)
        .def_readonly("sequence", &store::DeliveryRow::sequence, "Of the notification.")
        .def_readonly("attempts", &store::DeliveryRow::attempts)
        .def_readonly("next_try", &store::DeliveryRow::next_try)
        .def_readonly("error", &store::DeliveryRow::error, "Of the last attempt.");
    module.def("undelivered", &undelivered, py::arg("workspace"), py::arg("endpoint"),
               py::call_guard<py::gil_scoped_release>());
}

}  // namespace holdfast::bindings
