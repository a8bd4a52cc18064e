#include <holdfast/data/column.hpp>

#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include <holdfast/base/error.hpp>

#include "bitmap.hpp"

namespace holdfast {
namespace {

template <class T>
struct Owned {
    std::vector<T> values;
    std::vector<std::uint8_t> bits;
};

struct OwnedText {
    std::vector<std::int32_t> narrow;
    std::vector<std::int64_t> wide;
    std::string bytes;
    std::vector<std::uint8_t> bits;
};

std::vector<std::uint8_t> bitmap_of(const std::vector<bool>& valid, std::size_t size) {
    if (valid.empty()) return {};
    if (valid.size() != size) {
        throw InvalidArgument("column: " + std::to_string(valid.size()) + " validity flags given, " +
                              std::to_string(size) + " wanted, one a row");
    }
    auto bits = detail::full_bitmap(static_cast<std::int64_t>(size));
    bool any_null = false;
    for (std::size_t row = 0; row < size; ++row) {
        if (valid[row]) continue;
        detail::clear_bit(bits, static_cast<std::int64_t>(row));
        any_null = true;
    }
    if (!any_null) bits.clear();
    return bits;
}

Validity validity_over(const std::vector<std::uint8_t>& bits) { return {bits.empty() ? nullptr : bits.data(), 0}; }

template <class T>
Column own(ColumnType type, std::vector<T> values, std::vector<std::uint8_t> bits) {
    auto owner = std::make_shared<Owned<T>>(Owned<T>{std::move(values), std::move(bits)});
    const auto size = static_cast<std::int64_t>(owner->values.size());
    return Column::borrowed(type, owner->values.data(), size, validity_over(owner->bits), owner);
}

template <class Text>
Column own_strings(std::span<const Text> values, const std::vector<bool>& valid) {
    auto owner = std::make_shared<OwnedText>();
    owner->bits = bitmap_of(valid, values.size());
    const Validity validity = validity_over(owner->bits);
    const auto size = static_cast<std::int64_t>(values.size());
    std::size_t total = 0;
    for (std::int64_t row = 0; row < size; ++row) {
        if (validity.at(row)) total += values[static_cast<std::size_t>(row)].size();
    }
    owner->bytes.reserve(total);
    const auto fill = [&](auto& offsets) {
        using Offset = typename std::remove_reference_t<decltype(offsets)>::value_type;
        offsets.reserve(values.size() + 1);
        offsets.push_back(0);
        for (std::int64_t row = 0; row < size; ++row) {
            if (validity.at(row)) owner->bytes += values[static_cast<std::size_t>(row)];
            offsets.push_back(static_cast<Offset>(owner->bytes.size()));
        }
        return Column::borrowed_strings(offsets.data(), owner->bytes.data(), size, validity, owner);
    };
    if (total > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) return fill(owner->wide);
    return fill(owner->narrow);
}

[[noreturn]] void refuse_type(ColumnType seen, std::string_view wanted) {
    throw InvalidArgument("column: type " + std::string(to_string(seen)) + " given, " + std::string(wanted) +
                          " wanted");
}

void check_size(std::int64_t size, const void* values) {
    if (size < 0) throw InvalidArgument("column: size " + std::to_string(size) + " given, 0 or more wanted");
    if (size > 0 && values == nullptr) {
        throw InvalidArgument("column: null pointer given, memory of " + std::to_string(size) + " values wanted");
    }
}

template <class T>
bool holds(ColumnType type) {
    if constexpr (std::is_same_v<T, float>) return type == ColumnType::float32;
    if constexpr (std::is_same_v<T, double>) return type == ColumnType::float64;
    if constexpr (std::is_same_v<T, std::int32_t>) return type == ColumnType::int32 || type == ColumnType::categorical;
    if constexpr (std::is_same_v<T, std::int64_t>) return type == ColumnType::int64 || type == ColumnType::timestamp;
    if constexpr (std::is_same_v<T, std::uint8_t>) return type == ColumnType::boolean;
    return false;
}

template <class T>
std::string_view name_for() {
    if constexpr (std::is_same_v<T, float>) return "float32";
    if constexpr (std::is_same_v<T, double>) return "float64";
    if constexpr (std::is_same_v<T, std::int32_t>) return "int32 or categorical";
    if constexpr (std::is_same_v<T, std::int64_t>) return "int64 or timestamp";
    return "boolean";
}

std::int64_t width_of(ColumnType type) {
    switch (type) {
        case ColumnType::boolean: return 1;
        case ColumnType::float32:
        case ColumnType::int32:
        case ColumnType::categorical: return 4;
        default: return 8;
    }
}

}  // namespace

Column Column::of(std::vector<float> values, const std::vector<bool>& valid) {
    auto bits = bitmap_of(valid, values.size());
    return own(ColumnType::float32, std::move(values), std::move(bits));
}

Column Column::of(std::vector<double> values, const std::vector<bool>& valid) {
    auto bits = bitmap_of(valid, values.size());
    return own(ColumnType::float64, std::move(values), std::move(bits));
}

Column Column::of(std::vector<std::int32_t> values, const std::vector<bool>& valid) {
    auto bits = bitmap_of(valid, values.size());
    return own(ColumnType::int32, std::move(values), std::move(bits));
}

Column Column::of(std::vector<std::int64_t> values, const std::vector<bool>& valid) {
    auto bits = bitmap_of(valid, values.size());
    return own(ColumnType::int64, std::move(values), std::move(bits));
}

Column Column::booleans(const std::vector<bool>& values, const std::vector<bool>& valid) {
    auto bits = bitmap_of(valid, values.size());
    return own(ColumnType::boolean, std::vector<std::uint8_t>(values.begin(), values.end()), std::move(bits));
}

Column Column::strings(std::span<const std::string> values, const std::vector<bool>& valid) {
    return own_strings(values, valid);
}

Column Column::strings(std::span<const std::string_view> values, const std::vector<bool>& valid) {
    return own_strings(values, valid);
}

Column Column::categorical(std::vector<std::int32_t> codes, std::vector<std::string> categories,
                           const std::vector<bool>& valid) {
    auto bits = bitmap_of(valid, codes.size());
    for (std::size_t row = 0; row < codes.size(); ++row) {
        const auto at = static_cast<std::int64_t>(row);
        if (codes[row] == -1) {
            if (bits.empty()) bits = detail::full_bitmap(static_cast<std::int64_t>(codes.size()));
            detail::clear_bit(bits, at);
        }
        if (!bits.empty() && !detail::bit_at(bits.data(), at)) codes[row] = 0;
    }
    auto owner = std::make_shared<Owned<std::int32_t>>(Owned<std::int32_t>{std::move(codes), std::move(bits)});
    return borrowed_categorical(owner->values.data(), static_cast<std::int64_t>(owner->values.size()),
                                validity_over(owner->bits),
                                std::make_shared<const std::vector<std::string>>(std::move(categories)), owner);
}

Column Column::timestamps(std::vector<std::int64_t> micros, const std::vector<bool>& valid) {
    auto bits = bitmap_of(valid, micros.size());
    return own(ColumnType::timestamp, std::move(micros), std::move(bits));
}

Column Column::borrowed(ColumnType type, const void* values, std::int64_t size, Validity validity, Owner owner) {
    if (type == ColumnType::string || type == ColumnType::categorical) {
        refuse_type(type, "a numeric, boolean or timestamp type");
    }
    check_size(size, values);
    Column column;
    column.type_ = type;
    column.size_ = size;
    column.values_ = values;
    column.validity_ = validity;
    column.owner_ = std::move(owner);
    return column;
}

Column Column::borrowed_strings(const std::int32_t* offsets, const char* bytes, std::int64_t size, Validity validity,
                                Owner owner) {
    check_size(size, offsets);
    Column column;
    column.type_ = ColumnType::string;
    column.size_ = size;
    column.values_ = offsets;
    column.bytes_ = bytes;
    column.validity_ = validity;
    column.owner_ = std::move(owner);
    return column;
}

Column Column::borrowed_strings(const std::int64_t* offsets, const char* bytes, std::int64_t size, Validity validity,
                                Owner owner) {
    Column column = borrowed_strings(static_cast<const std::int32_t*>(nullptr), bytes, 0, validity, std::move(owner));
    check_size(size, offsets);
    column.size_ = size;
    column.values_ = offsets;
    column.wide_offsets_ = true;
    return column;
}

Column Column::borrowed_categorical(const std::int32_t* codes, std::int64_t size, Validity validity,
                                    std::shared_ptr<const std::vector<std::string>> categories, Owner owner) {
    check_size(size, codes);
    if (categories == nullptr) throw InvalidArgument("categorical column: no categories given, a list wanted");
    const auto count = static_cast<std::int64_t>(categories->size());
    for (std::int64_t row = 0; row < size; ++row) {
        if (validity.at(row) && (codes[row] < 0 || codes[row] >= count)) {
            throw InvalidArgument("categorical column: code " + std::to_string(codes[row]) + " given at row " +
                                  std::to_string(row) + ", one of " + std::to_string(count) + " categories wanted");
        }
    }
    Column column;
    column.type_ = ColumnType::categorical;
    column.size_ = size;
    column.values_ = codes;
    column.validity_ = validity;
    column.categories_ = std::move(categories);
    column.owner_ = std::move(owner);
    return column;
}

std::int64_t Column::null_count() const noexcept {
    if (validity_.bits == nullptr) return 0;
    std::int64_t nulls = 0;
    std::int64_t row = 0;
    while (row < size_ && ((validity_.offset + row) & 7) != 0) nulls += validity_.at(row++) ? 0 : 1;
    for (; row + 8 <= size_; row += 8) nulls += 8 - std::popcount(validity_.bits[(validity_.offset + row) >> 3]);
    while (row < size_) nulls += validity_.at(row++) ? 0 : 1;
    return nulls;
}

template <class T>
std::span<const T> Column::values() const {
    if (!holds<T>(type_)) refuse_type(type_, name_for<T>());
    return {static_cast<const T*>(values_), static_cast<std::size_t>(size_)};
}

template HOLDFAST_EXPORT std::span<const float> Column::values<float>() const;
template HOLDFAST_EXPORT std::span<const double> Column::values<double>() const;
template HOLDFAST_EXPORT std::span<const std::int32_t> Column::values<std::int32_t>() const;
template HOLDFAST_EXPORT std::span<const std::int64_t> Column::values<std::int64_t>() const;
template HOLDFAST_EXPORT std::span<const std::uint8_t> Column::values<std::uint8_t>() const;

std::string_view Column::text(std::int64_t row) const {
    if (type_ != ColumnType::string && type_ != ColumnType::categorical) refuse_type(type_, "string or categorical");
    if (!is_valid(row)) return {};
    if (type_ == ColumnType::categorical) {
        return (*categories_)[static_cast<std::size_t>(static_cast<const std::int32_t*>(values_)[row])];
    }
    const auto between = [&](const auto* offsets) {
        return std::string_view(bytes_ == nullptr ? "" : bytes_ + offsets[row],
                                static_cast<std::size_t>(offsets[row + 1] - offsets[row]));
    };
    return wide_offsets_ ? between(static_cast<const std::int64_t*>(values_))
                         : between(static_cast<const std::int32_t*>(values_));
}

const std::int32_t* Column::offsets32() const noexcept {
    return type_ == ColumnType::string && !wide_offsets_ ? static_cast<const std::int32_t*>(values_) : nullptr;
}

const std::int64_t* Column::offsets64() const noexcept {
    return type_ == ColumnType::string && wide_offsets_ ? static_cast<const std::int64_t*>(values_) : nullptr;
}

const std::vector<std::string>& Column::categories() const {
    if (type_ != ColumnType::categorical) refuse_type(type_, "categorical");
    return *categories_;
}

double Column::number(std::int64_t row) const {
    double value = 0.0;
    slice(row, 1).copy_doubles(&value, 1);
    return value;
}

std::vector<double> Column::as_doubles() const {
    std::vector<double> out(static_cast<std::size_t>(size_));
    copy_doubles(out.data(), 1);
    return out;
}

void Column::copy_doubles(double* out, std::int64_t stride) const {
    const auto copy = [&](const auto* values) {
        if (validity_.bits == nullptr) {
            for (std::int64_t row = 0; row < size_; ++row) out[row * stride] = static_cast<double>(values[row]);
            return;
        }
        for (std::int64_t row = 0; row < size_; ++row) {
            out[row * stride] =
                is_valid(row) ? static_cast<double>(values[row]) : std::numeric_limits<double>::quiet_NaN();
        }
    };
    switch (type_) {
        case ColumnType::float32: return copy(static_cast<const float*>(values_));
        case ColumnType::float64: return copy(static_cast<const double*>(values_));
        case ColumnType::int32: return copy(static_cast<const std::int32_t*>(values_));
        case ColumnType::int64:
        case ColumnType::timestamp: return copy(static_cast<const std::int64_t*>(values_));
        case ColumnType::boolean: return copy(static_cast<const std::uint8_t*>(values_));
        case ColumnType::string:
        case ColumnType::categorical: refuse_type(type_, "a numeric, boolean or timestamp type");
    }
}

Column Column::slice(std::int64_t begin, std::int64_t count) const {
    if (begin < 0 || count < 0 || begin > size_ - count) {
        throw InvalidArgument("column: rows [" + std::to_string(begin) + ", " + std::to_string(begin) + " + " +
                              std::to_string(count) + ") given, rows within " + std::to_string(size_) + " wanted");
    }
    Column part = *this;
    part.size_ = count;
    part.validity_.offset += begin;
    const std::int64_t width = type_ != ColumnType::string ? width_of(type_) : wide_offsets_ ? 8 : 4;
    if (values_ != nullptr) part.values_ = static_cast<const std::byte*>(values_) + begin * width;
    return part;
}

}  // namespace holdfast
