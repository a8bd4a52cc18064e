#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "models/engine/convert.hpp"
#include "models/engine/step.hpp"
#include "models/engine/tree_nodes.hpp"
#include "models/engine/tree_walks/tree_walks.hpp"
#include "models/kernels/kernels.hpp"

namespace holdfast::engine {
namespace {

using forms::Comparison;
using forms::Missing;

struct TreeNode {
    double threshold = 0.0;
    std::int32_t left = -1;
    std::int32_t right = -1;
    std::int32_t feature = -1;
    Comparison comparison = Comparison::less_equal;
    Missing missing = Missing::none;
    bool default_left = false;
};

class TreesStep final : public Step {
  public:
    TreesStep(const forms::Trees& form, ValueType input) : form_(form), input_(input) {
        const std::size_t count = form.left.size();
        nodes_.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            nodes_[i] = {form.threshold[i],
                         form.left[i],
                         form.right[i],
                         form.feature[i],
                         comparison_of(form, i),
                         missing_of(form, i),
                         !form.default_left.empty() && form.default_left[i] != 0};
        }
    }

    [[nodiscard]] std::int64_t workspace_bytes(std::int64_t rows) const override {
        return rows * input_.width * static_cast<std::int64_t>(sizeof(double)) + rows * form_.outputs;
    }

    void run(const Work& work) const override {
        if (form_.input == DType::float32) {
            run_on(work, cast<float>(work));
        } else {
            run_on(work, cast<double>(work));
        }
    }

  private:
    template <class X>
    const X* cast(const Work& work) const {
        if (input_.dtype == dtype_of<X>) return work.inputs[0].as<X>();
        X* to = reinterpret_cast<X*>(work.workspace);
        const std::int64_t size = work.rows * input_.width;
        if constexpr (std::is_same_v<X, float>) {
            if (input_.dtype == DType::float64) {
                kernels::narrow(work.inputs[0].as<double>(), size, to);
                return to;
            }
        }
        with_value(input_.dtype, [&]<class T>(Tag<T>) {
            const T* from = work.inputs[0].as<T>();
            for (std::int64_t i = 0; i < size; ++i) to[i] = convert<X>(from[i]);
        });
        return to;
    }

    template <class X>
    void run_on(const Work& work, const X* x) const {
        if (form_.accumulate == DType::float32) {
            accumulate<X, float>(work, x);
        } else {
            accumulate<X, double>(work, x);
        }
    }

    template <class X, class Sum>
    void accumulate(const Work& work, const X* x) const {
        const bool extreme =
            form_.aggregate == forms::Aggregate::minimum || form_.aggregate == forms::Aggregate::maximum;
        Sum* sums = work.output.as<Sum>();
        auto* seen = reinterpret_cast<std::uint8_t*>(work.workspace) +
                     work.rows * input_.width * static_cast<std::int64_t>(sizeof(double));
        start(work.rows, sums, seen);
        for (std::size_t tree = 0; tree < form_.roots.size(); ++tree) {
            const auto root = static_cast<std::int32_t>(form_.roots[tree]);
            for (std::int64_t row = 0; row < work.rows; ++row) {
                const X* features = x + row * input_.width;
                const std::int32_t leaf = walk(root, features);
                if (extreme) {
                    add_extreme(leaf, tree, features, sums + row * form_.outputs, seen + row * form_.outputs);
                } else {
                    add(leaf, tree, features, sums + row * form_.outputs);
                }
            }
        }
        finish(work.rows, sums);
    }

    template <class Sum>
    void start(std::int64_t rows, Sum* sums, std::uint8_t* seen) const {
        const bool from_base = form_.aggregate == forms::Aggregate::sum && !form_.base.empty();
        for (std::int64_t i = 0; i < rows * form_.outputs; ++i) {
            sums[i] = from_base ? static_cast<Sum>(form_.base[static_cast<std::size_t>(i % form_.outputs)]) : Sum{0};
            seen[i] = 0;
        }
    }

    template <class Sum>
    void finish(std::int64_t rows, Sum* sums) const {
        if (form_.aggregate == forms::Aggregate::sum) return;
        const auto trees = static_cast<Sum>(form_.roots.size());
        for (std::int64_t i = 0; i < rows * form_.outputs; ++i) {
            if (form_.aggregate == forms::Aggregate::average) sums[i] /= trees;
            if (!form_.base.empty())
                sums[i] += static_cast<Sum>(form_.base[static_cast<std::size_t>(i % form_.outputs)]);
        }
    }

    template <class Sum, class X>
    [[nodiscard]] Sum value_of(std::size_t node, std::size_t entry, std::size_t tree, const X* x) const {
        const auto value =
            static_cast<Sum>(form_.linear_begin.empty() ? form_.leaf_value[entry] : linear_value(node, entry, x));
        return form_.tree_weight.empty() ? value : static_cast<Sum>(form_.tree_weight[tree]) * value;
    }

    template <class X>
    [[nodiscard]] double linear_value(std::size_t node, std::size_t entry, const X* x) const {
        double value = form_.linear_constant[node];
        const auto end = static_cast<std::size_t>(form_.linear_begin[node + 1]);
        for (auto k = static_cast<std::size_t>(form_.linear_begin[node]); k < end; ++k) {
            const auto term = static_cast<double>(x[form_.linear_feature[k]]);
            if (std::isnan(term)) return form_.leaf_value[entry];
            value += form_.linear_weight[k] * term;
        }
        return value;
    }

    template <class Sum, class X>
    void add(std::int32_t leaf, std::size_t tree, const X* x, Sum* sums) const {
        const auto node = static_cast<std::size_t>(leaf);
        const auto end = static_cast<std::size_t>(form_.leaf_begin[node + 1]);
        for (auto entry = static_cast<std::size_t>(form_.leaf_begin[node]); entry < end; ++entry)
            sums[form_.leaf_output[entry]] += value_of<Sum>(node, entry, tree, x);
    }

    template <class Sum, class X>
    void add_extreme(std::int32_t leaf, std::size_t tree, const X* x, Sum* best, std::uint8_t* seen) const {
        const auto node = static_cast<std::size_t>(leaf);
        const auto end = static_cast<std::size_t>(form_.leaf_begin[node + 1]);
        for (auto entry = static_cast<std::size_t>(form_.leaf_begin[node]); entry < end; ++entry) {
            const std::int32_t output = form_.leaf_output[entry];
            const Sum value = value_of<Sum>(node, entry, tree, x);
            const bool better =
                form_.aggregate == forms::Aggregate::minimum ? value < best[output] : value > best[output];
            if (seen[output] == 0 || better) best[output] = value;
            seen[output] = 1;
        }
    }

    template <class X>
    [[nodiscard]] std::int32_t walk(std::int32_t i, const X* x) const {
        for (;;) {
            const TreeNode& node = nodes_[static_cast<std::size_t>(i)];
            if (node.left < 0) return i;
            auto value = static_cast<double>(x[node.feature]);
            if (node.missing == Missing::nan_as_zero && std::isnan(value)) value = 0.0;
            const bool left = is_missing(node.missing, value) ? node.default_left : holds(node, value);
            i = left ? node.left : node.right;
        }
    }

    [[nodiscard]] bool is_missing(Missing missing, double value) const noexcept {
        switch (missing) {
            case Missing::none:
            case Missing::nan_as_zero: return false;
            case Missing::nan: return std::isnan(value);
            case Missing::zero: return std::isnan(value) || std::fabs(value) <= static_cast<double>(1e-35F);
            case Missing::value: return value == form_.missing_value;
        }
        return false;
    }

    [[nodiscard]] bool holds(const TreeNode& node, double value) const {
        switch (node.comparison) {
            case Comparison::less_equal: return value <= node.threshold;
            case Comparison::less: return value < node.threshold;
            case Comparison::greater_equal: return value >= node.threshold;
            case Comparison::greater: return value > node.threshold;
            case Comparison::equal: return value == node.threshold;
            case Comparison::not_equal: return value != node.threshold;
            case Comparison::in_set: return in_set(static_cast<std::size_t>(node.threshold), value);
            case Comparison::not_in_set: return value < 0 || !in_set(static_cast<std::size_t>(node.threshold), value);
        }
        return false;
    }

    [[nodiscard]] bool in_set(std::size_t set, double value) const {
        if (std::isnan(value)) return false;
        return std::binary_search(form_.sets.begin() + form_.set_begin[set],
                                  form_.sets.begin() + form_.set_begin[set + 1], convert<std::int64_t>(value));
    }

    const forms::Trees& form_;
    ValueType input_;
    std::vector<TreeNode> nodes_;
};

}  // namespace

std::unique_ptr<Step> make_trees(const forms::Trees& form, ValueType input) {
    auto fastest = tree_walks::make_fastest(form, input);
    return fastest != nullptr ? std::move(fastest) : make_trees(form, input, TreeEngine::general);
}

std::unique_ptr<Step> make_trees(const forms::Trees& form, ValueType input, TreeEngine engine) {
    if (engine != TreeEngine::general) return tree_walks::make(form, input, engine);
    return std::make_unique<TreesStep>(form, input);
}

}  // namespace holdfast::engine
