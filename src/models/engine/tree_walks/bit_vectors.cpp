#include <algorithm>
#include <cstddef>
#include <vector>

#include "models/engine/tree_walks/engine.hpp"
#include "models/engine/tree_walks/row_strikes.hpp"
#include "models/engine/tree_walks/strikes.hpp"

namespace holdfast::engine::tree_walks {
namespace {

constexpr std::uint32_t most_leaves = 64;
constexpr Key first_bit = 0x80000000;

class BitVectors final : public Engine<Key> {
  public:
    BitVectors(const Tests& tests, const Layout& layout) {
        for (std::size_t tree = 0; tree < layout.shapes().size(); ++tree) {
            begin_.push_back(static_cast<std::uint32_t>(strikes_.size()));
            wide_.push_back(layout.shapes()[tree].leaves > 32 ? 1 : 0);
            add_tree(layout, tests, tree);
        }
        begin_.push_back(static_cast<std::uint32_t>(strikes_.size()));
        row_strikes_ = RowStrikes::make(strikes_, begin_, tests.features());
        if (row_strikes_ == nullptr || !nan_below_.empty()) walks_ = make_walks(tests, layout);
    }

    [[nodiscard]] Key flip() const noexcept override { return first_bit; }

    void rows(std::int64_t first, std::int64_t trees, const Key* x, bool nan, std::uint32_t* leaves) const override {
        find_leaves({strikes_.data(), nan_below_.empty() ? nullptr : nan_below_.data(), begin_.data() + first,
                     wide_.data() + first, trees},
                    x, nan, leaves);
    }

    void row(const Key* x, bool nan, std::uint32_t* leaves, Open* open) const override {
        if (row_strikes_ != nullptr && (!nan || nan_below_.empty())) return row_strikes_->find(x, leaves);
        walks_->row(x, nan, leaves, open);
    }

    [[nodiscard]] std::int64_t bytes_a_tree() const noexcept override {
        return static_cast<std::int64_t>(strikes_.size() * sizeof(Strike) / wide_.size()) + 1;
    }

  private:
    void add_tree(const Layout& layout, const Tests& tests, std::size_t tree) {
        const std::size_t begin = strikes_.size();
        std::vector<std::uint32_t> first_leaf;  // of each inner node
        std::uint32_t leaf = 0;
        // The leaves below a node's threshold are those met before its upper child.
        const auto close = [&](const Way& way) {
            if (!way.above) return;
            const auto from = static_cast<std::size_t>(way.from);
            const std::uint64_t below = (std::uint64_t{1} << leaf) - (std::uint64_t{1} << first_leaf[from]);
            strikes_[begin + from].below[0] = static_cast<std::uint32_t>(below);
            strikes_[begin + from].below[1] = static_cast<std::uint32_t>(below >> 32);
        };
        layout.visit(
            tree,
            [&](const Way& way, std::int32_t node) {
                const Test test = tests.at(node);
                close(way);
                first_leaf.push_back(leaf);
                strikes_.push_back({static_cast<std::int32_t>(test.threshold ^ first_bit), test.feature, {}});
                if (!tests.nan_is_above()) nan_below_.push_back(test.nan_below ? ~0U : 0U);
            },
            [&](const Way& way, std::int32_t) {
                close(way);
                ++leaf;
            });
    }

    std::vector<Strike> strikes_;
    std::vector<std::uint32_t> nan_below_;     // all bits or none, a strike; or empty
    std::vector<std::uint32_t> begin_;         // of each tree's strikes, and one past the end
    std::vector<std::uint8_t> wide_;           // whether a tree has more than 32 leaves
    std::unique_ptr<RowStrikes> row_strikes_;  // of one row, if the processor can; else, and
    std::unique_ptr<Engine<Key>> walks_;       // where NaN has a way of its own
};

}  // namespace

bool fit_bit_vectors(const Layout& layout) {
    return std::all_of(layout.shapes().begin(), layout.shapes().end(),
                       [](const Shape& shape) { return shape.leaves <= most_leaves; });
}

std::unique_ptr<Engine<Key>> make_bit_vectors(const Tests& tests, const Layout& layout) {
    return std::make_unique<BitVectors>(tests, layout);
}

}  // namespace holdfast::engine::tree_walks
