#include <algorithm>
#include <utility>

#include "models/engine/tree_walks/engine.hpp"
#include "models/engine/tree_walks/leaf_sums.hpp"
#include "models/engine/tree_walks/tree_walks.hpp"

namespace holdfast::engine::tree_walks {
namespace {

constexpr std::int64_t chunk_bytes = 12 << 10;  // of trees, that stay in the nearest cache beside a few rows
constexpr std::int64_t most_chunk_trees = 64;
constexpr std::int64_t few_rows = 4;  // are looked up one by one

constexpr std::int64_t groups_of(std::int64_t rows) { return (rows + lanes - 1) / lanes; }
constexpr std::int64_t align(std::int64_t bytes) { return (bytes + 63) / 64 * 64; }

/// Rows are read in groups of `lanes`; then some trees at a time pass over all groups.
template <class Sum>
class TreeWalkStep final : public Step {
  public:
    TreeWalkStep(const forms::Trees& form, Tests tests, const Layout& layout, std::unique_ptr<Engine> engine)
        : tests_(std::move(tests)),
          engine_(std::move(engine)),
          sums_(form, layout),
          trees_(static_cast<std::int64_t>(form.roots.size())),
          outputs_(form.outputs),
          chunk_(std::clamp(chunk_bytes / engine_->bytes_a_tree(), std::int64_t{1}, most_chunk_trees)) {}

    [[nodiscard]] std::int64_t workspace_bytes(std::int64_t rows) const override {
        return leaves_bytes(rows) + align(groups_of(rows)) + groups_of(rows) * group_bytes();
    }

    void run(const Work& work) const override {
        Sum* sums = work.output.as<Sum>();
        sums_.start(work.rows, sums);
        const std::int64_t rest = work.rows % lanes;
        const std::int64_t grouped = rest <= few_rows ? work.rows - rest : work.rows;
        run_groups(work, grouped, sums);
        for (std::int64_t row = grouped; row < work.rows; ++row) run_row(work, row, sums + row * outputs_);
        sums_.finish(work.rows, sums);
    }

  private:
    /// Of a chunk's trees and a group; or of every tree, or of a tree and every row, with the open walks behind.
    [[nodiscard]] std::int64_t leaves_bytes(std::int64_t rows) const {
        const std::int64_t most = std::max({3 * trees_, most_chunk_trees * lanes, 3 * groups_of(rows) * lanes});
        return align(most * static_cast<std::int64_t>(sizeof(std::uint32_t)));
    }
    [[nodiscard]] std::int64_t group_bytes() const {
        return std::max<std::int64_t>(tests_.features(), 1) * lanes * static_cast<std::int64_t>(sizeof(Key));
    }

    void run_row(const Work& work, std::int64_t row, Sum* sums) const {
        auto* leaves = reinterpret_cast<std::uint32_t*>(work.workspace);
        auto* x = reinterpret_cast<Key*>(work.workspace + leaves_bytes(work.rows));
        x[0] = below_all;  // what leaves compare with, where no feature is read
        const bool nan = tests_.read(work.inputs[0], row, 1, lanes, 0, x);
        engine_->row(x, nan, leaves, reinterpret_cast<Open*>(leaves + trees_));
        sums_.template add<1>(0, trees_, leaves, 1, sums);
    }

    void run_groups(const Work& work, std::int64_t rows, Sum* sums) const {
        auto* leaves = reinterpret_cast<std::uint32_t*>(work.workspace);
        auto* nan = reinterpret_cast<std::uint8_t*>(work.workspace + leaves_bytes(work.rows));
        std::byte* x = work.workspace + leaves_bytes(work.rows) + align(groups_of(rows));
        const std::int64_t groups = groups_of(rows);
        for (std::int64_t group = 0; group < groups; ++group) {
            auto* to = reinterpret_cast<Key*>(x + group * group_bytes());
            const std::int64_t count = std::min(lanes, rows - group * lanes);
            if (count < lanes || tests_.features() == 0) std::fill_n(to, group_bytes() / sizeof(Key), below_all);
            nan[group] = tests_.read(work.inputs[0], group * lanes, count, lanes, engine_->flip(), to) ? 1 : 0;
        }
        const Tiles tiles{reinterpret_cast<const Key*>(x), group_bytes() / static_cast<std::int64_t>(sizeof(Key)), rows,
                          std::find(nan, nan + groups, 1) != nan + groups};
        if (engine_->sifts(tiles)) return sift(tiles, leaves, sums);
        for (std::int64_t first = 0; first < trees_; first += chunk_) {
            const std::int64_t trees = std::min(chunk_, trees_ - first);
            for (std::int64_t group = 0; group < groups; ++group) {
                const auto* from = reinterpret_cast<const Key*>(x + group * group_bytes());
                engine_->rows(first, trees, from, nan[group] != 0, leaves);
                sums_.template add<lanes>(first, trees, leaves, std::min(lanes, rows - group * lanes),
                                          sums + group * lanes * outputs_);
            }
        }
    }

    void sift(const Tiles& tiles, std::uint32_t* leaves, Sum* sums) const {
        auto* open = reinterpret_cast<Open*>(leaves + groups_of(tiles.rows) * lanes);
        for (std::int64_t tree = 0; tree < trees_; ++tree) {
            engine_->sift(tree, tiles, leaves, open);
            sums_.add_tree(tree, leaves, tiles.rows, sums);
        }
    }

    Tests tests_;
    std::unique_ptr<Engine> engine_;
    LeafSums<Sum> sums_;
    std::int64_t trees_, outputs_, chunk_;
};

}  // namespace

std::unique_ptr<Step> make(const forms::Trees& form, ValueType input, TreeEngine engine) {
    const bool adds = form.aggregate == forms::Aggregate::sum || form.aggregate == forms::Aggregate::average;
    if (!adds || !Tests::cover(form)) return nullptr;
    Tests tests(form, input);
    const Layout layout(form, tests);
    if (engine == TreeEngine::bit_vectors && !fit_bit_vectors(layout)) return nullptr;
    auto finder = engine == TreeEngine::bit_vectors ? make_bit_vectors(tests, layout) : make_walks(tests, layout);
    if (finder == nullptr) return nullptr;
    if (form.accumulate == DType::float32)
        return std::make_unique<TreeWalkStep<float>>(form, std::move(tests), layout, std::move(finder));
    return std::make_unique<TreeWalkStep<double>>(form, std::move(tests), layout, std::move(finder));
}

std::unique_ptr<Step> make_fastest(const forms::Trees& form, ValueType input) {
    auto step = make(form, input, TreeEngine::bit_vectors);
    return step != nullptr ? std::move(step) : make(form, input, TreeEngine::walks);
}

}  // namespace holdfast::engine::tree_walks
