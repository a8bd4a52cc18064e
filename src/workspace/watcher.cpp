#include "workspace/watcher.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/base/log.hpp>
#include <holdfast/base/thread.hpp>

namespace holdfast {
namespace {

constexpr std::chrono::milliseconds interval{100};

}  // namespace

struct Watcher::Shared {
    explicit Shared(std::shared_ptr<store::Store> opened) : store(std::move(opened)) {}

    void run() {
        std::int64_t seen = -1;
        std::string complaint;
        do {
            try {
                // Asked before the looks: what is committed meanwhile is looked at the next time.
                const std::int64_t version = store->data_version();
                if (version != seen) look_all();
                seen = version;
                complaint.clear();
            } catch (const std::exception& error) {
                seen = -1;
                if (std::exchange(complaint, error.what()) != error.what()) {
                    log(LogLevel::warning, "workspace",
                        std::string("cannot look for what other processes did: ") + error.what());
                }
            }
        } while (!stopped_after(interval));
    }

    void look_all() {
        std::vector<std::shared_ptr<Look>> all;
        {
            const std::lock_guard lock(mutex);
            all = looks;
        }
        std::exception_ptr failure;
        for (const auto& look : all) {
            try {
                if ((*look)()) continue;
                const std::lock_guard lock(mutex);
                std::erase(looks, look);
            } catch (...) {
                failure = std::current_exception();
            }
        }
        if (failure != nullptr) std::rethrow_exception(failure);
    }

    bool stopped_after(Duration wait) {
        const Clock& clock = *store->clock();
        const Duration due = clock.steady_now() + wait;
        std::unique_lock lock(mutex);
        while (!stopping && clock.wait_until(lock, condition, due)) {
        }
        return stopping;
    }

    const std::shared_ptr<store::Store> store;
    std::mutex mutex;
    std::condition_variable condition;
    std::vector<std::shared_ptr<Look>> looks;
    bool started = false;
    bool stopping = false;
};

Watcher::Watcher(std::shared_ptr<store::Store> store)
    : guard_("workspace's watcher"), shared_(std::make_shared<Shared>(std::move(store))) {}

Watcher::~Watcher() {
    if (guard_.in_owner()) {
        stop();
        return;
    }
    // The thread stayed in the parent; what it waits with may not be touched here, nor destroyed.
    static_cast<void>(thread_.release());
    static_cast<void>(new std::shared_ptr<Shared>(std::move(shared_)));
}

void Watcher::watch(Look look) {
    guard_.check();
    const std::lock_guard lock(shared_->mutex);
    if (shared_->stopping) return;
    shared_->looks.push_back(std::make_shared<Look>(std::move(look)));
    if (std::exchange(shared_->started, true)) return;
    thread_ = detail::start_quietly([shared = shared_] { shared->run(); });
}

void Watcher::stop() {
    if (!guard_.in_owner()) return;
    std::unique_ptr<std::thread> thread;
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->stopping = true;
        thread = std::move(thread_);
    }
    shared_->condition.notify_all();
    if (thread == nullptr) return;
    thread->join();
}

}  // namespace holdfast
