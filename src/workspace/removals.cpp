// What is taken out: retention and erasure.
#include <set>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/workspace/workspace.hpp>

#include "workspace/endpoint_state.hpp"
#include "workspace/interaction_log.hpp"
#include "workspace/label_sums.hpp"
#include "workspace/summarise.hpp"
#include "workspace/upkeep.hpp"

namespace holdfast {
namespace {

constexpr std::int64_t rows_a_transaction = 10'000;

}  // namespace

std::vector<store::RemovalRow> Interactions::prune(std::string_view endpoint, const Retention& retention) {
    if (retention.older_than && *retention.older_than < Duration::zero())
        throw InvalidArgument("prune: a negative duration given, how long ago wanted");
    if (retention.larger_than && *retention.larger_than < 0)
        throw InvalidArgument("prune: " + std::to_string(*retention.larger_than) + " bytes given, 0 or more wanted");
    log_->flush();  // what waits to be committed counts, too
    store_->read([&](const store::Session& session) { detail::require_endpoint(session, endpoint); });
    std::vector<store::RemovalRow> removed;
    while (auto row = detail::remove_oldest(*store_, endpoint, retention, rows_a_transaction))
        removed.push_back(std::move(*row));
    return removed;
}

std::vector<store::RemovalRow> Interactions::erase(std::string_view entity) {
    if (entity.empty()) throw InvalidArgument("erase: an empty entity given");
    log_->flush();
    const std::string hashed = hashed_text(log_->salt(), entity);  // as an endpoint that hashes the column keeps it
    detail::sum_all_labels(*store_, 0);
    std::vector<store::RemovalRow> removed;
    store_->write([&](store::Session& session) {
        while (detail::sum_labels(session, rows_a_transaction)) {
        }
        std::vector<store::EntityRow> about;
        std::set<std::string> named;
        for (const std::string_view kept : {entity, std::string_view(hashed)}) {
            for (auto& row : session.entity_rows(kept)) {
                named.insert(row.id);
                about.push_back(std::move(row));
            }
        }
        // A label that goes may be that of another's answer, too: all answers of these ids are counted anew.
        const std::vector<std::string> ids(named.begin(), named.end());
        detail::LabelTally tally(session);
        tally.add(session.summed_labels(ids), false);
        for (const std::string_view kept : {entity, std::string_view(hashed)}) {
            // The reason does not name whom it is about.
            for (auto& row : session.remove_entity(kept, "an entity was erased")) removed.push_back(std::move(row));
        }
        tally.add(session.summed_labels(ids));
        detail::store_label_sums(session, tally);
        detail::forget_in_summaries(session, about);
    });
    // Also where nothing was found: an earlier call may have been cut off before this.
    store_->scrub();
    return removed;
}

std::vector<store::RemovalRow> Interactions::removals(std::string_view endpoint) const {
    std::vector<store::RemovalRow> rows;
    store_->read([&](const store::Session& session) {
        detail::require_endpoint(session, endpoint);
        rows = session.removals(endpoint);
    });
    return rows;
}

}  // namespace holdfast
