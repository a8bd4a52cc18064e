// Walking trees, and tables of their leaves.
#include <algorithm>
#include <cmath>

#include <holdfast/base/error.hpp>

#include "models/onnx_export/trees.hpp"

namespace holdfast::onnx_export {
namespace {

using forms::Aggregate;

/// As the engine: in the dtype of its sums.
double added(const forms::Trees& form, double a, double b) {
    if (form.accumulate == DType::float32) return static_cast<double>(static_cast<float>(a) + static_cast<float>(b));
    return a + b;
}

double weighted(const forms::Trees& form, std::size_t entry, std::size_t tree) {
    const double value = form.leaf_value[entry];
    if (form.accumulate == DType::float64) return form.tree_weight.empty() ? value : form.tree_weight[tree] * value;
    const auto narrow = static_cast<float>(value);
    return static_cast<double>(form.tree_weight.empty() ? narrow : static_cast<float>(form.tree_weight[tree]) * narrow);
}

struct Leaf {
    double value = 0.0, size = 0.0;
    std::int64_t terms = 0;
};

Leaf leaf_of(const forms::Trees& form, std::size_t tree, std::int32_t node, std::int64_t output) {
    Leaf leaf;
    const auto at = static_cast<std::size_t>(node);
    for (auto entry = static_cast<std::size_t>(form.leaf_begin[at]);
         entry < static_cast<std::size_t>(form.leaf_begin[at + 1]); ++entry) {
        if (form.leaf_output[entry] != output) continue;
        const double value = weighted(form, entry, tree);
        if (leaf.terms++ == 0) {
            leaf.value = value;
        } else if (form.aggregate == Aggregate::minimum || form.aggregate == Aggregate::maximum) {
            const bool better = form.aggregate == Aggregate::minimum ? value < leaf.value : value > leaf.value;
            leaf.value = better ? value : leaf.value;
        } else {
            leaf.value = added(form, leaf.value, value);
        }
        leaf.size += std::fabs(value);
    }
    return leaf;
}

void start_from_base(const forms::Trees& form, LeafTable& table, std::int64_t output) {
    if (form.aggregate != Aggregate::sum || form.base.empty()) return;
    const double base = form.base[static_cast<std::size_t>(output)];
    for (double& value : table.values.front()) value = added(form, base, value);
    table.most_size += std::fabs(base);
    ++table.most_terms;
}

}  // namespace

std::vector<Walked> walked(const forms::Trees& form) {
    std::vector<Walked> trees;
    for (const std::int64_t root : form.roots) {
        Walked& tree = trees.emplace_back();
        std::vector<std::int32_t> to_visit{static_cast<std::int32_t>(root)};
        while (!to_visit.empty()) {
            const std::int32_t node = to_visit.back();
            to_visit.pop_back();
            tree.nodes.push_back(node);
            const auto at = static_cast<std::size_t>(node);
            if (form.left[at] < 0) {
                tree.leaves.push_back(node);
                continue;
            }
            to_visit.push_back(form.right[at]);
            to_visit.push_back(form.left[at]);
        }
    }
    return trees;
}

LeafTable leaf_table(const forms::Trees& form, const std::vector<Walked>& trees, std::int64_t output) {
    const bool extreme = form.aggregate == Aggregate::minimum || form.aggregate == Aggregate::maximum;
    LeafTable table;
    for (std::size_t t = 0; t < trees.size(); ++t) {
        std::vector<double> values;
        std::int64_t terms = 0;
        double size = 0.0;
        for (const std::int32_t node : trees[t].leaves) {
            const Leaf leaf = leaf_of(form, t, node, output);
            if (extreme && leaf.terms == 0)
                throw Unsupported("the least or greatest over leaves that do not all name output " +
                                  std::to_string(output));
            values.push_back(leaf.value);
            terms = std::max(terms, leaf.terms);
            size = std::max(size, leaf.size);
        }
        if (terms == 0) continue;
        table.trees.push_back(static_cast<std::int64_t>(t));
        table.values.push_back(std::move(values));
        table.most_terms += terms;
        table.most_size += size;
    }
    if (table.trees.empty()) {  // the output is what it starts from
        table.trees.push_back(0);
        table.values.emplace_back(trees.front().leaves.size(), 0.0);
    }
    start_from_base(form, table, output);
    return table;
}

}  // namespace holdfast::onnx_export
