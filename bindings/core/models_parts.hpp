/// The parts of bind_models, and what they share.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <filesystem>
#include <optional>
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
/// predict, predict_proba and predict_into of the type of Model.
void bind_predict(pybind11::handle type);

/// Gives the GIL up where a call may take longer than giving it up and taking it back.
class GilRelease {
  public:
    GilRelease(const Model& model, std::int64_t rows) {
        constexpr std::int64_t few_rows = 16;
        if (rows > few_rows || model.backend() == "torch") released_.emplace();
    }

  private:
    std::optional<pybind11::gil_scoped_release> released_;
};
void run(const Model& model, const Batch& batch, Outputs& out);

/// A dtype from its name or from anything that numpy takes for one (str means text).
[[nodiscard]] DType to_dtype(pybind11::handle value);
/// A sequence of integers, booleans or str.
[[nodiscard]] ClassLabels to_labels(pybind11::handle value);
[[nodiscard]] pybind11::list from_labels(const ClassLabels& labels);
[[nodiscard]] std::string describe(const Signature& signature);

}  // namespace holdfast::bindings
