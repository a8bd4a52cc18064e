// Notifications and their deliveries. A delivery is written with its notification, one for every channel of that time:
// what is still to be delivered is a row, and a channel that is added later hears nothing of the past.
#include <holdfast/base/error.hpp>

#include "store/session.hpp"

namespace holdfast::store::detail {

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
        "SELECT d.channel, d.seq, d.attempts, d.next_try, d.error, d.event_time, d.recorded_time, d.txn "
        "FROM deliveries d JOIN outbox o ON o.seq = d.seq "
        "WHERE d.namespace = ?1 AND d.delivered IS NULL AND o.endpoint = ?2 ORDER BY d.seq, d.channel",
        namespace_, endpoint);
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

void SqlSession::put_delivery(const DeliveryRow& row) {
    connection_.run(
        "INSERT INTO deliveries (namespace, channel, seq, attempts, next_try, delivered, error, event_time, "
        "recorded_time, txn) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9) ON CONFLICT (namespace, channel, seq) "
        "DO UPDATE SET attempts = excluded.attempts, next_try = excluded.next_try, delivered = excluded.delivered, "
        "error = excluded.error, recorded_time = excluded.recorded_time, txn = excluded.txn",
        namespace_, row.channel, row.sequence, row.attempts, row.next_try, row.delivered, row.error, recorded_,
        transaction_);
}

}  // namespace holdfast::store::detail
