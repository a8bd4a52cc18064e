/// Slot: what an endpoint serves right now, replaced atomically.
///
/// A request takes the served version once and keeps it to its end, so a swap never blocks or fails a request in flight;
/// the old model goes when its last request has.
///
/// Thread safety: all calls are safe from several threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

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
    [[nodiscard]] std::shared_ptr<const Served> get() const noexcept { return served_.load(std::memory_order_acquire); }
    /// Gives back what was served before; null the first time.
    std::shared_ptr<const Served> swap(std::shared_ptr<const Served> next) noexcept {
        return served_.exchange(std::move(next), std::memory_order_acq_rel);
    }

  private:
    std::atomic<std::shared_ptr<const Served>> served_;
};

}  // namespace holdfast
