// Parts of the loop's bindings, and what they share.
#pragma once

#include <memory>
#include <utility>

#include <pybind11/pybind11.h>

namespace holdfast::bindings {

/// KeyboardInterrupt and its like: not the training's failure, but the user's wish. Passes through the loop, which
/// catches only std::exception.
struct Interrupted {
    std::shared_ptr<pybind11::error_already_set> error;
};

/// A Python object that C++ holds: let go of with the GIL.
[[nodiscard]] inline std::shared_ptr<pybind11::object> held(pybind11::object object) {
    return {new pybind11::object(std::move(object)), [](pybind11::object* one) {
                const pybind11::gil_scoped_acquire gil;
                delete one;
            }};
}

void bind_trainer(pybind11::module_& module);
void bind_jobs(pybind11::module_& module);
void bind_notify(pybind11::module_& module);

}  // namespace holdfast::bindings
