#include "arrow_column.hpp"

#include <cstring>
#include <limits>
#include <optional>
#include <unordered_map>

#include <holdfast/base/error.hpp>

#include "bitmap.hpp"
#include "widen.hpp"

namespace holdfast::detail {
namespace {

constexpr std::int64_t micros_per_day = 86'400'000'000;

/// What the conversions need of one array: its rows begin at `begin` in every buffer.
struct Source {
    const ArrowArray* array = nullptr;
    std::int64_t begin = 0;
    std::int64_t size = 0;
    Validity validity;
    std::string name;
    std::string format;
    Owner owner;
};

[[noreturn]] void malformed(const Source& source, const std::string& problem) {
    throw InvalidArgument("column \"" + source.name + "\" (Arrow format \"" + source.format + "\"): " + problem);
}

[[noreturn]] void refuse_format(const std::string& name, const std::string& format) {
    throw Unsupported("column \"" + name + "\": Arrow format \"" + format +
                      "\" given; a number, boolean, string, date, timestamp or dictionary of these wanted");
}

const void* buffer(const Source& source, std::int64_t index) {
    const ArrowArray& array = *source.array;
    if (array.buffers == nullptr || index >= array.n_buffers) {
        malformed(source, std::to_string(array.n_buffers) + " buffers given, at least " + std::to_string(index + 1) +
                              " wanted");
    }
    return array.buffers[index];
}

/// The buffer's elements from the source's first row on. Null only where there are no rows.
template <class T>
const T* elements(const Source& source, std::int64_t index) {
    const auto* data = static_cast<const T*>(buffer(source, index));
    if (source.size == 0) return nullptr;
    if (data == nullptr) malformed(source, "buffer " + std::to_string(index) + " is null, values wanted");
    return data + source.begin;
}

template <class T>
bool aligned(const T* data) {
    return reinterpret_cast<std::uintptr_t>(data) % alignof(T) == 0;
}

/// Reads without assuming alignment, which the interface recommends and does not promise.
template <class T>
T load(const T* data, std::int64_t row) {
    T value;
    std::memcpy(&value, reinterpret_cast<const char*>(data) + row * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
    return value;
}

std::vector<bool> flags_of(const Source& source) {
    if (source.validity.bits == nullptr) return {};
    std::vector<bool> valid(static_cast<std::size_t>(source.size));
    for (std::int64_t row = 0; row < source.size; ++row) valid[static_cast<std::size_t>(row)] = source.validity.at(row);
    return valid;
}

template <class T>
Column import_number(const Source& source) {
    const T* values = elements<T>(source, 1);
    if constexpr (direct<T>) {
        if (aligned(values))
            return Column::borrowed(column_type_of<T>, values, source.size, source.validity, source.owner);
    }
    return widened<T>(source.size, source.name, flags_of(source), [=](std::int64_t row) { return load(values, row); });
}

Column import_booleans(const Source& source) {
    const auto* bits = static_cast<const std::uint8_t*>(buffer(source, 1));
    if (bits == nullptr && source.size > 0) malformed(source, "buffer 1 is null, values wanted");
    std::vector<bool> values(static_cast<std::size_t>(source.size));
    for (std::int64_t row = 0; row < source.size; ++row)
        values[static_cast<std::size_t>(row)] = bit_at(bits, source.begin + row);
    return Column::booleans(values, flags_of(source));
}

template <class Offset>
Column import_strings(const Source& source) {
    const Offset* offsets = elements<Offset>(source, 1);
    const auto* bytes = static_cast<const char*>(buffer(source, 2));
    if (source.size == 0)
        return Column::borrowed_strings(static_cast<const Offset*>(nullptr), nullptr, 0, {}, source.owner);
    Offset previous = load(offsets, 0);
    if (previous < 0) malformed(source, "string offset " + std::to_string(previous) + " given, 0 or more wanted");
    for (std::int64_t row = 1; row <= source.size; ++row) {
        const Offset next = load(offsets, row);
        if (next < previous)
            malformed(source, "string offsets fall at row " + std::to_string(row - 1) + ", rising ones wanted");
        previous = next;
    }
    if (previous > 0 && bytes == nullptr) malformed(source, "buffer 2 is null, string bytes wanted");
    if (aligned(offsets)) return Column::borrowed_strings(offsets, bytes, source.size, source.validity, source.owner);
    std::vector<std::string_view> texts;
    for (std::int64_t row = 0; row < source.size; ++row) {
        const Offset from = load(offsets, row);
        texts.emplace_back(bytes == nullptr ? "" : bytes + from,
                           static_cast<std::size_t>(load(offsets, row + 1) - from));
    }
    return Column::strings(std::span<const std::string_view>(texts), flags_of(source));
}

/// A string view is 16 bytes: its length, then 12 bytes of text, or 4 of prefix, a buffer's index and an offset.
std::string_view view_at(const Source& source, const char* views, std::int64_t row) {
    const char* view = views + row * 16;
    std::int32_t parts[4];
    std::memcpy(parts, view, sizeof parts);
    const std::int32_t length = parts[0];
    if (length < 0)
        malformed(source, "string view of length " + std::to_string(length) + " at row " + std::to_string(row));
    if (length <= 12) return {view + 4, static_cast<std::size_t>(length)};
    const std::int64_t index = parts[2];
    const std::int64_t begin = parts[3];
    const std::int64_t data_buffers = source.array->n_buffers - 3;
    if (index < 0 || index >= data_buffers) {
        malformed(source,
                  "string view into data buffer " + std::to_string(index) + " of " + std::to_string(data_buffers));
    }
    const auto* sizes = static_cast<const std::int64_t*>(buffer(source, source.array->n_buffers - 1));
    const auto* data = static_cast<const char*>(buffer(source, 2 + index));
    if (sizes == nullptr || data == nullptr) malformed(source, "a data buffer or the list of their sizes is null");
    if (begin < 0 || length > load(sizes, index) - begin) {
        malformed(source, "string view of " + std::to_string(length) + " bytes at " + std::to_string(begin) +
                              " given, data buffer " + std::to_string(index) + " holds " +
                              std::to_string(load(sizes, index)));
    }
    return {data + begin, static_cast<std::size_t>(length)};
}

Column import_string_views(const Source& source) {
    const auto* views = static_cast<const char*>(buffer(source, 1));
    if (views == nullptr && source.size > 0) malformed(source, "buffer 1 is null, string views wanted");
    std::vector<std::string_view> texts(static_cast<std::size_t>(source.size));
    for (std::int64_t row = 0; row < source.size; ++row) {
        if (source.validity.at(row)) texts[static_cast<std::size_t>(row)] = view_at(source, views, source.begin + row);
    }
    return Column::strings(std::span<const std::string_view>(texts), flags_of(source));
}

/// Counts of `numerator / denominator` microseconds, floored to microseconds.
template <class T>
Column import_times(const Source& source, std::int64_t numerator, std::int64_t denominator) {
    const T* values = elements<T>(source, 1);
    if constexpr (sizeof(T) == 8) {
        if (numerator == 1 && denominator == 1 && aligned(values)) {
            return Column::borrowed(ColumnType::timestamp, values, source.size, source.validity, source.owner);
        }
    }
    std::vector<std::int64_t> micros(static_cast<std::size_t>(source.size), 0);
    for (std::int64_t row = 0; row < source.size; ++row) {
        if (!source.validity.at(row)) continue;
        const std::int64_t count = load(values, row);
        std::int64_t scaled = 0;
        if (__builtin_mul_overflow(count, numerator, &scaled)) {
            malformed(source, "time " + std::to_string(count) + " given at row " + std::to_string(row) +
                                  ", one that fits int64 microseconds wanted");
        }
        micros[static_cast<std::size_t>(row)] = scaled / denominator - (scaled % denominator < 0 ? 1 : 0);
    }
    return Column::timestamps(std::move(micros), flags_of(source));
}

Column import_nulls(const Source& source) {
    const auto size = static_cast<std::size_t>(source.size);
    return Column::of(std::vector<double>(size, std::numeric_limits<double>::quiet_NaN()),
                      std::vector<bool>(size, false));
}

std::optional<Column> import_timestamp(const Source& source) {
    if (source.format.size() < 4 || source.format[3] != ':') return std::nullopt;
    switch (source.format[2]) {
        case 's': return import_times<std::int64_t>(source, 1'000'000, 1);
        case 'm': return import_times<std::int64_t>(source, 1'000, 1);
        case 'u': return import_times<std::int64_t>(source, 1, 1);
        case 'n': return import_times<std::int64_t>(source, 1, 1'000);
        default: return std::nullopt;
    }
}

Column import_plain(const Source& source) {
    const std::string& format = source.format;
    if (format.size() == 1) {
        switch (format[0]) {
            case 'n': return import_nulls(source);
            case 'b': return import_booleans(source);
            case 'c': return import_number<std::int8_t>(source);
            case 'C': return import_number<std::uint8_t>(source);
            case 's': return import_number<std::int16_t>(source);
            case 'S': return import_number<std::uint16_t>(source);
            case 'i': return import_number<std::int32_t>(source);
            case 'I': return import_number<std::uint32_t>(source);
            case 'l': return import_number<std::int64_t>(source);
            case 'L': return import_number<std::uint64_t>(source);
            case 'f': return import_number<float>(source);
            case 'g': return import_number<double>(source);
            case 'u': return import_strings<std::int32_t>(source);
            case 'U': return import_strings<std::int64_t>(source);
            default: refuse_format(source.name, format);
        }
    }
    if (format == "vu") return import_string_views(source);
    if (format == "tdD") return import_times<std::int32_t>(source, micros_per_day, 1);
    if (format == "tdm") return import_times<std::int64_t>(source, 1'000, 1);
    if (format.starts_with("ts")) {
        if (auto column = import_timestamp(source)) return *std::move(column);
    }
    refuse_format(source.name, format);
}

Source source_of(const ArrowSchema& schema, const ArrowArray& array, std::int64_t offset, std::int64_t size,
                 const std::string& name, const Owner& owner) {
    Source source{&array, 0, size, {}, name, schema.format == nullptr ? "" : schema.format, owner};
    if (array.length < 0 || array.offset < 0 || offset < 0 || size < 0 || offset > array.length - size ||
        __builtin_add_overflow(array.offset, offset, &source.begin) ||
        source.begin > std::numeric_limits<std::int64_t>::max() / 16 - size) {
        malformed(source, "length " + std::to_string(array.length) + " and offset " + std::to_string(array.offset) +
                              " given, rows [" + std::to_string(offset) + ", " + std::to_string(offset) + " + " +
                              std::to_string(size) + ") wanted");
    }
    if (array.null_count == 0 || source.format == "n") return source;
    const auto* bits = static_cast<const std::uint8_t*>(buffer(source, 0));
    if (bits == nullptr && array.null_count > 0) {
        malformed(source, std::to_string(array.null_count) + " nulls without a validity bitmap given, a bitmap wanted");
    }
    source.validity = {bits, bits == nullptr ? 0 : source.begin};
    return source;
}

/// Rows of the dictionary, -1 for a null, as int64 whatever the index type.
std::vector<std::int64_t> dictionary_rows(const Source& indices, std::int64_t dictionary_size) {
    const Column codes = import_plain(indices);
    if (codes.type() != ColumnType::int32 && codes.type() != ColumnType::int64)
        refuse_format(indices.name, indices.format);
    std::vector<std::int64_t> rows(static_cast<std::size_t>(codes.size()), -1);
    for (std::int64_t row = 0; row < codes.size(); ++row) {
        if (!codes.is_valid(row)) continue;
        const auto at = static_cast<std::size_t>(row);
        const std::int64_t code =
            codes.type() == ColumnType::int32 ? codes.values<std::int32_t>()[at] : codes.values<std::int64_t>()[at];
        if (code < 0 || code >= dictionary_size) {
            malformed(indices, "dictionary index " + std::to_string(code) + " given at row " + std::to_string(row) +
                                   ", one below " + std::to_string(dictionary_size) + " wanted");
        }
        rows[at] = code;
    }
    return rows;
}

/// Categories and, for each dictionary entry, its code: -1 for a null entry, the first's code for a repeated one.
struct Dictionary {
    std::vector<std::string> categories;
    std::vector<std::int32_t> code_of;
    bool plain = true;  // codes are the positions
};

Dictionary dictionary_of(const Column& entries) {
    Dictionary out;
    std::unordered_map<std::string_view, std::int32_t> seen;
    for (std::int64_t row = 0; row < entries.size(); ++row) {
        if (!entries.is_valid(row)) {
            out.code_of.push_back(-1);
            out.plain = false;
            continue;
        }
        const auto [found, fresh] =
            seen.try_emplace(entries.text(row), static_cast<std::int32_t>(out.categories.size()));
        if (fresh) out.categories.emplace_back(entries.text(row));
        out.plain = out.plain && fresh;
        out.code_of.push_back(found->second);
    }
    return out;
}

Column import_dictionary(const ArrowSchema& schema, const Source& indices) {
    if (schema.dictionary->dictionary != nullptr) refuse_format(indices.name, "dictionary of a dictionary");
    const ArrowArray* values = indices.array->dictionary;
    if (values == nullptr) malformed(indices, "no dictionary given, one wanted by the schema");
    const Source entry_source = source_of(*schema.dictionary, *values, 0, values->length, indices.name, indices.owner);
    if (values->length > std::numeric_limits<std::int32_t>::max()) {
        malformed(indices,
                  "dictionary of " + std::to_string(values->length) + " entries given, fewer than 2^31 wanted");
    }
    const Column entries = import_plain(entry_source);
    if (entries.type() != ColumnType::string) return entries.take(dictionary_rows(indices, entries.size()));

    Dictionary dictionary = dictionary_of(entries);
    if (dictionary.plain && indices.format == "i") {
        const Column codes = import_plain(indices);
        return Column::borrowed_categorical(
            codes.values<std::int32_t>().data(), codes.size(), codes.validity(),
            std::make_shared<const std::vector<std::string>>(std::move(dictionary.categories)), codes.owner());
    }
    std::vector<std::int32_t> codes;
    for (const std::int64_t row : dictionary_rows(indices, entries.size())) {
        codes.push_back(row < 0 ? -1 : dictionary.code_of[static_cast<std::size_t>(row)]);
    }
    return Column::categorical(std::move(codes), std::move(dictionary.categories));
}

}  // namespace

Column import_column(const ArrowSchema& schema, const ArrowArray& array, std::int64_t offset, std::int64_t size,
                     const std::string& name, const Owner& owner) {
    const Source source = source_of(schema, array, offset, size, name, owner);
    if (schema.dictionary != nullptr) return import_dictionary(schema, source);
    return import_plain(source);
}

Column empty_column(const ArrowSchema& schema, const std::string& name) {
    const void* no_buffers[3] = {nullptr, nullptr, nullptr};
    ArrowArray array{};
    array.n_buffers = 3;
    array.buffers = no_buffers;
    ArrowArray dictionary = array;
    array.dictionary = &dictionary;
    return import_column(schema, array, 0, 0, name, {});
}

}  // namespace holdfast::detail
