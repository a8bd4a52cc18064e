/// Hll: how many distinct values there are, within a few per cent, in memory fixed in advance.
///
/// 2^bits registers of a byte; the standard error is 1.04 / sqrt(2^bits), 1.6 % with 12 bits. Merging takes the larger
/// of two registers: associative, commutative, the same bits in any order. Sources: Flajolet, Fusy, Gandouet, Meunier,
/// "HyperLogLog", AofA 2007; the estimate: Ertl, "New cardinality estimation algorithms for HyperLogLog sketches",
/// 2017, algorithm 6 (without empirical corrections, from none to 2^60 values).
///
/// Thread safety: const calls are safe from several threads; others one at a time.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <holdfast/export.hpp>

namespace holdfast::stats {

class HOLDFAST_EXPORT Hll {
  public:
    static constexpr int min_bits = 4, max_bits = 16;

    Hll() = default;  ///< counts nothing
    /// `key` names how values were hashed (0: in public). InvalidArgument unless 4 <= bits <= 16.
    explicit Hll(int bits, std::uint64_t key = 0);

    void add(std::uint64_t hash) noexcept {
        if (registers_.empty()) return;
        const auto rank =
            static_cast<std::uint8_t>(std::countl_zero(hash << bits_ | std::uint64_t{1} << (bits_ - 1)) + 1);
        std::uint8_t& kept = registers_[hash >> (64 - bits_)];
        if (kept < rank) kept = rank;
    }
    /// What was hashed in another way, or not counted, cannot be told any more: then this counts nothing.
    void merge(const Hll& other);

    [[nodiscard]] bool counts() const noexcept { return !registers_.empty(); }
    [[nodiscard]] int bits() const noexcept { return bits_; }
    [[nodiscard]] std::uint64_t key() const noexcept { return key_; }
    [[nodiscard]] double estimate() const;                 ///< NaN where nothing is counted
    [[nodiscard]] double standard_error() const noexcept;  ///< relative

    void encode(std::vector<std::byte>& out) const;
    /// Reads what encode wrote, moves `bytes` behind it; CorruptArtifact.
    [[nodiscard]] static Hll decode(std::span<const std::byte>& bytes);
    bool operator==(const Hll&) const = default;

  private:
    int bits_ = 0;
    std::uint64_t key_ = 0;
    std::vector<std::uint8_t> registers_;
};

}  // namespace holdfast::stats
