/// Refuses ensembles that a walk could leave or never end in.
#pragma once

#include <holdfast/models/forms.hpp>

namespace holdfast::engine {

/// InvalidArgument naming the field: unequal lengths, children, features, outputs or sets out of range, a node with two
/// parents (so: a cycle).
void check_trees(const forms::Trees& form);

}  // namespace holdfast::engine
