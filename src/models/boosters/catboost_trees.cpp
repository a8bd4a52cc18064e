#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <holdfast/base/error.hpp>

#include "models/boosters/catboost.hpp"
#include "models/text.hpp"

namespace holdfast::boosters {
namespace {

using std::to_string;

constexpr std::int64_t most_nodes = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t most_levels = 24;

class TreesReader {
  public:
    TreesReader(const std::vector<CatBoostFeature>& features, std::int64_t columns, std::int64_t outputs)
        : features_(features) {
        form_.features = columns;
        form_.outputs = outputs;
        form_.input = DType::float32;
        form_.comparison = forms::Comparison::less_equal;
        form_.missing = forms::Missing::nan;
        form_.leaf_begin = {0};
    }

    /// All nodes of one depth ask the same; the first split is the lowest bit of a leaf's number.
    void read_oblivious(const Value& tree) {
        const Value* found = tree.find("splits");
        const bool is_leaf = found == nullptr || std::holds_alternative<std::monostate>(found->content);
        static const Value::Items none;
        const Value::Items& splits = is_leaf ? none : tree.items("splits");
        const std::vector<double> values = tree.numbers("leaf_values").values();
        if (splits.size() > most_levels)
            throw CorruptArtifact("splits: " + to_string(splits.size()) + " in one tree given, at most " +
                                  to_string(most_levels) + " wanted");
        const std::size_t leaves = std::size_t{1} << splits.size();
        if (values.size() != leaves * static_cast<std::size_t>(form_.outputs))
            throw CorruptArtifact("leaf_values: " + to_string(values.size()) + " given, " +
                                  to_string(leaves * static_cast<std::size_t>(form_.outputs)) + " wanted");
        form_.roots.push_back(count());
        for (std::size_t level = 0; level < splits.size(); ++level) {
            const Value& split = splits[splits.size() - 1 - level];
            for (std::size_t i = 0; i < std::size_t{1} << level; ++i) {
                const std::int64_t left =
                    form_.roots.back() + (std::int64_t{2} << level) - 1 + 2 * static_cast<std::int64_t>(i);
                add_split(split, left, left + 1);
            }
        }
        for (std::size_t leaf = 0; leaf < leaves; ++leaf)
            add_leaf(std::span(values).subspan(leaf * static_cast<std::size_t>(form_.outputs),
                                               static_cast<std::size_t>(form_.outputs)));
    }

    /// Nodes in one another, each either with "split", "left" and "right" or with "value".
    void read_nested(const Value& tree) {
        form_.roots.push_back(count());
        read_node(tree);
    }

    [[nodiscard]] forms::Trees take() { return std::move(form_); }

  private:
    [[nodiscard]] std::int64_t count() const noexcept { return static_cast<std::int64_t>(form_.left.size()); }

    void read_node(const Value& node) {  // as deep as documents may be
        const Value* split = node.find("split");
        if (split == nullptr) {
            const Value& value = node.at("value");
            if (const auto* number = std::get_if<double>(&value.content)) return add_leaf(std::span(number, 1));
            return add_leaf(node.numbers("value").values());
        }
        const auto own = static_cast<std::size_t>(count());
        add_split(*split, -1, -1);
        form_.left[own] = static_cast<std::int32_t>(count());
        read_node(node.at("left"));
        form_.right[own] = static_cast<std::int32_t>(count());
        read_node(node.at("right"));
    }

    void add(std::int64_t left, std::int64_t right, std::int64_t feature, double threshold, bool default_left) {
        if (count() >= most_nodes) throw CorruptArtifact("2^31 nodes or more");
        form_.left.push_back(static_cast<std::int32_t>(left));
        form_.right.push_back(static_cast<std::int32_t>(right));
        form_.feature.push_back(static_cast<std::int32_t>(feature));
        form_.threshold.push_back(threshold);
        form_.default_left.push_back(default_left ? 1 : 0);
    }

    /// Values above the border, a float, go right.
    void add_split(const Value& split, std::int64_t left, std::int64_t right) {
        const std::string& type = split.text("split_type");
        if (type != "FloatFeature")
            throw Unsupported("split_type " + detail::quoted(type) + " is not covered; FloatFeature is");
        const std::int64_t number = split.integer("float_feature_index");
        if (number < 0 || number >= static_cast<std::int64_t>(features_.size()))
            throw CorruptArtifact("float_feature_index: " + to_string(number) + " given, 0 to " +
                                  to_string(static_cast<std::int64_t>(features_.size()) - 1) + " wanted");
        const auto* border = std::get_if<double>(&split.at("border").content);
        if (border == nullptr || std::isnan(*border)) throw CorruptArtifact("border: a number wanted");
        const CatBoostFeature& feature = features_[static_cast<std::size_t>(number)];
        add(left, right, feature.column, static_cast<double>(static_cast<float>(*border)), !feature.missing_is_above);
        form_.leaf_begin.push_back(form_.leaf_begin.back());
    }

    void add_leaf(std::span<const double> values) {
        if (static_cast<std::int64_t>(values.size()) != form_.outputs)
            throw CorruptArtifact("value: " + to_string(values.size()) + " numbers of a leaf given, " +
                                  to_string(form_.outputs) + " wanted");
        add(-1, -1, -1, 0.0, false);
        for (std::size_t k = 0; k < values.size(); ++k) {
            form_.leaf_output.push_back(static_cast<std::int32_t>(k));
            form_.leaf_value.push_back(values[k]);
        }
        form_.leaf_begin.push_back(static_cast<std::int64_t>(form_.leaf_value.size()));
    }

    const std::vector<CatBoostFeature>& features_;
    forms::Trees form_;
};

}  // namespace

forms::Trees catboost_trees(const Value& document, const std::vector<CatBoostFeature>& features, std::int64_t columns,
                            std::int64_t outputs) {
    const bool oblivious = document.find("oblivious_trees") != nullptr;
    const Value::Items& trees = document.items(oblivious ? "oblivious_trees" : "trees");
    if (trees.empty()) throw CorruptArtifact("trees: none given, one or more wanted");
    TreesReader reader(features, columns, outputs);
    for (const Value& tree : trees) {
        if (oblivious) {
            reader.read_oblivious(tree);
        } else {
            reader.read_nested(tree);
        }
    }
    return reader.take();
}

}  // namespace holdfast::boosters
