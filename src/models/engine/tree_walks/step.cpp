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

/// Rows are read in groups of `lanes`; then some trees at a time pass over all groups. Reader: Tests, or Masks.
template <class Sum, class Reader>
class TreeWalkStep final : public Step {
  public:
    using X = typename Reader::Key;

    TreeWalkStep(const forms::Trees& form, std::shared_ptr<const Reader> reader, const Layout& layout,
                 std::unique_ptr<Engine<X>> engine)
        : reader_(std::move(reader)),
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
        return std::max<std::int64_t>(reader_->features(), 1) * lanes * static_cast<std::int64_t>(sizeof(X));
    }

    void run_row(const Work& work, std::int64_t row, Sum* sums) const {
        auto* leaves = reinterpret_cast<std::uint32_t*>(work.workspace);
        auto* x = reinterpret_cast<X*>(work.workspace + leaves_bytes(work.rows));
        x[0] = below_all;  // what leaves compare with, where no feature is read
        const bool nan = reader_->read(work.inputs[0], row, 1, lanes, 0, x);
        engine_->row(x, nan, leaves, reinterpret_cast<Open*>(leaves + trees_));
        sums_.template add<1>(0, trees_, leaves, 1, sums);
    }

    void run_groups(const Work& work, std::int64_t rows, Sum* sums) const {
        auto* leaves = reinterpret_cast<std::uint32_t*>(work.workspace);
        auto* nan = reinterpret_cast<std::uint8_t*>(work.workspace + leaves_bytes(work.rows));
        std::byte* x = work.workspace + leaves_bytes(work.rows) + align(groups_of(rows));
        const std::int64_t groups = groups_of(rows);
        for (std::int64_t group = 0; group < groups; ++group) {
            auto* to = reinterpret_cast<X*>(x + group * group_bytes());
            const std::int64_t count = std::min(lanes, rows - group * lanes);
            if (count < lanes || reader_->features() == 0) std::fill_n(to, group_bytes() / sizeof(X), below_all);
            nan[group] = reader_->read(work.inputs[0], group * lanes, count, lanes, engine_->flip(), to) ? 1 : 0;
        }
        const Tiles<X> tiles{reinterpret_cast<const X*>(x), group_bytes() / static_cast<std::int64_t>(sizeof(X)), rows,
                             std::find(nan, nan + groups, 1) != nan + groups};
        if (engine_->sifts(tiles)) return sift(tiles, leaves, sums);
        for (std::int64_t first = 0; first < trees_; first += chunk_) {
            const std::int64_t trees = std::min(chunk_, trees_ - first);
            for (std::int64_t group = 0; group < groups; ++group) {
                const auto* from = reinterpret_cast<const X*>(x + group * group_bytes());
                engine_->rows(first, trees, from, nan[group] != 0, leaves);
                sums_.template add<lanes>(first, trees, leaves, std::min(lanes, rows - group * lanes),
                                          sums + group * lanes * outputs_);
            }
        }
    }

    void sift(const Tiles<X>& tiles, std::uint32_t* leaves, Sum* sums) const {
        auto* open = reinterpret_cast<Open*>(leaves + groups_of(tiles.rows) * lanes);
        for (std::int64_t tree = 0; tree < trees_; ++tree) {
            engine_->sift(tree, tiles, leaves, open);
            sums_.add_tree(tree, leaves, tiles.rows, sums);
        }
    }

    std::shared_ptr<const Reader> reader_;
    std::unique_ptr<Engine<X>> engine_;
    LeafSums<Sum> sums_;
    std::int64_t trees_, outputs_, chunk_;
};

/// An ensemble that engines may take.
struct Ensemble {
    Ensemble(const forms::Trees& trees, ValueType input)
        : form(trees), tests(std::make_shared<const Tests>(trees, input)), layout(trees, *tests) {}

    [[nodiscard]] static bool cover(const forms::Trees& form) {
        const bool adds = form.aggregate == forms::Aggregate::sum || form.aggregate == forms::Aggregate::average;
        return adds && Tests::cover(form);
    }

    const forms::Trees& form;
    std::shared_ptr<const Tests> tests;
    Layout layout;
};

template <class Reader>
std::unique_ptr<Step> step_of(const Ensemble& ensemble, std::shared_ptr<const Reader> reader,
                              std::unique_ptr<Engine<typename Reader::Key>> engine) {
    if (engine == nullptr) return nullptr;
    const forms::Trees& form = ensemble.form;
    if (form.accumulate == DType::float32)
        return std::make_unique<TreeWalkStep<float, Reader>>(form, std::move(reader), ensemble.layout,
                                                             std::move(engine));
    return std::make_unique<TreeWalkStep<double, Reader>>(form, std::move(reader), ensemble.layout, std::move(engine));
}

std::unique_ptr<Step> bit_vectors(const Ensemble& ensemble) {
    if (!fit_bit_vectors(ensemble.layout)) return nullptr;
    return step_of(ensemble, ensemble.tests, make_bit_vectors(*ensemble.tests, ensemble.layout));
}

std::unique_ptr<Step> walks(const Ensemble& ensemble) {
    return step_of(ensemble, ensemble.tests, make_walks(*ensemble.tests, ensemble.layout));
}

/// With masks where these say all of the rows, else without.
class EitherStep final : public Step {
  public:
    EitherStep(std::shared_ptr<const Masks> masks, std::unique_ptr<Step> masked, std::unique_ptr<Step> plain)
        : masks_(std::move(masks)), masked_(std::move(masked)), plain_(std::move(plain)) {}

    [[nodiscard]] std::int64_t workspace_bytes(std::int64_t rows) const override {
        return std::max(masked_->workspace_bytes(rows), plain_->workspace_bytes(rows));
    }
    void run(const Work& work) const override {
        (masks_->cover(work.inputs[0], work.rows) ? masked_ : plain_)->run(work);
    }

  private:
    std::shared_ptr<const Masks> masks_;
    std::unique_ptr<Step> masked_, plain_;
};

std::unique_ptr<Step> masked_walks(const Ensemble& ensemble, bool if_it_pays) {
    const auto masks = std::make_shared<const Masks>(ensemble.tests, ensemble.layout);
    if (!masks->has_indicators()) return nullptr;
    const MaskedLayout layout(*masks, ensemble.form, *ensemble.tests, ensemble.layout);
    if (if_it_pays && !layout.pays()) return nullptr;
    auto step = step_of(ensemble, masks, make_walks(layout));
    if (step == nullptr || ensemble.tests->nan_is_above()) return step;
    auto plain = walks(ensemble);
    if (plain == nullptr) return nullptr;
    return std::make_unique<EitherStep>(masks, std::move(step), std::move(plain));
}

}  // namespace

std::unique_ptr<Step> make(const forms::Trees& form, ValueType input, TreeEngine engine) {
    if (!Ensemble::cover(form)) return nullptr;
    const Ensemble ensemble(form, input);
    switch (engine) {
        case TreeEngine::walks: return walks(ensemble);
        case TreeEngine::masked_walks: return masked_walks(ensemble, false);
        case TreeEngine::bit_vectors: return bit_vectors(ensemble);
        case TreeEngine::general: break;
    }
    return nullptr;
}

std::unique_ptr<Step> make_fastest(const forms::Trees& form, ValueType input) {
    if (!Ensemble::cover(form)) return nullptr;
    const Ensemble ensemble(form, input);
    auto step = bit_vectors(ensemble);
    if (step == nullptr) step = masked_walks(ensemble, true);
    return step != nullptr ? std::move(step) : walks(ensemble);
}

}  // namespace holdfast::engine::tree_walks
