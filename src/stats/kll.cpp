#include <holdfast/stats/kll.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>

#include "stats/hashing.hpp"
#include "stats/kernels.hpp"
#include "stats/sorting.hpp"

namespace holdfast::stats {
namespace {

constexpr std::int64_t smallest_level = 8;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

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

void Kll::update_limit() {
    capacities_.resize(levels_.size());
    limit_ = 0;
    for (std::size_t level = 0; level < levels_.size(); ++level) {
        capacities_[level] = capacity_at_depth(k_, levels_.size() - 1 - level);
        limit_ += capacities_[level];
    }
}

void Kll::add(double value) {
    if (std::isnan(value)) throw InvalidArgument("Kll::add: NaN given, a number wanted");
    value += 0.0;  // one zero: -0.0 becomes 0.0
    min_ = count_ == 0 ? value : std::min(min_, value);
    max_ = count_ == 0 ? value : std::max(max_, value);
    make_room(1);
    levels_.front().push_back(value);
    ++count_;
    ++kept_;
    settle();
}

void Kll::add(std::span<const double> values) {
    if (detail::has_nan(values)) throw InvalidArgument("Kll::add: NaN given, a number wanted");
    while (!values.empty()) {
        // One more than there is room for, which makes room.
        const std::size_t room = static_cast<std::size_t>(k_) + 1 - levels_.front().size();
        const auto now = values.first(std::min(values.size(), room));
        const detail::Range range = detail::range_of(now);
        min_ = (count_ == 0 ? range.min : std::min(min_, range.min)) + 0.0;
        max_ = (count_ == 0 ? range.max : std::max(max_, range.max)) + 0.0;
        make_room(now.size());
        auto& lowest = levels_.front();
        lowest.insert(lowest.end(), now.begin(), now.end());
        for (double& value : std::span(lowest).last(now.size())) value += 0.0;
        count_ += static_cast<std::int64_t>(now.size());
        kept_ += static_cast<std::int64_t>(now.size());
        settle();
        values = values.subspan(now.size());
    }
}

// In the lowest level: twice as much as before, but never more than may come before it is drained.
void Kll::make_room(std::size_t values) {
    auto& lowest = levels_.front();
    const std::size_t wanted = lowest.size() + values, most = static_cast<std::size_t>(k_) + 1;
    if (lowest.capacity() < wanted) lowest.reserve(std::max(wanted, std::min(most, 2 * lowest.capacity())));
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
            detail::merge_into(mine, theirs);
        } else {
            mine.insert(mine.end(), theirs.begin(), theirs.end());
        }
    }
    update_limit();
    settle();
}

void Kll::settle() {
    while (levels_.front().size() > static_cast<std::size_t>(k_)) drain();
    while (kept_ - static_cast<std::int64_t>(levels_.front().size()) > limit_) compact(fullest());
}

// What is written takes a little less than DataSketches' sketch of this k may.
std::int64_t Kll::written_limit() const noexcept { return levels_.size() == 1 ? limit_ : limit_ - limit_ / 24; }

Kll Kll::compressed() const {
    Kll less = *this;
    while (less.kept_ > less.written_limit()) {
        std::size_t level = 0;  // the lowest that has two values: that costs least
        while (less.levels_[level].size() < 2) ++level;
        if (level == 0) detail::sort_values(less.levels_.front());
        less.compact(level);
    }
    return less;
}

// There is one: above the lowest level more is kept than all capacities together.
std::size_t Kll::fullest() const noexcept {
    std::size_t level = 1;
    while (static_cast<std::int64_t>(levels_[level].size()) <= capacities_[level]) ++level;
    return level;
}

// Half of the level's values, every other one, go up with twice the weight; of an odd number one stays.
void Kll::compact(std::size_t level) {
    auto& values = levels_[level];
    const std::size_t stay = values.size() % 2, half = values.size() / 2;
    const std::size_t first = stay + (coin(level, values) ? 1 : 0);
    for (std::size_t i = 0; i < half; ++i) values[stay + i] = values[first + 2 * i];
    kept_ -= static_cast<std::int64_t>(half);
    rise(level + 1, std::span(values).subspan(stay, half));
    levels_[level].resize(stay);
    levels_[level].shrink_to_fit();
}

// How many levels the lowest values may go up at once. Of a point's variance, compactions have about 1.5 * 2^top / k a
// value, taking one of 2^to at most 4^to / 5 / k. 4^to <= 2^top / 2 keeps that below a tenth of theirs.
std::size_t Kll::drained_to() const noexcept {
    const std::size_t wanted = std::max<std::size_t>(2, levels_.size() / 2) - 1;
    const auto possible = static_cast<std::size_t>(std::bit_width(levels_.front().size() / detail::sorted_columns));
    return std::min({wanted, possible, std::size_t{4}});
}

// One of 2^to values goes up: where it lies among them, the coins of the levels passed tell.
void Kll::drain() {
    auto& lowest = levels_.front();
    const std::size_t to = drained_to(), stride = std::size_t{1} << (to - 1), block = detail::sorted_columns * stride;
    const std::size_t drained = lowest.size() / block * block, half = drained / stride / 2;
    std::size_t first = 0;
    for (std::size_t level = 0; level < to; ++level) first |= std::size_t{coin(level, lowest)} << level;
    const auto values = detail::thinned(std::span(lowest).first(drained), stride, first % stride);
    for (std::size_t i = 0; i < half; ++i) values[i] = values[2 * i + first / stride];
    kept_ -= static_cast<std::int64_t>(drained - half);
    rise(to, values.first(half));
    auto& rest = levels_.front();  // where it is now
    rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(drained));
}

void Kll::rise(std::size_t level, std::span<const double> values) {
    if (level == levels_.size()) {
        levels_.emplace_back();
        update_limit();
    }
    detail::merge_into(levels_[level], values);
}

std::uint64_t Kll::chance(const std::vector<double>& values) noexcept {
    std::uint64_t hash = detail::mixed(++coins_);
    hash = detail::mixed(hash ^ std::bit_cast<std::uint64_t>(values[values.size() / 2]));
    return detail::mixed(hash ^ std::bit_cast<std::uint64_t>(values.back()));
}

// A level's second coin is the opposite of its first, the fourth of its third: what the one compaction puts too much on
// one side of a point the next one takes away half of the time.
bool Kll::coin(std::size_t level, const std::vector<double>& values) noexcept {
    const std::uint64_t bit = std::uint64_t{1} << level;
    owed_ ^= bit;
    if ((owed_ & bit) == 0) {
        ++coins_;
        tossed_ ^= bit;
    } else {
        tossed_ = (tossed_ & ~bit) | (chance(values) >> 63 != 0 ? bit : 0);
    }
    return (tossed_ & bit) != 0;
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
    std::vector<double> lowest = levels_.front();
    detail::sort_values(lowest);
    std::vector<Weighted> all, level_values, both;
    all.reserve(static_cast<std::size_t>(kept_));
    for (const double value : lowest) all.push_back({value, 1});
    for (std::size_t level = 1; level < levels_.size(); ++level) {
        level_values.clear();
        for (const double value : levels_[level]) level_values.push_back({value, std::int64_t{1} << level});
        both.resize(all.size() + level_values.size());
        std::merge(all.begin(), all.end(), level_values.begin(), level_values.end(), both.begin(),
                   [](const Weighted& a, const Weighted& b) { return a.value < b.value; });
        all.swap(both);
    }
    return all;
}

double Kll::rank_error() const noexcept { return coins_ == 0 ? 0.0 : 2.446 / std::pow(k_, 0.9433); }
double Kll::point_rank_error() const noexcept { return coins_ == 0 ? 0.0 : 2.296 / std::pow(k_, 0.9723); }
std::int64_t Kll::kept() const noexcept { return kept_; }
std::int64_t Kll::max_kept() const noexcept { return limit_ + k_; }

}  // namespace holdfast::stats
