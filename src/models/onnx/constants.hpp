/// Constants of a file: as a form, and as what a form makes of them.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "models/onnx/builder.hpp"

namespace holdfast::onnx {

[[nodiscard]] ElementType element_type_of(DType dtype);
[[nodiscard]] forms::Constant constant_form(const TensorProto& tensor);
/// What the form gives for constant inputs, as (like.dtype, like.dims); text is kept in `texts`. The step that models
/// run is the one that runs here.
[[nodiscard]] TensorProto run_once(const Form& form, const std::vector<Value>& inputs, const Value& like,
                                   std::deque<std::string>& texts);

}  // namespace holdfast::onnx
