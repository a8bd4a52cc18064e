#include <system_error>

#include <holdfast/package/package.hpp>

namespace holdfast {

// By the ending, not by the first bytes: TorchScript and AOTInductor files are zips, too.
std::shared_ptr<const Model> load_model(const std::filesystem::path& path, const LoadOptions& options) {
    std::error_code ignored;
    if (path.extension() == ".zip" || std::filesystem::is_directory(path, ignored))
        return Package::open(path, options.max_bytes).load(options);
    return load_model_file(path, options);
}

}  // namespace holdfast
