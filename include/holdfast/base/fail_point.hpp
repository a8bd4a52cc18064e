/// Fail points: named places at which a test makes the process die (SIGKILL), as a power cut would.
///
/// `HOLDFAST_FAIL_POINT=store.label.before_commit` kills at the first pass, `...:3` at the third. Without the variable
/// a fail point costs one load of a flag that is read once a process.
///
/// Thread safety: safe from several threads.
#pragma once

#include <span>
#include <string_view>

#include <holdfast/export.hpp>

namespace holdfast {

namespace detail {
[[nodiscard]] HOLDFAST_EXPORT bool fail_points_armed() noexcept;
HOLDFAST_EXPORT void pass_fail_point(std::string_view name) noexcept;
}  // namespace detail

inline void fail_point(std::string_view name) noexcept {
    if (detail::fail_points_armed()) [[unlikely]]
        detail::pass_fail_point(name);
}

}  // namespace holdfast
