// What is wrong with a database's rows.
#pragma once

#include <holdfast/base/time.hpp>
#include <holdfast/store/verification.hpp>

#include "store/sqlite.hpp"

namespace holdfast::store::detail {

/// Every row of every namespace, in one read transaction; interactions are streamed.
void verify_database(Connection& connection, Time now, Verification& found);

}  // namespace holdfast::store::detail
