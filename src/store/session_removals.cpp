// Taking interactions and labels out, and what is remembered of it.
#include <limits>
#include <string>

#include <holdfast/base/fail_point.hpp>

#include "store/session.hpp"

namespace holdfast::store::detail {

namespace {

/// An endpoint's rows, oldest first, without sorting them: each role's come in order of the index.
std::string oldest_first(std::string_view columns, std::string_view condition) {
    std::string sql;
    for (const std::string_view role : {"live", "shadow"}) {
        sql += (sql.empty() ? "SELECT " : " UNION ALL SELECT ") + std::string(columns) +
               " FROM interactions WHERE namespace = ?1 AND endpoint = ?2 AND role = '" + std::string(role) + "'" +
               std::string(condition);
    }
    return sql + " ORDER BY event_time";
}

}  // namespace

std::optional<Time> SqlSession::fits_from(std::string_view endpoint, std::int64_t bytes) const {
    std::int64_t excess = log_extent(endpoint).bytes - bytes;
    if (excess <= 0) return std::nullopt;
    auto rows = connection_.query(oldest_first("length(data), event_time", ""), namespace_, endpoint);
    // Rows of one moment stay or go together.
    Time last{};
    while (rows.step()) {
        if (excess <= 0 && rows.time(1) > last) return rows.time(1);
        last = rows.time(1);
        excess -= rows.integer(0);
    }
    return Time::max();
}

std::optional<RemovalRow> SqlSession::remove_before(std::string_view endpoint, Time before, std::int64_t most,
                                                    std::string_view reason) {
    connection_.execute(
        "CREATE TEMP TABLE IF NOT EXISTS doomed (seq INTEGER PRIMARY KEY, id TEXT); DELETE FROM doomed");
    connection_.run("INSERT INTO doomed SELECT seq, id FROM (" +
                        oldest_first("seq, id, event_time", " AND event_time < ?3") + " LIMIT ?4)",
                    namespace_, endpoint, before, most);
    if (connection_.changes() == 0) return std::nullopt;
    note_pruned(endpoint);
    return remove_doomed(endpoint, reason, false);
}

void SqlSession::note_pruned(std::string_view endpoint) {
    const std::int64_t first = first_summarised(endpoint, "live").value_or(std::numeric_limits<std::int64_t>::max());
    connection_.run(
        "UPDATE log_extents SET events_until = max(coalesce(events_until, d.events), d.events), "
        "unsummarised_until = max(coalesce(unsummarised_until, d.unsummarised), "
        "coalesce(d.unsummarised, unsummarised_until)), "
        "labels_until = max(coalesce(labels_until, d.labels), coalesce(d.labels, labels_until)) FROM "
        "(SELECT max(i.event_time) AS events, max(CASE WHEN i.txn < ?3 THEN i.event_time END) AS unsummarised, "
        "(SELECT max(l.recorded_time) FROM doomed CROSS JOIN labels l ON l.namespace = ?1 AND l.id = doomed.id "
        "AND l.endpoint IN ('', ?2)) AS labels FROM doomed JOIN interactions i USING (seq)) AS d "
        "WHERE namespace = ?1 AND endpoint = ?2",
        namespace_, endpoint, first);
}

std::vector<RemovalRow> SqlSession::remove_entity(std::string_view entity, std::string_view reason) {
    std::vector<std::string> endpoints;
    auto rows = connection_.query(
        "SELECT DISTINCT endpoint FROM interactions WHERE namespace = ?1 AND entity = ?2 ORDER BY endpoint", namespace_,
        entity);
    while (rows.step()) endpoints.push_back(rows.string(0));

    std::vector<RemovalRow> removed;
    connection_.execute("CREATE TEMP TABLE IF NOT EXISTS doomed (seq INTEGER PRIMARY KEY, id TEXT)");
    for (const std::string& endpoint : endpoints) {
        connection_.run("DELETE FROM doomed");
        connection_.run(
            "INSERT INTO doomed SELECT seq, id FROM interactions WHERE namespace = ?1 AND entity = ?2 AND endpoint = "
            "?3",
            namespace_, entity, endpoint);
        removed.push_back(remove_doomed(endpoint, reason, true));
    }
    return removed;
}

std::vector<EntityRow> SqlSession::entity_rows(std::string_view entity) const {
    auto rows = connection_.query(
        "SELECT endpoint, role, id, event_time, version, schema, txn, data FROM interactions "
        "WHERE namespace = ?1 AND entity = ?2",
        namespace_, entity);
    std::vector<EntityRow> about;
    while (rows.step()) {
        about.push_back({rows.string(0), rows.string(1), rows.string(2), rows.time(3), rows.integer(4), rows.integer(5),
                         rows.integer(6), rows.bytes(7)});
    }
    return about;
}

std::int64_t SqlSession::newest_seq() const {
    auto row = connection_.query("SELECT coalesce(max(seq), 0) FROM interactions");
    row.step();
    return row.integer(0);
}

RemovalRow SqlSession::remove_doomed(std::string_view endpoint, std::string_view reason, bool all_labels) {
    RemovalRow row{
        std::string(endpoint), std::string(reason), 0, 0, {}, {}, 0, 0, {recorded_, recorded_, transaction_}};
    std::int64_t bytes = 0;
    {
        auto range = connection_.query(
            "SELECT min(txn), max(txn), min(event_time), max(event_time), sum(length(data)) FROM doomed "
            "JOIN interactions USING (seq)");
        range.step();
        row.first_transaction = range.integer(0);
        row.last_transaction = range.integer(1);
        row.first_event = range.time(2);
        row.last_event = range.time(3);
        bytes = range.integer(4);
    }
    const std::int64_t newest = newest_seq();
    connection_.run("DELETE FROM interactions WHERE seq IN (SELECT seq FROM doomed)");
    row.interactions = connection_.changes();
    // The next row takes the number after the newest that is left; `logged` must not go back with it.
    pass_over(newest - newest_seq());
    connection_.run(
        "DELETE FROM labels WHERE namespace = ?1 AND id IN (SELECT id FROM doomed) AND endpoint IN ('', ?2) "
        "AND (?3 OR NOT EXISTS (SELECT 1 FROM interactions i WHERE i.namespace = ?1 AND i.id = labels.id "
        "AND labels.endpoint IN ('', i.endpoint)))",
        namespace_, endpoint, all_labels);
    row.labels = connection_.changes();
    add_to_extent(endpoint, -row.interactions, -bytes);
    // The next rows take the numbers after the newest that are left, and are news to the sums.
    connection_.run(
        "UPDATE labels_summed SET labels = min(labels, (SELECT coalesce(max(seq), 0) FROM labels)), "
        "interactions = min(interactions, ?1)",
        newest_seq());
    connection_.run("DELETE FROM doomed");
    connection_.run(
        "INSERT INTO removals (namespace, endpoint, reason, interactions, labels, first_event, last_event, first_txn, "
        "last_txn, event_time, recorded_time, txn) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11)",
        namespace_, endpoint, reason, row.interactions, row.labels, row.first_event, row.last_event,
        row.first_transaction, row.last_transaction, recorded_, transaction_);
    fail_point("store.removal.after_delete");
    return row;
}

std::vector<RemovalRow> SqlSession::removals(std::string_view endpoint) const {
    auto rows = connection_.query(
        "SELECT endpoint, reason, interactions, labels, first_event, last_event, first_txn, last_txn, event_time, "
        "recorded_time, txn FROM removals WHERE namespace = ?1 AND endpoint = ?2 ORDER BY txn, seq",
        namespace_, endpoint);
    std::vector<RemovalRow> removals;
    while (rows.step()) {
        removals.push_back({rows.string(0), rows.string(1), rows.integer(2), rows.integer(3), rows.time(4),
                            rows.time(5), rows.integer(6), rows.integer(7), stamp_at(rows, 8)});
    }
    return removals;
}

}  // namespace holdfast::store::detail
