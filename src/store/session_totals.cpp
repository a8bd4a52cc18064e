// How much an endpoint has seen, counted on from what was counted before.
#include <limits>

#include "store/session.hpp"

namespace holdfast::store::detail {

bool SqlSession::removed_between(std::string_view endpoint, std::int64_t after, std::int64_t until) const {
    auto rows = connection_.query(
        "SELECT 1 FROM removals WHERE namespace = ?1 AND endpoint = ?2 AND txn > ?3 AND txn <= ?4 LIMIT 1", namespace_,
        endpoint, after, until);
    return rows.step();
}

Totals SqlSession::totals(std::string_view endpoint, std::optional<std::int64_t> up_to, Totals since) const {
    const std::int64_t last = up_to.value_or(std::numeric_limits<std::int64_t>::max());
    if (since.transaction > last || removed_between(endpoint, since.transaction, last)) since = {};

    // New interactions, and which of them have a label.
    auto fresh = connection_.query(
        "SELECT count(*), coalesce(sum(EXISTS (SELECT 1 FROM labels l WHERE l.namespace = ?1 AND l.id = i.id "
        "AND l.endpoint IN ('', ?2) AND l.txn <= ?4)), 0) FROM interactions i WHERE i.namespace = ?1 "
        "AND i.endpoint = ?2 AND i.role = 'live' AND i.txn > ?3 AND i.txn <= ?4",
        namespace_, endpoint, since.transaction, last);
    fresh.step();
    // New labels that are the first of an older interaction. Labels are numbered in the order of their transactions.
    auto older =
        connection_.query("SELECT seq FROM labels WHERE txn <= ?1 ORDER BY seq DESC LIMIT 1", since.transaction);
    const std::int64_t older_label = older.step() ? older.integer(0) : 0;
    auto first = connection_.query(
        "SELECT count(*) FROM labels l WHERE l.seq > ?5 AND l.namespace = ?1 AND l.txn <= ?4 "
        "AND l.endpoint IN ('', ?2) AND EXISTS (SELECT 1 FROM interactions i WHERE i.namespace = ?1 AND i.id = l.id "
        "AND i.endpoint = ?2 AND i.role = 'live' AND i.txn <= ?3) AND NOT EXISTS (SELECT 1 FROM labels before "
        "WHERE before.namespace = ?1 AND before.id = l.id AND before.endpoint IN ('', ?2) AND before.seq < l.seq)",
        namespace_, endpoint, since.transaction, last, older_label);
    first.step();
    return {up_to.value_or(transaction_), since.interactions + fresh.integer(0),
            since.labelled + fresh.integer(1) + first.integer(0)};
}

}  // namespace holdfast::store::detail
