/// Column: one named-elsewhere, immutable sequence of values with validity, laid out as Arrow lays it out so that
/// frames come in and go out without a copy. Copying a Column shares its memory.
///
/// A null is not a NaN: floats may hold both. `as_doubles` turns nulls into NaN.
///
/// Thread safety: immutable once made; safe from several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/time.hpp>
#include <holdfast/data/dtype.hpp>
#include <holdfast/data/tensor_view.hpp>
#include <holdfast/export.hpp>

namespace holdfast {

using Owner = std::shared_ptr<const void>;

/// Arrow's validity bitmap: bit `offset + i` is 1 where value i is present. A null pointer: all are.
struct Validity {
    const std::uint8_t* bits = nullptr;
    std::int64_t offset = 0;
    [[nodiscard]] bool at(std::int64_t i) const noexcept {
        const std::int64_t bit = offset + i;
        return bits == nullptr || ((bits[bit >> 3] >> (bit & 7)) & 1) != 0;
    }
};

class HOLDFAST_EXPORT Column {
  public:
    Column() = default;  ///< an empty float64 column

    // Columns that own what they are given. `valid`: empty means all present, else one flag a row.
    [[nodiscard]] static Column of(std::vector<float> values, const std::vector<bool>& valid = {});
    [[nodiscard]] static Column of(std::vector<double> values, const std::vector<bool>& valid = {});
    [[nodiscard]] static Column of(std::vector<std::int32_t> values, const std::vector<bool>& valid = {});
    [[nodiscard]] static Column of(std::vector<std::int64_t> values, const std::vector<bool>& valid = {});
    [[nodiscard]] static Column booleans(const std::vector<bool>& values, const std::vector<bool>& valid = {});
    [[nodiscard]] static Column strings(std::span<const std::string> values, const std::vector<bool>& valid = {});
    [[nodiscard]] static Column strings(std::span<const std::string_view> values, const std::vector<bool>& valid = {});
    /// A code of -1 is a null, as pandas writes it; any other code without a category is InvalidArgument.
    [[nodiscard]] static Column categorical(std::vector<std::int32_t> codes, std::vector<std::string> categories,
                                            const std::vector<bool>& valid = {});
    [[nodiscard]] static Column timestamps(std::vector<std::int64_t> micros, const std::vector<bool>& valid = {});

    // Columns over memory that `owner` keeps alive (an empty owner: the caller promises to).
    /// Fixed-width values: numeric, boolean (one byte), timestamp.
    [[nodiscard]] static Column borrowed(ColumnType type, const void* values, std::int64_t size, Validity validity,
                                         Owner owner);
    /// Strings with size + 1 offsets of 32 or 64 bits.
    [[nodiscard]] static Column borrowed_strings(const std::int32_t* offsets, const char* bytes, std::int64_t size,
                                                 Validity validity, Owner owner);
    [[nodiscard]] static Column borrowed_strings(const std::int64_t* offsets, const char* bytes, std::int64_t size,
                                                 Validity validity, Owner owner);
    [[nodiscard]] static Column borrowed_categorical(const std::int32_t* codes, std::int64_t size, Validity validity,
                                                     std::shared_ptr<const std::vector<std::string>> categories,
                                                     Owner owner);

    [[nodiscard]] ColumnType type() const noexcept { return type_; }
    [[nodiscard]] std::int64_t size() const noexcept { return size_; }
    [[nodiscard]] bool is_valid(std::int64_t row) const noexcept { return validity_.at(row); }
    [[nodiscard]] std::int64_t null_count() const noexcept;
    [[nodiscard]] Validity validity() const noexcept { return validity_; }
    [[nodiscard]] const Owner& owner() const noexcept { return owner_; }

    /// Values of a numeric (float, double, int32_t, int64_t), timestamp (int64_t), boolean (uint8_t) or categorical
    /// (int32_t codes) column; InvalidArgument when T is not what it holds.
    template <class T>
    [[nodiscard]] std::span<const T> values() const;
    /// A string, or a category's name; empty for a null.
    [[nodiscard]] std::string_view text(std::int64_t row) const;
    // Of a string column: size + 1 offsets (one of the two is null; both where there are no rows), and the bytes.
    [[nodiscard]] const std::int32_t* offsets32() const noexcept;
    [[nodiscard]] const std::int64_t* offsets64() const noexcept;
    [[nodiscard]] const char* string_bytes() const noexcept { return bytes_; }
    [[nodiscard]] const std::vector<std::string>& categories() const;  ///< InvalidArgument unless categorical
    /// One numeric, boolean or timestamp value as double; NaN for a null.
    [[nodiscard]] double number(std::int64_t row) const;
    /// Any value as text, for keys and messages; "" for a null.
    [[nodiscard]] std::string value_text(std::int64_t row) const;

    /// A numeric, boolean or timestamp column as doubles; nulls are NaN. InvalidArgument for text.
    [[nodiscard]] std::vector<double> as_doubles() const;
    /// Writes as_doubles to out[0], out[stride], ...; no allocation.
    void copy_doubles(double* out, std::int64_t stride) const;

    [[nodiscard]] Column slice(std::int64_t begin, std::int64_t count) const;  ///< no copy
    [[nodiscard]] Column take(std::span<const std::int64_t> rows) const;       ///< copies; a negative row gives a null
    /// Rows of all, in order. Types must agree (InvalidArgument); categories are united.
    [[nodiscard]] static Column concat(std::span<const Column> columns);

  private:
    ColumnType type_ = ColumnType::float64;
    std::int64_t size_ = 0;
    const void* values_ = nullptr;  // fixed-width values, codes, or string offsets
    const char* bytes_ = nullptr;   // string bytes
    bool wide_offsets_ = false;
    Validity validity_;
    std::shared_ptr<const std::vector<std::string>> categories_;
    Owner owner_;
};

}  // namespace holdfast
