#include "csv.hpp"

namespace holdfast::detail {

namespace {

void append_field(std::string& text, std::string_view value, bool quoted) {
    if (!quoted && value.find_first_of(",\"\r\n") == std::string_view::npos) {
        text += value;
        return;
    }
    text += '"';
    for (const char letter : value) {
        if (letter == '"') text += '"';
        text += letter;
    }
    text += '"';
}

}  // namespace

std::string to_csv(const Table& table) {
    std::string text;
    for (std::int64_t column = 0; column < table.width(); ++column) {
        if (column > 0) text += ',';
        append_field(text, table.names()[static_cast<std::size_t>(column)], false);
    }
    text += '\n';
    for (std::int64_t row = 0; row < table.rows(); ++row) {
        for (std::int64_t position = 0; position < table.width(); ++position) {
            if (position > 0) text += ',';
            const Column& column = table.column(position);
            if (!column.is_valid(row)) continue;
            const std::string value = column.value_text(row);
            append_field(text, value, value.empty());
        }
        text += '\n';
    }
    return text;
}

}  // namespace holdfast::detail
