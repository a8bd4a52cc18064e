/// Table: named columns of equal length. Copying shares the columns' memory.
///
/// Thread safety: `const` calls are safe from several threads; `add` is not.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/data/column.hpp>
#include <holdfast/data/schema.hpp>
#include <holdfast/export.hpp>

namespace holdfast {

class HOLDFAST_EXPORT Table {
  public:
    Table() = default;

    /// Appends a column. InvalidArgument: a name twice, or another length.
    Table& add(std::string name, Column column);

    [[nodiscard]] std::int64_t rows() const noexcept { return columns_.empty() ? 0 : columns_.front().size(); }
    [[nodiscard]] std::int64_t width() const noexcept { return static_cast<std::int64_t>(columns_.size()); }
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
    [[nodiscard]] bool has(std::string_view name) const noexcept { return find(name) >= 0; }
    [[nodiscard]] std::int64_t find(std::string_view name) const noexcept;  ///< position, or -1
    /// InvalidArgument naming the column and those there are.
    [[nodiscard]] const Column& column(std::string_view name) const;
    [[nodiscard]] const Column& column(std::int64_t position) const {
        return columns_[static_cast<std::size_t>(position)];
    }
    [[nodiscard]] Schema schema() const;

    [[nodiscard]] Table select(std::span<const std::string> names) const;
    [[nodiscard]] Table without(std::span<const std::string> names) const;
    [[nodiscard]] Table slice(std::int64_t begin, std::int64_t count) const;
    [[nodiscard]] Table take(std::span<const std::int64_t> rows) const;
    /// Rows of all, in order; the same columns in the same order, else InvalidArgument.
    [[nodiscard]] static Table concat(std::span<const Table> tables);
    /// Columns of a matrix, named; no copy where a column's values lie one after another: then `owner` keeps the memory
    /// alive (an empty owner: the caller promises to).
    [[nodiscard]] static Table from_matrix(const TensorView& matrix, std::span<const std::string> names,
                                           const Owner& owner = {});

  private:
    std::vector<std::string> names_;
    std::vector<Column> columns_;
};

}  // namespace holdfast
