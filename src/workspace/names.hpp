/// Names that may become part of a path: of namespaces and endpoints.
#pragma once

#include <string_view>

namespace holdfast::detail {

/// InvalidArgument unless `name` is 1 to 128 letters, digits, dots, underscores and hyphens, and does not begin with a
/// dot.
void check_path_name(std::string_view what, std::string_view name);

}  // namespace holdfast::detail
