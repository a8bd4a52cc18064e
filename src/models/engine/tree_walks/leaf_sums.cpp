#include "models/engine/tree_walks/leaf_sums.hpp"

#include <algorithm>

namespace holdfast::engine::tree_walks {
namespace {

/// Whether every leaf has one value of each output, in their order.
bool has_every_output(const forms::Trees& form) {
    bool every = true;
    for (std::size_t node = 0; node < form.left.size(); ++node)
        every &= form.leaf_begin[node + 1] - form.leaf_begin[node] == (form.left[node] < 0 ? form.outputs : 0);
    for (std::size_t i = 0; every && i < form.leaf_output.size(); i += static_cast<std::size_t>(form.outputs)) {
        for (std::int32_t output = 0; output < form.outputs; ++output)
            every &= form.leaf_output[i + static_cast<std::size_t>(output)] == output;
    }
    return every;
}

}  // namespace

template <class Sum>
LeafSums<Sum>::LeafSums(const forms::Trees& form, const Layout& layout)
    : form_(form), outputs_(static_cast<std::size_t>(form.outputs)) {
    if (has_every_output(form)) {
        kind_ = outputs_ == 1 ? Kind::one_value : outputs_ == 2 ? Kind::two_values : Kind::every_output;
    }
    values_.reserve(form.leaf_value.size());
    std::uint32_t leaves = 0;
    for (std::size_t tree = 0; tree < form.roots.size(); ++tree) {
        first_leaf_.push_back(leaves);
        leaves += layout.shapes()[tree].leaves;
        for (const std::int32_t node : layout.nodes(tree)) {
            if (node < 0) add_leaf(form, tree, static_cast<std::size_t>(~node));
        }
    }
    if (kind_ == Kind::some_outputs) begin_.push_back(values_.size());
}

template <class Sum>
void LeafSums<Sum>::add_leaf(const forms::Trees& form, std::size_t tree, std::size_t node) {
    if (kind_ == Kind::some_outputs) begin_.push_back(values_.size());
    for (auto entry = form.leaf_begin[node]; entry < form.leaf_begin[node + 1]; ++entry) {
        const auto i = static_cast<std::size_t>(entry);
        const auto value = static_cast<Sum>(form.leaf_value[i]);
        values_.push_back(form.tree_weight.empty() ? value : static_cast<Sum>(form.tree_weight[tree]) * value);
        if (kind_ == Kind::some_outputs) output_.push_back(form.leaf_output[i]);
    }
}

template <class Sum>
void LeafSums<Sum>::start(std::int64_t rows, Sum* sums) const {
    const bool from_base = form_.aggregate == forms::Aggregate::sum && !form_.base.empty();
    for (std::int64_t row = 0; row < rows; ++row, sums += outputs_) {
        for (std::size_t i = 0; i < outputs_; ++i) sums[i] = from_base ? static_cast<Sum>(form_.base[i]) : Sum{0};
    }
}

template <class Sum>
void LeafSums<Sum>::finish(std::int64_t rows, Sum* sums) const {
    if (form_.aggregate == forms::Aggregate::sum) return;
    const auto trees = static_cast<Sum>(form_.roots.size());
    for (std::int64_t row = 0; row < rows; ++row, sums += outputs_) {
        for (std::size_t i = 0; i < outputs_; ++i) {
            sums[i] /= trees;
            if (!form_.base.empty()) sums[i] += static_cast<Sum>(form_.base[i]);
        }
    }
}

template <class Sum>
template <std::int64_t Lanes>
void LeafSums<Sum>::add_one_value(std::int64_t first, std::int64_t trees, const std::uint32_t* leaves,
                                  std::int64_t rows, Sum* sums) const {
    Sum sum[Lanes] = {};
    std::copy_n(sums, rows, sum);
    for (std::int64_t tree = first; tree < first + trees; ++tree, leaves += Lanes) {
        const Sum* values = values_.data() + first_leaf_[static_cast<std::size_t>(tree)];
        for (std::int64_t lane = 0; lane < Lanes; ++lane) sum[lane] += values[leaves[lane]];
    }
    std::copy_n(sum, rows, sums);
}

template <class Sum>
void LeafSums<Sum>::add_outputs(std::size_t leaf, Sum* sums) const {
    if (kind_ == Kind::every_output) {
        const Sum* values = values_.data() + leaf * outputs_;
        for (std::size_t i = 0; i < outputs_; ++i) sums[i] += values[i];
        return;
    }
    for (std::uint64_t i = begin_[leaf]; i < begin_[leaf + 1]; ++i) sums[output_[i]] += values_[i];
}

template <class Sum>
void LeafSums<Sum>::add_tree(std::int64_t tree, const std::uint32_t* leaves, std::int64_t rows, Sum* sums) const {
    const std::size_t first = first_leaf_[static_cast<std::size_t>(tree)];
    if (kind_ == Kind::one_value) {
        const Sum* values = values_.data() + first;
        for (std::int64_t row = 0; row < rows; ++row) sums[row] += values[leaves[row]];
    } else if (kind_ == Kind::two_values) {
        const Sum* values = values_.data() + 2 * first;
        for (std::int64_t row = 0; row < rows; ++row) {
            const Sum* of_leaf = values + std::size_t{2} * leaves[row];
            sums[2 * row] += of_leaf[0];
            sums[2 * row + 1] += of_leaf[1];
        }
    } else {
        for (std::int64_t row = 0; row < rows; ++row, sums += outputs_) add_outputs(first + leaves[row], sums);
    }
}

template <class Sum>
template <std::int64_t Lanes>
void LeafSums<Sum>::add(std::int64_t first, std::int64_t trees, const std::uint32_t* leaves, std::int64_t rows,
                        Sum* sums) const {
    if (kind_ == Kind::one_value) return add_one_value<Lanes>(first, trees, leaves, rows, sums);
    for (std::int64_t tree = first; tree < first + trees; ++tree, leaves += Lanes) add_tree(tree, leaves, rows, sums);
}

template class LeafSums<float>;
template class LeafSums<double>;
template void LeafSums<float>::add<1>(std::int64_t, std::int64_t, const std::uint32_t*, std::int64_t, float*) const;
template void LeafSums<double>::add<1>(std::int64_t, std::int64_t, const std::uint32_t*, std::int64_t, double*) const;
template void LeafSums<float>::add<lanes>(std::int64_t, std::int64_t, const std::uint32_t*, std::int64_t, float*) const;
template void LeafSums<double>::add<lanes>(std::int64_t, std::int64_t, const std::uint32_t*, std::int64_t,
                                           double*) const;

}  // namespace holdfast::engine::tree_walks
