#include "models/onnx_export/tree_columns.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <set>

#include <holdfast/base/error.hpp>

#include "models/engine/tree_nodes.hpp"

namespace holdfast::onnx_export {
namespace {

using forms::Comparison;
using forms::Missing;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr auto near_zero = static_cast<double>(1e-35F);

// Rows of a table of categories: each category twice, below zero and not; and NaN, just above and just below zero.
constexpr std::int64_t signs = 2, special_rows = 3;

}  // namespace

bool TreeColumns::is_category(Comparison comparison) noexcept {
    return comparison == Comparison::in_set || comparison == Comparison::not_in_set;
}

TreeColumns::Kind TreeColumns::kind_of(std::size_t node) const {
    switch (engine::missing_of(form_, node)) {
        case Missing::none:
        case Missing::nan: return plain;
        case Missing::zero: return zero_is_nan;
        case Missing::nan_as_zero: return nan_is_zero;
        case Missing::value: break;
    }
    throw Unsupported("missing \"value\": ONNX's trees know NaN alone as missing");
}

TreeColumns::Category TreeColumns::category_of(std::size_t node) const {
    return {static_cast<std::int64_t>(form_.threshold[node]), engine::comparison_of(form_, node),
            engine::missing_of(form_, node), !form_.default_left.empty() && form_.default_left[node] != 0};
}

TreeColumns::TreeColumns(const forms::Trees& form) : form_(form) {
    std::array<bool, kinds> used{};
    for (std::size_t node = 0; node < form.left.size(); ++node) {
        if (form.left[node] < 0) continue;
        const Kind kind = kind_of(node);
        if (is_category(engine::comparison_of(form, node))) {
            auto& columns = categories_[form.feature[node]].columns;
            columns.try_emplace(category_of(node), static_cast<std::int64_t>(columns.size()));
        } else {
            used[kind] = true;
        }
    }
    if (categories_.empty() && std::ranges::none_of(used, [](bool one) { return one; })) used[plain] = true;
    for (std::size_t kind = 0; kind < kinds; ++kind) {
        if (!used[kind]) continue;
        begin_[kind] = count_;
        count_ += form.features;
    }
    for (auto& [feature, category] : categories_) {
        category.begin = count_;
        count_ += static_cast<std::int64_t>(category.columns.size());
    }
}

std::int64_t TreeColumns::column_of(std::int32_t node) const {
    const auto at = static_cast<std::size_t>(node);
    const std::int64_t feature = form_.feature[at];
    if (!is_category(engine::comparison_of(form_, at))) return begin_[kind_of(at)] + feature;
    const CategoryColumns& columns = categories_.at(feature);
    return columns.begin + columns.columns.at(category_of(at));
}

std::string TreeColumns::write(File& file, const std::string& x) const {
    const auto value = [&](double number) { return file.numbers({number}, {}, form_.input); };
    const auto flagged = [&](const std::string& flags, double number) {
        return file.add("Where", {flags, value(number), x});
    };
    Names parts;
    if (begin_[plain] >= 0) parts.push_back(x);
    if (begin_[zero_is_nan] >= 0)
        parts.push_back(flagged(file.add("LessOrEqual", {file.add("Abs", {x}), value(near_zero)}), nan));
    if (begin_[nan_is_zero] >= 0) parts.push_back(flagged(file.add("IsNaN", {x}), 0.0));
    for (const auto& [feature, columns] : categories_) {
        const std::string column = file.add("Gather", {x, file.integers({feature})}, {{"axis", std::int64_t{1}}});
        parts.push_back(write_categories(file, column, columns));
    }
    return parts.size() == 1 ? parts[0] : file.add("Concat", parts, {{"axis", std::int64_t{1}}});
}

std::vector<std::int64_t> TreeColumns::known_categories(const CategoryColumns& columns) const {
    std::set<std::int64_t> known;
    for (const auto& [category, column] : columns.columns) {
        const auto set = static_cast<std::size_t>(category.set);
        known.insert(form_.sets.begin() + form_.set_begin[set], form_.sets.begin() + form_.set_begin[set + 1]);
    }
    if (known.empty()) known.insert(0);
    return {known.begin(), known.end()};
}

/// As the engine's walk: of `representative`, whose whole part is in the set where `is_listed`.
bool TreeColumns::goes_left(const Category& category, double representative, bool is_listed) const {
    const bool is_missing = std::isnan(representative);
    const bool is_default =
        (category.missing == Missing::nan && is_missing) ||
        (category.missing == Missing::zero && (is_missing || std::fabs(representative) <= near_zero));
    if (is_default) return category.default_left;
    if (category.comparison == Comparison::in_set) return is_listed;
    return representative < 0 || !is_listed;
}

// A table with a row for each whole part and sign, and for NaN and what is next to zero on either side; a column for
// each test. It is kept flat: element (row, test) is at row * tests + test.
std::string TreeColumns::write_categories(File& file, const std::string& x, const CategoryColumns& columns) const {
    const std::vector<std::int64_t> known = known_categories(columns);
    const auto count = static_cast<std::int64_t>(known.size()),
               tests = static_cast<std::int64_t>(columns.columns.size());
    const std::int64_t rows_a_sign = count + 1, special = signs * rows_a_sign;

    File::check_table(special + special_rows, tests);
    std::vector<double> table(static_cast<std::size_t>((special + special_rows) * tests));
    for (const auto& [category, test] : columns.columns) {
        const auto set = static_cast<std::size_t>(category.set);
        const auto is_listed = [&](std::int64_t whole) {
            return std::binary_search(form_.sets.begin() + form_.set_begin[set],
                                      form_.sets.begin() + form_.set_begin[set + 1], whole);
        };
        const auto put = [&](std::int64_t row, double representative, bool listed) {
            table[static_cast<std::size_t>(row * tests + test)] = goes_left(category, representative, listed) ? 1 : 0;
        };
        for (std::int64_t k = 0; k < count; ++k) {
            put(k, 1.0, is_listed(known[static_cast<std::size_t>(k)]));
            put(rows_a_sign + k, -1.0, is_listed(known[static_cast<std::size_t>(k)]));
        }
        put(count, 1.0, false);
        put(rows_a_sign + count, -1.0, false);
        const bool zero_is_nan_here = category.missing == Missing::nan_as_zero;
        put(special, zero_is_nan_here ? 0.0 : nan, zero_is_nan_here && is_listed(0));
        put(special + 1, 0.0, is_listed(0));
        put(special + 2, -near_zero, is_listed(0));
    }

    const auto integer = [&](std::int64_t number) { return file.integers({number}, {}); };
    const auto zero = [&] { return file.numbers({0.0}, {}, form_.input); };
    const std::string is_missing = file.add("IsNaN", {x});
    const std::string number = file.add("Where", {is_missing, zero(), x});
    const std::string below = file.add("Less", {number, zero()});
    std::vector<std::int64_t> positions(known.size());
    for (std::int64_t k = 0; k < count; ++k) positions[static_cast<std::size_t>(k)] = k;
    std::string row = file.add_ml("LabelEncoder", {file.cast(number, form_.input, DType::int64)},
                                  {{"keys_int64s", known}, {"values_int64s", positions}, {"default_int64", count}});
    row = file.add("Where", {below, file.add("Add", {row, integer(rows_a_sign)}), row});
    const std::string is_near_zero =
        file.add("LessOrEqual", {file.add("Abs", {number}), file.numbers({near_zero}, {}, form_.input)});
    const std::string beside_zero = file.add("Where", {below, integer(special + 2), integer(special + 1)});
    row = file.add("Where", {is_near_zero, beside_zero, row});
    row = file.add("Where", {is_missing, integer(special), row});
    const std::string places = file.add("Add", {file.add("Mul", {row, integer(tests)}), counting(file, tests)});
    return file.add("Gather",
                    {file.numbers(std::move(table), {(special + special_rows) * tests}, form_.input), places});
}

}  // namespace holdfast::onnx_export
