#include "stats/boosted_trees.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include <holdfast/base/math.hpp>

namespace holdfast::stats::detail {
namespace {

constexpr int trees = 60, depth = 4;
constexpr double rate = 0.15, ridge = 1.0;
constexpr double least_rows = 20.0;  // of a leaf
constexpr std::size_t bins = 64;

struct Sums {
    double gradient = 0.0, weight = 0.0, rows = 0.0;
    void add(const Sums& other) {
        gradient += other.gradient;
        weight += other.weight;
        rows += other.rows;
    }
    [[nodiscard]] Sums less(const Sums& other) const {
        return {gradient - other.gradient, weight - other.weight, rows - other.rows};
    }
    [[nodiscard]] double gain() const { return gradient * gradient / (weight + ridge); }
};

struct Split {
    double gain = 0.0;
    std::int64_t column = -1;
    std::uint64_t left = 0;
};

using Histogram = std::array<Sums, bins>;

// Takes the better of `best` and this column's best split.
void improve(Split& best, const Histogram& histogram, std::int64_t column, bool ordered, const Sums& all) {
    std::array<std::uint8_t, bins> order{};
    std::size_t count = 0;
    for (std::size_t bin = 0; bin < bins; ++bin) {
        if (histogram[bin].rows > 0.0) order[count++] = static_cast<std::uint8_t>(bin);
    }
    if (!ordered) {
        const auto pull = [&histogram](std::uint8_t bin) {
            return histogram[bin].gradient / (histogram[bin].weight + ridge);
        };
        std::stable_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
                         [&](std::uint8_t a, std::uint8_t b) { return pull(a) < pull(b); });
    }
    Sums left;
    std::uint64_t set = 0;
    for (std::size_t i = 0; i + 1 < count; ++i) {
        left.add(histogram[order[i]]);
        set |= std::uint64_t{1} << order[i];
        const Sums right = all.less(left);
        if (left.rows < least_rows || right.rows < least_rows) continue;
        const double gain = left.gain() + right.gain() - all.gain();
        if (gain > best.gain + 1e-9) best = {gain, column, set};
    }
}

}  // namespace

// One tree: the rows of a node lie one after another in `rows_`.
class TreeGrower {
  public:
    TreeGrower(const BinnedRows& all, std::vector<std::int64_t>& rows, std::span<const Sums> of_row)
        : all_(all), rows_(rows), of_row_(of_row) {}

    std::vector<BoostedTrees::Node> grow(std::vector<bool>& used) {
        tree_.assign(1, {});
        split(0, 0, rows_.size(), depth, used);
        return std::move(tree_);
    }

  private:
    void split(std::size_t node, std::size_t begin, std::size_t end, int levels, std::vector<bool>& used) {
        Sums sums;
        for (std::size_t i = begin; i < end; ++i) sums.add(of_row_[static_cast<std::size_t>(rows_[i])]);
        const Split best = levels > 0 ? best_of(begin, end, sums) : Split{};
        if (best.column < 0) {
            tree_[node].value = rate * -sums.gradient / (sums.weight + ridge);
            return;
        }
        used[static_cast<std::size_t>(best.column)] = true;
        const auto goes_left = [&](std::int64_t row) { return (best.left >> all_.row(row)[best.column] & 1) != 0; };
        const auto first = rows_.begin() + static_cast<std::ptrdiff_t>(begin);
        const auto middle = std::stable_partition(first, rows_.begin() + static_cast<std::ptrdiff_t>(end), goes_left);
        const std::size_t next = tree_.size(), cut = begin + static_cast<std::size_t>(middle - first);
        tree_.resize(next + 2);
        tree_[node] = {best.column, best.left, next, 0.0};
        split(next, begin, cut, levels - 1, used);
        split(next + 1, cut, end, levels - 1, used);
    }

    Split best_of(std::size_t begin, std::size_t end, const Sums& sums) {
        histograms_.assign(static_cast<std::size_t>(all_.columns), {});
        for (std::size_t i = begin; i < end; ++i) {
            const std::uint8_t* row = all_.row(rows_[i]);
            const Sums& of_row = of_row_[static_cast<std::size_t>(rows_[i])];
            for (std::size_t c = 0; c < histograms_.size(); ++c) histograms_[c][row[c]].add(of_row);
        }
        Split best;
        for (std::size_t c = 0; c < histograms_.size(); ++c) {
            improve(best, histograms_[c], static_cast<std::int64_t>(c), all_.ordered[c], sums);
        }
        return best;
    }

    const BinnedRows& all_;
    std::vector<std::int64_t>& rows_;
    std::span<const Sums> of_row_;
    std::vector<Histogram> histograms_;
    std::vector<BoostedTrees::Node> tree_;
};

BoostedTrees::BoostedTrees(const BinnedRows& all, std::span<const std::int64_t> rows,
                           std::span<const std::uint8_t> is_current)
    : used_(static_cast<std::size_t>(all.columns)) {
    std::vector<std::int64_t> own(rows.begin(), rows.end());
    std::vector<double> scores(is_current.size());
    std::vector<Sums> of_row(is_current.size());
    double current = 0.0;  // each sample weighs as much as the other
    for (const std::int64_t row : rows) current += is_current[static_cast<std::size_t>(row)];
    const auto count = static_cast<double>(rows.size());
    const double weight_current = 0.5 * count / current, weight_reference = 0.5 * count / (count - current);
    for (int tree = 0; tree < trees; ++tree) {
        for (const std::int64_t row : rows) {
            const auto at = static_cast<std::size_t>(row);
            const double share = 1.0 / (1.0 + math::exp(-scores[at]));
            const double weight = is_current[at] != 0 ? weight_current : weight_reference;
            of_row[at] = {weight * (share - is_current[at]), weight * share * (1.0 - share), 1.0};
        }
        trees_.push_back(TreeGrower(all, own, of_row).grow(used_));
        if (trees_.back().size() == 1) break;  // nothing to split
        for (const std::int64_t row : rows) {
            scores[static_cast<std::size_t>(row)] += value_of(trees_.back(), all.row(row));
        }
    }
}

double BoostedTrees::score(const std::uint8_t* row) const {
    double sum = 0.0;
    for (const auto& tree : trees_) sum += value_of(tree, row);
    return sum;
}

double BoostedTrees::value_of(const std::vector<Node>& tree, const std::uint8_t* row) {
    std::size_t at = 0;
    while (tree[at].column >= 0) at = tree[at].next + ((tree[at].left >> row[tree[at].column] & 1) ^ 1);
    return tree[at].value;
}

}  // namespace holdfast::stats::detail
