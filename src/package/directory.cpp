#include <system_error>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>

#include "package/layout.hpp"

namespace holdfast::detail {
namespace {

namespace fs = std::filesystem;

/// Regular files below `root` by relative path. Links and other special files are refused.
std::map<std::string, std::int64_t> list_files(const fs::path& root) {
    std::map<std::string, std::int64_t> sizes;
    std::error_code error;
    fs::recursive_directory_iterator entries(root, error);
    for (const fs::recursive_directory_iterator end; !error && entries != end; entries.increment(error)) {
        const std::string name = entries->path().lexically_relative(root).generic_string();
        if (const std::string why = refused_name(name); !why.empty())
            corrupt(root.string(), "file \"" + name + "\": " + why);
        const fs::file_status status = entries->symlink_status(error);
        if (error) break;
        if (fs::is_directory(status)) continue;
        if (!fs::is_regular_file(status))
            corrupt(root.string(), "file \"" + name + "\" is a link or a special file, a regular file wanted");
        sizes.emplace(name, static_cast<std::int64_t>(entries->file_size(error)));
        if (error) break;
        if (sizes.size() > max_package_files + 1)
            corrupt(root.string(), "over " + std::to_string(max_package_files) + " files");
    }
    if (error) throw_system_error(error.value(), "read the package", root);
    return sizes;
}

}  // namespace

Verified read_directory(const fs::path& path, std::int64_t max_bytes) {
    Source source;
    source.name = path.string();
    source.sizes = list_files(path);
    source.read = [&](const std::string& file, std::int64_t limit) { return read_file(path / file, limit); };
    return verify(source, max_bytes);
}

}  // namespace holdfast::detail
