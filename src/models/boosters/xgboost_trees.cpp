#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <holdfast/base/error.hpp>

#include "models/boosters/xgboost.hpp"
#include "models/text.hpp"

namespace holdfast::boosters {
namespace {

using std::to_string;

/// The whole number `value`, from `least` to `most`.
template <class Int>
Int whole(const char* field, double value, std::int64_t least, std::int64_t most) {
    if (!(value >= static_cast<double>(least) && value <= static_cast<double>(most) && value == std::floor(value)))
        throw CorruptArtifact(std::string(field) + ": " + to_string(value) + " given, a whole number from " +
                              to_string(least) + " to " + to_string(most) + " wanted");
    return static_cast<Int>(value);
}

constexpr std::int64_t int32_max = std::numeric_limits<std::int32_t>::max();

class TreesReader {
  public:
    explicit TreesReader(const XGBoost& about) : about_(about) {
        form_.features = about.features;
        form_.outputs = about.outputs;
        form_.input = DType::float32;
        form_.accumulate = DType::float32;
        form_.comparison = forms::Comparison::less;
        form_.missing = forms::Missing::nan;
        form_.base = about.base;
        form_.leaf_begin = {0};
    }

    void read(const Value& tree, std::int64_t group) {
        const std::vector<double> left = tree.numbers("left_children").values();
        const std::size_t count = left.size();
        if (count == 0) throw CorruptArtifact("a tree of no nodes");
        if (form_.left.size() + count > static_cast<std::size_t>(int32_max))
            throw CorruptArtifact("2^31 nodes or more");
        const std::int64_t size = tree.at("tree_param").integer("size_leaf_vector", 1);
        if (size > 1 && size != about_.outputs)
            throw CorruptArtifact("size_leaf_vector: " + to_string(size) + " given, " + to_string(about_.outputs) +
                                  " wanted");
        const auto first = static_cast<std::int64_t>(form_.left.size());
        const std::vector<double> right = column(tree, "right_children", count);
        const std::vector<double> feature = column(tree, "split_indices", count);
        const std::vector<double> condition = column(tree, "split_conditions", count);
        const std::vector<double> default_left = column(tree, "default_left", count);
        // Files before 1.3 have no types.
        const std::vector<double> type =
            tree.find("split_type") == nullptr ? std::vector<double>(count) : column(tree, "split_type", count);
        // Since 3.2 leaves alone have vectors, each leaf's place in the stead of its right child; before, every node.
        const bool by_leaf = tree.find("leaf_weights") != nullptr;
        std::vector<double> vectors;
        if (size > 1 && by_leaf) vectors = tree.numbers("leaf_weights").values();
        if (size > 1 && !by_leaf)
            vectors = column(tree, "base_weights", count * static_cast<std::size_t>(about_.outputs));
        const auto leaves = static_cast<std::int64_t>(vectors.size()) / about_.outputs;
        form_.roots.push_back(first);
        for (std::size_t i = 0; i < count; ++i) {
            form_.default_left.push_back(default_left[i] != 0.0 ? 1 : 0);
            if (left[i] == -1.0) {
                add_node(-1, -1, -1, 0.0);
                if (size > 1) {
                    add_vector(vectors, by_leaf ? whole<std::size_t>("right_children", right[i], 0, leaves - 1) : i);
                } else {
                    add_entry(static_cast<std::int32_t>(group), condition[i]);
                }
            } else {
                // From 1.6 to 2.1 the condition of a categorical test is NaN.
                if (std::isnan(condition[i]) && type[i] != 1.0)
                    throw CorruptArtifact("split_conditions: NaN at node " + to_string(i));
                const auto nodes = static_cast<std::int64_t>(count) - 1;
                add_node(first + whole<std::int64_t>("left_children", left[i], 0, nodes),
                         first + whole<std::int64_t>("right_children", right[i], 0, nodes),
                         whole<std::int64_t>("split_indices", feature[i], 0, about_.features - 1),
                         static_cast<double>(static_cast<float>(condition[i])));
            }
            form_.leaf_begin.push_back(static_cast<std::int64_t>(form_.leaf_output.size()));
        }
        if (tree.find("split_type") != nullptr) read_categories(tree, type, first);
    }

    [[nodiscard]] forms::Trees take(std::vector<double> weights) {
        if (!form_.comparisons.empty()) form_.comparisons.resize(form_.left.size(), forms::Comparison::less);
        form_.tree_weight = std::move(weights);
        return std::move(form_);
    }

  private:
    static std::vector<double> column(const Value& tree, const char* key, std::size_t count) {
        std::vector<double> values = tree.numbers(key).values();
        if (values.size() != count)
            throw CorruptArtifact(std::string(key) + ": " + to_string(values.size()) + " values given, " +
                                  to_string(count) + " wanted");
        return values;
    }

    void add_node(std::int64_t left, std::int64_t right, std::int64_t feature, double threshold) {
        form_.left.push_back(static_cast<std::int32_t>(left));
        form_.right.push_back(static_cast<std::int32_t>(right));
        form_.feature.push_back(static_cast<std::int32_t>(feature));
        form_.threshold.push_back(threshold);
    }

    void add_entry(std::int32_t output, double value) {
        form_.leaf_output.push_back(output);
        form_.leaf_value.push_back(static_cast<double>(static_cast<float>(value)));
    }

    /// The `k`th vector of one value an output.
    void add_vector(std::span<const double> vectors, std::size_t k) {
        const auto outputs = static_cast<std::size_t>(about_.outputs);
        std::int32_t output = 0;
        for (const double value : vectors.subspan(k * outputs, outputs)) add_entry(output++, value);
    }

    /// Members of a node's categories go right.
    void read_categories(const Value& tree, std::span<const double> type, std::int64_t first) {
        const std::size_t count = type.size();
        const std::vector<double> nodes = tree.numbers("categories_nodes").values();
        const std::vector<double> segments = column(tree, "categories_segments", nodes.size());
        const std::vector<double> sizes = column(tree, "categories_sizes", nodes.size());
        const std::vector<double> categories = tree.numbers("categories").values();
        std::vector<bool> has_set(count);
        for (std::size_t k = 0; k < nodes.size(); ++k) {
            const auto node = whole<std::size_t>("categories_nodes", nodes[k], 0, static_cast<std::int64_t>(count) - 1);
            const auto all = static_cast<std::int64_t>(categories.size());
            const auto begin = whole<std::int64_t>("categories_segments", segments[k], 0, all);
            const auto size = whole<std::int64_t>("categories_sizes", sizes[k], 0, all - begin);
            if (has_set[node]) throw CorruptArtifact("categories_nodes: node " + to_string(node) + " given twice");
            has_set[node] = true;
            if (type[node] == 1.0 && form_.left[static_cast<std::size_t>(first) + node] != -1)
                add_set(static_cast<std::size_t>(first) + node,
                        std::span(categories).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(size)));
        }
        for (std::size_t i = 0; i < count; ++i) {
            if (type[i] != 0.0 && type[i] != 1.0)
                throw Unsupported("split_type " + to_string(type[i]) + " is not known");
            if (type[i] == 1.0 && !has_set[i] && form_.left[static_cast<std::size_t>(first) + i] != -1)
                throw CorruptArtifact("categorical node " + to_string(i) + " has no categories");
        }
    }

    void add_set(std::size_t node, std::span<const double> categories) {
        if (form_.set_begin.empty()) form_.set_begin = {0};
        const auto begin = static_cast<std::ptrdiff_t>(form_.sets.size());
        for (const double category : categories)
            form_.sets.push_back(whole<std::int64_t>("categories", category, 0, int32_max));
        std::sort(form_.sets.begin() + begin, form_.sets.end());
        form_.comparisons.resize(form_.left.size(), forms::Comparison::less);
        form_.comparisons[node] = forms::Comparison::not_in_set;
        form_.threshold[node] = static_cast<double>(form_.set_begin.size() - 1);
        form_.set_begin.push_back(static_cast<std::int64_t>(form_.sets.size()));
    }

    const XGBoost& about_;
    forms::Trees form_;
};

}  // namespace

forms::Trees xgboost_trees(const Value& booster, const XGBoost& about, std::vector<double> weights) {
    const Value& model = booster.at("model");
    const Value::Items& trees = model.items("trees");
    const std::vector<double> groups = model.numbers("tree_info").values();
    if (trees.empty()) throw CorruptArtifact("trees: none given, one or more wanted");
    if (groups.size() != trees.size())
        throw CorruptArtifact("tree_info: " + to_string(groups.size()) + " values given, " + to_string(trees.size()) +
                              " wanted");
    if (!weights.empty() && weights.size() != trees.size())
        throw CorruptArtifact("weight_drop: " + to_string(weights.size()) + " values given, " +
                              to_string(trees.size()) + " wanted");
    TreesReader reader(about);
    for (std::size_t t = 0; t < trees.size(); ++t)
        reader.read(trees[t], whole<std::int64_t>("tree_info", groups[t], 0, about.outputs - 1));
    return reader.take(std::move(weights));
}

}  // namespace holdfast::boosters
