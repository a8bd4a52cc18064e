#include <stdlib.h>

#include <cerrno>
#include <system_error>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/loop/care.hpp>
#include <holdfast/package/archive.hpp>

namespace holdfast {
namespace {

namespace fs = std::filesystem;

/// A folder beside `path`, on the same file system, gone at the end.
class Scratch {
  public:
    explicit Scratch(const fs::path& path) {
        const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
        make_directories(parent);
        std::string pattern = (parent / ("." + path.filename().string() + ".tmp-XXXXXX")).string();
        if (::mkdtemp(pattern.data()) == nullptr) throw_system_error(errno, "create a folder beside", path);
        path_ = pattern;
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

  private:
    fs::path path_;
};

void refuse_occupied(const fs::path& folder) {
    std::error_code error;
    const auto status = fs::status(folder, error);
    if (status.type() == fs::file_type::not_found) return;
    if (error) throw_system_error(error.value(), "restore to", folder);
    if (!fs::is_directory(status))
        throw Conflict("cannot restore to \"" + folder.string() + "\": a file is there, a new folder wanted");
    if (!fs::is_empty(folder))
        throw Conflict("cannot restore to \"" + folder.string() + "\": it is not empty, a new folder wanted");
}

void refuse_unsound(const fs::path& zip, const store::Verification& found) {
    if (found.ok()) return;
    const store::Finding& first = found.findings.front();
    throw CorruptArtifact("backup \"" + zip.string() + "\": " + first.thing + ": " + first.seen + " seen, " +
                          first.wanted + " wanted (" + std::to_string(found.findings.size()) + " findings)");
}

}  // namespace

void backup(const Workspace& workspace, const fs::path& zip) {
    const Scratch scratch(fs::absolute(zip));
    const fs::path database = scratch.path() / "holdfast.db";
    workspace.store().copy_database(database);

    // Artifacts are written before the rows that name them and never change: those that are there by now hold all that
    // the copied rows name.
    ArchiveFiles files{{"holdfast.db", database}};
    const fs::path artifacts = workspace.folder() / "artifacts";
    std::error_code error;
    fs::recursive_directory_iterator entries(artifacts, error);
    for (const fs::recursive_directory_iterator end; !error && entries != end; entries.increment(error)) {
        // A name with a dot in front is a file that is being written.
        const bool whole = entries->is_regular_file(error) && !entries->path().filename().string().starts_with('.');
        if (whole)
            files.emplace(entries->path().lexically_relative(workspace.folder()).generic_string(), entries->path());
    }
    if (error && error != std::errc::no_such_file_or_directory)
        throw_system_error(error.value(), "read folder", artifacts);
    write_archive(zip, files);
}

void restore(const fs::path& zip, const fs::path& folder) {
    const fs::path target = fs::absolute(folder.has_filename() ? folder : folder.parent_path());
    refuse_occupied(target);
    const Scratch scratch(target);
    const fs::path whole = scratch.path() / "workspace";
    make_directories(whole);
    extract_archive(zip, whole);
    if (!fs::exists(whole / "holdfast.db"))
        throw CorruptArtifact("backup \"" + zip.string() + "\": no database holdfast.db in it");
    refuse_unsound(zip, verify(whole));
    if (::rename(whole.c_str(), target.c_str()) != 0) throw_system_error(errno, "rename", target);
    sync_directory(target.parent_path());
}

}  // namespace holdfast
