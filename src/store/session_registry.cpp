// Versions, approvals, endpoints and the deployment ledger.
#include <algorithm>

#include <holdfast/base/error.hpp>

#include "store/session.hpp"

namespace holdfast::store {

Session::~Session() = default;

namespace detail {
namespace {

#define SELECT_VERSION "SELECT model, version, package, state, manifest, event_time, recorded_time, txn FROM versions "

Digest digest_of(std::span<const std::byte> bytes) {
    Digest digest;
    if (bytes.size() != digest.bytes.size()) {
        throw CorruptArtifact("stored version: a package hash of " + std::to_string(bytes.size()) +
                              " bytes seen, 32 wanted");
    }
    std::copy(bytes.begin(), bytes.end(), digest.bytes.begin());
    return digest;
}

VersionRow version_at(const Statement& row) {
    return {row.string(0), row.integer(1),           digest_of(row.blob(2)),
            row.string(3), Json::parse(row.text(4)), stamp_at(row, 5)};
}

std::optional<VersionRow> first_version(Statement rows) {
    if (!rows.step()) return std::nullopt;
    return version_at(rows);
}

EndpointRow endpoint_at(const Statement& row) {
    EndpointRow endpoint{row.string(0), row.string(1), {}, row.integer(3) != 0, row.integer(4) != 0, stamp_at(row, 5)};
    const Json good = Json::parse(row.text(2));
    for (const Json& label : good.as_array()) endpoint.good.push_back(label.as_string());
    return endpoint;
}

DeploymentRow deployment_at(const Statement& row) {
    return {row.string(0), row.string(1), row.integer(2),  row.string(3),
            row.string(4), row.string(5), stamp_at(row, 6)};
}

}  // namespace

VersionRow SqlSession::add_version(const std::string& model, const Digest& package, const Json& manifest, Time time) {
    const auto known = [&] {
        return first_version(connection_.query(SELECT_VERSION "WHERE namespace = ?1 AND model = ?2 AND package = ?3",
                                               namespace_, model, package));
    };
    if (auto row = known()) return *row;
    connection_.run(
        "INSERT INTO versions (namespace, model, version, package, state, manifest, event_time, recorded_time, txn) "
        "VALUES (?1, ?2, (SELECT coalesce(max(version), 0) + 1 FROM versions WHERE namespace = ?1 AND model = ?2), ?3, "
        "'pending', ?4, ?5, ?6, ?7)",
        namespace_, model, package, manifest.canonical(), event_time(time), recorded_, transaction_);
    return known().value();
}

void SqlSession::add_approval(const ApprovalRow& row) {
    connection_.run("UPDATE versions SET state = ?4 WHERE namespace = ?1 AND model = ?2 AND version = ?3", namespace_,
                    row.model, row.version, row.state);
    if (connection_.changes() == 0) {
        throw NotFound("model \"" + row.model + "\": no version " + std::to_string(row.version));
    }
    connection_.run(
        "INSERT INTO approvals (namespace, model, version, state, by, note, event_time, recorded_time, txn) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        namespace_, row.model, row.version, row.state, row.by, row.note, event_time(row.stamp.event_time), recorded_,
        transaction_);
}

std::optional<VersionRow> SqlSession::version(std::string_view model, std::int64_t version) const {
    return first_version(connection_.query(SELECT_VERSION "WHERE namespace = ?1 AND model = ?2 AND version = ?3",
                                           namespace_, model, version));
}

std::optional<VersionRow> SqlSession::latest_approved(std::string_view model) const {
    return first_version(connection_.query(
        SELECT_VERSION "WHERE namespace = ?1 AND model = ?2 AND state = 'approved' ORDER BY version DESC LIMIT 1",
        namespace_, model));
}

std::vector<VersionRow> SqlSession::versions(std::string_view model) const {
    auto rows = model.empty()
                    ? connection_.query(SELECT_VERSION "WHERE namespace = ?1 ORDER BY model, version", namespace_)
                    : connection_.query(SELECT_VERSION "WHERE namespace = ?1 AND model = ?2 ORDER BY version",
                                        namespace_, model);
    std::vector<VersionRow> versions;
    while (rows.step()) versions.push_back(version_at(rows));
    return versions;
}

std::vector<ApprovalRow> SqlSession::approvals(std::string_view model, std::int64_t version) const {
    auto rows = connection_.query(
        "SELECT model, version, state, by, note, event_time, recorded_time, txn FROM approvals "
        "WHERE namespace = ?1 AND model = ?2 AND version = ?3 ORDER BY txn, seq",
        namespace_, model, version);
    std::vector<ApprovalRow> approvals;
    while (rows.step()) {
        approvals.push_back(
            {rows.string(0), rows.integer(1), rows.string(2), rows.string(3), rows.string(4), stamp_at(rows, 5)});
    }
    return approvals;
}

void SqlSession::put_endpoint(const EndpointRow& row) {
    Json good = Json::array();
    for (const std::string& label : row.good) good.push_back(label);
    connection_.run(
        "INSERT INTO endpoints (namespace, name, model, good, follow, frozen, event_time, recorded_time, txn) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (namespace, name) DO UPDATE SET model = "
        "excluded.model, "
        "good = excluded.good, follow = excluded.follow, frozen = excluded.frozen, event_time = excluded.event_time, "
        "recorded_time = excluded.recorded_time, txn = excluded.txn",
        namespace_, row.name, row.model, good.canonical(), row.follow_latest_approved, row.frozen,
        event_time(row.stamp.event_time), recorded_, transaction_);
}

std::optional<EndpointRow> SqlSession::endpoint(std::string_view name) const {
    auto rows = connection_.query(
        "SELECT name, model, good, follow, frozen, event_time, recorded_time, txn FROM endpoints "
        "WHERE namespace = ?1 AND name = ?2",
        namespace_, name);
    if (!rows.step()) return std::nullopt;
    return endpoint_at(rows);
}

std::vector<EndpointRow> SqlSession::endpoints() const {
    auto rows = connection_.query(
        "SELECT name, model, good, follow, frozen, event_time, recorded_time, txn FROM endpoints WHERE namespace = ?1 "
        "ORDER BY name",
        namespace_);
    std::vector<EndpointRow> endpoints;
    while (rows.step()) endpoints.push_back(endpoint_at(rows));
    return endpoints;
}

void SqlSession::add_deployment(const DeploymentRow& row) {
    connection_.run(
        "INSERT INTO deployments (namespace, endpoint, model, version, kind, by, reason, event_time, recorded_time, "
        "txn) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        namespace_, row.endpoint, row.model, row.version, row.kind, row.by, row.reason,
        event_time(row.stamp.event_time), recorded_, transaction_);
}

std::vector<DeploymentRow> SqlSession::deployments(std::string_view endpoint) const {
    auto rows = connection_.query(
        "SELECT endpoint, model, version, kind, by, reason, event_time, recorded_time, txn FROM deployments "
        "WHERE namespace = ?1 AND endpoint = ?2 ORDER BY txn, seq",
        namespace_, endpoint);
    std::vector<DeploymentRow> deployments;
    while (rows.step()) deployments.push_back(deployment_at(rows));
    return deployments;
}

std::optional<DeploymentRow> SqlSession::live(std::string_view endpoint, std::optional<std::int64_t> up_to) const {
    auto rows = connection_.query(
        "SELECT endpoint, model, version, kind, by, reason, event_time, recorded_time, txn FROM deployments "
        "WHERE namespace = ?1 AND endpoint = ?2 AND txn <= coalesce(?3, 9223372036854775807) "
        "AND kind IN ('deploy', 'rollback') ORDER BY txn DESC, seq DESC LIMIT 1",
        namespace_, endpoint, up_to);
    if (!rows.step()) return std::nullopt;
    return deployment_at(rows);
}

}  // namespace detail
}  // namespace holdfast::store
