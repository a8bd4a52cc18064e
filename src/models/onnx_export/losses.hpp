/// Losses: how far what a file computes may be from what the graph computes, form by form.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <holdfast/models/graph.hpp>

#include "models/engine/step.hpp"

namespace holdfast::onnx_export {

/// A value v of the graph is in the file within absolute + relative * |v| of v.
struct Error {
    double absolute = 0.0, relative = 0.0;
    std::vector<std::string> reasons;

    [[nodiscard]] bool is_none() const noexcept { return absolute == 0.0 && relative == 0.0; }
};

/// The error of what a form gives, by those of its inputs and its own.
[[nodiscard]] Error error_of(const Form& form, std::span<const Error> inputs);

}  // namespace holdfast::onnx_export
