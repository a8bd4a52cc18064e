// Inserting rows by statements of many: one of them opens its indexes once, and finds the place of the next key beside
// the last one's.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "store/sqlite.hpp"

namespace holdfast::store::detail {

inline constexpr std::size_t rows_a_statement = 50;  // more bring nothing more

/// "(?1, ?2, ?3, ?4, ?5), (?1, ?2, ?3, ?6, ?7)": lists of `columns`, the first three of which, namespace, recorded time
/// and transaction, are the same for every row.
[[nodiscard]] inline std::string value_lists(std::size_t rows, int columns) {
    std::string lists;
    int position = 3;
    for (std::size_t row = 0; row < rows; ++row) {
        lists += row == 0 ? "(?1, ?2, ?3" : ", (?1, ?2, ?3";
        for (int column = 3; column < columns; ++column) lists += ", ?" + std::to_string(++position);
        lists += ")";
    }
    return lists;
}

/// The statements' texts: for one row, and for rows_a_statement.
struct BulkInsert {
    std::string one, many;
};

/// For a static reference: what is still there when a handler at the process's exit commits what waits.
template <class Texts>
[[nodiscard]] const Texts& kept(Texts texts) {
    return *new Texts(std::move(texts));
}

/// Calls write(statement, rows) with all of `rows`, a piece at a time.
template <class Row, class Write>
void in_pieces(Connection& connection, const BulkInsert& sql, std::span<const Row> rows, const Write& write) {
    const auto pieces_of = [&](std::size_t size, const std::string& text) {
        if (rows.size() < size) return;
        Statement insert = connection.prepare(text);
        for (; rows.size() >= size; rows = rows.subspan(size)) write(insert, rows.first(size));
    };
    pieces_of(rows_a_statement, sql.many);
    pieces_of(1, sql.one);
}

}  // namespace holdfast::store::detail
