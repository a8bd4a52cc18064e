/// Rng: xoshiro256** with two ways to begin.
///
/// What is stored (ids, samples) is drawn from (seed, purpose, key), never from state of the process, so that a
/// resumed run draws what an undisturbed one would. What is not stored may be seeded from the system.
/// Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021; seeding by SHA-256.
///
/// Thread safety: one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

#include <holdfast/export.hpp>

namespace holdfast {

class HOLDFAST_EXPORT Rng {
  public:
    using result_type = std::uint64_t;

    /// The stream that belongs to (seed, purpose, key).
    Rng(std::uint64_t seed, std::string_view purpose, std::string_view key);
    /// From the operating system's entropy: different in every process, forked children included.
    [[nodiscard]] static Rng from_system();

    std::uint64_t operator()() noexcept;
    [[nodiscard]] double uniform() noexcept;                        ///< [0, 1), 53 bits
    [[nodiscard]] std::int64_t below(std::int64_t bound) noexcept;  ///< [0, bound), unbiased (Lemire 2019); bound >= 1

    static constexpr std::uint64_t min() { return 0; }
    static constexpr std::uint64_t max() { return std::numeric_limits<std::uint64_t>::max(); }

  private:
    explicit Rng(const std::array<std::uint64_t, 4>& state) : state_(state) {}
    std::array<std::uint64_t, 4> state_;
};

}  // namespace holdfast
