/// Words of others: what a trainer or a receiver says, and what of it may be kept where everybody reads.
#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>

namespace holdfast::detail {

/// What kind of exception it is, without its message, which may hold secrets: "NotFound", "std::runtime_error".
[[nodiscard]] std::string kind_of(const std::exception& error);

/// At most so many bytes of a text, as UTF-8: what is none becomes a replacement character.
[[nodiscard]] std::string legible(std::string_view text, std::size_t most);

}  // namespace holdfast::detail
