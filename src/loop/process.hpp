/// A process of this host, known by its number and the time it began, since numbers are used again:
/// "process <number> <start>", the start in clock ticks since boot.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::detail {

[[nodiscard]] std::string process_name(int pid);
/// True where the process is known to be dead, or ended and not yet waited for; false where it lives or that can't be
/// told. What follows the name is not looked at.
[[nodiscard]] bool process_is_gone(std::string_view name);

}  // namespace holdfast::detail
