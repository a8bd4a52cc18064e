/// Private to convert_data: one source of data each.
#pragma once

#include <pybind11/numpy.h>

#include <optional>
#include <string>
#include <string_view>

#include "convert_data.hpp"

namespace holdfast::bindings {

[[nodiscard]] std::string type_name(pybind11::handle value);  ///< "numpy.ndarray"
/// The text of a Python exception, without its traceback.
[[nodiscard]] std::string message_of(const pybind11::error_already_set& error);
/// True for what a caller's own mistake raises; false for ImportError, MemoryError, KeyboardInterrupt.
[[nodiscard]] bool is_data_error(const pybind11::error_already_set& error);

// numpy
[[nodiscard]] HeldTensor numpy_tensor(pybind11::array array, std::string_view what);
[[nodiscard]] Column numpy_column(pybind11::array array, std::string_view name);
[[nodiscard]] Column object_column(pybind11::handle values, std::string_view name);

// DLPack
[[nodiscard]] bool has_dlpack(pybind11::handle data);
[[nodiscard]] HeldTensor dlpack_tensor(pybind11::handle data, std::string_view what);

// pandas, polars, pyarrow
/// nullopt for what is no frame.
[[nodiscard]] std::optional<Table> frame_table(pybind11::handle data, std::string_view what);
/// Whether series_column takes it.
[[nodiscard]] bool is_series(pybind11::handle data);
[[nodiscard]] Column series_column(pybind11::handle data, std::string_view name);

}  // namespace holdfast::bindings
