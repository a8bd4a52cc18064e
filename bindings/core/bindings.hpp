/// One function a room, each in bind_<room>.cpp; module.cpp calls them in the order of the rooms.
#pragma once

#include <pybind11/pybind11.h>

namespace holdfast::bindings {

void bind_base(pybind11::module_& module);
void bind_data(pybind11::module_& module);
void bind_stats(pybind11::module_& module);
void bind_models(pybind11::module_& module);
void bind_package(pybind11::module_& module);
void bind_monitor(pybind11::module_& module);
void bind_policy(pybind11::module_& module);
void bind_registry(pybind11::module_& module);
void bind_workspace(pybind11::module_& module);
void bind_logging(pybind11::module_& module);
void bind_why(pybind11::module_& module);
void bind_loop(pybind11::module_& module);
void bind_care(pybind11::module_& module);
void bind_torch(pybind11::module_& module);
void bind_joblib(pybind11::module_& module);

/// Permutation tests and tests of several columns; part of stats, behind its results.
void bind_multivariate(pybind11::module_& module);

/// Part of monitor, ahead of package, which has them.
void bind_constraints(pybind11::module_& module);

/// The exception classes and their translator; part of base, first of all.
void bind_errors(pybind11::module_& module);

}  // namespace holdfast::bindings
