/// Scratch: the memory of one run, and the pool that a model keeps it in.
///
/// The pool takes no lock: a child of fork may find a scratch taken for ever, never a mutex held for ever.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include <holdfast/data/tensor_view.hpp>

#include "models/engine/plan.hpp"
#include "models/engine/step.hpp"

namespace holdfast::engine {

/// An output's value and the memory it goes to.
struct Place {
    std::size_t value = 0;
    TensorView view;
};

struct Scratch {
    explicit Scratch(std::int64_t bytes);

    struct Aligned {
        void operator()(std::byte* bytes) const noexcept { ::operator delete[](bytes, std::align_val_t{64}); }
    };
    std::unique_ptr<std::byte[], Aligned> memory;
    std::vector<Block> blocks;                       // one a value, then arguments of the step that runs
    std::vector<Place> places;                       // of what is wanted
    Needs needs;                                     // of all of that
    std::vector<std::vector<std::int64_t>> columns;  // of each input, where a table is fed
};

class ScratchPool {
  public:
    explicit ScratchPool(std::int64_t bytes) : bytes_(bytes) {}
    ~ScratchPool();
    ScratchPool(const ScratchPool&) = delete;
    ScratchPool& operator=(const ScratchPool&) = delete;

    /// A scratch of this thread alone until the lease ends; mostly the one it had before.
    class Lease {
      public:
        explicit Lease(ScratchPool& pool) : pool_(pool), scratch_(pool.take()) {}
        ~Lease() { pool_.give(std::move(scratch_)); }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        [[nodiscard]] Scratch& operator*() const noexcept { return *scratch_; }

      private:
        ScratchPool& pool_;
        std::unique_ptr<Scratch> scratch_;
    };

  private:
    [[nodiscard]] std::unique_ptr<Scratch> take();
    void give(std::unique_ptr<Scratch> scratch) noexcept;

    std::int64_t bytes_;
    std::array<std::atomic<Scratch*>, 32> slots_{};
};

}  // namespace holdfast::engine
