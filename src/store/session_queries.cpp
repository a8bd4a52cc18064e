// Reading interactions with their labels.
#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

#include <sqlite3.h>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>

#include "store/pieces.hpp"
#include "store/session.hpp"

namespace holdfast::store::detail {
namespace {

using Blob = std::span<const std::byte>;

constexpr std::string_view reserved[] = {"id",         "time",  "recorded",   "transaction",   "version",
                                         "latency_ns", "label", "label_time", "label_recorded"};

bool wants_label(const InteractionQuery& query) {
    return query.labelled || query.labelled_after.has_value() || query.labelled_until.has_value();
}

enum class Wanted : std::uint8_t { rows, count };

/// The statement's text for `query`. Parameters: ?1 namespace, ?2 endpoint, ?3 role, ?4 after, ?5 until, ?6 version,
/// ?7 up_to, ?8 labelled after, ?9 labelled until, ?10 last or first, ?11 id, ?12 to ?14 beyond,
/// ?15 skip.
std::string sql_for(const InteractionQuery& query, Wanted wanted) {
    const bool labelled = wants_label(query);
    // The labels that the query may see: of this endpoint or of all. The index labels_by_id answers alone. The newest
    // has the highest number: a row takes the one after the highest.
    const std::string labels =
        "FROM labels n WHERE n.namespace = ?1 AND n.id = i.id AND n.endpoint IN ('', ?2) AND n.txn <= ?7";
    const std::string newest = "(SELECT max(n.seq) " + labels + ")";
    // Windows of labels are found through the labels' own index; CROSS JOIN keeps SQLite to that order.
    const bool by_label = labelled && (query.last || query.labelled_after || query.labelled_until);
    std::string sql = wanted == Wanted::count
                          ? "SELECT 1 FROM "
                          : "SELECT i.id, i.event_time, i.recorded_time, i.txn, i.version, i.latency_ns, i.schema, "
                            "i.data, l.value, l.event_time, l.recorded_time FROM ";
    if (by_label) {
        sql += "labels l CROSS JOIN interactions i ON i.namespace = ?1 AND i.id = l.id AND l.seq = " + newest;
    } else if (wanted == Wanted::rows) {
        sql += "interactions i " + std::string(labelled ? "" : "LEFT ") + "JOIN labels l ON l.seq = " + newest;
    } else {
        sql += "interactions i";
    }
    // The plus keeps SQLite from looking by transaction, and then sorting all rows to find the newest few.
    sql += " WHERE i.namespace = ?1 AND i.endpoint = ?2 AND i.role = ?3 AND +i.txn <= ?7";
    if (by_label) sql += " AND l.namespace = ?1 AND l.txn <= ?7";
    if (labelled && !by_label && wanted == Wanted::count) sql += " AND EXISTS (SELECT 1 " + labels + ")";
    if (query.after) sql += " AND i.event_time > ?4";
    if (query.until) sql += " AND i.event_time <= ?5";
    if (query.version) sql += " AND i.version = ?6";
    if (query.id) sql += " AND i.id = ?11";
    if (query.labelled_after) sql += " AND l.recorded_time > ?8";
    if (query.labelled_until) sql += " AND l.recorded_time <= ?9";
    if (query.beyond) sql += " AND (i.event_time, i.txn, i.id) > (?12, ?13, ?14)";
    if (query.first) {
        if (query.last) throw InvalidArgument("interactions: both the first and the last given, one of them wanted");
        sql += " ORDER BY i.event_time, i.txn, i.id LIMIT ?10";
    }
    if (query.last) {
        sql += by_label ? " ORDER BY l.recorded_time DESC, l.txn DESC, l.seq DESC LIMIT ?10 OFFSET ?15"
                        : " ORDER BY i.event_time DESC, i.txn DESC, i.id DESC LIMIT ?10 OFFSET ?15";
    }
    return wanted == Wanted::count ? "SELECT count(*) FROM (" + sql + ")" : sql;
}

Statement bound(Connection& connection, const std::string& sql, const std::string& name_space,
                const InteractionQuery& query) {
    Statement rows = connection.prepare(sql);
    rows.bind(1, name_space);
    rows.bind(2, query.endpoint);
    rows.bind(3, query.role);
    if (query.after) rows.bind(4, *query.after);
    if (query.until) rows.bind(5, *query.until);
    if (query.version) rows.bind(6, *query.version);
    rows.bind(7, query.up_to.value_or(std::numeric_limits<std::int64_t>::max()));
    if (query.labelled_after) rows.bind(8, *query.labelled_after);
    if (query.labelled_until) rows.bind(9, *query.labelled_until);
    if (query.last) {
        rows.bind(10, *query.last);
        rows.bind(15, query.skip);
    }
    if (query.id) rows.bind(11, *query.id);
    if (query.first) rows.bind(10, *query.first);
    if (query.beyond) {
        rows.bind(12, query.beyond->time);
        rows.bind(13, query.beyond->transaction);
        rows.bind(14, query.beyond->id);
    }
    return rows;
}

/// What the rows of a query say, before it is made into columns.
struct Rows {
    Pieces ids, data;
    std::vector<std::int64_t> times, recorded, transactions, versions, latencies, schemas;
    std::vector<std::optional<LabelValue>> labels;
    std::vector<std::int64_t> label_times, label_recorded;

    void take(const Statement& row) {
        ids.add(as_bytes(row.text(0)));
        times.push_back(row.integer(1));
        recorded.push_back(row.integer(2));
        transactions.push_back(row.integer(3));
        versions.push_back(row.integer(4));
        latencies.push_back(row.integer(5));
        schemas.push_back(row.integer(6));
        data.add(row.blob(7));
        labels.push_back(label_at(row, 8));
        label_times.push_back(row.integer(9));
        label_recorded.push_back(row.integer(10));
    }

    [[nodiscard]] std::string_view id(std::int64_t row) const { return as_text(ids[static_cast<std::size_t>(row)]); }

    [[nodiscard]] std::vector<std::int64_t> order() const {
        std::vector<std::int64_t> rows(times.size());
        std::iota(rows.begin(), rows.end(), 0);
        const auto before = [&](std::int64_t a, std::int64_t b) {
            const auto i = static_cast<std::size_t>(a), j = static_cast<std::size_t>(b);
            if (times[i] != times[j]) return times[i] < times[j];
            return transactions[i] != transactions[j] ? transactions[i] < transactions[j] : id(a) < id(b);
        };
        // As the index by time gives them.
        if (!std::is_sorted(rows.begin(), rows.end(), before)) std::sort(rows.begin(), rows.end(), before);
        return rows;
    }
};

Column label_column(const std::vector<std::optional<LabelValue>>& labels) {
    bool text = false, real = false, whole = false;
    std::vector<bool> valid;
    for (const auto& label : labels) {
        valid.push_back(label.has_value());
        if (!label) continue;
        text = text || std::holds_alternative<std::string>(*label);
        real = real || std::holds_alternative<double>(*label);
        whole = whole || std::holds_alternative<std::int64_t>(*label);
    }
    if (text) {
        std::vector<std::string> values;
        for (const auto& label : labels) {
            const auto as_string = [](const auto& value) {
                if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
                    return value;
                else
                    return Json(value).canonical();
            };
            values.push_back(label ? std::visit(as_string, *label) : std::string());
        }
        return Column::strings(std::span<const std::string>(values), valid);
    }
    if (whole && !real) {
        std::vector<std::int64_t> values;
        for (const auto& label : labels) values.push_back(label ? std::get<std::int64_t>(*label) : 0);
        return Column::of(std::move(values), valid);
    }
    std::vector<double> values;
    for (const auto& label : labels) {
        const auto* number = label ? std::get_if<double>(&*label) : nullptr;
        const auto* integer = label ? std::get_if<std::int64_t>(&*label) : nullptr;
        values.push_back(number != nullptr ? *number : integer != nullptr ? static_cast<double>(*integer) : 0.0);
    }
    return Column::of(std::move(values), valid);
}

/// The type that holds the values of both.
ColumnType united(ColumnType a, ColumnType b) {
    if (a == b) return a;
    const auto whole = [](ColumnType type) {
        return type == ColumnType::int32 || type == ColumnType::int64 || type == ColumnType::boolean;
    };
    if (whole(a) && whole(b)) return ColumnType::int64;
    const auto number = [&](ColumnType type) { return is_numeric(type) || type == ColumnType::boolean; };
    return number(a) && number(b) ? ColumnType::float64 : ColumnType::string;
}

Column converted(const Column& column, ColumnType to) {
    if (column.type() == to) return column;
    std::vector<bool> valid;
    for (std::int64_t row = 0; row < column.size(); ++row) valid.push_back(column.is_valid(row));
    if (to == ColumnType::float64) return Column::of(column.as_doubles(), valid);
    if (to == ColumnType::int64) {
        std::vector<std::int64_t> values;
        for (std::int64_t row = 0; row < column.size(); ++row) {
            values.push_back(valid[static_cast<std::size_t>(row)] ? static_cast<std::int64_t>(column.number(row)) : 0);
        }
        return Column::of(std::move(values), valid);
    }
    std::vector<std::string> texts;
    for (std::int64_t row = 0; row < column.size(); ++row) texts.push_back(column.value_text(row));
    return Column::strings(std::span<const std::string>(texts), valid);
}

/// Rows of one stored schema.
struct Group {
    Table values;
    std::int64_t features = 0;
    std::vector<std::int64_t> rows;  // positions in the answer
};

/// One column of the answer, `name` united over all groups; `rows` long.
Column gathered(const std::vector<Group>& groups, std::string_view name, std::int64_t rows) {
    std::optional<ColumnType> type;
    for (const Group& group : groups) {
        const std::int64_t position = group.values.find(name);
        if (position < 0) continue;
        const ColumnType here = group.values.column(position).type();
        type = type ? united(*type, here) : here;
    }
    if (groups.size() == 1) return groups.front().values.column(name);

    std::vector<Column> parts;
    std::vector<std::int64_t> from(static_cast<std::size_t>(rows), -1);  // -1: a null
    std::int64_t offset = 0;
    for (const Group& group : groups) {
        const std::int64_t position = group.values.find(name);
        if (position < 0) continue;
        parts.push_back(converted(group.values.column(position), *type));
        for (const std::int64_t row : group.rows) from[static_cast<std::size_t>(row)] = offset++;
    }
    return Column::concat(parts).take(from);
}

void add_value_columns(InteractionTable& answer, const std::vector<Group>& groups, std::int64_t rows) {
    std::vector<std::string> features, outputs;
    const auto note = [](std::vector<std::string>& names, const std::string& name) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    };
    for (const Group& group : groups) {
        for (std::int64_t i = 0; i < group.values.width(); ++i) {
            note(i < group.features ? features : outputs, group.values.names()[static_cast<std::size_t>(i)]);
        }
    }
    const auto add = [&](const std::string& name, const char* prefix, std::vector<std::string>& list) {
        // The interaction's own columns keep their names.
        const bool taken =
            std::find(std::begin(reserved), std::end(reserved), name) != std::end(reserved) || answer.rows.has(name);
        std::string shown = taken ? prefix + name : name;
        answer.rows.add(shown, gathered(groups, name, rows));
        list.push_back(std::move(shown));
    };
    for (const std::string& name : features) add(name, "feature.", answer.features);
    for (const std::string& name : outputs) {
        if (std::find(features.begin(), features.end(), name) == features.end()) add(name, "output.", answer.outputs);
    }
}

template <class T>
std::vector<T> in_order(const std::vector<T>& values, const std::vector<std::int64_t>& order) {
    std::vector<T> out;
    out.reserve(values.size());
    for (const std::int64_t row : order) out.push_back(values[static_cast<std::size_t>(row)]);
    return out;
}

InteractionTable assembled(const Rows& rows, const std::vector<std::int64_t>& order, const std::vector<Group>& groups) {
    InteractionTable answer;
    const auto labels = in_order(rows.labels, order);
    std::vector<bool> labelled;
    for (const auto& label : labels) labelled.push_back(label.has_value());
    std::vector<std::string_view> ids;
    for (const std::int64_t row : order) ids.push_back(rows.id(row));
    answer.rows.add("id", Column::strings(std::span<const std::string_view>(ids)));
    answer.rows.add("time", Column::timestamps(in_order(rows.times, order)));
    answer.rows.add("recorded", Column::timestamps(in_order(rows.recorded, order)));
    answer.rows.add("transaction", Column::of(in_order(rows.transactions, order)));
    answer.rows.add("version", Column::of(in_order(rows.versions, order)));
    answer.rows.add("latency_ns", Column::of(in_order(rows.latencies, order)));
    add_value_columns(answer, groups, static_cast<std::int64_t>(order.size()));
    answer.rows.add("label", label_column(labels));
    answer.rows.add("label_time", Column::timestamps(in_order(rows.label_times, order), labelled));
    answer.rows.add("label_recorded", Column::timestamps(in_order(rows.label_recorded, order), labelled));
    return answer;
}

/// Rows of each schema, in the answer's order, decoded.
std::vector<Group> decoded_groups(Connection& connection, const Rows& rows, const std::vector<std::int64_t>& order) {
    std::map<std::int64_t, std::vector<std::int64_t>> positions;
    for (std::size_t i = 0; i < order.size(); ++i) {
        positions[rows.schemas[static_cast<std::size_t>(order[i])]].push_back(static_cast<std::int64_t>(i));
    }
    std::vector<Group> groups;
    for (auto& [schema, members] : positions) {
        auto row = connection.query("SELECT json, features FROM schemas WHERE schema = ?1", schema);
        if (!row.step()) throw CorruptArtifact("stored interactions: schema " + std::to_string(schema) + " is missing");
        std::vector<Blob> blobs;
        for (const std::int64_t member : members) {
            blobs.push_back(rows.data[static_cast<std::size_t>(order[static_cast<std::size_t>(member)])]);
        }
        groups.push_back(
            {decode_rows(Schema::from_json(Json::parse(row.text(0))), blobs), row.integer(1), std::move(members)});
    }
    return groups;
}

}  // namespace

std::optional<LabelValue> label_at(const Statement& row, int column) {
    switch (row.type(column)) {
        case SQLITE_INTEGER: return row.integer(column);
        case SQLITE_FLOAT: return row.real(column);
        case SQLITE_TEXT: return row.string(column);
        default: return std::nullopt;
    }
}

InteractionTable SqlSession::interactions(const InteractionQuery& query) const {
    const std::string sql = sql_for(query, Wanted::rows);
    Rows rows;
    {
        Statement statement = bound(connection_, sql, namespace_, query);
        while (statement.step()) rows.take(statement);
    }
    const auto order = rows.order();
    return assembled(rows, order, decoded_groups(connection_, rows, order));
}

std::int64_t SqlSession::count_interactions(const InteractionQuery& query) const {
    const std::string sql = sql_for(query, Wanted::count);
    Statement statement = bound(connection_, sql, namespace_, query);
    statement.step();
    return statement.integer(0);
}

std::vector<CohortRow> SqlSession::cohorts(const InteractionQuery& query, Duration width,
                                           std::optional<Time> settled) const {
    // A bucket is (begin, begin + width]; the division is rounded down for times before 1970, too.
    std::string sql =
        "WITH seen AS (SELECT i.event_time AS time, EXISTS (SELECT 1 FROM labels n WHERE n.namespace = ?1 "
        "AND n.id = i.id AND n.endpoint IN ('', ?2) AND n.txn <= ?7) AS labelled FROM interactions i "
        "WHERE i.namespace = ?1 AND i.endpoint = ?2 AND i.role = ?3 AND +i.txn <= ?7";
    if (query.after) sql += " AND i.event_time > ?4";
    if (query.until) sql += " AND i.event_time <= ?5";
    sql +=
        ") SELECT time - 1 - ((time - 1) % ?6 + ?6) % ?6 AS bucket, count(*), sum(labelled), "
        "sum(labelled OR time <= ?8) FROM seen GROUP BY bucket ORDER BY bucket";
    Statement rows = connection_.prepare(sql);
    rows.bind(1, namespace_);
    rows.bind(2, query.endpoint);
    rows.bind(3, query.role);
    if (query.after) rows.bind(4, *query.after);
    if (query.until) rows.bind(5, *query.until);
    rows.bind(6, std::int64_t{width.count()});
    rows.bind(7, query.up_to.value_or(std::numeric_limits<std::int64_t>::max()));
    rows.bind(8, settled ? to_micros(*settled) : std::numeric_limits<std::int64_t>::min());
    std::vector<CohortRow> cohorts;
    while (rows.step())
        cohorts.push_back({from_micros(rows.integer(0)), rows.integer(1), rows.integer(2), rows.integer(3)});
    return cohorts;
}

std::int64_t SqlSession::logged() const {
    auto row = connection_.query("SELECT lost_seq FROM counter");
    row.step();
    return row.integer(0) + newest_seq();
}

std::vector<LabelRow> SqlSession::labels(std::string_view id) const {
    auto rows = connection_.query(
        "SELECT id, endpoint, value, event_time, recorded_time, txn FROM labels WHERE namespace = ?1 AND id = ?2 "
        "ORDER BY txn, seq",
        namespace_, id);
    std::vector<LabelRow> labels;
    while (rows.step()) {
        labels.push_back({rows.string(0), rows.string(1), label_at(rows, 2).value(), stamp_at(rows, 3)});
    }
    return labels;
}

std::vector<std::string> SqlSession::endpoints_of(std::string_view id) const {
    auto rows = connection_.query(
        "SELECT DISTINCT endpoint FROM interactions WHERE namespace = ?1 AND id = ?2 ORDER BY endpoint", namespace_,
        id);
    std::vector<std::string> endpoints;
    while (rows.step()) endpoints.push_back(rows.string(0));
    return endpoints;
}

std::string SqlSession::arithmetic(std::string_view endpoint, std::string_view id) const {
    auto rows = connection_.query(
        "SELECT json_extract(s.json, '$.arithmetic') FROM interactions i JOIN schemas s ON s.schema = i.schema "
        "WHERE i.namespace = ?1 AND i.id = ?2 AND i.endpoint = ?3 AND i.role = 'live'",
        namespace_, id, endpoint);
    return rows.step() && !rows.is_null(0) ? rows.string(0) : std::string();
}

}  // namespace holdfast::store::detail
