// Damage to the write-ahead log. SQLite takes the first frame that does not check as the log's end, which is right for
// the last transaction of a power cut and wrong for a bit that flipped: it would silently drop what was acknowledged.
#pragma once

#include <filesystem>

namespace holdfast::store::detail {

/// CorruptArtifact where at least two transactions lie behind a frame that does not check. No power cut leaves that:
/// each transaction is synced before the next begins.
void refuse_damaged_log(const std::filesystem::path& log);

}  // namespace holdfast::store::detail
