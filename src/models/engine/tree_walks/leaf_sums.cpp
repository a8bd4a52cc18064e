#include "models/engine/tree_walks/leaf_sums.hpp"

#include <algorithm>

namespace holdfast::engine::tree_walks {

template <class Sum>
LeafSums<Sum>::LeafSums(const forms::Trees& form, const Layout& layout)
    : form_(form), outputs_(static_cast<std::size_t>(form.outputs)), first_leaf_(layout.first_leaf) {
    begin_.reserve(layout.leaf_nodes.size() + 1);
    values_.reserve(form.leaf_value.size());
    output_.reserve(form.leaf_value.size());
    std::size_t tree = 0;
    for (std::size_t leaf = 0; leaf < layout.leaf_nodes.size(); ++leaf) {
        while (tree + 1 < first_leaf_.size() && first_leaf_[tree + 1] <= leaf) ++tree;
        const auto node = static_cast<std::size_t>(layout.leaf_nodes[leaf]);
        begin_.push_back(values_.size());
        for (auto entry = form.leaf_begin[node]; entry < form.leaf_begin[node + 1]; ++entry) {
            const auto i = static_cast<std::size_t>(entry);
            const auto value = static_cast<Sum>(form.leaf_value[i]);
            values_.push_back(form.tree_weight.empty() ? value : static_cast<Sum>(form.tree_weight[tree]) * value);
            output_.push_back(form.leaf_output[i]);
        }
    }
    begin_.push_back(values_.size());
    kind_ = kind_of();
    if (kind_ != Kind::some_outputs) {
        begin_ = {};
        output_ = {};
    }
}

template <class Sum>
typename LeafSums<Sum>::Kind LeafSums<Sum>::kind_of() const {
    if (values_.size() != (begin_.size() - 1) * outputs_) return Kind::some_outputs;
    for (std::size_t i = 0; i < values_.size(); ++i) {
        if (begin_[i / outputs_] != i / outputs_ * outputs_ || static_cast<std::size_t>(output_[i]) != i % outputs_)
            return Kind::some_outputs;
    }
    return outputs_ == 1 ? Kind::one_value : outputs_ == 2 ? Kind::two_values : Kind::every_output;
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
template <std::int64_t Lanes>
void LeafSums<Sum>::add_two_values(std::int64_t first, std::int64_t trees, const std::uint32_t* leaves,
                                   std::int64_t rows, Sum* sums) const {
    for (std::int64_t tree = first; tree < first + trees; ++tree, leaves += Lanes) {
        const Sum* values = values_.data() + std::size_t{2} * first_leaf_[static_cast<std::size_t>(tree)];
        for (std::int64_t row = 0; row < rows; ++row) {
            const Sum* of_leaf = values + std::size_t{2} * leaves[row];
            sums[2 * row] += of_leaf[0];
            sums[2 * row + 1] += of_leaf[1];
        }
    }
}

template <class Sum>
void LeafSums<Sum>::add_outputs(std::int64_t tree, std::size_t leaf, Sum* sums) const {
    leaf += first_leaf_[static_cast<std::size_t>(tree)];
    if (kind_ == Kind::every_output) {
        const Sum* values = values_.data() + leaf * outputs_;
        for (std::size_t i = 0; i < outputs_; ++i) sums[i] += values[i];
        return;
    }
    for (std::uint64_t i = begin_[leaf]; i < begin_[leaf + 1]; ++i) sums[output_[i]] += values_[i];
}

template <class Sum>
template <std::int64_t Lanes>
void LeafSums<Sum>::add(std::int64_t first, std::int64_t trees, const std::uint32_t* leaves, std::int64_t rows,
                        Sum* sums) const {
    if (kind_ == Kind::one_value) return add_one_value<Lanes>(first, trees, leaves, rows, sums);
    if (kind_ == Kind::two_values) return add_two_values<Lanes>(first, trees, leaves, rows, sums);
    for (std::int64_t tree = first; tree < first + trees; ++tree, leaves += Lanes) {
        for (std::int64_t row = 0; row < rows; ++row)
            add_outputs(tree, leaves[row], sums + static_cast<std::size_t>(row) * outputs_);
    }
}

template class LeafSums<float>;
template class LeafSums<double>;
template void LeafSums<float>::add<1>(std::int64_t, std::int64_t, const std::uint32_t*, std::int64_t, float*) const;
template void LeafSums<double>::add<1>(std::int64_t, std::int64_t, const std::uint32_t*, std::int64_t, double*) const;
template void LeafSums<float>::add<lanes>(std::int64_t, std::int64_t, const std::uint32_t*, std::int64_t, float*) const;
template void LeafSums<double>::add<lanes>(std::int64_t, std::int64_t, const std::uint32_t*, std::int64_t,
                                           double*) const;

}  // namespace holdfast::engine::tree_walks
