#include "models/engine/trees_check.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <holdfast/base/error.hpp>

#include "models/engine/limits.hpp"
#include "models/engine/tree_nodes.hpp"

namespace holdfast::engine {
namespace {

using std::to_string;

[[noreturn]] void refuse(const std::string& what) { throw InvalidArgument(what); }

template <class T>
void expect_size(const char* field, const std::vector<T>& values, std::size_t wanted) {
    if (values.size() != wanted)
        refuse(std::string(field) + ": " + to_string(values.size()) + " values given, " + to_string(wanted) +
               " wanted");
}

void expect_float(const char* field, DType dtype) {
    if (dtype != DType::float32 && dtype != DType::float64)
        refuse(std::string(field) + ": " + std::string(to_string(dtype)) + " given, float32 or float64 wanted");
}

/// `begin` cuts [0, size) into consecutive parts.
void expect_parts(const char* field, const std::vector<std::int64_t>& begin, std::size_t size) {
    const bool fits = !begin.empty() && begin.front() == 0 && begin.back() == static_cast<std::int64_t>(size) &&
                      std::is_sorted(begin.begin(), begin.end());
    if (!fits) refuse(std::string(field) + ": must rise from 0 to " + to_string(size));
}

void check_sizes(const forms::Trees& form) {
    const std::size_t nodes = form.left.size();
    if (nodes > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        refuse("left: more than 2^31 nodes");
    if (form.outputs < 1 || form.outputs > max_width)
        refuse("outputs: " + to_string(form.outputs) + " given, 1 to " + to_string(max_width) + " wanted");
    expect_size("right", form.right, nodes);
    expect_size("feature", form.feature, nodes);
    expect_size("threshold", form.threshold, nodes);
    if (!form.comparisons.empty()) expect_size("comparisons", form.comparisons, nodes);
    if (!form.missings.empty()) expect_size("missings", form.missings, nodes);
    if (!form.default_left.empty() || form.missing != forms::Missing::none || !form.missings.empty())
        expect_size("default_left", form.default_left, nodes);
    expect_size("leaf_begin", form.leaf_begin, nodes + 1);
    expect_parts("leaf_begin", form.leaf_begin, form.leaf_output.size());
    expect_size("leaf_value", form.leaf_value, form.leaf_output.size());
    if (!form.base.empty()) expect_size("base", form.base, static_cast<std::size_t>(form.outputs));
    if (!form.tree_weight.empty()) expect_size("tree_weight", form.tree_weight, form.roots.size());
    if (form.roots.empty()) refuse("roots: no trees given, one or more wanted");
    expect_float("input", form.input);
    expect_float("accumulate", form.accumulate);
}

void check_sets(const forms::Trees& form) {
    if (form.set_begin.empty()) {
        expect_size("sets", form.sets, 0);
        return;
    }
    expect_parts("set_begin", form.set_begin, form.sets.size());
    for (std::size_t k = 0; k + 1 < form.set_begin.size(); ++k) {
        if (!std::is_sorted(form.sets.begin() + form.set_begin[k], form.sets.begin() + form.set_begin[k + 1]))
            refuse("sets: set " + to_string(k) + " is not sorted");
    }
}

void check_inner_node(const forms::Trees& form, std::size_t i) {
    const auto nodes = static_cast<std::int64_t>(form.left.size());
    for (const std::int64_t child : {form.left[i], form.right[i]}) {
        if (child < 0 || child >= nodes)
            refuse("tree node " + to_string(i) + ": child " + to_string(child) + " given, 0 to " +
                   to_string(nodes - 1) + " wanted");
    }
    if (form.feature[i] < 0 || form.feature[i] >= form.features)
        refuse("tree node " + to_string(i) + ": feature " + to_string(form.feature[i]) + " given, 0 to " +
               to_string(form.features - 1) + " wanted");
    const forms::Comparison comparison = comparison_of(form, i);
    if (comparison != forms::Comparison::in_set && comparison != forms::Comparison::not_in_set) return;
    const auto sets = static_cast<double>(form.set_begin.empty() ? 0 : form.set_begin.size() - 1);
    const double set = form.threshold[i];
    if (!(set >= 0 && set < sets && set == std::floor(set)))
        refuse("tree node " + to_string(i) + ": no set " + to_string(set));
}

void check_node(const forms::Trees& form, std::size_t i) {
    if (form.left[i] != -1) return check_inner_node(form, i);
    if (form.right[i] != -1)
        refuse("tree node " + to_string(i) + ": right child " + to_string(form.right[i]) + " of a leaf, -1 wanted");
}

/// Whether children and features are there. Which nodes are leaves is in no order: without a branch.
bool point_to_what_is_there(const forms::Trees& form) {
    const auto nodes = static_cast<std::int64_t>(form.left.size());
    bool there = true;
    for (std::size_t i = 0; i < form.left.size(); ++i) {
        const std::int64_t left = form.left[i], right = form.right[i], feature = form.feature[i];
        const bool leaf = (left == -1) & (right == -1);
        const bool inner =
            (left >= 0) & (left < nodes) & (right >= 0) & (right < nodes) & (feature >= 0) & (feature < form.features);
        there &= leaf | inner;
    }
    return there;
}

void check_nodes(const forms::Trees& form) {
    const bool in_order = form.comparisons.empty() && form.comparison < forms::Comparison::equal;
    if (!in_order || !point_to_what_is_there(form)) {
        for (std::size_t i = 0; i < form.left.size(); ++i) check_node(form, i);
    }
    for (const std::int32_t output : form.leaf_output) {
        if (output < 0 || output >= form.outputs)
            refuse("leaf_output: " + to_string(output) + " given, 0 to " + to_string(form.outputs - 1) + " wanted");
    }
}

void check_linear(const forms::Trees& form) {
    const std::size_t nodes = form.left.size();
    expect_size("linear_weight", form.linear_weight, form.linear_feature.size());
    if (form.linear_begin.empty()) {
        expect_size("linear_feature", form.linear_feature, 0);
        expect_size("linear_constant", form.linear_constant, 0);
        return;
    }
    expect_size("linear_begin", form.linear_begin, nodes + 1);
    expect_parts("linear_begin", form.linear_begin, form.linear_feature.size());
    expect_size("linear_constant", form.linear_constant, nodes);
    for (std::size_t i = 0; i < nodes; ++i) {
        const std::int64_t entries = form.leaf_begin[i + 1] - form.leaf_begin[i];
        if (form.left[i] == -1 && entries != 1)
            refuse("tree node " + to_string(i) + ": " + to_string(entries) +
                   " values of a linear leaf given, 1 wanted");
    }
    for (const std::int32_t feature : form.linear_feature) {
        if (feature < 0 || feature >= form.features)
            refuse("linear_feature: " + to_string(feature) + " given, 0 to " + to_string(form.features - 1) +
                   " wanted");
    }
}

/// Whether every node is the root of one tree or the child of one node, at most.
bool has_one_way_to_each(const forms::Trees& form) {
    std::vector<std::uint8_t> reached(form.left.size() + 1);  // the first is for -1, the children of leaves
    bool once = true;
    const auto reach = [&](std::int64_t node) {
        std::uint8_t& seen = reached[static_cast<std::size_t>(node + 1)];
        once &= (node < 0) | (seen == 0);
        seen = 1;
    };
    for (const std::int64_t root : form.roots) reach(root);
    for (std::size_t i = 0; i < form.left.size(); ++i) {
        reach(form.left[i]);
        reach(form.right[i]);
    }
    return once;
}

/// Every node is reached at most once, over all trees: then no walk comes back to where it was.
void check_shape(const forms::Trees& form) {
    const auto nodes = static_cast<std::int64_t>(form.left.size());
    for (const std::int64_t root : form.roots) {
        if (root < 0 || root >= nodes)
            refuse("roots: node " + to_string(root) + " given, 0 to " + to_string(nodes - 1) + " wanted");
    }
    if (has_one_way_to_each(form)) return;
    std::vector<bool> reached(form.left.size());  // nodes that no root leads to may point anywhere
    std::vector<std::int64_t> open;
    for (const std::int64_t root : form.roots) {
        open.push_back(root);
        while (!open.empty()) {
            const auto i = static_cast<std::size_t>(open.back());
            open.pop_back();
            if (reached[i])
                refuse("tree node " + to_string(i) + " is reached twice; trees have no cycles and share no nodes");
            reached[i] = true;
            if (form.left[i] == -1) continue;
            open.push_back(form.left[i]);
            open.push_back(form.right[i]);
        }
    }
}

}  // namespace

void check_trees(const forms::Trees& form) {
    check_sizes(form);
    check_sets(form);
    check_nodes(form);
    check_linear(form);
    check_shape(form);
}

}  // namespace holdfast::engine
