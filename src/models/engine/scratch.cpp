#include "models/engine/scratch.hpp"

#include <algorithm>

namespace holdfast::engine {
namespace {

/// Where this thread looks first: threads start at different slots and so find their own scratch again.
std::size_t first_slot() noexcept {
    static std::atomic<std::size_t> threads{0};
    thread_local const std::size_t mine = threads.fetch_add(1, std::memory_order_relaxed);
    return mine;
}

}  // namespace

Scratch::Scratch(std::int64_t bytes)
    : memory(static_cast<std::byte*>(
          ::operator new[](static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1)), std::align_val_t{64}))) {}

ScratchPool::~ScratchPool() {
    for (auto& slot : slots_) delete slot.load();
}

std::unique_ptr<Scratch> ScratchPool::take() {
    const std::size_t first = first_slot();
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        auto& slot = slots_[(first + i) % slots_.size()];
        if (Scratch* found = slot.exchange(nullptr, std::memory_order_acquire)) return std::unique_ptr<Scratch>(found);
    }
    return std::make_unique<Scratch>(bytes_);
}

void ScratchPool::give(std::unique_ptr<Scratch> scratch) noexcept {
    const std::size_t first = first_slot();
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        Scratch* empty = nullptr;
        if (slots_[(first + i) % slots_.size()].compare_exchange_strong(empty, scratch.get(), std::memory_order_release,
                                                                        std::memory_order_relaxed)) {
            static_cast<void>(scratch.release());
            return;
        }
    }
}

}  // namespace holdfast::engine
