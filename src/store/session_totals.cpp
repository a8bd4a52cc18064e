// How much an endpoint has seen, counted on from what was counted before.
#include <limits>

#include "store/session.hpp"

namespace holdfast::store::detail {

Totals SqlSession::totals(std::string_view endpoint, std::optional<std::int64_t> up_to,
                          const std::optional<Totals>& since) const {
    const std::int64_t last = up_to.value_or(std::numeric_limits<std::int64_t>::max());
    Totals totals = since.value_or(Totals{});

    // New interactions, and which of them have a label.
    auto fresh = connection_.query(
        "SELECT count(*), coalesce(sum(EXISTS (SELECT 1 FROM labels l WHERE l.namespace = ?1 AND l.id = i.id "
        "AND l.endpoint IN ('', ?2) AND l.txn <= ?4)), 0) FROM interactions i WHERE i.namespace = ?1 "
        "AND i.endpoint = ?2 AND i.role = 'live' AND i.txn > ?3 AND i.txn <= ?4",
        namespace_, endpoint, totals.transaction, last);
    fresh.step();
    // New labels that are the first of an older interaction. Labels are numbered in the order of their transactions.
    auto first = connection_.query(
        "SELECT count(*) FROM labels l WHERE l.seq > ?5 AND l.namespace = ?1 AND l.txn <= ?4 "
        "AND l.endpoint IN ('', ?2) AND EXISTS (SELECT 1 FROM interactions i WHERE i.namespace = ?1 AND i.id = l.id "
        "AND i.endpoint = ?2 AND i.role = 'live' AND i.txn <= ?3) AND NOT EXISTS (SELECT 1 FROM labels before "
        "WHERE before.namespace = ?1 AND before.id = l.id AND before.endpoint IN ('', ?2) AND before.seq < l.seq)",
        namespace_, endpoint, totals.transaction, last, totals.last_label);
    first.step();
    auto newest = connection_.query("SELECT seq FROM labels WHERE txn <= ?1 ORDER BY seq DESC LIMIT 1", last);

    totals.interactions += fresh.integer(0);
    totals.labelled += fresh.integer(1) + first.integer(0);
    totals.last_label = newest.step() ? newest.integer(0) : 0;
    totals.transaction = up_to.value_or(transaction_);
    return totals;
}

}  // namespace holdfast::store::detail
