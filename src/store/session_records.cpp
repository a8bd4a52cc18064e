// Metrics and events from outside, decisions, and controllers with their leases.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <holdfast/base/error.hpp>

#include "store/session.hpp"

namespace holdfast::store::detail {

void SqlSession::add_metric(const MetricRow& row) {
    if (std::isnan(row.value)) throw InvalidArgument("metric \"" + row.name + "\": NaN given, a number wanted");
    connection_.run(
        "INSERT INTO metrics (namespace, name, value, event_time, recorded_time, txn) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        namespace_, row.name, row.value, event_time(row.stamp.event_time), recorded_, transaction_);
}

void SqlSession::add_event(const EventRow& row) {
    connection_.run(
        "INSERT INTO events (namespace, kind, data, event_time, recorded_time, txn) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        namespace_, row.kind, row.data.canonical(), event_time(row.stamp.event_time), recorded_, transaction_);
}

std::vector<MetricRow> SqlSession::metrics(std::string_view name, std::optional<Time> after, std::optional<Time> until,
                                           std::optional<std::int64_t> last, std::optional<std::int64_t> up_to) const {
    auto rows = connection_.query(
        "SELECT name, value, event_time, recorded_time, txn FROM metrics WHERE namespace = ?1 AND name = ?2 "
        "AND event_time > coalesce(?3, -9223372036854775808) AND event_time <= coalesce(?4, 9223372036854775807) "
        "AND txn <= coalesce(?5, 9223372036854775807) "
        "ORDER BY event_time DESC, txn DESC, seq DESC LIMIT coalesce(?6, -1)",
        namespace_, name, after, until, up_to, last);
    std::vector<MetricRow> metrics;
    while (rows.step()) metrics.push_back({rows.string(0), rows.real(1), stamp_at(rows, 2)});
    std::reverse(metrics.begin(), metrics.end());
    return metrics;
}

std::vector<EventRow> SqlSession::events(std::optional<std::int64_t> after_transaction,
                                         std::optional<std::int64_t> up_to) const {
    auto rows = connection_.query(
        "SELECT kind, data, event_time, recorded_time, txn FROM events WHERE namespace = ?1 AND txn > coalesce(?2, -1) "
        "AND txn <= coalesce(?3, 9223372036854775807) ORDER BY txn, seq",
        namespace_, after_transaction, up_to);
    std::vector<EventRow> events;
    while (rows.step()) events.push_back({rows.string(0), Json::parse(rows.text(1)), stamp_at(rows, 2)});
    return events;
}

std::int64_t SqlSession::add_decision(const DecisionRow& row) {
    const Json* action = row.decision.find("action");
    auto inserted = connection_.query(
        "INSERT INTO decisions (namespace, endpoint, sequence, decision, observation, action, event_time, "
        "recorded_time, txn) VALUES (?1, ?2, (SELECT coalesce(max(sequence), 0) + 1 FROM decisions "
        "WHERE namespace = ?1 AND endpoint = ?2), ?3, ?4, ?5, ?6, ?7, ?8) RETURNING sequence",
        namespace_, row.endpoint, row.decision.canonical(), row.observation.canonical(),
        action != nullptr && action->is_string() ? action->as_string() : std::string(),
        event_time(row.stamp.event_time), recorded_, transaction_);
    inserted.step();
    const std::int64_t sequence = inserted.integer(0);
    while (inserted.step()) {
    }
    return sequence;
}

namespace {

DecisionRow decision_at(const Statement& row) {
    return {row.string(0), row.integer(1), Json::parse(row.text(2)), Json::parse(row.text(3)), stamp_at(row, 4)};
}

}  // namespace

std::vector<DecisionRow> SqlSession::decisions(std::string_view endpoint) const {
    auto rows = connection_.query(
        "SELECT endpoint, sequence, decision, observation, event_time, recorded_time, txn FROM decisions "
        "WHERE namespace = ?1 AND endpoint = ?2 ORDER BY sequence",
        namespace_, endpoint);
    std::vector<DecisionRow> decisions;
    while (rows.step()) decisions.push_back(decision_at(rows));
    return decisions;
}

std::optional<DecisionRow> SqlSession::decision(std::string_view endpoint, std::int64_t sequence) const {
    auto rows = connection_.query(
        "SELECT endpoint, sequence, decision, observation, event_time, recorded_time, txn FROM decisions "
        "WHERE namespace = ?1 AND endpoint = ?2 AND sequence = ?3",
        namespace_, endpoint, sequence);
    if (!rows.step()) return std::nullopt;
    return decision_at(rows);
}

std::optional<DecisionRow> SqlSession::last_decision(std::string_view endpoint, std::string_view action,
                                                     std::optional<std::int64_t> up_to) const {
    const std::string sql =
        "SELECT endpoint, sequence, decision, observation, event_time, recorded_time, txn FROM decisions "
        "WHERE namespace = ?1 AND endpoint = ?2 AND txn <= ?3" +
        std::string(action.empty() ? "" : " AND action = ?4") + " ORDER BY sequence DESC LIMIT 1";
    auto rows = connection_.query(sql, namespace_, endpoint, up_to.value_or(std::numeric_limits<std::int64_t>::max()));
    if (!action.empty()) rows.bind(4, action);
    if (!rows.step()) return std::nullopt;
    return decision_at(rows);
}

std::optional<ControllerRow> SqlSession::controller(std::string_view endpoint) const {
    auto rows = connection_.query(
        "SELECT endpoint, config, state, owner, fence, lease_until, event_time, recorded_time, txn FROM controllers "
        "WHERE namespace = ?1 AND endpoint = ?2",
        namespace_, endpoint);
    if (!rows.step()) return std::nullopt;
    ControllerRow row{rows.string(0),   Json::parse(rows.text(1)), Json::parse(rows.text(2)),
                      rows.string(3),   rows.integer(4),           std::nullopt,
                      stamp_at(rows, 6)};
    if (!rows.is_null(5)) row.lease_until = rows.time(5);
    return row;
}

void SqlSession::put_controller_config(std::string_view endpoint, const Json& config) {
    connection_.run(
        "INSERT INTO controllers (namespace, endpoint, config, state, owner, fence, lease_until, event_time, "
        "recorded_time, txn) VALUES (?1, ?2, ?3, 'null', '', 0, NULL, ?4, ?4, ?5) ON CONFLICT (namespace, endpoint) "
        "DO UPDATE SET config = excluded.config, recorded_time = excluded.recorded_time, txn = excluded.txn",
        namespace_, endpoint, config.canonical(), recorded_, transaction_);
}

std::optional<std::int64_t> SqlSession::take_lease(std::string_view endpoint, std::string_view owner, Time until) {
    if (owner.empty())
        throw InvalidArgument("lease of \"" + std::string(endpoint) + "\": no owner given, a name wanted");
    const auto held = controller(endpoint);
    if (!held) put_controller_config(endpoint, nullptr);
    std::int64_t fence = held ? held->fence : 0;
    const bool running = held && !held->owner.empty() && held->lease_until && *held->lease_until > recorded_;
    if (running && held->owner != owner) {
        // Where the clock was set back, a lease lasts no longer for it.
        if (const Time written = held->stamp.recorded_time; written > recorded_) {
            connection_.run(
                "UPDATE controllers SET lease_until = ?3, recorded_time = ?4, txn = ?5 "
                "WHERE namespace = ?1 AND endpoint = ?2",
                namespace_, endpoint, recorded_ + std::max(Duration::zero(), *held->lease_until - written), recorded_,
                transaction_);
        }
        return std::nullopt;
    }
    if (!running) ++fence;
    connection_.run(
        "UPDATE controllers SET owner = ?3, fence = ?4, lease_until = ?5, recorded_time = ?6, txn = ?7 "
        "WHERE namespace = ?1 AND endpoint = ?2",
        namespace_, endpoint, owner, fence, until, recorded_, transaction_);
    return fence;
}

void SqlSession::release_lease(std::string_view endpoint, std::string_view owner) {
    connection_.run(
        "UPDATE controllers SET owner = '', lease_until = NULL, recorded_time = ?4, txn = ?5 "
        "WHERE namespace = ?1 AND endpoint = ?2 AND owner = ?3",
        namespace_, endpoint, owner, recorded_, transaction_);
}

void SqlSession::put_controller_state(std::string_view endpoint, std::int64_t fence, const Json& state) {
    connection_.run(
        "UPDATE controllers SET state = ?4, recorded_time = ?5, txn = ?6 "
        "WHERE namespace = ?1 AND endpoint = ?2 AND fence = ?3",
        namespace_, endpoint, fence, state.canonical(), recorded_, transaction_);
    if (connection_.changes() == 1) return;
    const auto held = controller(endpoint);
    throw LeaseLost(
        "controller of \"" + std::string(endpoint) + "\": fence " + std::to_string(fence) + " given, " +
        (held ? std::to_string(held->fence) + " (held by \"" + held->owner + "\") wanted" : "none was taken"));
}

}  // namespace holdfast::store::detail
