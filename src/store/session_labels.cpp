// Writing labels.
#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/fail_point.hpp>

#include "store/bulk_insert.hpp"
#include "store/session.hpp"

namespace holdfast::store::detail {
namespace {

/// What the newest label says already is not said twice, so that a caller who was cut off may repeat himself. The
/// newest has the highest number: a row takes the one after the highest.
std::string insert_labels(std::size_t rows) {
    return "INSERT INTO labels (namespace, recorded_time, txn, id, endpoint, value, event_time) "
           "SELECT * FROM (VALUES " +
           value_lists(rows, 7) +
           ") given WHERE NOT EXISTS (SELECT 1 FROM labels newest WHERE newest.seq = (SELECT max(seq) FROM labels "
           "WHERE namespace = ?1 AND id = given.column4 AND (given.column5 = '' OR endpoint IN ('', given.column5))) "
           "AND newest.endpoint = given.column5 AND typeof(newest.value) = typeof(given.column6) "
           "AND newest.value = given.column6 AND newest.event_time = given.column7)";
}

void check(const LabelRow& row) {
    const auto* number = std::get_if<double>(&row.value);
    if (number != nullptr && std::isnan(*number))
        throw InvalidArgument("label of \"" + row.id + "\": NaN given, a value wanted");
}

void bind_value(Statement& insert, int position, const LabelValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return insert.bind_borrowed(position, *text);
    if (const auto* number = std::get_if<double>(&value)) return insert.bind(position, *number);
    insert.bind(position, std::get<std::int64_t>(value));
}

std::string insert_first_labels(std::size_t rows) {
    return "INSERT INTO labels (namespace, recorded_time, txn, id, endpoint, value, event_time) VALUES " +
           value_lists(rows, 7);
}

struct Given {
    std::string_view id;
    const LabelRow* row;
};
using GivenRows = std::span<const Given>;

constexpr auto by_id = [](const Given& a, const Given& b) { return a.id < b.id; };
constexpr auto same_id = [](const Given& a, const Given& b) { return a.id == b.id; };

/// Ascending by id, as the index is, so that neighbours share its pages; rows of one id in their order.
std::vector<Given> in_order_of_ids(std::span<const LabelRow> rows) {
    std::vector<Given> given;
    given.reserve(rows.size());
    for (const LabelRow& row : rows) given.push_back({row.id, &row});
    if (!std::is_sorted(given.begin(), given.end(), by_id)) std::stable_sort(given.begin(), given.end(), by_id);
    return given;
}

/// Whether none of these ids surely has a label. Where few labels lie between the first and the last, one look finds
/// them; where there are many, it says no.
bool surely_first(Connection& connection, const std::string& name_space, GivenRows rows) {
    constexpr std::int64_t few = 4 * rows_a_statement;
    auto near = connection.query("SELECT id FROM labels WHERE namespace = ?1 AND id BETWEEN ?2 AND ?3 LIMIT ?4",
                                 name_space, rows.front().id, rows.back().id, few);
    std::int64_t seen = 0;
    while (near.step()) {
        const Given known{near.text(0), nullptr};
        if (++seen == few || std::binary_search(rows.begin(), rows.end(), known, by_id)) return false;
    }
    return true;
}

}  // namespace

void SqlSession::add_labels(std::span<const LabelRow> rows) {
    static const BulkInsert& sql = kept(BulkInsert{insert_labels(1), insert_labels(rows_a_statement)});
    static const std::string& first_sql = kept(insert_first_labels(rows_a_statement));
    const auto insert_rows = [&](Statement& insert, GivenRows piece) {
        insert.bind_borrowed(1, namespace_);
        insert.bind(2, recorded_);
        insert.bind(3, transaction_);
        int position = 3;
        for (const auto& [id, row] : piece) {
            check(*row);
            insert.bind_borrowed(++position, id);
            insert.bind_borrowed(++position, row->endpoint);
            bind_value(insert, ++position, row->value);
            insert.bind(++position, event_time(row->stamp.event_time));
        }
        insert.run();
        for (std::size_t i = 0; i < piece.size(); ++i) fail_point("store.label.after_insert");
    };
    const std::vector<Given> given = in_order_of_ids(rows);
    in_pieces(connection_, sql, GivenRows(given), [&](Statement& insert, GivenRows piece) {
        if (piece.size() == 1) return insert_rows(insert, piece);
        if (std::adjacent_find(piece.begin(), piece.end(), same_id) != piece.end()) {
            // A statement does not see what it has inserted itself.
            Statement one = connection_.prepare(sql.one);
            for (; !piece.empty(); piece = piece.subspan(1)) insert_rows(one, piece.first(1));
        } else if (surely_first(connection_, namespace_, piece)) {
            Statement first = connection_.prepare(first_sql);
            insert_rows(first, piece);
        } else {
            insert_rows(insert, piece);
        }
    });
}

}  // namespace holdfast::store::detail
