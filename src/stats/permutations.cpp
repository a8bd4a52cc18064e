#include "stats/permutations.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/hash.hpp>
#include <holdfast/base/json.hpp>

#include "stats/samples.hpp"

namespace holdfast::stats::detail {
namespace {

constexpr std::int64_t most_rounds = 1'000'000;
constexpr double rounding = 1.0 - 1e-12;

void within(std::string_view test, std::string_view what, std::int64_t value, std::int64_t least, std::int64_t most) {
    if (value >= least && value <= most) return;
    throw InvalidArgument(std::string(test) + ": " + std::string(what) + " " + std::to_string(value) + ", " +
                          std::to_string(least) + " to " + std::to_string(most) + " wanted");
}

// Where blocks begin, and the end: whole ones on both sides of row n, what is left over at the ends.
std::vector<std::int64_t> block_starts(std::int64_t n, std::int64_t m, std::int64_t block) {
    std::vector<std::int64_t> starts;
    if (n % block != 0) starts.push_back(0);
    for (std::int64_t row = n % block; row < n + m; row += block) starts.push_back(row);
    starts.push_back(n + m);
    return starts;
}

}  // namespace

void check(std::string_view test, const Permutations& asked, std::int64_t n, std::int64_t m) {
    within(test, "permutations", asked.count, 1, most_rounds);
    within(test, "most permutations", asked.most, 1, most_rounds);
    if (!(asked.level > 0.0 && asked.level < 1.0)) {
        throw InvalidArgument(std::string(test) + ": level " + Json(asked.level).canonical() +
                              ", between 0 and 1 wanted");
    }
    within(test, "block of rows", asked.block, 0, std::max<std::int64_t>(1, std::min(n, m) / 2));
}

std::int64_t rounds_of(const Permutations& asked) {
    const double wanted = std::min(std::ceil(1.0 / asked.level), static_cast<double>(most_rounds) + 1.0) - 1.0;
    return std::max(asked.count, std::min(asked.most, static_cast<std::int64_t>(wanted)));
}

bool ways_reach(double level, std::int64_t block, std::int64_t n, std::int64_t m) {
    const std::int64_t few = (n + block - 1) / block, all = few + (m + block - 1) / block;
    double ways = 1.0;
    for (std::int64_t i = 1; i <= std::min(few, all - few); ++i) {
        ways *= static_cast<double>(all - i + 1) / static_cast<double>(i);
        if (level >= rounding / ways) return true;
    }
    return false;
}

void conclude(TestResult& result, const Permutations& asked, std::int64_t block, std::int64_t n, std::int64_t m) {
    remark(result.note, std::to_string(rounds_of(asked)) + " permutations");
    if (block > 1) result.note += " of blocks of " + std::to_string(block) + " rows";
    const double least = 1.0 / (1.0 + static_cast<double>(rounds_of(asked)));
    result.insufficient = asked.level < rounding * least || !ways_reach(asked.level, block, n, m);
    if (result.insufficient) {
        remark(result.note,
               "insufficient: no p-value as small as " + Json(asked.level).canonical() + " can come of them");
    }
}

std::string digest_of(std::span<const std::byte> bytes, std::string_view before) {
    return sha256(std::string(before) + sha256(bytes).hex()).hex();
}

Splits::Splits(std::string_view data, std::uint64_t seed, std::int64_t n, std::int64_t m, std::int64_t block)
    : rng_(seed, "stats.permutations", data),
      n_(n),
      starts_(block_starts(n, m, block)),
      order_(starts_.size() - 1),
      of_reference_(static_cast<std::size_t>(n + m)) {
    std::iota(order_.begin(), order_.end(), std::int64_t{0});
}

std::span<const std::uint8_t> Splits::next() {
    std::fill(of_reference_.begin(), of_reference_.end(), std::uint8_t{0});
    std::int64_t left = n_;  // rows that the reference still wants
    for (std::size_t i = 0; left > 0; ++i) {
        const std::int64_t ahead = rng_.below(static_cast<std::int64_t>(order_.size() - i));
        std::swap(order_[i], order_[i + static_cast<std::size_t>(ahead)]);
        const auto block = static_cast<std::size_t>(order_[i]);
        const std::int64_t rows = std::min(left, starts_[block + 1] - starts_[block]);
        std::fill_n(of_reference_.begin() + starts_[block], rows, std::uint8_t{1});
        left -= rows;
    }
    return of_reference_;
}

}  // namespace holdfast::stats::detail
