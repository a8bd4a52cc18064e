// Sums of labelled answers: which rows they know of, what the next rows change, and what is kept of an endpoint.
#include <algorithm>
#include <limits>
#include <string>

#include <holdfast/base/error.hpp>
#include <holdfast/base/fail_point.hpp>

#include "store/session.hpp"

namespace holdfast::store::detail {
namespace {

constexpr std::string_view answer_columns = "i.endpoint, i.role, i.version, i.schema, i.data";

/// Of the labels of one interaction, the newest with a number that `condition` wants. Numbers grow with transactions.
std::string newest_label(std::string_view condition) {
    return "(SELECT n.seq FROM labels n WHERE n.namespace = ?1 AND n.id = i.id AND n.endpoint IN ('', i.endpoint) "
           "AND n.seq " +
           std::string(condition) + " ORDER BY n.txn DESC, n.seq DESC LIMIT 1)";
}

/// A row of answer_columns, then a label's value and recorded time at `label`.
LabelChange change_at(const Statement& row, int label, bool added) {
    return {row.string(0),       row.string(1), row.integer(2),
            row.integer(3),      row.bytes(4),  label_at(row, label).value(),
            row.time(label + 1), added};
}

std::optional<Time> time_or_none(const Statement& row, int column) {
    return row.is_null(column) ? std::nullopt : std::optional(row.time(column));
}

}  // namespace

StoredSchema SqlSession::stored_schema(std::int64_t number) const {
    auto row = connection_.query("SELECT json, features FROM schemas WHERE schema = ?1", number);
    if (!row.step()) throw CorruptArtifact("stored interactions: schema " + std::to_string(number) + " is missing");
    return {Schema::from_json(Json::parse(row.text(0))), row.integer(1)};
}

std::vector<std::vector<std::byte>> SqlSession::stored_rows(const SummaryRow& of, Time after, Time until) const {
    auto rows = connection_.query(
        "SELECT data FROM interactions WHERE namespace = ?1 AND endpoint = ?2 AND role = ?3 AND event_time > ?4 "
        "AND event_time <= ?5 AND version = ?6 AND schema = ?7 AND txn >= ?8 ORDER BY event_time, txn, id",
        namespace_, of.endpoint, of.role, after, until, of.version, of.schema, of.first_transaction);
    std::vector<std::vector<std::byte>> data;
    while (rows.step()) data.push_back(rows.bytes(0));
    return data;
}

LogExtent SqlSession::log_extent(std::string_view endpoint) const {
    auto row = connection_.query(
        "SELECT rows, bytes, events_until, unsummarised_until, labels_until FROM log_extents "
        "WHERE namespace = ?1 AND endpoint = ?2",
        namespace_, endpoint);
    if (!row.step()) return {};
    return {row.integer(0), row.integer(1), time_or_none(row, 2), time_or_none(row, 3), time_or_none(row, 4)};
}

void SqlSession::add_to_extent(std::string_view endpoint, std::int64_t rows, std::int64_t bytes) {
    connection_.run(
        "INSERT INTO log_extents (namespace, endpoint, rows, bytes, event_time, recorded_time, txn) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6) ON CONFLICT (namespace, endpoint) DO UPDATE SET "
        "rows = rows + excluded.rows, bytes = bytes + excluded.bytes, recorded_time = excluded.recorded_time, "
        "txn = excluded.txn",
        namespace_, endpoint, rows, bytes, recorded_, transaction_);
}

LabelProgress SqlSession::labels_summed() const {
    auto row = connection_.query("SELECT labels, interactions FROM labels_summed WHERE namespace = ?1", namespace_);
    if (!row.step()) return {};
    return {row.integer(0), row.integer(1)};
}

LabelProgress SqlSession::newest_rows() const {
    auto row = connection_.query("SELECT coalesce(max(seq), 0) FROM labels");
    row.step();
    return {row.integer(0), newest_seq()};
}

void SqlSession::put_labels_summed(const LabelProgress& progress) {
    connection_.run(
        "INSERT INTO labels_summed (namespace, labels, interactions, event_time, recorded_time, txn) "
        "VALUES (?1, ?2, ?3, ?4, ?4, ?5) ON CONFLICT (namespace) DO UPDATE SET labels = excluded.labels, "
        "interactions = excluded.interactions, recorded_time = excluded.recorded_time, txn = excluded.txn",
        namespace_, progress.labels, progress.interactions, recorded_, transaction_);
    fail_point("store.label_sums.after_progress");
}

std::vector<LabelChange> SqlSession::label_changes(LabelProgress& progress, std::int64_t most) const {
    const LabelProgress end = newest_rows();
    std::vector<LabelChange> changes;
    if (progress.labels < end.labels) {
        const std::int64_t until = std::min(end.labels, progress.labels + most);
        // Each takes the place of the one before it.
        const std::string sql = "SELECT " + std::string(answer_columns) +
                                ", l.value, l.recorded_time, p.value, p.recorded_time "
                                "FROM labels l CROSS JOIN interactions i ON i.namespace = ?1 AND i.id = l.id "
                                "AND l.endpoint IN ('', i.endpoint) AND i.seq <= ?2 LEFT JOIN labels p ON p.seq = " +
                                newest_label("< l.seq") +
                                " WHERE l.seq > ?3 AND l.seq <= ?4 AND +l.namespace = ?1 ORDER BY l.seq";
        auto rows = connection_.query(sql, namespace_, progress.interactions, progress.labels, until);
        while (rows.step()) {
            if (!rows.is_null(7)) changes.push_back(change_at(rows, 7, false));
            changes.push_back(change_at(rows, 5, true));
        }
        progress.labels = until;
        return changes;
    }
    auto labels = connection_.query("SELECT EXISTS (SELECT 1 FROM labels WHERE namespace = ?1)", namespace_);
    labels.step();
    if (labels.integer(0) == 0) {
        progress.interactions = end.interactions;
        return changes;
    }
    const std::int64_t until = std::min(end.interactions, progress.interactions + most);
    const std::string sql =
        "SELECT " + std::string(answer_columns) +
        ", l.value, l.recorded_time FROM interactions i CROSS JOIN labels l ON l.seq = " + newest_label("<= ?2") +
        " WHERE i.seq > ?3 AND i.seq <= ?4 AND +i.namespace = ?1";
    auto rows = connection_.query(sql, namespace_, progress.labels, progress.interactions, until);
    while (rows.step()) changes.push_back(change_at(rows, 5, true));
    progress.interactions = until;
    return changes;
}

std::vector<LabelChange> SqlSession::labels_recorded(const LabelSumRow& of, Time after, Time until) const {
    const std::string sql = "SELECT " + std::string(answer_columns) +
                            ", l.value, l.recorded_time FROM labels l CROSS JOIN interactions i "
                            "ON i.namespace = ?1 AND i.id = l.id AND i.endpoint = ?2 AND i.role = ?3 AND l.seq = " +
                            newest_label("<= ?6") +
                            " WHERE l.namespace = ?1 AND l.recorded_time > ?4 AND l.recorded_time <= ?5";
    auto rows = connection_.query(sql, namespace_, of.endpoint, of.role, after, until,
                                  std::numeric_limits<std::int64_t>::max());
    std::vector<LabelChange> labels;
    while (rows.step()) labels.push_back(change_at(rows, 5, true));
    return labels;
}

std::vector<LabelChange> SqlSession::summed_labels(std::span<const std::string> ids) const {
    const LabelProgress progress = labels_summed();
    const std::string sql =
        "SELECT " + std::string(answer_columns) +
        ", l.value, l.recorded_time FROM interactions i CROSS JOIN labels l ON l.seq = " + newest_label("<= ?2") +
        " WHERE i.namespace = ?1 AND i.id = ?4 AND i.seq <= ?3";
    std::vector<LabelChange> held;
    for (const std::string& id : ids) {
        auto rows = connection_.query(sql, namespace_, progress.labels, progress.interactions, id);
        while (rows.step()) held.push_back(change_at(rows, 5, true));
    }
    return held;
}

std::vector<LabelSumRow> SqlSession::label_sums(const SummaryQuery& query) const {
    const std::string sql =
        "SELECT endpoint, role, bucket, version, sums, event_time, recorded_time, txn FROM label_sums "
        "WHERE namespace = ?1 AND endpoint = ?2 AND role = ?3 AND bucket >= ?4 AND bucket < ?5" +
        std::string(query.version ? " AND version = ?6" : "") + " ORDER BY bucket, version";
    auto rows = connection_.query(sql, namespace_, query.endpoint, query.role, query.from, query.until);
    if (query.version) rows.bind(6, *query.version);
    std::vector<LabelSumRow> sums;
    while (rows.step()) {
        sums.push_back({rows.string(0), rows.string(1), rows.time(2), rows.integer(3), Json::parse(rows.text(4)),
                        stamp_at(rows, 5)});
    }
    return sums;
}

void SqlSession::put_label_sums(const LabelSumRow& row) {
    connection_.run(
        "INSERT OR REPLACE INTO label_sums (namespace, endpoint, role, bucket, version, sums, event_time, "
        "recorded_time, txn) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?4, ?7, ?8)",
        namespace_, row.endpoint, row.role, row.bucket, row.version, row.sums.canonical(), recorded_, transaction_);
    fail_point("store.label_sums.after_insert");
}

}  // namespace holdfast::store::detail
