#include "workspace/names.hpp"

#include <string>

#include <holdfast/base/error.hpp>

namespace holdfast::detail {

void check_path_name(std::string_view what, std::string_view name) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    constexpr std::size_t most = 128;
    if (!name.empty() && name.size() <= most && name.front() != '.' &&
        name.find_first_not_of(allowed) == std::string_view::npos)
        return;
    throw InvalidArgument(std::string(what) + ": the name \"" + std::string(name.substr(0, most)) + "\" given, 1 to " +
                          std::to_string(most) +
                          " letters, digits, dots, underscores and hyphens, no dot first, wanted");
}

}  // namespace holdfast::detail
