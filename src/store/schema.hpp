// The database's schema: what marks it as ours, and the steps from each version to the next.
#pragma once

#include <filesystem>

#include "store/sqlite.hpp"

namespace holdfast::store::detail {

/// Refuses what is not a database of ours (CorruptArtifact) or of a newer schema (Unsupported), changing nothing; then
/// makes or migrates it, all or nothing, and turns on the write-ahead log.
void prepare_schema(Connection& connection, const std::filesystem::path& path);

/// CorruptArtifact where the file is shorter than its own header says and no log can make up for it.
void refuse_truncated(const std::filesystem::path& path);

}  // namespace holdfast::store::detail
