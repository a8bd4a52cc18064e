// TreeEnsemble, which took the place of the two older operators in version 5 of ai.onnx.ml.
// Source: https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsemble.html
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "models/onnx/operation.hpp"

namespace holdfast::onnx {
namespace {

using forms::Comparison;

constexpr std::int64_t member_mode = 6;

/// The members that sets of one feature have between them. A set is known by its members' positions here; NaN is a
/// member of the sets that missing values are in.
class Members {
  public:
    void add(double member) { numbers_.push_back(member); }
    void finish(std::int64_t column) {
        column_ = column;
        std::ranges::sort(numbers_);
        numbers_.erase(std::ranges::unique(numbers_).begin(), numbers_.end());
    }
    [[nodiscard]] std::int64_t position(double member) const {
        return std::ranges::lower_bound(numbers_, member) - numbers_.begin();
    }
    /// The column of positions.
    [[nodiscard]] std::int64_t column() const { return column_; }
    [[nodiscard]] std::int64_t position_of_missing() const { return static_cast<std::int64_t>(numbers_.size()); }
    [[nodiscard]] std::vector<double> keys() const {
        std::vector<double> keys = numbers_;
        keys.push_back(std::numeric_limits<double>::quiet_NaN());
        return keys;
    }

  private:
    std::vector<double> numbers_;
    std::int64_t column_ = 0;
};

class Reader {
  public:
    Reader(Operation& op, const Value& x, std::int64_t targets)
        : op_(op),
          x_(x),
          features_(op.integers("nodes_featureids")),
          tracks_(op.integers("nodes_missing_value_tracks_true")) {
        form_.features = x.width;
        form_.outputs = targets;
        form_.input = x.dtype;
        op.ignore("nodes_hitrates");
    }

    /// The sums, or what takes their place.
    Value read() {
        read_nodes();
        read_leaves();
        form_.roots = op_.integers("tree_roots");
        if (form_.roots.empty()) op_.corrupt("has no trees");
        for (const std::int64_t root : form_.roots) expect_below("tree_roots", root, count());
        form_.aggregate = aggregate();
        const Value x = with_positions();
        const std::int64_t outputs = form_.outputs;
        return op_.builder().add(std::move(form_), {x}, DType::float64, outputs);
    }

  private:
    [[nodiscard]] std::size_t count() const noexcept { return features_.size(); }

    void expect_below(const char* field, std::int64_t value, std::size_t end) const {
        if (value < 0 || value >= static_cast<std::int64_t>(end))
            op_.corrupt(std::string(field) + " holds " + std::to_string(value) + ", 0 to " +
                        std::to_string(static_cast<std::int64_t>(end) - 1) + " wanted");
    }

    [[nodiscard]] const std::vector<double>& numbers(const char* name) const {
        static const std::vector<double> none;
        const TensorProto* tensor = op_.tensor(name);
        if (tensor == nullptr) return none;
        if (!tensor->is_float() || dtype_of(tensor->type) != x_.dtype)
            op_.corrupt(std::string(name) + " has elements of another type than the input");
        return tensor->floats;
    }

    [[nodiscard]] forms::Aggregate aggregate() const {
        using enum forms::Aggregate;
        constexpr std::array all{average, sum, minimum, maximum};
        const std::int64_t number = op_.integer("aggregate_function", 1);
        expect_below("aggregate_function", number, all.size());
        return all[static_cast<std::size_t>(number)];
    }

    void read_nodes() {
        const auto wanted = static_cast<std::int64_t>(count());
        const TensorProto* modes = op_.tensor("nodes_modes");
        if (modes == nullptr || modes->type != ElementType::uint8) op_.corrupt("has no nodes_modes of uint8");
        const std::vector<double>& splits = numbers("nodes_splits");
        if (wanted > std::int64_t{1} << 29) op_.corrupt("has more than 2^29 nodes");
        op_.expect_size("nodes_modes", modes->integers.size(), wanted);
        op_.expect_size("nodes_splits", splits.size(), wanted);
        if (!tracks_.empty()) op_.expect_size("nodes_missing_value_tracks_true", tracks_.size(), wanted);
        form_.feature.reserve(count());
        form_.threshold = splits;
        constexpr std::array comparisons{Comparison::less_equal, Comparison::less,  Comparison::greater_equal,
                                         Comparison::greater,    Comparison::equal, Comparison::not_equal,
                                         Comparison::in_set};
        for (std::size_t i = 0; i < count(); ++i) {
            const std::int64_t mode = modes->integers[i];
            expect_below("nodes_modes", mode, comparisons.size());
            expect_below("nodes_featureids", features_[i], static_cast<std::size_t>(x_.width));
            form_.feature.push_back(static_cast<std::int32_t>(features_[i]));
            form_.comparisons.push_back(comparisons[static_cast<std::size_t>(mode)]);
            if (mode == member_mode) member_nodes_.push_back(i);
        }
        read_missing();
        read_sets();
        const bool one_kind = std::ranges::all_of(
            form_.comparisons, [&](Comparison comparison) { return comparison == form_.comparisons.front(); });
        if (one_kind && count() > 0) {
            form_.comparison = form_.comparisons.front();
            form_.comparisons.clear();
        }
    }

    // NaN differs from every number, so that "not equal" holds for it whatever is tracked.
    void read_missing() {
        if (std::ranges::all_of(tracks_, [](std::int64_t track) { return track == 0; })) return;
        form_.missing = forms::Missing::nan;
        for (std::size_t i = 0; i < count(); ++i)
            form_.default_left.push_back(tracks_[i] != 0 || form_.comparisons[i] == Comparison::not_equal ? 1 : 0);
    }

    /// The sets stand behind one another in the order of their nodes, each with a NaN at its end.
    void read_sets() {
        const std::vector<double>& values = numbers("membership_values");
        std::vector<std::vector<double>> sets;
        for (auto from = values.begin(); from != values.end();) {
            const auto end = std::find_if(from, values.end(), [](double value) { return std::isnan(value); });
            sets.emplace_back(from, end);
            from = end == values.end() ? end : end + 1;
        }
        op_.expect_size("membership_values' sets", sets.size(), static_cast<std::int64_t>(member_nodes_.size()));
        if (sets.empty()) return;
        for (std::size_t k = 0; k < sets.size(); ++k) {
            Members& members = members_[features_[member_nodes_[k]]];
            for (const double member : sets[k]) members.add(member);
        }
        std::int64_t column = x_.width;
        for (auto& [feature, members] : members_) members.finish(column++);
        form_.set_begin = {0};
        for (std::size_t k = 0; k < sets.size(); ++k) add_set(member_nodes_[k], sets[k]);
    }

    void add_set(std::size_t node, const std::vector<double>& set) {
        const Members& members = members_.at(features_[node]);
        const auto begin = static_cast<std::ptrdiff_t>(form_.sets.size());
        for (const double member : set) form_.sets.push_back(members.position(member));
        std::sort(form_.sets.begin() + begin, form_.sets.end());
        if (!tracks_.empty() && tracks_[node] != 0) form_.sets.push_back(members.position_of_missing());
        form_.threshold[node] = static_cast<double>(form_.set_begin.size() - 1);
        form_.set_begin.push_back(static_cast<std::int64_t>(form_.sets.size()));
        form_.feature[node] = static_cast<std::int32_t>(members.column());
    }

    /// Each leaf that a node leads to becomes a node behind the others.
    void read_leaves() {
        const std::vector<std::int64_t> targets = op_.integers("leaf_targetids");
        const std::vector<double>& weights = numbers("leaf_weights");
        op_.expect_size("leaf_weights", weights.size(), static_cast<std::int64_t>(targets.size()));
        for (const std::int64_t target : targets)
            expect_below("leaf_targetids", target, static_cast<std::size_t>(form_.outputs));
        const auto wanted = static_cast<std::int64_t>(count());
        std::vector<std::int64_t> leaves;
        const auto children = [&](const char* nodes_name, const char* leafs_name) {
            const std::vector<std::int64_t> nodes = op_.integers(nodes_name);
            const std::vector<std::int64_t> are_leaves = op_.integers(leafs_name);
            op_.expect_size(nodes_name, nodes.size(), wanted);
            op_.expect_size(leafs_name, are_leaves.size(), wanted);
            std::vector<std::int32_t> out;
            for (std::size_t i = 0; i < count(); ++i) {
                expect_below(nodes_name, nodes[i], are_leaves[i] != 0 ? targets.size() : count());
                out.push_back(static_cast<std::int32_t>(are_leaves[i] != 0 ? count() + leaves.size() : nodes[i]));
                if (are_leaves[i] != 0) leaves.push_back(nodes[i]);
            }
            return out;
        };
        form_.left = children("nodes_truenodeids", "nodes_trueleafs");
        form_.right = children("nodes_falsenodeids", "nodes_falseleafs");
        form_.leaf_begin.assign(count() + 1, 0);
        for (const std::int64_t leaf : leaves) {
            form_.leaf_output.push_back(static_cast<std::int32_t>(targets[static_cast<std::size_t>(leaf)]));
            form_.leaf_value.push_back(weights[static_cast<std::size_t>(leaf)]);
            form_.leaf_begin.push_back(static_cast<std::int64_t>(form_.leaf_value.size()));
        }
        const std::size_t all = count() + leaves.size();
        form_.left.resize(all, -1);
        form_.right.resize(all, -1);
        form_.feature.resize(all, -1);
        form_.threshold.resize(all, 0.0);
        if (!form_.comparisons.empty()) form_.comparisons.resize(all, form_.comparison);
        if (!form_.default_left.empty()) form_.default_left.resize(all, 0);
    }

    /// The input, and behind it a column for each feature that is looked up in sets: the value's position.
    Value with_positions() {
        Builder& builder = op_.builder();
        std::vector<Value> parts{x_};
        for (const auto& [feature, members] : members_) {
            if (members.position_of_missing() >= std::int64_t{1} << 24)
                op_.refuse("with sets of 2^24 members is not covered");
            const Value column = builder.add(forms::Select{{feature}}, {x_}, x_.dtype, 1);
            const Value position =
                builder.add(forms::Encode{x_.dtype, members.keys(), {}, false}, {column}, DType::int64, 1);
            parts.push_back(builder.cast(position, x_.dtype));
        }
        if (parts.size() == 1) return x_;
        form_.features = x_.width + static_cast<std::int64_t>(members_.size());
        return builder.add(forms::Concat{}, parts, x_.dtype, form_.features);
    }

    Operation& op_;
    const Value& x_;
    std::vector<std::int64_t> features_;
    std::vector<std::int64_t> tracks_;
    std::vector<std::size_t> member_nodes_;
    std::map<std::int64_t, Members> members_;  // of a feature
    forms::Trees form_;
};

std::string_view post_transform_of(Operation& op) {
    constexpr std::array<std::string_view, 5> names{"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"};
    const std::int64_t number = op.integer("post_transform", 0);
    if (number < 0 || number >= static_cast<std::int64_t>(names.size()))
        op.corrupt("post_transform is " + std::to_string(number));
    return names[static_cast<std::size_t>(number)];
}

}  // namespace

void translate_tree_ensemble(Operation& op) {
    op.expect_inputs(1, 1);
    const Value x = op.value(0);
    if (x.dtype != DType::float32 && x.dtype != DType::float64)
        op.corrupt("is given " + std::string(to_string(x.dtype)) + ", float or double wanted");
    const std::int64_t targets = op.integer("n_targets", 1);
    if (targets < 1 || targets > (std::int64_t{1} << 20)) op.corrupt("n_targets is " + std::to_string(targets));
    const Value sums = Reader(op, x, targets).read();
    op.set_output(0, op.builder().cast(transformed_targets(op, sums, post_transform_of(op)), x.dtype));
}

}  // namespace holdfast::onnx
