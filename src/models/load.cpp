#include <holdfast/models/load.hpp>

#include <algorithm>
#include <cctype>
#include <mutex>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/base/mapped_file.hpp>

#include "models/backends.hpp"
#include "models/text.hpp"

namespace holdfast {
namespace {

struct Registry {
    std::mutex mutex;
    std::vector<std::shared_ptr<const Backend>> backends;
};

Registry& registry() {
    static Registry instance;
    return instance;
}

void add(Backend backend) {
    if (backend.name.empty() || backend.endings.empty() || !backend.load)
        throw InvalidArgument("backend " + detail::quoted(backend.name) +
                              ": a name, an ending and a loader are wanted");
    const std::lock_guard lock(registry().mutex);
    for (const auto& other : registry().backends) {
        if (other->name == backend.name)
            throw Conflict("backend " + detail::quoted(backend.name) + " is registered already");
        if (backend.fits || other->fits) continue;
        for (const std::string& ending : backend.endings) {
            if (std::ranges::find(other->endings, ending) != other->endings.end())
                throw Conflict("backend " + detail::quoted(backend.name) + ": ending " + detail::quoted(ending) +
                               " belongs to backend " + detail::quoted(other->name));
        }
    }
    registry().backends.push_back(std::make_shared<const Backend>(std::move(backend)));
}

thread_local bool adding_built_in = false;  // the calls below come back through register_backend

void add_built_in() {
    if (adding_built_in) return;
    static const bool done = [] {
        adding_built_in = true;
        register_hfm_backend();
        register_onnx_backend();
        register_catboost_backend();
        register_xgboost_backend();
        register_lightgbm_backend();
        adding_built_in = false;
        return true;
    }();
    static_cast<void>(done);
}

std::vector<std::shared_ptr<const Backend>> backends() {
    add_built_in();
    const std::lock_guard lock(registry().mutex);
    return registry().backends;
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

using Backends = std::vector<std::shared_ptr<const Backend>>;

/// The backends whose ending fits; the longest, where endings are several.
Backends backends_of(const std::filesystem::path& path) {
    const std::string name = lower(path.filename().string());
    Backends best;
    std::size_t length = 0;
    std::vector<std::string> known;
    for (const auto& backend : backends()) {
        for (const std::string& ending : backend->endings) {
            if (std::ranges::find(known, ending) == known.end()) known.push_back(ending);
            if (name.size() <= ending.size() || !name.ends_with(ending) || ending.size() < length) continue;
            if (ending.size() > length) best.clear();
            best.push_back(backend);
            length = ending.size();
        }
    }
    if (best.empty())
        throw Unsupported("model file " + detail::quoted(path.string()) +
                          ": no backend opens files of this ending; known are " + detail::listed(known));
    return best;
}

/// The one that says that the file is its own, else the one that takes all others.
const Backend& chosen(const Backends& backends, std::span<const std::byte> bytes, const std::filesystem::path& path) {
    for (const auto& backend : backends) {
        if (backend->fits && backend->fits(bytes)) return *backend;
    }
    for (const auto& backend : backends) {
        if (!backend->fits) return *backend;
    }
    throw Unsupported("model file " + detail::quoted(path.string()) + ": of none of the backends of its ending");
}

void check_trust(const Backend& backend, const ModelFile& file, const LoadOptions& options) {
    if (!backend.carries_code || options.trusted) return;
    const Digest digest = file.sha256();
    if (std::ranges::find(options.allowed_sha256, digest) != options.allowed_sha256.end()) return;
    throw Unsupported("model file " + detail::quoted(file.path.string()) + ": files of backend " +
                      detail::quoted(backend.name) +
                      " carry code and load only with trusted=true or an allowed hash; this one has " + digest.hex());
}

std::shared_ptr<const Model> load(const Backend& backend, std::span<const std::byte> bytes, bool padded,
                                  const std::filesystem::path& path, const LoadOptions& options) {
    if (static_cast<std::int64_t>(bytes.size()) > options.max_bytes)
        throw InvalidArgument("model file " + detail::quoted(path.string()) + ": " + std::to_string(bytes.size()) +
                              " bytes given, at most " + std::to_string(options.max_bytes) + " wanted");
    if (options.threads < 1)
        throw InvalidArgument("threads: " + std::to_string(options.threads) + " given, 1 or more wanted");
    const ModelFile file{path, bytes, padded};
    check_trust(backend, file, options);
    return backend.load(file, options);
}

}  // namespace

void register_backend(Backend backend) {
    add_built_in();
    add(std::move(backend));
}

std::shared_ptr<const Model> load_graph(const ModelFile& file, const LoadOptions& options, std::string backend,
                                        const std::function<Graph()>& read) {
    const std::string name = file.path.string();
    if (options.device != "cpu")
        throw Unsupported("model file " + detail::quoted(name) + ": device " + detail::quoted(options.device) +
                          " given, models of backend " + detail::quoted(backend) + " run on cpu");
    if (options.signature == nullptr)
        return detail::naming(name, [&] { return compile(read(), std::move(backend), options.threads); });
    Graph graph = detail::naming(name, [&] {
        Graph made = read();
        made.check();
        return made;
    });
    graph.signature = *options.signature;
    return compile(std::move(graph), std::move(backend), options.threads);
}

std::vector<std::string> backend_names() {
    std::vector<std::string> names;
    for (const auto& backend : backends()) names.push_back(backend->name);
    return names;
}

std::shared_ptr<const Model> load_model_file(const std::filesystem::path& path, const LoadOptions& options) {
    const Backends candidates = backends_of(path);
    if (std::ranges::any_of(candidates, [](const auto& backend) { return backend->carries_code; })) {
        const std::vector<std::byte> bytes = read_file(path, options.max_bytes);
        return load(chosen(candidates, bytes, path), bytes, false, path, options);
    }
    static_assert(MappedFile::padding >= ModelFile::padding);
    const MappedFile file(path, options.max_bytes);
    return load(chosen(candidates, file.bytes(), path), file.bytes(), !file.bytes().empty(), path, options);
}

std::shared_ptr<const Model> load_model_bytes(std::span<const std::byte> bytes, const std::filesystem::path& path,
                                              const LoadOptions& options) {
    const Backends candidates = backends_of(path);
    return load(chosen(candidates, bytes, path), bytes, false, path, options);
}

}  // namespace holdfast
