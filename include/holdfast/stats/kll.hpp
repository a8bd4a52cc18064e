/// Kll: a quantile sketch of doubles with memory fixed in advance.
///
/// With k = 200 the rank error of `rank` is at most 1.33 % of n (single-sided queries, 99 % confidence), 1.65 % for the
/// whole distribution function at once, whatever the order of the values and after any merges: DataSketches KLL's
/// bound, 2.296 / k^0.9723 and 2.446 / k^0.9433; measured errors: docs/benchmarks.md. Coins are
/// a hash of the compactions so far and of the values compacted, so that the same values in the same order give the
/// same bytes everywhere, and sketches of different values toss different coins. Sources: Karnin, Lang, Liberty,
/// "Optimal quantile approximation in streams", FOCS 2016; Ivkin, Liberty, Lang, Karnin, Braverman, "Streaming
/// quantiles algorithms with small space and update time", 2019 (coins in opposite pairs); Apache DataSketches.
///
/// Thread safety: const calls are safe from several threads; others one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <holdfast/export.hpp>

namespace holdfast::stats {

class HOLDFAST_EXPORT Kll {
  public:
    static constexpr int default_k = 200;

    /// InvalidArgument unless 8 <= k <= 65535.
    explicit Kll(int k = default_k);

    void add(double value);                    ///< NaN is InvalidArgument
    void add(std::span<const double> values);  ///< one after another; none of them where one is NaN
    void merge(const Kll& other);

    [[nodiscard]] int k() const noexcept { return k_; }
    [[nodiscard]] std::int64_t count() const noexcept { return count_; }
    [[nodiscard]] double min() const noexcept;  ///< NaN when empty
    [[nodiscard]] double max() const noexcept;
    /// Estimated share of values <= x.
    [[nodiscard]] double rank(double x) const;
    /// Value whose rank is about q in [0, 1]; NaN when empty.
    [[nodiscard]] double quantile(double q) const;
    /// The kept values, ascending, with their weights (which sum to count()).
    struct Weighted {
        double value;
        std::int64_t weight;
    };
    [[nodiscard]] std::vector<Weighted> sorted() const;
    /// 99 % bound of |estimated - true| rank over the whole distribution function; 0 while every value is kept.
    [[nodiscard]] double rank_error() const noexcept;
    /// The same bound at one point of the distribution function.
    [[nodiscard]] double point_rank_error() const noexcept;
    /// Values kept now, and the most that are ever kept for `count` values.
    [[nodiscard]] std::int64_t kept() const noexcept;
    [[nodiscard]] std::int64_t max_kept() const noexcept;

    /// At most max_kept() - k values: the lowest level, where values gather, goes up as far as that takes. What is
    /// decoded is encoded to the same bytes.
    void encode(std::vector<std::byte>& out) const;
    /// Reads what encode wrote, in this or an older format of profiles, moves `bytes` behind it; CorruptArtifact.
    [[nodiscard]] static Kll decode(std::span<const std::byte>& bytes, std::uint32_t format = 2);
    bool operator==(const Kll&) const = default;

  private:
    void update_limit();
    void make_room(std::size_t values);
    void settle();
    [[nodiscard]] std::int64_t written_limit() const noexcept;
    [[nodiscard]] Kll compressed() const;
    void compact(std::size_t level);
    [[nodiscard]] std::size_t drained_to() const noexcept;
    void drain();
    [[nodiscard]] std::size_t fullest() const noexcept;
    void rise(std::size_t level, std::span<const double> values);
    bool coin(std::size_t level, const std::vector<double>& values) noexcept;
    std::uint64_t chance(const std::vector<double>& values) noexcept;

    int k_;
    std::int64_t count_ = 0;
    double min_ = 0.0, max_ = 0.0;
    std::uint64_t coins_ = 0;                  // compactions so far: the coin's counter
    std::uint64_t owed_ = 0, tossed_ = 0;      // a bit a level: the next coin is settled; the last coin
    std::int64_t kept_ = 0, limit_ = 0;        // values in levels_, and how many those above the lowest may hold
    std::vector<std::int64_t> capacities_;     // of the levels; limit_ together
    std::vector<std::vector<double>> levels_;  // level i holds values of weight 2^i, sorted from level 1 on
};

}  // namespace holdfast::stats
