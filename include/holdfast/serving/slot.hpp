/// Slot: what an endpoint serves right now, replaced atomically.
///
/// A request takes the served version once and keeps it to its end, so a swap never blocks or fails a request in
/// flight; the old model goes when its last request has.
///
/// Thread safety: all calls are safe from several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <utility>

#include <holdfast/base/hash.hpp>
#include <holdfast/export.hpp>
#include <holdfast/models/model.hpp>

namespace holdfast {

/// A version that is loaded and ready. Immutable.
struct Served {
    std::shared_ptr<const Model> model;
    std::string model_name;
    std::int64_t version = 0;
    Digest package;
};

class HOLDFAST_EXPORT Slot {
  public:
    [[nodiscard]] std::shared_ptr<const Served> get() const noexcept {
        const std::shared_lock lock(mutex_);
        return served_;
    }
    /// Gives back what was served before; null the first time.
    std::shared_ptr<const Served> swap(std::shared_ptr<const Served> next) noexcept {
        const std::lock_guard lock(mutex_);
        served_.swap(next);
        return next;
    }

  private:
    // Held while a pointer is copied. GCC 12's std::atomic<std::shared_ptr> unlocks with relaxed order in load(), so
    // that an exchange may overtake the copy.
    mutable std::shared_mutex mutex_;
    std::shared_ptr<const Served> served_;
};

}  // namespace holdfast
