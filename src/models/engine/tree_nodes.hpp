/// What a node of a forms::Trees says for itself, or all of them together.
#pragma once

#include <cstddef>

#include <holdfast/models/forms.hpp>

namespace holdfast::engine {

[[nodiscard]] inline forms::Comparison comparison_of(const forms::Trees& form, std::size_t node) {
    return form.comparisons.empty() ? form.comparison : form.comparisons[node];
}
[[nodiscard]] inline forms::Missing missing_of(const forms::Trees& form, std::size_t node) {
    return form.missings.empty() ? form.missing : form.missings[node];
}

}  // namespace holdfast::engine
