#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <numeric>
#include <type_traits>
#include <vector>

#include "models/engine/tree_walks/engine.hpp"
#include "models/engine/tree_walks/tops.hpp"

namespace holdfast::engine::tree_walks {
namespace {

/// The lower child is `below` places on, the upper one follows it. A leaf's threshold is no less than any key and its
/// distance 0: a walk stays there. By how much it is greater than NaN's is the leaf's number.
template <class Distance>
struct NodeOf {
    Key threshold = above_all;
    Distance feature = 0;  // where its keys begin in a group of rows: `lanes` times its number
    Distance below = 0;

    /// What is in the place of a node may be the mask of another.
    [[nodiscard]] Word mask() const {
        Word mask = 0;
        std::memcpy(&mask, static_cast<const void*>(this), sizeof(mask));
        return mask;
    }
    void set_mask(Word mask) { std::memcpy(static_cast<void*>(this), &mask, sizeof(mask)); }
};
static_assert(sizeof(NodeOf<std::uint16_t>) == 8);

constexpr std::uint32_t most_leaves = 1U << 22;
constexpr std::uint32_t sift_levels = 6;  // from one look at which rows go on to the next; fewer are not worth it
constexpr std::int64_t least_sifted = 4 * lanes;
static_assert(above_all + most_leaves > above_all);

/// The tests of a layout, and the numbers of its leaves.
struct PlainLayout {
    const Tests& tests;
    const Layout& layout;

    [[nodiscard]] const std::vector<Shape>& shapes() const noexcept { return layout.shapes(); }
    [[nodiscard]] std::int64_t features() const noexcept { return tests.features(); }
    [[nodiscard]] bool nan_is_above() const noexcept { return tests.nan_is_above(); }

    template <class Inner, class Leaf>
    void visit(std::size_t tree, Inner inner, Leaf leaf) const {
        std::uint32_t number = 0;
        layout.visit(
            tree, [&](const Way& way, std::int32_t node) { inner(way, tests.at(node)); },
            [&](const Way& way, std::int32_t) { leaf(way, number++); });
    }
};

/// Of keys; or of words, under masks.
template <class X, class Distance>
class Walks final : public Engine<X> {
    static constexpr bool masked = std::is_same_v<X, Word>;
    using Tops = std::conditional_t<masked, MaskedTop, Top>;
    using Node = NodeOf<Distance>;
    static constexpr std::size_t mask_at = 2, places = masked ? 4 : 2;  // of a pair: two nodes, and their masks

  public:
    /// Trees: PlainLayout, or MaskedLayout.
    template <class Trees>
    explicit Walks(const Trees& trees) {
        std::size_t pairs = 0;
        for (const Shape& shape : trees.shapes()) pairs += shape.nodes - shape.leaves + 1;
        nodes_.reserve(places * pairs);
        if (!trees.nan_is_above()) nan_below_.reserve(places * pairs);
        for (std::size_t tree = 0; tree < trees.shapes().size(); ++tree) {
            add_tree(trees, tree);
            tops_.push_back(top_of(roots_.back()));
        }
        by_depth_.resize(roots_.size());
        std::iota(by_depth_.begin(), by_depth_.end(), 0U);
        std::stable_sort(by_depth_.begin(), by_depth_.end(),
                         [this](std::uint32_t a, std::uint32_t b) { return depths_[a] < depths_[b]; });
    }

    void rows(std::int64_t first, std::int64_t trees, const X* x, bool nan, std::uint32_t* leaves) const override {
        for (std::int64_t tree = first; tree < first + trees; ++tree, leaves += lanes) {
            std::uint32_t at[lanes];
            descend(static_cast<std::size_t>(tree), depths_[static_cast<std::size_t>(tree)], x, nan, at);
            for (std::int64_t lane = 0; lane < lanes; ++lane) leaves[lane] = leaf_at(at[lane]);
        }
    }

    [[nodiscard]] bool sifts(const Tiles<X>& tiles) const noexcept override {
        return is_uneven() && tiles.rows >= least_sifted && !minds(tiles.nan);
    }

    /// All rows go down to where the mean leaf is; from there on only those go together that are in none yet.
    void sift(std::int64_t tree, const Tiles<X>& tiles, std::uint32_t* leaves, Open* open) const override {
        std::int64_t left = 0;
        for (std::int64_t row = 0; row < tiles.rows; row += lanes) {
            const X* x = tiles.keys + row / lanes * tiles.stride;
            std::uint32_t at[lanes];
            descend(static_cast<std::size_t>(tree), mean_depths_[static_cast<std::size_t>(tree)], x, false, at);
            const std::int64_t count = std::min(lanes, tiles.rows - row);
            for (std::int64_t lane = 0; lane < count; ++lane)
                left = keep(static_cast<std::uint32_t>(row + lane), at[lane], leaves, open, left);
        }
        go_on(open, left, depths_[static_cast<std::size_t>(tree)], RowsOf{tiles}, leaves);
    }

    void row(const X* x, bool nan, std::uint32_t* leaves, Open* open) const override {
        const OneRow value{x};
        const std::size_t trees = by_depth_.size();
        if (trees < lanes) {
            for (const std::uint32_t& tree : by_depth_) walk_trees<1>(&tree, nan, value, leaves);
        } else if (is_uneven() && static_cast<std::int64_t>(trees) >= least_sifted && !minds(nan)) {
            sift_trees(x, leaves, open);
        } else {
            for (std::size_t next = 0; next + lanes <= trees; next += lanes)
                walk_trees<lanes>(&by_depth_[next], nan, value, leaves);
            if (trees % lanes != 0)
                walk_trees<lanes>(&by_depth_[trees - lanes], nan, value, leaves);  // some a second time
        }
    }

    [[nodiscard]] std::int64_t bytes_a_tree() const noexcept override {
        return static_cast<std::int64_t>(nodes_.size() * sizeof(nodes_[0]) / roots_.size());
    }

  private:
    /// Whether there is a NaN, and it has a way of its own.
    [[nodiscard]] bool minds(bool nan) const noexcept { return nan && !nan_below_.empty(); }

    /// Whether the deepest leaf lies so far below the mean one that it pays to look who is in a leaf already.
    [[nodiscard]] bool is_uneven() const noexcept { return below_mean_ >= sift_levels * roots_.size(); }

    /// Pairs of children depth first, each at an even place: none lies in two lines of the cache.
    template <class Trees>
    void add_tree(const Trees& trees, std::size_t tree) {
        std::vector<std::size_t> pairs;  // of children, one an inner node
        std::uint32_t leaves = 0, deepest = 0;
        std::uint64_t depths = 0;  // of its leaves, together
        const std::size_t begin = nodes_.size();
        const auto place = [&](const Way& way) {
            return way.from < 0 ? begin + 1 : pairs[static_cast<std::size_t>(way.from)] + (way.above ? 1 : 0);
        };
        roots_.push_back(static_cast<std::uint32_t>(begin + 1));
        add_pair(trees.nan_is_above());
        trees.visit(
            tree,
            [&](const Way& way, const auto& test) {
                const std::size_t at = place(way);
                pairs.push_back(nodes_.size());
                nodes_[at] = {test.threshold, static_cast<Distance>(test.feature * lanes),
                              static_cast<Distance>(nodes_.size() - at)};
                if constexpr (masked) nodes_[at + mask_at].set_mask(test.mask);
                if (!trees.nan_is_above()) nan_below_[at] = test.nan_below ? 1 : 0;
                add_pair(trees.nan_is_above());
            },
            [&](const Way& way, std::uint32_t leaf) {
                const std::size_t at = place(way);
                nodes_[at].threshold = above_all + leaf;
                if constexpr (masked) nodes_[at + mask_at].set_mask(0);
                ++leaves;
                depths += way.depth;
                deepest = std::max(deepest, way.depth);
            });
        depths_.push_back(deepest);
        mean_depths_.push_back(static_cast<std::uint32_t>(depths / leaves));
        below_mean_ += depths_.back() - mean_depths_.back();
    }

    void add_pair(bool nan_is_above) {
        nodes_.resize(nodes_.size() + places);
        if (!nan_is_above) nan_below_.resize(nodes_.size());
    }

    [[nodiscard]] Tops top_of(std::uint32_t root) const {
        Tops top;
        std::uint32_t nodes[31] = {root};  // as a heap: the children of node i are 2 i + 1 and 2 i + 2
        for (std::size_t i = 0; i < 15; ++i) {
            const Node& node = nodes_[nodes[i]];
            if constexpr (masked) {
                top.thresholds[i] = node.threshold;
                top.masks[i] = (&node)[mask_at].mask();
            } else {
                top.thresholds[i] = static_cast<std::int32_t>(node.threshold ^ 0x80000000U);
            }
            top.features[i] = node.feature;
            nodes[2 * i + 1] = nodes[i] + node.below;
            nodes[2 * i + 2] = nodes[2 * i + 1] + (node.below == 0 ? 0 : 1);
        }
        std::copy(nodes + 15, nodes + 31, top.nodes);
        return top;
    }

    /// So many levels down a tree, of a group of rows.
    void descend(std::size_t tree, std::uint32_t depth, const X* x, bool nan, std::uint32_t (&at)[lanes]) const {
        const auto value = [x](std::uint32_t feature, std::int64_t lane) { return x[feature + lane]; };
        if (minds(nan)) {
            std::fill_n(at, lanes, roots_[tree]);
            return walk<lanes>(at, depth, nan, value);
        }
        enter(tops_[tree], x, at);
        walk<lanes>(at, depth - std::min(depth, top_levels), false, value);
    }

    /// Where the lanes of a walk find their keys: those of some rows, wherever they stand, ...
    struct RowsOf {
        const Tiles<X>& tiles;
        const X* from[lanes] = {};

        void take(std::int64_t lane, std::uint32_t row) {
            from[lane] = tiles.keys + row / lanes * tiles.stride + row % lanes;
        }
        X operator()(std::uint32_t feature, std::int64_t lane) const { return from[lane][feature]; }
    };
    /// ... or all those of one.
    struct OneRow {
        const X* x;

        void take(std::int64_t, std::uint32_t) {}
        X operator()(std::uint32_t feature, std::int64_t) const { return x[feature]; }
    };

    /// Every tree down to where the mean leaf is; from there on only those that are in none yet.
    void sift_trees(const X* x, std::uint32_t* leaves, Open* open) const {
        std::int64_t left = 0;
        const auto trees = static_cast<std::int64_t>(by_depth_.size());
        for (std::int64_t first = 0; first < trees; first += lanes) {
            const std::uint32_t* tree = &by_depth_[static_cast<std::size_t>(first)];
            const std::int64_t count = std::min(lanes, trees - first);
            std::uint32_t at[lanes];
            for (std::int64_t lane = 0; lane < lanes; ++lane) at[lane] = roots_[tree[std::min(lane, count - 1)]];
            walk<lanes>(at, mean_depths_[tree[count / 2]], false, OneRow{x});
            for (std::int64_t lane = 0; lane < count; ++lane) left = keep(tree[lane], at[lane], leaves, open, left);
        }
        go_on(open, left, depths_[by_depth_.back()], OneRow{x}, leaves);
    }

    /// The open walks, `depth` levels at most, until each is in a leaf.
    template <class Keys>
    void go_on(Open* open, std::int64_t left, std::uint32_t depth, Keys keys, std::uint32_t* leaves) const {
        while (left > 0) {
            const std::uint32_t levels = left > lanes ? sift_levels : depth;
            std::int64_t rest = 0;
            for (std::int64_t begin = 0; begin < left; begin += lanes)
                rest = go_on_some(open + begin, std::min(lanes, left - begin), levels, keys, leaves, open, rest);
            left = rest;
        }
    }

    /// `count` of them, so many levels on; those that are in no leaf then are open[rest] and behind it.
    template <class Keys>
    std::int64_t go_on_some(const Open* walks, std::int64_t count, std::uint32_t levels, Keys& keys,
                            std::uint32_t* leaves, Open* open, std::int64_t rest) const {
        std::uint32_t whose[lanes], at[lanes];
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
            const Open& one = walks[std::min(lane, count - 1)];  // the last one fills up
            whose[lane] = one.walk;
            at[lane] = one.node;
            keys.take(lane, one.walk);
        }
        walk<lanes>(at, levels, false,
                    [&keys](std::uint32_t feature, std::int64_t lane) { return keys(feature, lane); });
        for (std::int64_t lane = 0; lane < count; ++lane) rest = keep(whose[lane], at[lane], leaves, open, rest);
        return rest;
    }

    /// Notes the walk's leaf, and that it goes on if that is none yet: without a branch.
    std::int64_t keep(std::uint32_t walk, std::uint32_t at, std::uint32_t* leaves, Open* open,
                      std::int64_t left) const noexcept {
        leaves[walk] = leaf_at(at);
        open[left] = {walk, at};
        return left + (nodes_[at].below != 0 ? 1 : 0);
    }

    [[nodiscard]] std::uint32_t leaf_at(std::uint32_t node) const noexcept {
        return nodes_[node].threshold - above_all;
    }

    template <std::int64_t Lanes, class Value>
    void walk_trees(const std::uint32_t* trees, bool nan, Value value, std::uint32_t* leaves) const {
        std::uint32_t at[Lanes];
        for (std::int64_t lane = 0; lane < Lanes; ++lane) at[lane] = roots_[trees[lane]];
        walk<Lanes>(at, depths_[trees[Lanes - 1]], nan, value);
        for (std::int64_t lane = 0; lane < Lanes; ++lane) leaves[trees[lane]] = leaf_at(at[lane]);
    }

    template <std::int64_t Lanes, class Value>
    void walk(std::uint32_t (&nodes)[Lanes], std::uint32_t depth, bool nan, Value value) const {
        std::uint64_t at[Lanes];  // of 64 bits: to index with them takes no conversion
        std::copy_n(nodes, Lanes, at);
        if (minds(nan)) {
            for (std::uint32_t level = 0; level < depth; ++level) step<Lanes, true>(at, value);
        } else {
            for (std::uint32_t level = 0; level < depth; level += 3) {
                step<Lanes, false>(at, value);
                step<Lanes, false>(at, value);
                if (step<Lanes, false>(at, value) == 0) break;
            }
        }
        for (std::int64_t lane = 0; lane < Lanes; ++lane) nodes[lane] = static_cast<std::uint32_t>(at[lane]);
    }

    /// One node on in every lane; 0 where all were at leaves.
    template <std::int64_t Lanes, bool Nan, class Value>
    [[gnu::always_inline]] std::uint32_t step(std::uint64_t (&at)[Lanes], Value value) const {
        const Node* nodes = nodes_.data();
        std::uint32_t moved = 0;
#pragma GCC unroll 16
        for (std::int64_t lane = 0; lane < Lanes; ++lane) {
            const Node& node = nodes[at[lane]];
            X key = value(node.feature, lane);
            if constexpr (masked) key &= (&node)[mask_at].mask();
            std::uint64_t next = at[lane] + node.below;
            if constexpr (Nan) {
                const bool above = node.threshold < key, nan = key == above_all, goes_below = nan_below_[at[lane]] != 0;
                next += above & !(nan & goes_below);
            } else {
                next += node.threshold < key;  // in a statement of its own: GCC makes cmp and adc of it, else 4 more
            }
            moved |= node.below;
            at[lane] = next;
        }
        return moved;
    }

    std::vector<Node> nodes_;
    std::vector<Tops> tops_;                                              // one a tree
    std::vector<std::uint8_t> nan_below_;                                 // one a node, or empty
    std::vector<std::uint32_t> roots_, depths_, mean_depths_, by_depth_;  // depths of leaves: the deepest, the mean
    std::uint64_t below_mean_ = 0;  // levels from the mean to the deepest, of all trees
};

template <class X, class Trees>
std::unique_ptr<Engine<X>> make(const Trees& trees) {
    const std::vector<Shape>& shapes = trees.shapes();
    constexpr auto most = std::numeric_limits<std::uint16_t>::max();
    constexpr std::uint32_t places = std::is_same_v<X, Word> ? 2 : 1;  // of a node
    const auto fits = [](const Shape& shape) { return shape.nodes < most / places; };
    const auto has_many_leaves = [](const Shape& shape) { return shape.leaves > most_leaves; };
    const auto add = [](std::uint64_t nodes, const Shape& shape) { return nodes + shape.nodes + 1; };
    const std::uint64_t nodes = std::accumulate(shapes.begin(), shapes.end(), std::uint64_t{0}, add);
    if (nodes * places > std::numeric_limits<std::uint32_t>::max()) return nullptr;
    if (std::any_of(shapes.begin(), shapes.end(), has_many_leaves)) return nullptr;
    if (trees.features() > std::numeric_limits<std::uint32_t>::max() / lanes) return nullptr;
    if (trees.features() * lanes <= most && std::all_of(shapes.begin(), shapes.end(), fits))
        return std::make_unique<Walks<X, std::uint16_t>>(trees);
    return std::make_unique<Walks<X, std::uint32_t>>(trees);
}

}  // namespace

std::unique_ptr<Engine<Key>> make_walks(const Tests& tests, const Layout& layout) {
    return make<Key>(PlainLayout{tests, layout});
}

std::unique_ptr<Engine<Word>> make_walks(const MaskedLayout& layout) { return make<Word>(layout); }

}  // namespace holdfast::engine::tree_walks
