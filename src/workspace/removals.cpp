// What is taken out: retention and erasure.
#include <holdfast/base/error.hpp>
#include <holdfast/workspace/workspace.hpp>

#include "workspace/endpoint_state.hpp"
#include "workspace/interaction_log.hpp"

namespace holdfast {
namespace {

constexpr std::int64_t rows_a_transaction = 10'000;

void prune_before(store::Store& store, std::string_view endpoint, Time before, std::string_view reason,
                  std::vector<store::RemovalRow>& removed) {
    std::optional<store::RemovalRow> row;
    do {
        store.write([&](store::Session& session) {
            row = session.remove_before(endpoint, before, rows_a_transaction, reason);
        });
        if (row) removed.push_back(*row);
    } while (row);
}

}  // namespace

std::vector<store::RemovalRow> Interactions::prune(std::string_view endpoint, const Retention& retention) {
    if (retention.older_than && *retention.older_than < Duration::zero())
        throw InvalidArgument("prune: a negative duration given, how long ago wanted");
    if (retention.larger_than && *retention.larger_than < 0)
        throw InvalidArgument("prune: " + std::to_string(*retention.larger_than) + " bytes given, 0 or more wanted");
    log_->flush();  // what waits to be committed counts, too
    std::optional<Time> fits_from;
    store_->read([&](const store::Session& session) {
        detail::require_endpoint(session, endpoint);
        if (retention.larger_than) fits_from = session.fits_from(endpoint, *retention.larger_than);
    });
    std::vector<store::RemovalRow> removed;
    if (retention.older_than) {
        prune_before(*store_, endpoint, store_->clock()->now() - *retention.older_than,
                     "older than " + format_duration(*retention.older_than), removed);
    }
    if (fits_from) {
        prune_before(*store_, endpoint, *fits_from, "larger than " + std::to_string(*retention.larger_than) + " bytes",
                     removed);
    }
    return removed;
}

std::vector<store::RemovalRow> Interactions::erase(std::string_view entity) {
    if (entity.empty()) throw InvalidArgument("erase: an empty entity given");
    log_->flush();
    const std::string hashed = hashed_text(log_->salt(), entity);  // as an endpoint that hashes the column keeps it
    std::vector<store::RemovalRow> removed;
    store_->write([&](store::Session& session) {
        for (const std::string_view kept : {entity, std::string_view(hashed)}) {
            // The reason does not name whom it is about.
            for (auto& row : session.remove_entity(kept, "an entity was erased")) removed.push_back(std::move(row));
        }
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
