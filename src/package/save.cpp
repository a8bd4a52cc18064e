#include <system_error>

#include <holdfast/base/error.hpp>
#include <holdfast/base/fail_point.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/package/package.hpp>

#include "package/layout.hpp"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

/// Removes the folder where it is still there: where it was not renamed to its place.
class Draft {
  public:
    explicit Draft(fs::path path) : path_(std::move(path)) {}
    ~Draft() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

  private:
    fs::path path_;
};

fs::path without_trailing_slash(const fs::path& path) { return path.has_filename() ? path : path.parent_path(); }

void refuse_existing(const fs::path& target) {
    std::error_code error;
    const auto type = fs::symlink_status(target, error).type();
    if (type == fs::file_type::not_found) return;
    if (error) throw_system_error(error.value(), "save the package", target);
    throw Conflict("package: \"" + target.string() + "\" is there already, a new folder wanted");
}

}  // namespace

void Package::save_zip(const fs::path& path) const {
    fail_point("package.write.begin");
    write_file_atomically(path, zip_bytes());
    fail_point("package.write.done");
}

void Package::save_directory(const fs::path& path) const {
    fail_point("package.write.begin");
    const fs::path target = without_trailing_slash(path);
    refuse_existing(target);
    std::error_code error;
    const Draft draft_guard(temporary_name(target));
    const fs::path& draft = draft_guard.path();
    if (!fs::create_directory(draft, error) && error) throw_system_error(error.value(), "create", draft);
    const auto files = files_to_save();
    for (const auto& [name, bytes] : *files) {
        const fs::path file = draft / name;
        if (name.find('/') != std::string::npos) make_directories(file.parent_path());
        write_file_atomically(file, bytes);
    }
    fail_point("package.write.before_rename");
    refuse_existing(target);
    rename_durably(draft, target);
    fail_point("package.write.done");
}

}  // namespace holdfast
