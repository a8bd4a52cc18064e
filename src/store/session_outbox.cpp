// Notifications and their deliveries. A delivery is written with its notification, one for every channel of that time:
// what is still to be delivered is a row, and a channel that is added later hears nothing of the past.
#include <holdfast/base/error.hpp>

#include "store/session.hpp"

namespace holdfast::store::detail {

namespace {

#define DELIVERY_COLUMNS "d.channel, d.seq, d.attempts, d.next_try, d.error, d.event_time, d.recorded_time, d.txn"

std::vector<DeliveryRow> deliveries_of(Statement& rows) {
    std::vector<DeliveryRow> deliveries;
    while (rows.step()) {
        DeliveryRow row{.channel = rows.string(0), .sequence = rows.integer(1), .attempts = rows.integer(2)};
        if (!rows.is_null(3)) row.next_try = rows.time(3);
        row.error = rows.string(4);
        row.stamp = stamp_at(rows, 5);
        deliveries.push_back(std::move(row));
    }
    return deliveries;
}

}  // namespace

std::int64_t SqlSession::add_notification(const NotificationRow& row, std::span<const std::string> channels) {
    connection_.run(
        "INSERT INTO outbox (namespace, endpoint, kind, body, event_time, recorded_time, txn) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        namespace_, row.endpoint, row.kind, row.body.canonical(), event_time(row.stamp.event_time), recorded_,
        transaction_);
    const std::int64_t sequence = connection_.last_row();
    for (const std::string& channel : channels) put_delivery({.channel = channel, .sequence = sequence});
    return sequence;
}

NotificationRow SqlSession::notification(std::int64_t sequence) const {
    auto row = connection_.query(
        "SELECT seq, endpoint, kind, body, event_time, recorded_time, txn FROM outbox "
        "WHERE namespace = ?1 AND seq = ?2",
        namespace_, sequence);
    if (!row.step()) throw NotFound("notification " + std::to_string(sequence) + ": not in this workspace");
    return {row.integer(0), row.string(1), row.string(2), Json::parse(row.text(3)), stamp_at(row, 4)};
}

std::vector<DeliveryRow> SqlSession::undelivered(std::string_view endpoint) const {
    auto rows = connection_.query(
        "SELECT " DELIVERY_COLUMNS
        " FROM deliveries d JOIN outbox o ON o.seq = d.seq "
        "WHERE d.namespace = ?1 AND d.delivered IS NULL AND o.endpoint = ?2 ORDER BY d.seq, d.channel",
        namespace_, endpoint);
    return deliveries_of(rows);
}

bool SqlSession::has_old_notifications(std::string_view endpoint, Time before, std::int64_t kept) const {
    // The oldest is the first to go.
    auto rows = connection_.query(
        "SELECT 1 FROM (SELECT recorded_time AS at FROM outbox WHERE namespace = ?1 AND endpoint = ?2 "
        "ORDER BY seq LIMIT 1) WHERE at < ?3 "
        "OR EXISTS (SELECT 1 FROM outbox WHERE namespace = ?1 AND endpoint = ?2 ORDER BY seq DESC LIMIT 1 OFFSET ?4)",
        namespace_, endpoint, before, kept);
    return rows.step();
}

std::vector<DeliveryRow> SqlSession::remove_notifications(std::string_view endpoint, Time before, std::int64_t kept,
                                                          std::int64_t most) {
    std::vector<std::int64_t> doomed;
    {
        auto rows = connection_.query(
            "SELECT seq FROM outbox WHERE namespace = ?1 AND endpoint = ?2 AND (recorded_time < ?3 OR seq <= coalesce("
            "(SELECT seq FROM outbox WHERE namespace = ?1 AND endpoint = ?2 ORDER BY seq DESC LIMIT 1 OFFSET ?4), 0)) "
            "ORDER BY seq LIMIT ?5",
            namespace_, endpoint, before, kept, most);
        while (rows.step()) doomed.push_back(rows.integer(0));
    }
    std::vector<DeliveryRow> given_up;
    for (const std::int64_t sequence : doomed) {
        {
            auto rows = connection_.query("SELECT " DELIVERY_COLUMNS
                                          " FROM deliveries d WHERE d.seq = ?1 AND d.delivered IS NULL "
                                          "ORDER BY d.channel",
                                          sequence);
            for (DeliveryRow& row : deliveries_of(rows)) given_up.push_back(std::move(row));
        }
        connection_.run("DELETE FROM deliveries WHERE seq = ?1", sequence);
        connection_.run("DELETE FROM outbox WHERE seq = ?1", sequence);
    }
    return given_up;
}

void SqlSession::put_delivery(const DeliveryRow& row) {
    connection_.run(
        "INSERT INTO deliveries (namespace, channel, seq, attempts, next_try, delivered, error, event_time, "
        "recorded_time, txn) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9 "
        "WHERE EXISTS (SELECT 1 FROM outbox WHERE seq = ?3 AND namespace = ?1) ON CONFLICT (namespace, channel, seq) "
        "DO UPDATE SET attempts = excluded.attempts, next_try = excluded.next_try, delivered = excluded.delivered, "
        "error = excluded.error, recorded_time = excluded.recorded_time, txn = excluded.txn",
        namespace_, row.channel, row.sequence, row.attempts, row.next_try, row.delivered, row.error, recorded_,
        transaction_);
}

}  // namespace holdfast::store::detail
