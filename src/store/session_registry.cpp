// Versions, approvals, aliases, signatures and endpoints.
#include <algorithm>
#include <array>

#include <holdfast/base/error.hpp>

#include "store/session.hpp"

namespace holdfast::store {

Session::~Session() = default;

namespace detail {
namespace {

#define SELECT_VERSION "SELECT model, version, package, state, manifest, event_time, recorded_time, txn FROM versions "

#define SELECT_ALIAS "SELECT model, alias, version, by, note, event_time, recorded_time, txn FROM aliases "

template <std::size_t Size>
void copy_exactly(std::span<const std::byte> bytes, std::array<std::byte, Size>& out, const char* what) {
    if (bytes.size() != Size) {
        throw CorruptArtifact("stored registry: " + std::string(what) + " of " + std::to_string(bytes.size()) +
                              " bytes seen, " + std::to_string(Size) + " wanted");
    }
    std::copy(bytes.begin(), bytes.end(), out.begin());
}

Digest digest_of(std::span<const std::byte> bytes) {
    Digest digest;
    copy_exactly(bytes, digest.bytes, "a package hash");
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

AliasRow alias_at(const Statement& row) {
    std::optional<std::int64_t> version;
    if (!row.is_null(2)) version = row.integer(2);
    return {row.string(0), row.string(1), version, row.string(3), row.string(4), stamp_at(row, 5)};
}

}  // namespace

VersionRow SqlSession::add_version(const std::string& model, const Digest& package, const Json& manifest, Time time) {
    if (auto known = version(model, package)) return *known;
    connection_.run(
        "INSERT INTO versions (namespace, model, version, package, state, manifest, event_time, recorded_time, txn) "
        "VALUES (?1, ?2, (SELECT coalesce(max(version), 0) + 1 FROM versions WHERE namespace = ?1 AND model = ?2), ?3, "
        "'pending', ?4, ?5, ?6, ?7)",
        namespace_, model, package, manifest.canonical(), event_time(time), recorded_, transaction_);
    return version(model, package).value();
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

std::optional<VersionRow> SqlSession::version(std::string_view model, const Digest& package) const {
    return first_version(connection_.query(SELECT_VERSION "WHERE namespace = ?1 AND model = ?2 AND package = ?3",
                                           namespace_, model, package));
}

std::int64_t SqlSession::next_version(std::string_view model) const {
    auto row = connection_.query(
        "SELECT coalesce(max(version), 0) + 1 FROM versions WHERE namespace = ?1 AND model = ?2", namespace_, model);
    row.step();
    return row.integer(0);
}

void SqlSession::add_alias(const AliasRow& row) {
    connection_.run(
        "INSERT INTO aliases (namespace, model, alias, version, by, note, event_time, recorded_time, txn) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        namespace_, row.model, row.alias, row.version, row.by, row.note, event_time(row.stamp.event_time), recorded_,
        transaction_);
}

std::optional<AliasRow> SqlSession::alias(std::string_view model, std::string_view alias) const {
    auto rows = connection_.query(SELECT_ALIAS
                                  "WHERE namespace = ?1 AND model = ?2 AND alias = ?3 ORDER BY txn DESC, seq DESC "
                                  "LIMIT 1",
                                  namespace_, model, alias);
    if (!rows.step()) return std::nullopt;
    return alias_at(rows);
}

std::vector<AliasRow> SqlSession::aliases(std::string_view model) const {
    auto rows =
        connection_.query(SELECT_ALIAS "WHERE namespace = ?1 AND model = ?2 ORDER BY txn, seq", namespace_, model);
    std::vector<AliasRow> aliases;
    while (rows.step()) aliases.push_back(alias_at(rows));
    return aliases;
}

void SqlSession::add_signature(const Digest& package, const KeySignature& signature) {
    connection_.run(
        "INSERT INTO signatures (namespace, package, key, signature, event_time, recorded_time, txn) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6) ON CONFLICT (namespace, package, key) DO NOTHING",
        namespace_, package, std::span<const std::byte>(signature.key.bytes),
        std::span<const std::byte>(signature.bytes), recorded_, transaction_);
}

std::vector<KeySignature> SqlSession::signatures(const Digest& package) const {
    auto rows =
        connection_.query("SELECT key, signature FROM signatures WHERE namespace = ?1 AND package = ?2 ORDER BY key",
                          namespace_, package);
    std::vector<KeySignature> signatures;
    while (rows.step()) {
        KeySignature& signature = signatures.emplace_back();
        copy_exactly(rows.blob(0), signature.key.bytes, "a signature's key");
        copy_exactly(rows.blob(1), signature.bytes, "a signature");
    }
    return signatures;
}

}  // namespace detail
}  // namespace holdfast::store
