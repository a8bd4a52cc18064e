// k, count, min, max, coins, from format 2 on the pairs of coins, then each level's size and values.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include <holdfast/stats/kll.hpp>

#include "stats/bytes.hpp"

namespace holdfast::stats {
namespace {

constexpr std::size_t most_levels = 62;
constexpr std::uint64_t most_weight = std::uint64_t{1} << 62;

[[noreturn]] void corrupt(const std::string& what) { throw CorruptArtifact("quantile sketch: " + what); }

}  // namespace

void Kll::encode(std::vector<std::byte>& out) const {
    if (kept_ > written_limit()) return compressed().encode(out);
    using detail::put;
    put(out, static_cast<std::uint32_t>(k_));
    put(out, count_);
    put(out, min_);
    put(out, max_);
    put(out, coins_);
    put(out, owed_);
    put(out, tossed_);
    put(out, static_cast<std::uint32_t>(levels_.size()));
    for (const auto& level : levels_) {
        put(out, static_cast<std::uint32_t>(level.size()));
        detail::put_bytes(out, level.data(), level.size() * sizeof(double));
    }
}

Kll Kll::decode(std::span<const std::byte>& bytes, std::uint32_t format) {
    using detail::get;
    const char* what = "quantile sketch";
    const auto k = get<std::uint32_t>(bytes, what);
    if (k < 8 || k > 65535) corrupt("k is " + std::to_string(k) + ", 8 to 65535 wanted");
    Kll sketch(static_cast<int>(k));
    sketch.count_ = get<std::int64_t>(bytes, what);
    sketch.min_ = get<double>(bytes, what);
    sketch.max_ = get<double>(bytes, what);
    sketch.coins_ = get<std::uint64_t>(bytes, what);
    if (format > 1) {
        sketch.owed_ = get<std::uint64_t>(bytes, what);
        sketch.tossed_ = get<std::uint64_t>(bytes, what);
    }
    const auto levels = get<std::uint32_t>(bytes, what);
    if (levels == 0 || levels > most_levels) corrupt(std::to_string(levels) + " levels, 1 to 62 wanted");
    sketch.levels_.resize(levels);
    sketch.update_limit();

    std::uint64_t weight = 0;
    for (std::size_t level = 0; level < levels; ++level) {
        const auto size = get<std::uint32_t>(bytes, what);
        sketch.kept_ += size;
        if (sketch.kept_ > sketch.limit_) corrupt("more values than k allows");
        auto& values = sketch.levels_[level];
        values.resize(size);
        const auto stored = detail::take(bytes, size * sizeof(double), what);
        if (size > 0) std::memcpy(values.data(), stored.data(), stored.size());
        const auto inside = [&](double value) { return value >= sketch.min_ && value <= sketch.max_; };
        if (!std::all_of(values.begin(), values.end(), inside)) corrupt("a value outside its range");
        if (level > 0 && !std::is_sorted(values.begin(), values.end())) corrupt("a level that is not sorted");
        if (size > (most_weight >> level)) corrupt("more weight than a sketch can hold");
        weight += static_cast<std::uint64_t>(size) << level;
        if (weight > most_weight) corrupt("more weight than a sketch can hold");
    }
    if (sketch.count_ < 0 || weight != static_cast<std::uint64_t>(sketch.count_)) {
        corrupt("weights sum to " + std::to_string(weight) + ", " + std::to_string(sketch.count_) + " wanted");
    }
    if (std::isnan(sketch.min_) || std::isnan(sketch.max_)) corrupt("a range of NaN");
    if (sketch.coins_ == 0 && levels > 1) corrupt("several levels without a compaction");
    return sketch;
}

}  // namespace holdfast::stats
