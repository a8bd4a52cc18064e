// Trees: a TreeEnsembleRegressor with a target for each tree, which gives the number of the leaf, and tables of what
// the leaves add to each output. So sums run in float64, whatever the operator's own arithmetic, and ties stay ties.
#include "models/onnx_export/trees.hpp"

#include <cmath>
#include <limits>
#include <map>

#include <holdfast/base/error.hpp>

#include "models/engine/tree_nodes.hpp"
#include "models/onnx_export/forms.hpp"
#include "models/onnx_export/tree_columns.hpp"

namespace holdfast::onnx_export {
namespace {

using forms::Aggregate;
using forms::Comparison;
using forms::Missing;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A node's test as ONNX has it: true goes to the first child, and NaN where `tracks` says so.
struct Test {
    std::string_view mode = "LEAF";
    double threshold = 0.0;
    std::int32_t when_true = -1, when_false = -1;
    bool tracks = false;
};

/// The greatest float32 that is no greater.
double float32_below(double x) {
    auto narrow = static_cast<float>(x);
    if (static_cast<double>(narrow) > x) narrow = std::nextafter(narrow, -std::numeric_limits<float>::infinity());
    return static_cast<double>(narrow);
}
double float32_above(double x) { return -float32_below(-x); }

bool is_float32(double x) { return static_cast<double>(static_cast<float>(x)) == x; }

/// Rounded to float32 so that the answer for every float32 stays: x <= t as x <= the float32 below t, and so on. What
/// equals no float32 is compared as "below all".
void round_threshold(Test& test, Comparison comparison) {
    switch (comparison) {
        case Comparison::less_equal:
        case Comparison::greater: test.threshold = float32_below(test.threshold); return;
        case Comparison::less:
        case Comparison::greater_equal: test.threshold = float32_above(test.threshold); return;
        default: break;
    }
    if (is_float32(test.threshold)) return;
    if (test.mode == "BRANCH_NEQ") std::swap(test.when_true, test.when_false);
    test.mode = "BRANCH_LT";
    test.threshold = -infinity;
}

std::string_view mode_of(Comparison comparison) {
    switch (comparison) {
        case Comparison::less_equal: return "BRANCH_LEQ";
        case Comparison::less: return "BRANCH_LT";
        case Comparison::greater_equal: return "BRANCH_GTE";
        case Comparison::greater: return "BRANCH_GT";
        case Comparison::equal: return "BRANCH_EQ";
        case Comparison::not_equal: return "BRANCH_NEQ";
        default: throw InternalError("ONNX export: a set among thresholds");
    }
}

Test test_of(const forms::Trees& form, std::int32_t node) {
    const auto at = static_cast<std::size_t>(node);
    Test test;
    if (form.left[at] < 0) return test;
    const Comparison comparison = engine::comparison_of(form, at);
    test.when_true = form.left[at];
    test.when_false = form.right[at];
    if (comparison == Comparison::in_set || comparison == Comparison::not_in_set) {
        test.mode = "BRANCH_GT";
        test.threshold = 0.5;
        return test;
    }
    test.mode = mode_of(comparison);
    test.threshold = form.threshold[at];
    const Missing missing = engine::missing_of(form, at);
    const bool sends = missing == Missing::nan || missing == Missing::zero;
    const bool left =
        sends ? !form.default_left.empty() && form.default_left[at] != 0 : comparison == Comparison::not_equal;
    if (form.input == DType::float32) round_threshold(test, comparison);
    if (test.mode == "BRANCH_NEQ" && !left) {  // holds for NaN, which must not follow
        test.mode = "BRANCH_EQ";
        std::swap(test.when_true, test.when_false);
    }
    test.tracks = left == (test.when_true == form.left[at]);
    return test;
}

/// The attributes of the ensemble, node after node.
struct Arrays {
    std::vector<std::int64_t> trees, nodes, features, when_true, when_false, tracks;
    std::vector<std::string> modes;
    std::vector<double> thresholds;
    std::vector<std::int64_t> target_trees, target_nodes, targets;
    std::vector<double> weights;
};

void append(Arrays& to, const forms::Trees& form, const TreeColumns& columns, const Walked& tree, std::int64_t number) {
    std::map<std::int32_t, std::int64_t> ids;
    for (const std::int32_t node : tree.nodes) ids.emplace(node, static_cast<std::int64_t>(ids.size()));
    std::int64_t leaves = 0;
    for (const std::int32_t node : tree.nodes) {
        const Test test = test_of(form, node);
        const bool is_leaf = test.mode == "LEAF";
        to.trees.push_back(number);
        to.nodes.push_back(ids.at(node));
        to.modes.emplace_back(test.mode);
        to.features.push_back(is_leaf ? 0 : columns.column_of(node));
        to.thresholds.push_back(test.threshold);
        to.when_true.push_back(is_leaf ? 0 : ids.at(test.when_true));
        to.when_false.push_back(is_leaf ? 0 : ids.at(test.when_false));
        to.tracks.push_back(test.tracks ? 1 : 0);
        if (!is_leaf) continue;
        to.target_trees.push_back(number);
        to.target_nodes.push_back(ids.at(node));
        to.targets.push_back(number);
        to.weights.push_back(static_cast<double>(leaves++));
    }
}

Attributes attributes_of(const Arrays& arrays, std::int64_t targets, DType input) {
    Attributes attributes{{"n_targets", targets},
                          {"nodes_treeids", arrays.trees},
                          {"nodes_nodeids", arrays.nodes},
                          {"nodes_featureids", arrays.features},
                          {"nodes_modes", arrays.modes},
                          {"nodes_truenodeids", arrays.when_true},
                          {"nodes_falsenodeids", arrays.when_false},
                          {"nodes_missing_value_tracks_true", arrays.tracks},
                          {"target_treeids", arrays.target_trees},
                          {"target_nodeids", arrays.target_nodes},
                          {"target_ids", arrays.targets}};
    const auto values = [&](std::string_view floats, std::string_view doubles, const std::vector<double>& numbers) {
        if (input == DType::float32) {
            attributes.emplace_back(floats, std::vector<float>(numbers.begin(), numbers.end()));
        } else {
            const auto size = static_cast<std::int64_t>(numbers.size());
            attributes.emplace_back(doubles, Tensor{DType::float64, {size}, numbers, {}});
        }
    };
    values("nodes_values", "nodes_values_as_tensor", arrays.thresholds);
    values("target_weights", "target_weights_as_tensor", arrays.weights);
    return attributes;
}

/// int64 (rows, trees): the number of each tree's leaf.
std::string leaf_numbers(File& file, const forms::Trees& form, const std::vector<Walked>& trees, const Operand& x) {
    const TreeColumns columns(form);
    Arrays arrays;
    for (std::size_t t = 0; t < trees.size(); ++t) {
        constexpr std::size_t most = std::size_t{1} << 24;
        if (trees[t].leaves.size() > most) throw Unsupported("a tree of more than 2^24 leaves");
        append(arrays, form, columns, trees[t], static_cast<std::int64_t>(t));
    }
    const std::string input = columns.write(file, file.cast(x.name, x.type.dtype, form.input));
    const std::string numbers = file.add_ml("TreeEnsembleRegressor", {input},
                                            attributes_of(arrays, static_cast<std::int64_t>(trees.size()), form.input));
    return file.cast(numbers, DType::float32, DType::int64);
}

/// What one output is made of: (rows, trees) to (rows, 1).
class OutputWriter {
  public:
    OutputWriter(File& file, const forms::Trees& form, std::string numbers)
        : file_(file), form_(form), numbers_(std::move(numbers)) {}

    std::string write(const LeafTable& table, std::int64_t output) {
        std::vector<double> leaves;
        for (const std::vector<double>& values : table.values)
            leaves.insert(leaves.end(), values.begin(), values.end());
        const auto size = static_cast<std::int64_t>(leaves.size());
        const std::string terms = file_.add("Gather", {file_.numbers(std::move(leaves), {size}), places(table)});
        return based(aggregated(terms), output);
    }

  private:
    /// Where the leaves of the table's trees are in it; outputs of the same trees share it.
    const std::string& places(const LeafTable& table) {
        const auto [found, is_new] = places_.try_emplace(table.trees);
        if (!is_new) return found->second;
        std::string numbers = numbers_;
        if (table.trees.size() != form_.roots.size())
            numbers = file_.add("Gather", {numbers, file_.integers(table.trees)}, {{"axis", std::int64_t{1}}});
        std::vector<std::int64_t> offsets;
        std::int64_t begin = 0;
        for (const std::vector<double>& values : table.values) {
            offsets.push_back(begin);
            begin += static_cast<std::int64_t>(values.size());
        }
        found->second = file_.add("Add", {numbers, file_.integers(std::move(offsets))});
        return found->second;
    }

    std::string aggregated(const std::string& terms) {
        switch (form_.aggregate) {
            case Aggregate::minimum: return reduced(file_, "ReduceMin", terms, 2, true);
            case Aggregate::maximum: return reduced(file_, "ReduceMax", terms, 2, true);
            case Aggregate::sum: return reduced(file_, "ReduceSum", terms, 2, true);
            case Aggregate::average: break;
        }
        const auto trees = static_cast<double>(form_.roots.size());
        return file_.add("Div", {reduced(file_, "ReduceSum", terms, 2, true), file_.number(trees)});
    }

    /// What is not in the leaves of the first tree already.
    std::string based(const std::string& value, std::int64_t output) {
        if (form_.base.empty() || form_.aggregate == Aggregate::sum) return value;
        return file_.add("Add", {value, file_.number(form_.base[static_cast<std::size_t>(output)])});
    }

    File& file_;
    const forms::Trees& form_;
    std::string numbers_;
    std::map<std::vector<std::int64_t>, std::string> places_;
};

}  // namespace

std::string write(File& file, const forms::Trees& form, Operands in) {
    if (!form.linear_begin.empty()) throw Unsupported("linear trees: ONNX's leaves are numbers");
    const std::vector<Walked> trees = walked(form);
    OutputWriter outputs(file, form, leaf_numbers(file, form, trees, in[0]));
    Names columns;
    for (std::int64_t output = 0; output < form.outputs; ++output)
        columns.push_back(outputs.write(leaf_table(form, trees, output), output));
    const std::string y = columns.size() == 1 ? columns[0] : file.add("Concat", columns, {{"axis", std::int64_t{1}}});
    return result(file, y, form.accumulate);
}

}  // namespace holdfast::onnx_export
