// The database's schema: what marks it as ours, and the steps from each version to the next.
#pragma once

#include <filesystem>

#include "store/sqlite.hpp"

namespace holdfast::store::detail {

/// Refuses what is not a database of ours (CorruptArtifact) or of a newer schema (Unsupported), changing nothing; then
/// makes or migrates it, all or nothing, and turns on the write-ahead log.
void prepare_schema(Connection& connection, const std::filesystem::path& path);

/// Whether the tables and indexes are those of this version.
[[nodiscard]] bool same_schema(Connection& connection);

/// Looks at the file's first bytes alone: Unsupported for a newer schema, CorruptArtifact where the file is shorter
/// than they say and no log can make up for it.
void refuse_by_header(const std::filesystem::path& path);

}  // namespace holdfast::store::detail
