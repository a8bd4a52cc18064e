#include "torch/opened_packages.hpp"

#include <algorithm>
#include <compare>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <holdfast/torch/backend.hpp>

#include "torch/private_file.hpp"

namespace holdfast::torch_backend {
namespace {

constexpr std::size_t kept = 4;     // packages that stay open though no model holds them
constexpr unsigned max_calls = 16;  // calls at once into one package; more wait

struct Opened {
    std::mutex mutex;
    std::map<std::pair<Digest, std::string>, std::weak_ptr<torch::inductor::AOTIModelPackageLoader>> all;
    std::deque<OpenedPackage> recent;
};

/// Never destroyed: at exit LibTorch's own statics, made later, are gone before this one would close its packages.
/// A host that wants their temporary folders gone calls close_unused_packages() before.
Opened& opened() {
    static Opened& instance = *new Opened;
    return instance;
}

OpenedPackage open(std::span<const std::byte> bytes, c10::Device device) {
    const PrivateFile copy(bytes, "model.pt2");
    const std::size_t calls = std::clamp(std::thread::hardware_concurrency(), 1U, max_calls);
    return std::make_shared<torch::inductor::AOTIModelPackageLoader>(copy.path().string(), "model", false, calls,
                                                                     device.index());
}

}  // namespace

OpenedPackage open_package(std::span<const std::byte> bytes, const Digest& sha256, c10::Device device) {
    Opened& state = opened();
    const std::lock_guard lock(state.mutex);
    auto& known = state.all[{sha256, device.str()}];
    OpenedPackage package = known.lock();
    if (package == nullptr) {
        package = open(bytes, device);
        known = package;
    }
    std::erase(state.recent, package);
    state.recent.push_front(package);
    if (state.recent.size() > kept) state.recent.pop_back();
    std::erase_if(state.all, [](const auto& entry) { return entry.second.expired(); });
    return package;
}

void close_unused_packages() {
    Opened& state = opened();
    std::deque<OpenedPackage> closing;  // beyond the lock: LibTorch removes a folder for each
    const std::lock_guard lock(state.mutex);
    closing.swap(state.recent);
}

}  // namespace holdfast::torch_backend
