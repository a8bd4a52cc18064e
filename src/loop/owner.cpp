#include "owner.hpp"

#include <unistd.h>

#include <holdfast/base/rng.hpp>

#include "process.hpp"

namespace holdfast::detail {

std::string new_owner() { return process_name(::getpid()) + " " + std::to_string(Rng::from_system()()); }

bool owner_is_gone(std::string_view owner) { return process_is_gone(owner); }

}  // namespace holdfast::detail
