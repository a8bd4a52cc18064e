// One row as a BLOB, little-endian: the fixed-width columns in order (a null's bytes are zero), one validity bit a
// column (least significant first), then for each text column in order its length in 32 bits and its UTF-8 bytes.
#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>
#include <unordered_map>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/store/interactions.hpp>

namespace holdfast::store {
namespace {

static_assert(std::endian::native == std::endian::little, "the codec copies values as they lie in memory");

bool is_text(ColumnType type) noexcept { return type == ColumnType::string || type == ColumnType::categorical; }

std::size_t width_of(ColumnType type) noexcept {
    switch (type) {
        case ColumnType::float32:
        case ColumnType::int32: return 4;
        case ColumnType::float64:
        case ColumnType::int64:
        case ColumnType::timestamp: return 8;
        case ColumnType::boolean: return 1;
        case ColumnType::string:
        case ColumnType::categorical: return 0;
    }
    return 0;
}

const void* fixed_values(const Column& column) {
    switch (column.type()) {
        case ColumnType::float32: return column.values<float>().data();
        case ColumnType::float64: return column.values<double>().data();
        case ColumnType::int32: return column.values<std::int32_t>().data();
        case ColumnType::int64:
        case ColumnType::timestamp: return column.values<std::int64_t>().data();
        default: return column.values<std::uint8_t>().data();
    }
}

void append(std::vector<std::byte>& out, const void* bytes, std::size_t size) {
    const auto* from = static_cast<const std::byte*>(bytes);
    out.insert(out.end(), from, from + size);
}

void append_text(std::vector<std::byte>& out, std::string_view text) {
    if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw InvalidArgument("interaction: a text of " + std::to_string(text.size()) +
                              " bytes given, below 4 GiB wanted");
    }
    const auto size = static_cast<std::uint32_t>(text.size());
    append(out, &size, sizeof size);
    append(out, text.data(), text.size());
}

/// Where the parts of a row begin.
struct Layout {
    std::vector<std::size_t> offsets;  // of fixed-width columns
    std::size_t validity = 0;
    std::size_t texts = 0;

    explicit Layout(const Schema& schema) {
        for (const Field& field : schema.fields()) {
            offsets.push_back(validity);
            validity += width_of(field.type);
        }
        texts = validity + (schema.fields().size() + 7) / 8;
    }
};

using Blob = std::span<const std::byte>;

bool is_valid(const Layout& layout, Blob row, std::size_t column) {
    return ((static_cast<unsigned>(row[layout.validity + column / 8]) >> (column % 8)) & 1U) != 0;
}

/// Whether the row has no null.
bool is_complete(const Layout& layout, Blob row, std::size_t columns) {
    const Blob bits = row.subspan(layout.validity, columns / 8);
    const auto full = [](std::byte byte) { return byte == std::byte{0xff}; };
    if (!std::all_of(bits.begin(), bits.end(), full)) return false;
    const unsigned rest = (1U << (columns % 8)) - 1;
    return rest == 0 || (static_cast<unsigned>(row[layout.validity + columns / 8]) & rest) == rest;
}

[[noreturn]] void refuse(std::size_t row, const std::string& seen) {
    throw CorruptArtifact("stored interaction, row " + std::to_string(row) + ": " + seen);
}

/// The texts of a row, in the order of its text columns; checks that the row ends where they do.
void split_texts(const Layout& layout, Blob row, std::size_t number, std::span<std::string_view> texts) {
    if (row.size() < layout.texts) {
        refuse(number,
               std::to_string(row.size()) + " bytes seen, at least " + std::to_string(layout.texts) + " wanted");
    }
    std::size_t at = layout.texts;
    for (std::string_view& text : texts) {
        std::uint32_t size = 0;
        if (row.size() - at < sizeof size) refuse(number, "ends inside the length of a text");
        std::memcpy(&size, row.data() + at, sizeof size);
        at += sizeof size;
        if (row.size() - at < size) refuse(number, "ends inside a text of " + std::to_string(size) + " bytes");
        text = as_text(row.subspan(at, size));
        at += size;
    }
    if (at != row.size()) refuse(number, std::to_string(row.size()) + " bytes seen, " + std::to_string(at) + " wanted");
}

/// One flag a row; none where the column has no null.
std::vector<bool> validity_of(const Layout& layout, std::span<const Blob> rows, std::size_t column) {
    std::vector<bool> valid(rows.size());
    bool complete = true;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        valid[i] = is_valid(layout, rows[i], column);
        complete = complete && valid[i];
    }
    if (complete) valid.clear();
    return valid;
}

template <class T>
std::vector<T> fixed_column(std::span<const Blob> rows, std::size_t offset) {
    std::vector<T> values(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) std::memcpy(&values[i], rows[i].data() + offset, sizeof(T));
    return values;
}

Column categorical_column(std::span<const std::string_view> texts, const std::vector<bool>& valid) {
    std::vector<std::int32_t> codes;
    std::vector<std::string> categories;
    std::unordered_map<std::string_view, std::int32_t> known;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (!valid.empty() && !valid[i]) {
            codes.push_back(-1);
            continue;
        }
        const auto [found, fresh] = known.try_emplace(texts[i], static_cast<std::int32_t>(categories.size()));
        if (fresh) categories.emplace_back(texts[i]);
        codes.push_back(found->second);
    }
    return Column::categorical(std::move(codes), std::move(categories), valid);
}

Column boolean_column(std::span<const Blob> rows, std::size_t offset, const std::vector<bool>& valid) {
    std::vector<bool> values;
    values.reserve(rows.size());
    for (const Blob row : rows) values.push_back(row[offset] != std::byte{0});
    return Column::booleans(values, valid);
}

}  // namespace

void encode_row(const Table& values, std::int64_t row, std::vector<std::byte>& out) {
    const std::int64_t width = values.width();
    for (std::int64_t i = 0; i < width; ++i) {
        const Column& column = values.column(i);
        const std::size_t bytes = width_of(column.type());
        if (column.is_valid(row)) {
            if (bytes > 0)
                append(out, static_cast<const std::byte*>(fixed_values(column)) + static_cast<std::size_t>(row) * bytes,
                       bytes);
        } else {
            out.insert(out.end(), bytes, std::byte{0});
        }
    }
    const std::size_t bits = out.size();
    out.insert(out.end(), static_cast<std::size_t>((width + 7) / 8), std::byte{0});
    for (std::int64_t i = 0; i < width; ++i) {
        if (values.column(i).is_valid(row)) out[bits + static_cast<std::size_t>(i / 8)] |= std::byte{1} << (i % 8);
    }
    for (std::int64_t i = 0; i < width; ++i) {
        const Column& column = values.column(i);
        if (is_text(column.type())) append_text(out, column.text(row));
    }
}

Table decode_rows(const Schema& schema, std::span<const Blob> rows) {
    const Layout layout(schema);
    const auto& fields = schema.fields();
    std::size_t text_columns = 0;
    for (const Field& field : fields) text_columns += is_text(field.type) ? 1 : 0;

    // texts[k * rows + i]: text column k of row i.
    std::vector<std::string_view> texts(text_columns * rows.size());
    std::vector<std::string_view> of_row(text_columns);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        split_texts(layout, rows[i], i, of_row);
        for (std::size_t k = 0; k < text_columns; ++k) texts[k * rows.size() + i] = of_row[k];
    }

    const bool complete =
        std::all_of(rows.begin(), rows.end(), [&](const Blob row) { return is_complete(layout, row, fields.size()); });
    Table table;
    std::size_t text_column = 0;
    for (std::size_t c = 0; c < fields.size(); ++c) {
        const std::vector<bool> valid = complete ? std::vector<bool>() : validity_of(layout, rows, c);
        const std::size_t offset = layout.offsets[c];
        const auto texts_here = [&] {
            return std::span<const std::string_view>(texts).subspan(text_column++ * rows.size(), rows.size());
        };
        switch (fields[c].type) {
            case ColumnType::float32:
                table.add(fields[c].name, Column::of(fixed_column<float>(rows, offset), valid));
                break;
            case ColumnType::float64:
                table.add(fields[c].name, Column::of(fixed_column<double>(rows, offset), valid));
                break;
            case ColumnType::int32:
                table.add(fields[c].name, Column::of(fixed_column<std::int32_t>(rows, offset), valid));
                break;
            case ColumnType::int64:
                table.add(fields[c].name, Column::of(fixed_column<std::int64_t>(rows, offset), valid));
                break;
            case ColumnType::timestamp:
                table.add(fields[c].name, Column::timestamps(fixed_column<std::int64_t>(rows, offset), valid));
                break;
            case ColumnType::boolean: table.add(fields[c].name, boolean_column(rows, offset, valid)); break;
            case ColumnType::string: table.add(fields[c].name, Column::strings(texts_here(), valid)); break;
            case ColumnType::categorical: table.add(fields[c].name, categorical_column(texts_here(), valid)); break;
        }
    }
    return table;
}

}  // namespace holdfast::store
