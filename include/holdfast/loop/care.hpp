/// Care for a workspace's folder: whether everything in it is sound, and copies of it.
///
/// Errors: those of Store and of files; Conflict (a folder that is not empty), CorruptArtifact (a backup that is not
/// sound, naming the first finding).
///
/// Thread safety: free functions; other threads and processes may use the workspace meanwhile.
#pragma once

#include <filesystem>

#include <holdfast/export.hpp>
#include <holdfast/store/verification.hpp>
#include <holdfast/workspace/workspace.hpp>

namespace holdfast {

/// Every row of every namespace against every artifact: SQLite's own checks, packages by their identity, manifests,
/// sample manifests, decisions by their hashes, packed rows, labels, the ledger. Files that nothing names are notes.
[[nodiscard]] HOLDFAST_EXPORT store::Verification verify(const Workspace& workspace);

/// The same for a folder whose database may be too damaged to be opened: that is a finding, then.
[[nodiscard]] HOLDFAST_EXPORT store::Verification verify(const std::filesystem::path& folder);

/// One zip of the database as of one moment and of all artifacts; whole or not at all. An earlier zip is replaced.
HOLDFAST_EXPORT void backup(const Workspace& workspace, const std::filesystem::path& zip);

/// Makes `folder` (new, or empty) of a backup: verified before it is there under its name.
HOLDFAST_EXPORT void restore(const std::filesystem::path& zip, const std::filesystem::path& folder);

}  // namespace holdfast
