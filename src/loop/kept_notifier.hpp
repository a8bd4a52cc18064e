/// A notifier of a saved configuration.
#pragma once

#include <memory>

#include <holdfast/loop/notify.hpp>

namespace holdfast::detail {

/// The log, or one that keeps the place of what only Python can make: its notifications wait.
[[nodiscard]] std::shared_ptr<Notifier> kept_notifier(const Json& config);

}  // namespace holdfast::detail
