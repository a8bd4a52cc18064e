// TreeEnsembleClassifier and TreeEnsembleRegressor.
// Source: https://onnx.ai/onnx/operators/, and what ONNX Runtime does where that leaves it open.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "models/onnx/operation.hpp"

namespace holdfast::onnx {
namespace {

using forms::Comparison;

/// The nodes of a file are told apart by (tree, node); here is where each stands in its arrays. Mostly trees stand one
/// behind the other and number their nodes from 0; else keys are sorted.
class NodeIndex {
  public:
    NodeIndex(const Operation& op, const std::vector<std::int32_t>& trees, const std::vector<std::int32_t>& nodes)
        : op_(op), count_(trees.size()) {
        if (stand_in_order(trees, nodes)) return;
        begin_.clear();
        keys_.reserve(trees.size());
        for (std::size_t i = 0; i < trees.size(); ++i)
            keys_.push_back({trees[i], nodes[i], static_cast<std::int32_t>(i)});
        std::sort(keys_.begin(), keys_.end());
        for (std::size_t i = 1; i < keys_.size(); ++i) {
            if (keys_[i].tree == keys_[i - 1].tree && keys_[i].node == keys_[i - 1].node)
                op_.corrupt(name(keys_[i].tree, keys_[i].node) + " is there twice");
        }
        trees_ = trees;
        std::sort(trees_.begin(), trees_.end());
        trees_.erase(std::unique(trees_.begin(), trees_.end()), trees_.end());
    }

    /// Numbers of the trees, in order.
    [[nodiscard]] const std::vector<std::int32_t>& trees() const noexcept { return trees_; }

    [[nodiscard]] std::int32_t at(std::int32_t tree, std::int32_t node) const {
        const std::int32_t found = begin_.empty() ? by_key(tree, node) : by_order(tree, node);
        if (found < 0) op_.corrupt(name(tree, node) + " is missing");
        return found;
    }

  private:
    struct Key {
        std::int32_t tree, node, position;
        auto operator<=>(const Key&) const = default;
    };

    bool stand_in_order(const std::vector<std::int32_t>& trees, const std::vector<std::int32_t>& nodes) {
        for (std::size_t i = 0; i < trees.size(); ++i) {
            if (trees_.empty() || trees[i] > trees_.back()) {
                trees_.push_back(trees[i]);
                begin_.push_back(i);
            }
            if (trees[i] != trees_.back() || nodes[i] < 0 || static_cast<std::size_t>(nodes[i]) != i - begin_.back())
                return false;
        }
        return true;
    }

    [[nodiscard]] std::int32_t by_order(std::int32_t tree, std::int32_t node) const {
        if (trees_[last_] != tree) {  // nodes of one tree are asked for one after the other
            const auto found = std::lower_bound(trees_.begin(), trees_.end(), tree);
            if (found == trees_.end() || *found != tree) return -1;
            last_ = static_cast<std::size_t>(found - trees_.begin());
        }
        const std::size_t end = last_ + 1 < begin_.size() ? begin_[last_ + 1] : count_;
        if (node < 0 || static_cast<std::size_t>(node) >= end - begin_[last_]) return -1;
        return static_cast<std::int32_t>(begin_[last_]) + node;
    }

    [[nodiscard]] std::int32_t by_key(std::int32_t tree, std::int32_t node) const {
        const auto found = std::lower_bound(keys_.begin(), keys_.end(), Key{tree, node, -1});
        return found == keys_.end() || found->tree != tree || found->node != node ? -1 : found->position;
    }

    static std::string name(std::int32_t tree, std::int32_t node) {
        return "node " + std::to_string(node) + " of tree " + std::to_string(tree);
    }

    const Operation& op_;
    std::size_t count_;
    std::vector<std::int32_t> trees_;
    std::vector<std::size_t> begin_;  // of each tree; empty where nodes stand in no order
    std::vector<Key> keys_;
    mutable std::size_t last_ = 0;
};

Comparison comparison_of(const Operation& op, std::string_view mode) {
    if (mode == "BRANCH_LEQ") return Comparison::less_equal;
    if (mode == "BRANCH_LT") return Comparison::less;
    if (mode == "BRANCH_GTE") return Comparison::greater_equal;
    if (mode == "BRANCH_GT") return Comparison::greater;
    if (mode == "BRANCH_EQ") return Comparison::equal;
    if (mode == "BRANCH_NEQ") return Comparison::not_equal;
    op.refuse("with node mode \"" + std::string(mode.substr(0, 100)) + "\" is not covered");
}

class Reader {
  public:
    Reader(Operation& op, const Value& x, std::int64_t outputs)
        : op_(op), tree_ids_(op.integers_of_32_bits("nodes_treeids")), index_(op, tree_ids_, node_ids()) {
        form_.features = x.width;
        form_.outputs = outputs;
        form_.input = x.dtype == DType::float64 ? DType::float64 : DType::float32;
        op_.ignore("nodes_hitrates");
        op_.ignore("nodes_hitrates_as_tensor");
    }

    forms::Trees read(const std::string& leaves) {
        read_nodes();
        read_roots();
        read_leaves(leaves);
        return std::move(form_);
    }

  private:
    [[nodiscard]] std::size_t count() const noexcept { return tree_ids_.size(); }

    [[nodiscard]] std::vector<std::int32_t> node_ids() const {
        std::vector<std::int32_t> ids = op_.integers_of_32_bits("nodes_nodeids");
        op_.expect_size("nodes_nodeids", ids.size(), static_cast<std::int64_t>(count()));
        if (count() == 0) op_.corrupt("has no nodes");
        if (count() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
            op_.corrupt("has 2^31 nodes or more");
        return ids;
    }

    void read_nodes() {
        const auto wanted = static_cast<std::int64_t>(count());
        form_.feature = op_.integers_of_32_bits("nodes_featureids");
        form_.threshold = op_.numbers_or_tensor("nodes_values");
        form_.left = op_.integers_of_32_bits("nodes_truenodeids");
        form_.right = op_.integers_of_32_bits("nodes_falsenodeids");
        op_.expect_size("nodes_featureids", form_.feature.size(), wanted);
        op_.expect_size("nodes_values", form_.threshold.size(), wanted);
        op_.expect_size("nodes_truenodeids", form_.left.size(), wanted);
        op_.expect_size("nodes_falsenodeids", form_.right.size(), wanted);
        std::vector<Comparison> comparisons;
        comparisons.reserve(count());
        std::size_t modes = 0;
        op_.for_each_text("nodes_modes", [&](std::string_view mode) {
            if (modes++ < count()) comparisons.push_back(read_node(modes - 1, mode));
        });
        op_.expect_size("nodes_modes", modes, wanted);
        read_tracks(comparisons);
        keep_comparisons(std::move(comparisons));
    }

    /// Node i, whose numbers are in place, as a form has it.
    Comparison read_node(std::size_t i, std::string_view mode) {
        if (mode == "LEAF") {
            form_.left[i] = form_.right[i] = form_.feature[i] = -1;
            form_.threshold[i] = 0.0;
            return Comparison::less_equal;
        }
        if (form_.feature[i] < 0 || form_.feature[i] >= form_.features)
            op_.corrupt("tests feature " + std::to_string(form_.feature[i]) + " of " + std::to_string(form_.features));
        form_.left[i] = index_.at(tree_ids_[i], form_.left[i]);
        form_.right[i] = index_.at(tree_ids_[i], form_.right[i]);
        return comparison_of(op_, mode);
    }

    void read_tracks(const std::vector<Comparison>& comparisons) {
        const std::vector<std::int32_t> tracks = op_.integers_of_32_bits("nodes_missing_value_tracks_true");
        if (tracks.empty()) return;
        op_.expect_size("nodes_missing_value_tracks_true", tracks.size(), static_cast<std::int64_t>(count()));
        if (std::all_of(tracks.begin(), tracks.end(), [](std::int32_t track) { return track == 0; })) return;
        form_.missing = forms::Missing::nan;
        form_.default_left.assign(count(), 0);
        for (std::size_t i = 0; i < count(); ++i) {
            // NaN differs from every threshold, so that "not equal" holds for it whatever is tracked.
            if (form_.left[i] >= 0)
                form_.default_left[i] = tracks[i] != 0 || comparisons[i] == Comparison::not_equal ? 1 : 0;
        }
    }

    void keep_comparisons(std::vector<Comparison> comparisons) {
        const auto inner =
            std::find_if(form_.left.begin(), form_.left.end(), [](std::int32_t left) { return left >= 0; });
        if (inner == form_.left.end()) return;
        form_.comparison = comparisons[static_cast<std::size_t>(inner - form_.left.begin())];
        for (std::size_t i = 0; i < count(); ++i) {
            if (form_.left[i] >= 0 && comparisons[i] != form_.comparison) {
                form_.comparisons = std::move(comparisons);
                return;
            }
        }
    }

    /// A tree's root is the one node of it that no other leads to. Trees go in the file's order.
    void read_roots() {
        std::vector<std::uint8_t> is_child(count() + 1);  // the first is for -1, the children of leaves
        for (std::size_t i = 0; i < count(); ++i) {
            is_child[static_cast<std::size_t>(form_.left[i] + 1)] = 1;
            is_child[static_cast<std::size_t>(form_.right[i] + 1)] = 1;
        }
        std::vector<std::int32_t> rooted;
        for (std::size_t i = 0; i < count(); ++i) {
            if (is_child[i + 1] != 0) continue;
            form_.roots.push_back(static_cast<std::int64_t>(i));
            rooted.push_back(tree_ids_[i]);
        }
        std::sort(rooted.begin(), rooted.end());
        if (rooted != index_.trees()) op_.corrupt("has a tree with no root, or with two");
        expect_each_reached_once();
    }

    void expect_each_reached_once() const {
        std::vector<std::int64_t> left_to_visit = form_.roots;
        std::size_t visits = 0;
        for (; !left_to_visit.empty() && visits <= count(); ++visits) {
            const auto i = static_cast<std::size_t>(left_to_visit.back());
            left_to_visit.pop_back();
            if (form_.left[i] < 0) continue;
            left_to_visit.push_back(form_.right[i]);
            left_to_visit.push_back(form_.left[i]);
        }
        if (visits != count()) op_.corrupt("has nodes that its roots do not lead to, or lead to twice");
    }

    void read_leaves(const std::string& leaves) {
        std::vector<std::int32_t> outputs = op_.integers_of_32_bits(leaves + "_ids");
        std::vector<double> weights = op_.numbers_or_tensor(leaves + "_weights");
        const std::vector<std::int32_t> positions = read_positions(leaves);
        op_.expect_size(leaves + "_ids", outputs.size(), static_cast<std::int64_t>(positions.size()));
        op_.expect_size(leaves + "_weights", weights.size(), static_cast<std::int64_t>(positions.size()));
        form_.leaf_begin.assign(count() + 1, 0);
        for (std::size_t i = 0; i < positions.size(); ++i) {
            const auto leaf = static_cast<std::size_t>(positions[i]);
            if (form_.left[leaf] >= 0) op_.corrupt("gives a weight to a node that is no leaf");
            if (outputs[i] < 0 || outputs[i] >= form_.outputs)
                op_.corrupt(leaves + "_ids holds " + std::to_string(outputs[i]) + ", 0 to " +
                            std::to_string(form_.outputs - 1) + " wanted");
            ++form_.leaf_begin[leaf + 1];
        }
        for (std::size_t i = 0; i < count(); ++i) form_.leaf_begin[i + 1] += form_.leaf_begin[i];
        if (!std::is_sorted(positions.begin(), positions.end())) {
            outputs = by_leaf(positions, outputs);
            weights = by_leaf(positions, weights);
        }
        form_.leaf_output = std::move(outputs);
        form_.leaf_value = std::move(weights);
    }

    /// Where the node of each entry stands.
    [[nodiscard]] std::vector<std::int32_t> read_positions(const std::string& leaves) {
        const std::vector<std::int32_t> trees = op_.integers_of_32_bits(leaves + "_treeids");
        std::vector<std::int32_t> nodes = op_.integers_of_32_bits(leaves + "_nodeids");
        op_.expect_size(leaves + "_nodeids", nodes.size(), static_cast<std::int64_t>(trees.size()));
        for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i] = index_.at(trees[i], nodes[i]);
        return nodes;
    }

    /// Entries in the order of their leaves; those of one leaf keep theirs.
    template <class T>
    [[nodiscard]] std::vector<T> by_leaf(const std::vector<std::int32_t>& positions, const std::vector<T>& from) const {
        std::vector<std::int64_t> next = form_.leaf_begin;
        std::vector<T> to(from.size());
        for (std::size_t i = 0; i < from.size(); ++i)
            to[static_cast<std::size_t>(next[static_cast<std::size_t>(positions[i])]++)] = from[i];
        return to;
    }

    Operation& op_;
    std::vector<std::int32_t> tree_ids_;
    NodeIndex index_;
    forms::Trees form_;
};

/// ONNX Runtime passes over a class that no leaf on the way spoke of. That is the arg max over all classes unless such
/// a class, standing at 0, beats negative scores.
void expect_scores_for_all(const Operation& op, const forms::Trees& trees) {
    const bool negative =
        std::any_of(trees.leaf_value.begin(), trees.leaf_value.end(), [](double value) { return value < 0.0; });
    if (!negative || !trees.base.empty()) return;
    std::vector<bool> scored(static_cast<std::size_t>(trees.outputs), false);
    for (const std::int32_t output : trees.leaf_output) scored[static_cast<std::size_t>(output)] = true;
    if (std::find(scored.begin(), scored.end(), false) != scored.end())
        op.refuse("with negative weights and a class that no leaf names is not covered");
}

/// Two scores of two classes are told apart by the greater one, but by the second one's sign in ONNX Runtime. That is
/// the same where each leaf gives a margin, less to the one what it gives to the other (CatBoost's files).
void expect_margins(const Operation& op, const forms::Trees& trees) {
    bool opposite = trees.base.empty();
    for (std::size_t i = 0; opposite && i < trees.left.size(); ++i) {
        const auto begin = static_cast<std::size_t>(trees.leaf_begin[i]);
        const std::int64_t entries = trees.leaf_begin[i + 1] - trees.leaf_begin[i];
        if (trees.left[i] >= 0) continue;
        opposite = entries == 2 && trees.leaf_output[begin] != trees.leaf_output[begin + 1] &&
                   trees.leaf_value[begin] == -trees.leaf_value[begin + 1];
    }
    if (!opposite)
        op.refuse(
            "with two classes is covered where class_ids are all 0, or where each leaf's two weights are opposite");
}

/// ONNX Runtime's rule for two classes and one score: weights that are all positive are taken for probabilities, others
/// for margins.
void translate_binary(Operation& op, const Value& scores, bool all_positive, const ClassLabels& labels,
                      std::string_view post_transform) {
    Builder& builder = op.builder();
    const DType compared = op.value(0).dtype == DType::float64 ? DType::float64 : DType::float32;
    const Value position = builder.add(forms::Threshold{all_positive ? 0.5 : 0.0, false},
                                       {builder.cast(scores, compared)}, DType::int64, 1);
    op.set_output(0, builder.lookup(position, labels));
    if (post_transform == "LOGISTIC") {
        const Value margins = builder.transform(scores, forms::Transform::negate_pair, DType::float64);
        Value probabilities =
            builder.cast(builder.transform(margins, forms::Transform::logistic, DType::float64), DType::float32);
        probabilities.meaning = Meaning::probability;
        op.set_output(1, std::move(probabilities));
        return;
    }
    if (post_transform == "PROBIT") op.refuse("with post_transform PROBIT is not covered");
    Value pair = builder.transform(scores, all_positive ? forms::Transform::complement : forms::Transform::negate_pair,
                                   DType::float32);
    pair.meaning = all_positive ? Meaning::probability : Meaning::decision;
    op.set_output(1, std::move(pair));
}

// Classes of a forest tie exactly. ONNX Runtime's label is then what rounding makes of its float32 sums, whose order
// depends on its batch and threads; a sum in double that is rounded once keeps the tie, and the first class.
void translate_classifier(Operation& op) {
    const Value x = op.value(0);
    const ClassLabels labels = op.labels("classlabels_int64s", "classlabels_strings");
    const std::int64_t classes = size(labels);
    const std::string_view post_transform = op.text("post_transform", "NONE");
    const std::vector<std::int32_t> class_ids = op.integers_of_32_bits("class_ids");
    const bool binary =
        classes == 2 && std::all_of(class_ids.begin(), class_ids.end(), [](std::int32_t id) { return id == 0; });
    if (classes < 2) op.refuse("with one class is not covered");

    forms::Trees trees = Reader(op, x, binary ? 1 : classes).read("class");
    trees.base = op.numbers_or_tensor("base_values");
    if (!trees.base.empty() && static_cast<std::int64_t>(trees.base.size()) != trees.outputs)
        op.refuse("with " + std::to_string(trees.base.size()) + " base_values is not covered; none or " +
                  std::to_string(trees.outputs) + " are");
    const bool all_positive =
        std::all_of(trees.leaf_value.begin(), trees.leaf_value.end(), [](double value) { return value >= 0.0; });
    if (classes == 2 && !binary) expect_margins(op, trees);
    if (classes > 2) expect_scores_for_all(op, trees);

    Builder& builder = op.builder();
    const std::int64_t outputs = trees.outputs;
    const Value scores = builder.add(std::move(trees), {x}, DType::float64, outputs);
    if (binary) return translate_binary(op, scores, all_positive, labels, post_transform);
    op.set_output(0,
                  builder.label_of(x.dtype == DType::float64 ? scores : builder.cast(scores, DType::float32), labels));
    op.set_output(1, post_transformed(op, scores, post_transform));
}

void translate_regressor(Operation& op) {
    const Value x = op.value(0);
    const std::int64_t targets = op.integer("n_targets", 1);
    if (targets < 1 || targets > (std::int64_t{1} << 20)) op.corrupt("n_targets is " + std::to_string(targets));
    const std::string_view post_transform = op.text("post_transform", "NONE");
    forms::Trees trees = Reader(op, x, targets).read("target");
    trees.base = op.numbers_or_tensor("base_values");
    if (!trees.base.empty()) op.expect_size("base_values", trees.base.size(), targets);
    const std::string_view aggregate = op.text("aggregate_function", "SUM");
    if (aggregate == "AVERAGE") {
        trees.aggregate = forms::Aggregate::average;
    } else if (aggregate == "MIN") {
        trees.aggregate = forms::Aggregate::minimum;
    } else if (aggregate == "MAX") {
        trees.aggregate = forms::Aggregate::maximum;
    } else if (aggregate != "SUM") {
        op.corrupt("aggregate_function is \"" + std::string(aggregate.substr(0, 100)) + "\"");
    }
    const Value sums = op.builder().add(std::move(trees), {x}, DType::float64, targets);
    op.set_output(0, op.builder().cast(transformed_targets(op, sums, post_transform), DType::float32));
}

}  // namespace

void translate_trees(Operation& op) {
    op.expect_inputs(1, 1);
    if (op.type() == "TreeEnsembleClassifier") {
        translate_classifier(op);
    } else {
        translate_regressor(op);
    }
}

Value transformed(Operation& op, const Value& scores, std::string_view post_transform) {
    using enum forms::Transform;
    if (post_transform == "NONE") return scores;
    for (const auto& [name, transform] :
         {std::pair{"SOFTMAX", softmax}, {"SOFTMAX_ZERO", softmax_zero}, {"LOGISTIC", logistic}}) {
        if (post_transform == name) return op.builder().transform(scores, transform, DType::float64);
    }
    op.refuse("with post_transform \"" + std::string(post_transform.substr(0, 100)) + "\" is not covered");
}

Value transformed_targets(Operation& op, const Value& scores, std::string_view post_transform) {
    // ONNX Runtime leaves one target as it is, which is not what the specification says.
    if (post_transform != "NONE" && scores.width == 1) op.refuse("with post_transform of one target is not covered");
    return transformed(op, scores, post_transform);
}

Value post_transformed(Operation& op, const Value& scores, std::string_view post_transform) {
    Value out = op.builder().cast(transformed(op, scores, post_transform), DType::float32);
    out.meaning = Meaning::probability;
    return out;
}

}  // namespace holdfast::onnx
