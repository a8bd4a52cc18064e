/// The columns that trees read: the input, and what of it tests need that ONNX's nodes cannot make themselves.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/onnx_export/forms.hpp"

namespace holdfast::onnx_export {

class TreeColumns {
  public:
    explicit TreeColumns(const forms::Trees& form);

    /// The column that inner node `node` tests.
    [[nodiscard]] std::int64_t column_of(std::int32_t node) const;
    [[nodiscard]] std::int64_t count() const noexcept { return count_; }
    /// Those columns of x, which has the dtype of the form's input.
    [[nodiscard]] std::string write(File& file, const std::string& x) const;

  private:
    /// The input as it is, with NaN where a value is zero, and with zero where it is NaN.
    enum Kind : std::size_t { plain, zero_is_nan, nan_is_zero, kinds };
    /// A test of a category: 1 where it sends x to the left.
    struct Category {
        std::int64_t set = 0;
        forms::Comparison comparison = forms::Comparison::in_set;
        forms::Missing missing = forms::Missing::none;
        bool default_left = false;
        auto operator<=>(const Category&) const = default;
    };
    struct CategoryColumns {
        std::map<Category, std::int64_t> columns;  // among those of the feature
        std::int64_t begin = 0;
    };

    [[nodiscard]] static bool is_category(forms::Comparison comparison) noexcept;
    [[nodiscard]] Kind kind_of(std::size_t node) const;
    [[nodiscard]] Category category_of(std::size_t node) const;
    [[nodiscard]] std::vector<std::int64_t> known_categories(const CategoryColumns& columns) const;
    [[nodiscard]] std::string write_categories(File& file, const std::string& x, const CategoryColumns& columns) const;
    [[nodiscard]] bool goes_left(const Category& category, double representative, bool is_listed) const;

    const forms::Trees& form_;
    std::array<std::int64_t, kinds> begin_{-1, -1, -1};
    std::map<std::int64_t, CategoryColumns> categories_;  // by feature
    std::int64_t count_ = 0;
};

}  // namespace holdfast::onnx_export
