/// Who holds a lease: a process of this host, and which of its controllers.
///
/// A workspace belongs to one host, so a lease whose process has died is free at once: nobody waits for the lease of a
/// controller that was killed.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::detail {

[[nodiscard]] std::string new_owner();
/// True where the owner's process is known to be dead; false where it lives, or where that can't be told.
[[nodiscard]] bool owner_is_gone(std::string_view owner);

}  // namespace holdfast::detail
