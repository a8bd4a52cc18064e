// What the interaction log keeps beside the rows: failures, summaries, and how endpoints log.
#include <limits>

#include <holdfast/base/error.hpp>
#include <holdfast/base/fail_point.hpp>

#include "store/session.hpp"

namespace holdfast::store::detail {
namespace {

constexpr std::string_view summary_columns =
    "endpoint, role, bucket, version, schema, first_txn, counts, data, event_time, recorded_time, txn";

std::vector<SummaryRow> summaries_of(Statement rows) {
    std::vector<SummaryRow> parts;
    while (rows.step()) {
        parts.push_back({rows.string(0), rows.string(1), rows.time(2), rows.integer(3), rows.integer(4),
                         rows.integer(5), Json::parse(rows.text(6)), rows.bytes(7), stamp_at(rows, 8)});
    }
    return parts;
}

}  // namespace

void SqlSession::add_failure(const FailureRow& row) {
    connection_.run(
        "INSERT INTO failures (namespace, endpoint, version, rows, code, message, latency_ns, event_time, "
        "recorded_time, txn) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        namespace_, row.endpoint, row.version, row.rows, row.code, row.message, row.latency_ns,
        event_time(row.stamp.event_time), recorded_, transaction_);
}

std::vector<FailureRow> SqlSession::failures(std::string_view endpoint, std::optional<Time> after,
                                             std::optional<Time> until) const {
    auto rows = connection_.query(
        "SELECT endpoint, version, rows, code, message, latency_ns, event_time, recorded_time, txn FROM failures "
        "WHERE namespace = ?1 AND endpoint = ?2 AND event_time > ?3 AND event_time <= ?4 ORDER BY event_time, seq",
        namespace_, endpoint, after ? to_micros(*after) : std::numeric_limits<std::int64_t>::min(),
        until ? to_micros(*until) : std::numeric_limits<std::int64_t>::max());
    std::vector<FailureRow> failures;
    while (rows.step()) {
        failures.push_back({rows.string(0), rows.integer(1), rows.integer(2), rows.string(3), rows.string(4),
                            rows.integer(5), stamp_at(rows, 6)});
    }
    return failures;
}

void SqlSession::add_summary(const SummaryRow& part) {
    connection_.run(
        "INSERT INTO summaries (namespace, endpoint, role, bucket, version, schema, first_txn, counts, data, "
        "event_time, recorded_time, txn) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?4, ?10, ?11)",
        namespace_, part.endpoint, part.role, part.bucket, part.version, part.schema, part.first_transaction,
        part.counts.canonical(), part.data, recorded_, transaction_);
    fail_point("store.summary.after_insert");
}

void SqlSession::merge_summaries(const SummaryRow& merged) {
    connection_.run(
        "DELETE FROM summaries WHERE namespace = ?1 AND endpoint = ?2 AND role = ?3 AND bucket = ?4 AND version = ?5 "
        "AND schema = ?6",
        namespace_, merged.endpoint, merged.role, merged.bucket, merged.version, merged.schema);
    add_summary(merged);
}

std::vector<SummaryRow> SqlSession::summaries(const SummaryQuery& query) const {
    const std::string sql = "SELECT " + std::string(summary_columns) +
                            " FROM summaries WHERE namespace = ?1 AND endpoint = ?2 AND role = ?3 AND bucket >= ?4 "
                            "AND bucket < ?5" +
                            (query.version ? " AND version = ?6" : "") + " ORDER BY bucket, version, schema, txn";
    auto rows = connection_.query(sql, namespace_, query.endpoint, query.role, query.from, query.until);
    if (query.version) rows.bind(6, *query.version);
    return summaries_of(std::move(rows));
}

std::vector<SummaryRow> SqlSession::summary_parts(const SummaryRow& of) const {
    const std::string sql = "SELECT " + std::string(summary_columns) +
                            " FROM summaries WHERE namespace = ?1 AND endpoint = ?2 AND role = ?3 AND bucket = ?4 "
                            "AND version = ?5 AND schema = ?6 ORDER BY txn";
    return summaries_of(connection_.query(sql, namespace_, of.endpoint, of.role, of.bucket, of.version, of.schema));
}

std::int64_t SqlSession::count_summary_parts(const SummaryRow& of) const {
    auto rows = connection_.query(
        "SELECT count(*) FROM summaries WHERE namespace = ?1 AND endpoint = ?2 AND role = ?3 AND bucket = ?4 "
        "AND version = ?5 AND schema = ?6",
        namespace_, of.endpoint, of.role, of.bucket, of.version, of.schema);
    rows.step();
    return rows.integer(0);
}

std::optional<std::int64_t> SqlSession::first_summarised(std::string_view endpoint, std::string_view role) const {
    auto rows =
        connection_.query("SELECT min(first_txn) FROM summaries WHERE namespace = ?1 AND endpoint = ?2 AND role = ?3",
                          namespace_, endpoint, role);
    if (!rows.step() || rows.is_null(0)) return std::nullopt;
    return rows.integer(0);
}

Json SqlSession::logging(std::string_view endpoint) const {
    auto rows =
        connection_.query("SELECT logging FROM endpoints WHERE namespace = ?1 AND name = ?2", namespace_, endpoint);
    if (!rows.step()) throw NotFound("endpoint \"" + std::string(endpoint) + "\": not found");
    return Json::parse(rows.text(0));
}

void SqlSession::put_logging(std::string_view endpoint, const Json& logging) {
    connection_.run("UPDATE endpoints SET logging = ?3, txn = ?4 WHERE namespace = ?1 AND name = ?2", namespace_,
                    endpoint, logging.canonical(), transaction_);
    if (connection_.changes() == 0) throw NotFound("endpoint \"" + std::string(endpoint) + "\": not found");
}

std::string SqlSession::salt(std::string_view fresh) {
    connection_.run(
        "INSERT INTO salts (namespace, salt, event_time, recorded_time, txn) VALUES (?1, ?2, ?3, ?3, ?4) "
        "ON CONFLICT (namespace) DO NOTHING",
        namespace_, fresh, recorded_, transaction_);
    auto rows = connection_.query("SELECT salt FROM salts WHERE namespace = ?1", namespace_);
    rows.step();
    return rows.string(0);
}

}  // namespace holdfast::store::detail
