/// A model hosted by a function: anything callable, with a signature.
///
/// Thread safety: as safe as the function, which must be callable from several threads.
#pragma once

#include <functional>
#include <memory>

#include <holdfast/export.hpp>
#include <holdfast/models/model.hpp>

namespace holdfast {

using ModelFunction = std::function<void(const Batch& batch, Outputs& out)>;

[[nodiscard]] HOLDFAST_EXPORT std::shared_ptr<const Model> callable_model(Signature signature, ModelFunction function);

}  // namespace holdfast
