#include <holdfast/stats/kll.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>

#include "stats/sorting.hpp"

namespace holdfast::stats {
namespace {

constexpr std::int64_t smallest_level = 8;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::uint64_t mixed(std::uint64_t x) noexcept {  // splitmix64's finaliser
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

std::int64_t capacity_at_depth(int k, std::size_t depth) noexcept {
    double share = 1.0;
    for (std::size_t i = 0; i < depth; ++i) share = share * 2.0 / 3.0;
    return std::max(smallest_level, static_cast<std::int64_t>(static_cast<double>(k) * share + 0.5));
}

}  // namespace

Kll::Kll(int k) : k_(k), levels_(1) {
    if (k < 8 || k > 65535) throw InvalidArgument("Kll: k is " + std::to_string(k) + ", 8 to 65535 wanted");
    update_limit();
}

std::int64_t Kll::capacity(std::size_t level) const noexcept {
    return capacity_at_depth(k_, levels_.size() - 1 - level);
}

void Kll::update_limit() {
    limit_ = 0;
    for (std::size_t level = 0; level < levels_.size(); ++level) limit_ += capacity(level);
}

void Kll::add(double value) { add(std::span(&value, 1)); }

void Kll::add(std::span<const double> values) {
    if (std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); }))
        throw InvalidArgument("Kll::add: NaN given, a number wanted");
    while (!values.empty()) {
        // One more than there is room for, which makes room.
        const auto room = static_cast<std::size_t>(limit_ - kept_ + 1);
        const auto now = values.first(std::min(values.size(), room));
        auto& lowest = levels_.front();
        if (count_ == 0) min_ = max_ = now.front() + 0.0;
        for (const double value : now) {
            lowest.push_back(value + 0.0);  // one zero: -0.0 becomes 0.0
            min_ = std::min(min_, lowest.back());
            max_ = std::max(max_, lowest.back());
        }
        count_ += static_cast<std::int64_t>(now.size());
        kept_ += static_cast<std::int64_t>(now.size());
        compress();
        values = values.subspan(now.size());
    }
}

void Kll::merge(const Kll& other) {
    if (k_ != other.k_) {
        throw InvalidArgument("Kll::merge: a sketch with k " + std::to_string(other.k_) + ", k " + std::to_string(k_) +
                              " wanted");
    }
    if (&other == this) return merge(Kll(other));
    if (other.count_ == 0) return;
    min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
    max_ = count_ == 0 ? other.max_ : std::max(max_, other.max_);
    count_ += other.count_;
    coins_ += other.coins_;
    kept_ += other.kept_;
    if (levels_.size() < other.levels_.size()) levels_.resize(other.levels_.size());
    for (std::size_t level = 0; level < other.levels_.size(); ++level) {
        auto& mine = levels_[level];
        const auto& theirs = other.levels_[level];
        if (level > 0) {
            mine = detail::merged(mine, theirs);
        } else {
            mine.insert(mine.end(), theirs.begin(), theirs.end());
        }
    }
    update_limit();
    compress();
}

void Kll::compress() {
    while (kept_ > limit_) {
        std::size_t level = 0;  // more is kept than all levels may hold, so that one is over its own capacity
        while (static_cast<std::int64_t>(levels_[level].size()) <= capacity(level)) ++level;
        compact(level);
    }
}

// Half of the level's values, every other one, go up with twice the weight; of an odd number one stays.
void Kll::compact(std::size_t level) {
    if (level + 1 == levels_.size()) {
        levels_.emplace_back();
        update_limit();
    }
    auto& from = levels_[level];
    auto& to = levels_[level + 1];
    const std::size_t stays = from.size() % 2;
    if (level == 0) detail::sort_values(std::span(from).subspan(stays));

    const std::size_t offset = coin(from) ? 1 : 0;
    std::vector<double> rising;
    rising.reserve(from.size() / 2);
    for (std::size_t i = stays + offset; i < from.size(); i += 2) rising.push_back(from[i]);
    to = detail::merged(to, rising);
    kept_ -= static_cast<std::int64_t>(from.size() - stays) / 2;
    from.resize(stays);
}

bool Kll::coin(const std::vector<double>& values) noexcept {
    std::uint64_t hash = mixed(++coins_);
    hash = mixed(hash ^ std::bit_cast<std::uint64_t>(values[values.size() / 2]));
    hash = mixed(hash ^ std::bit_cast<std::uint64_t>(values.back()));
    return (hash >> 63) != 0;
}

double Kll::min() const noexcept { return count_ == 0 ? nan : min_; }
double Kll::max() const noexcept { return count_ == 0 ? nan : max_; }

double Kll::rank(double x) const {
    if (count_ == 0 || std::isnan(x)) return nan;
    std::int64_t below = 0;
    for (std::size_t level = 0; level < levels_.size(); ++level) {
        const auto kept = std::count_if(levels_[level].begin(), levels_[level].end(), [x](double v) { return v <= x; });
        below += static_cast<std::int64_t>(kept) << level;
    }
    return static_cast<double>(below) / static_cast<double>(count_);
}

double Kll::quantile(double q) const {
    if (!(q >= 0.0 && q <= 1.0)) throw InvalidArgument("Kll::quantile: " + std::to_string(q) + ", 0 to 1 wanted");
    if (count_ == 0) return nan;
    if (q == 0.0) return min_;
    if (q == 1.0) return max_;
    const double wanted = q * static_cast<double>(count_);
    std::int64_t below = 0;
    for (const Weighted& kept : sorted()) {
        below += kept.weight;
        if (static_cast<double>(below) >= wanted) return kept.value;
    }
    return max_;
}

std::vector<Kll::Weighted> Kll::sorted() const {
    std::vector<Weighted> all;
    all.reserve(static_cast<std::size_t>(kept_));
    for (std::size_t level = 0; level < levels_.size(); ++level) {
        for (double value : levels_[level]) all.push_back({value, std::int64_t{1} << level});
    }
    std::sort(all.begin(), all.end(), [](const Weighted& a, const Weighted& b) {
        return a.value != b.value ? a.value < b.value : a.weight < b.weight;
    });
    return all;
}

double Kll::rank_error() const noexcept { return coins_ == 0 ? 0.0 : 2.446 / std::pow(k_, 0.9433); }
double Kll::point_rank_error() const noexcept { return coins_ == 0 ? 0.0 : 2.296 / std::pow(k_, 0.9723); }
std::int64_t Kll::kept() const noexcept { return kept_; }
std::int64_t Kll::max_kept() const noexcept { return limit_; }

}  // namespace holdfast::stats
