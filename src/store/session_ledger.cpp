// The deployment ledger: which version answered, from when to when, and why.
#include <limits>

#include <holdfast/base/error.hpp>

#include "store/session.hpp"

namespace holdfast::store::detail {
namespace {

// What serves is found through the index deployments_live, which holds deploys and rollbacks alone.
#define SERVES "kind IN ('deploy', 'rollback')"
#define SELECT_DEPLOYMENT                                                                                        \
    "SELECT d.endpoint, d.model, d.version, d.kind, d.by, d.reason, d.event_time, d.recorded_time, d.txn, "      \
    "CASE WHEN d." SERVES                                                                                        \
    " THEN (SELECT n.event_time FROM deployments n WHERE n.namespace = d.namespace AND n.endpoint = d.endpoint " \
    "AND n." SERVES " AND n.txn > d.txn ORDER BY n.txn, n.seq LIMIT 1) END, d.seq, d.beneath FROM deployments d "

DeploymentRow deployment_at(const Statement& row) {
    DeploymentRow deployment{row.string(0), row.string(1), row.integer(2),  row.string(3),
                             row.string(4), row.string(5), stamp_at(row, 6)};
    if (!row.is_null(9)) deployment.until = row.time(9);
    return deployment;
}

std::optional<DeploymentRow> first_deployment(Statement rows) {
    if (!rows.step()) return std::nullopt;
    return deployment_at(rows);
}

/// One place of the ledger's stack.
struct Place {
    DeploymentRow row;
    std::int64_t seq = 0;
    std::optional<std::int64_t> beneath;
};

std::optional<Place> place_at(Statement rows) {
    if (!rows.step()) return std::nullopt;
    Place place{deployment_at(rows), rows.integer(10), {}};
    if (!rows.is_null(11)) place.beneath = rows.integer(11);
    return place;
}

std::optional<Place> top(Connection& connection, const std::string& name_space, std::string_view endpoint) {
    return place_at(connection.query(SELECT_DEPLOYMENT "WHERE d.namespace = ?1 AND d.endpoint = ?2 AND d." SERVES
                                                       " ORDER BY d.txn DESC, d.seq DESC LIMIT 1",
                                     name_space, endpoint));
}

std::optional<Place> beneath(Connection& connection, const Place& place) {
    if (!place.beneath) return std::nullopt;
    return place_at(connection.query(SELECT_DEPLOYMENT "WHERE d.seq = ?1", *place.beneath));
}

bool same_version(const DeploymentRow& a, const DeploymentRow& b) {
    return a.model == b.model && a.version == b.version;
}

}  // namespace

void SqlSession::add_deployment(const DeploymentRow& row) {
    std::optional<std::int64_t> under;
    if (row.kind == "deploy" || row.kind == "rollback") {
        auto place = top(connection_, namespace_, row.endpoint);
        if (row.kind == "deploy") {
            if (place) under = place->seq;
        } else {
            // It takes the place of the one that it goes back to.
            if (place) place = beneath(connection_, *place);
            while (place && !same_version(place->row, row)) place = beneath(connection_, *place);
            if (place) under = place->beneath;
        }
    }
    connection_.run(
        "INSERT INTO deployments (namespace, endpoint, model, version, kind, by, reason, beneath, event_time, "
        "recorded_time, txn) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        namespace_, row.endpoint, row.model, row.version, row.kind, row.by, row.reason, under,
        event_time(row.stamp.event_time), recorded_, transaction_);
}

std::vector<DeploymentRow> SqlSession::deployments(std::string_view endpoint, std::int64_t after_transaction) const {
    auto rows = connection_.query(SELECT_DEPLOYMENT
                                  "WHERE d.namespace = ?1 AND d.endpoint = ?2 AND d.txn > ?3 ORDER BY d.txn, d.seq",
                                  namespace_, endpoint, after_transaction);
    std::vector<DeploymentRow> deployments;
    while (rows.step()) deployments.push_back(deployment_at(rows));
    return deployments;
}

std::optional<DeploymentRow> SqlSession::live(std::string_view endpoint, std::optional<std::int64_t> up_to) const {
    return first_deployment(
        connection_.query(SELECT_DEPLOYMENT "WHERE d.namespace = ?1 AND d.endpoint = ?2 AND d.txn <= ?3 AND d." SERVES
                                            " ORDER BY d.txn DESC, d.seq DESC LIMIT 1",
                          namespace_, endpoint, up_to.value_or(std::numeric_limits<std::int64_t>::max())));
}

std::optional<DeploymentRow> SqlSession::served(std::string_view endpoint, Time time) const {
    // By transaction, not by time: a clock that was set back changes nothing about which came last.
    return first_deployment(connection_.query(
        SELECT_DEPLOYMENT "WHERE d.namespace = ?1 AND d.endpoint = ?2 AND d.event_time <= ?3 AND d." SERVES
                          " ORDER BY d.txn DESC, d.seq DESC LIMIT 1",
        namespace_, endpoint, time));
}

std::optional<DeploymentRow> SqlSession::deployment_of(std::string_view endpoint, std::int64_t version,
                                                       std::int64_t up_to) const {
    return first_deployment(connection_.query(
        SELECT_DEPLOYMENT "WHERE d.namespace = ?1 AND d.endpoint = ?2 AND d.txn <= ?3 AND d.version = ?4 AND d." SERVES
                          " ORDER BY d.txn DESC, d.seq DESC LIMIT 1",
        namespace_, endpoint, up_to, version));
}

std::optional<DeploymentRow> SqlSession::rollback_target(std::string_view endpoint) const {
    const auto live = top(connection_, namespace_, endpoint);
    if (!live) return std::nullopt;
    for (auto place = beneath(connection_, *live); place; place = beneath(connection_, *place)) {
        const auto target = version(place->row.model, place->row.version);
        if (target && target->state != "rejected" && !same_version(place->row, live->row)) return place->row;
    }
    return std::nullopt;
}

}  // namespace holdfast::store::detail
