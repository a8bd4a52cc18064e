/// The parts of bind_models, and what they share.
#pragma once

#include <pybind11/pybind11.h>

#include <filesystem>
#include <string>
#include <vector>

#include <holdfast/models/model.hpp>
#include <holdfast/models/save.hpp>

namespace holdfast::bindings {

void bind_signature(pybind11::module_& module);
void bind_graph(pybind11::module_& module);
void bind_save(pybind11::module_& module);

/// Writes the file, and warns of each loss.
std::vector<ExportLoss> save(const Model& model, const std::filesystem::path& path);

/// A dtype from its name or from anything that numpy takes for one (str means text).
[[nodiscard]] DType to_dtype(pybind11::handle value);
/// A sequence of integers, booleans or str.
[[nodiscard]] ClassLabels to_labels(pybind11::handle value);
[[nodiscard]] pybind11::list from_labels(const ClassLabels& labels);
[[nodiscard]] std::string describe(const Signature& signature);

}  // namespace holdfast::bindings
