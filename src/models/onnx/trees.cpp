// TreeEnsembleClassifier and TreeEnsembleRegressor.
// Source: https://onnx.ai/onnx/operators/, and what ONNX Runtime does where that leaves it open.
#include <algorithm>
#include <string>
#include <vector>

#include "models/onnx/operation.hpp"

namespace holdfast::onnx {
namespace {

using forms::Comparison;

/// The nodes of a file are told apart by (tree, node); here is where each stands in its arrays.
class NodeIndex {
  public:
    NodeIndex(const Operation& op, const std::vector<std::int64_t>& trees, const std::vector<std::int64_t>& nodes)
        : op_(op) {
        keys_.reserve(trees.size());
        for (std::size_t i = 0; i < trees.size(); ++i)
            keys_.push_back({trees[i], nodes[i], static_cast<std::int32_t>(i)});
        std::sort(keys_.begin(), keys_.end());
        for (std::size_t i = 1; i < keys_.size(); ++i) {
            if (keys_[i].tree == keys_[i - 1].tree && keys_[i].node == keys_[i - 1].node)
                op_.corrupt(name(keys_[i].tree, keys_[i].node) + " is there twice");
        }
    }

    [[nodiscard]] std::int32_t at(std::int64_t tree, std::int64_t node) const {
        const Key wanted{tree, node, -1};
        const auto found = std::lower_bound(keys_.begin(), keys_.end(), wanted);
        if (found == keys_.end() || found->tree != tree || found->node != node)
            op_.corrupt(name(tree, node) + " is missing");
        return found->position;
    }

  private:
    struct Key {
        std::int64_t tree, node;
        std::int32_t position;
        auto operator<=>(const Key&) const = default;
    };
    static std::string name(std::int64_t tree, std::int64_t node) {
        return "node " + std::to_string(node) + " of tree " + std::to_string(tree);
    }

    const Operation& op_;
    std::vector<Key> keys_;
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
        : op_(op),
          tree_ids_(op.integers("nodes_treeids")),
          node_ids_(op.integers("nodes_nodeids")),
          index_(op, tree_ids_, checked_nodes()) {
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

    const std::vector<std::int64_t>& checked_nodes() const {
        op_.expect_size("nodes_nodeids", node_ids_.size(), static_cast<std::int64_t>(count()));
        if (count() == 0) op_.corrupt("has no nodes");
        return node_ids_;
    }

    void read_nodes() {
        const auto wanted = static_cast<std::int64_t>(count());
        const std::vector<std::string_view>& modes = op_.texts("nodes_modes");
        const std::vector<std::int64_t>& features = op_.integers("nodes_featureids");
        const std::vector<double> values = op_.numbers_or_tensor("nodes_values");
        const std::vector<std::int64_t>& when_true = op_.integers("nodes_truenodeids");
        const std::vector<std::int64_t>& when_false = op_.integers("nodes_falsenodeids");
        const std::vector<std::int64_t>& tracks = op_.integers("nodes_missing_value_tracks_true");
        op_.expect_size("nodes_modes", modes.size(), wanted);
        op_.expect_size("nodes_featureids", features.size(), wanted);
        op_.expect_size("nodes_values", values.size(), wanted);
        op_.expect_size("nodes_truenodeids", when_true.size(), wanted);
        op_.expect_size("nodes_falsenodeids", when_false.size(), wanted);
        if (!tracks.empty()) op_.expect_size("nodes_missing_value_tracks_true", tracks.size(), wanted);

        resize_nodes();
        const bool any_tracks =
            std::any_of(tracks.begin(), tracks.end(), [](std::int64_t track) { return track != 0; });
        if (any_tracks) {
            form_.missing = forms::Missing::nan;
            form_.default_left.assign(count(), 0);
        }
        std::vector<Comparison> comparisons(count(), Comparison::less_equal);
        for (std::size_t i = 0; i < count(); ++i) {
            if (modes[i] == "LEAF") continue;
            comparisons[i] = comparison_of(op_, modes[i]);
            if (features[i] < 0 || features[i] >= form_.features)
                op_.corrupt("tests feature " + std::to_string(features[i]) + " of " + std::to_string(form_.features));
            form_.left[i] = index_.at(tree_ids_[i], when_true[i]);
            form_.right[i] = index_.at(tree_ids_[i], when_false[i]);
            form_.feature[i] = static_cast<std::int32_t>(features[i]);
            form_.threshold[i] = values[i];
            // NaN differs from every threshold, so that "not equal" holds for it whatever is tracked.
            if (any_tracks) form_.default_left[i] = tracks[i] != 0 || comparisons[i] == Comparison::not_equal ? 1 : 0;
        }
        keep_comparisons(std::move(comparisons));
    }

    void resize_nodes() {
        form_.left.assign(count(), -1);
        form_.right.assign(count(), -1);
        form_.feature.assign(count(), -1);
        form_.threshold.assign(count(), 0.0);
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
        std::vector<bool> is_child(count(), false);
        for (std::size_t i = 0; i < count(); ++i) {
            if (form_.left[i] < 0) continue;
            is_child[static_cast<std::size_t>(form_.left[i])] = true;
            is_child[static_cast<std::size_t>(form_.right[i])] = true;
        }
        std::vector<std::int64_t> rooted;
        for (std::size_t i = 0; i < count(); ++i) {
            if (is_child[i]) continue;
            form_.roots.push_back(static_cast<std::int64_t>(i));
            rooted.push_back(tree_ids_[i]);
        }
        std::sort(rooted.begin(), rooted.end());
        std::vector<std::int64_t> trees = tree_ids_;
        std::sort(trees.begin(), trees.end());
        trees.erase(std::unique(trees.begin(), trees.end()), trees.end());
        if (rooted != trees) op_.corrupt("has a tree with no root, or with two");
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
        const std::vector<std::int64_t>& trees = op_.integers(leaves + "_treeids");
        const std::vector<std::int64_t>& nodes = op_.integers(leaves + "_nodeids");
        const std::vector<std::int64_t>& outputs = op_.integers(leaves + "_ids");
        const std::vector<double> weights = op_.numbers_or_tensor(leaves + "_weights");
        const auto entries = static_cast<std::int64_t>(trees.size());
        op_.expect_size(leaves + "_nodeids", nodes.size(), entries);
        op_.expect_size(leaves + "_ids", outputs.size(), entries);
        op_.expect_size(leaves + "_weights", weights.size(), entries);

        std::vector<std::int32_t> leaf(trees.size());
        form_.leaf_begin.assign(count() + 1, 0);
        for (std::size_t i = 0; i < trees.size(); ++i) {
            leaf[i] = index_.at(trees[i], nodes[i]);
            if (form_.left[static_cast<std::size_t>(leaf[i])] >= 0)
                op_.corrupt("gives a weight to a node that is no leaf");
            if (outputs[i] < 0 || outputs[i] >= form_.outputs)
                op_.corrupt(leaves + "_ids holds " + std::to_string(outputs[i]) + ", 0 to " +
                            std::to_string(form_.outputs - 1) + " wanted");
            ++form_.leaf_begin[static_cast<std::size_t>(leaf[i]) + 1];
        }
        for (std::size_t i = 0; i < count(); ++i) form_.leaf_begin[i + 1] += form_.leaf_begin[i];
        std::vector<std::int64_t> next = form_.leaf_begin;
        form_.leaf_output.resize(trees.size());
        form_.leaf_value.resize(trees.size());
        for (std::size_t i = 0; i < trees.size(); ++i) {
            const auto entry = static_cast<std::size_t>(next[static_cast<std::size_t>(leaf[i])]++);
            form_.leaf_output[entry] = static_cast<std::int32_t>(outputs[i]);
            form_.leaf_value[entry] = weights[i];
        }
    }

    Operation& op_;
    const std::vector<std::int64_t>& tree_ids_;
    const std::vector<std::int64_t>& node_ids_;
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
    const std::vector<std::int64_t>& class_ids = op.integers("class_ids");
    const bool binary =
        classes == 2 && std::all_of(class_ids.begin(), class_ids.end(), [](std::int64_t id) { return id == 0; });
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
