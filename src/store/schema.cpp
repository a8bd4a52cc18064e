#include "store/schema.hpp"

#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/store/store.hpp>

#include "store/big_endian.hpp"
#include "store/checksum_vfs.hpp"

namespace holdfast::store::detail {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t application_id = 0x48465753;  // "HFWS"

/// Gives every row of the ledger the one beneath it: where a rollback from it goes back to.
void link_ledger(Connection& connection) {
    connection.execute("ALTER TABLE deployments ADD COLUMN beneath INTEGER REFERENCES deployments");
    struct Entry {
        std::int64_t seq;
        std::string model;
        std::int64_t version;
    };
    std::map<std::pair<std::string, std::string>, std::vector<Entry>> stacks;
    auto rows = connection.query(
        "SELECT seq, namespace, endpoint, model, version, kind FROM deployments WHERE kind IN ('deploy', 'rollback') "
        "ORDER BY txn, seq");
    while (rows.step()) {
        auto& stack = stacks[{rows.string(1), rows.string(2)}];
        const Entry row{rows.integer(0), rows.string(3), rows.integer(4)};
        // A rollback goes down to the version that it names, and takes its place.
        if (rows.text(5) == "rollback") {
            while (!stack.empty() && (stack.back().model != row.model || stack.back().version != row.version))
                stack.pop_back();
            if (!stack.empty()) stack.pop_back();
        }
        if (!stack.empty())
            connection.run("UPDATE deployments SET beneath = ?2 WHERE seq = ?1", row.seq, stack.back().seq);
        stack.push_back(row);
    }
}

struct Migration {
    const char* sql;
    void (*before)(Connection&) = nullptr;  ///< what SQL alone cannot say
};

// One entry a version, from nothing on; an entry that has landed is never changed. Rows are stamped with `event_time`
// and `recorded_time` (microseconds since 1970 UTC) and `txn`, the transaction's number.
constexpr std::array<Migration, Store::schema_version> migrations = {{
    {R"sql(
CREATE TABLE counter (one INTEGER PRIMARY KEY CHECK (one = 1), txn INTEGER NOT NULL) STRICT;
INSERT INTO counter VALUES (1, 0);

CREATE TABLE schemas (
    schema INTEGER PRIMARY KEY, namespace TEXT NOT NULL, hash BLOB NOT NULL, features INTEGER NOT NULL,
    json TEXT NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL,
    UNIQUE (namespace, hash, features)) STRICT;

CREATE TABLE versions (
    namespace TEXT NOT NULL, model TEXT NOT NULL, version INTEGER NOT NULL, package BLOB NOT NULL, state TEXT NOT NULL,
    manifest TEXT NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL,
    PRIMARY KEY (namespace, model, version), UNIQUE (namespace, model, package)) STRICT;
CREATE INDEX versions_by_state ON versions (namespace, model, state, version);

CREATE TABLE approvals (
    seq INTEGER PRIMARY KEY, namespace TEXT NOT NULL, model TEXT NOT NULL, version INTEGER NOT NULL,
    state TEXT NOT NULL, by TEXT NOT NULL, note TEXT NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL,
    FOREIGN KEY (namespace, model, version) REFERENCES versions) STRICT;
CREATE INDEX approvals_by_version ON approvals (namespace, model, version, txn);

CREATE TABLE endpoints (
    namespace TEXT NOT NULL, name TEXT NOT NULL, model TEXT NOT NULL, good TEXT NOT NULL, follow INTEGER NOT NULL,
    frozen INTEGER NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL,
    PRIMARY KEY (namespace, name)) STRICT;

CREATE TABLE deployments (
    seq INTEGER PRIMARY KEY, namespace TEXT NOT NULL, endpoint TEXT NOT NULL, model TEXT NOT NULL,
    version INTEGER NOT NULL, kind TEXT NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL) STRICT;
CREATE INDEX deployments_by_endpoint ON deployments (namespace, endpoint, txn);

CREATE TABLE interactions (
    seq INTEGER PRIMARY KEY, namespace TEXT NOT NULL, endpoint TEXT NOT NULL, id TEXT NOT NULL, role TEXT NOT NULL,
    version INTEGER NOT NULL, latency_ns INTEGER NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL,
    schema INTEGER NOT NULL REFERENCES schemas, data BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX interactions_by_id ON interactions (namespace, id, endpoint, role);
CREATE INDEX interactions_by_time ON interactions (namespace, endpoint, role, event_time, txn, id);
CREATE INDEX interactions_by_txn ON interactions (namespace, endpoint, role, txn);

CREATE TABLE labels (
    seq INTEGER PRIMARY KEY, namespace TEXT NOT NULL, id TEXT NOT NULL, endpoint TEXT NOT NULL, value ANY NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL) STRICT;
CREATE INDEX labels_by_id ON labels (namespace, id, txn);
CREATE INDEX labels_by_recorded ON labels (namespace, recorded_time, txn);

CREATE TABLE metrics (
    seq INTEGER PRIMARY KEY, namespace TEXT NOT NULL, name TEXT NOT NULL, value REAL NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL) STRICT;
CREATE INDEX metrics_by_time ON metrics (namespace, name, event_time);

CREATE TABLE events (
    seq INTEGER PRIMARY KEY, namespace TEXT NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL) STRICT;
CREATE INDEX events_by_txn ON events (namespace, txn);

CREATE TABLE decisions (
    namespace TEXT NOT NULL, endpoint TEXT NOT NULL, sequence INTEGER NOT NULL, decision TEXT NOT NULL,
    observation TEXT NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL,
    PRIMARY KEY (namespace, endpoint, sequence)) STRICT;

CREATE TABLE controllers (
    namespace TEXT NOT NULL, endpoint TEXT NOT NULL, config TEXT NOT NULL, state TEXT NOT NULL, owner TEXT NOT NULL,
    fence INTEGER NOT NULL, lease_until INTEGER,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL,
    PRIMARY KEY (namespace, endpoint)) STRICT;
)sql"},
    // 2: aliases, signatures, jobs, notifications, summaries, and what becomes of interactions that are not kept as
    // they came.
    {R"sql(
ALTER TABLE counter ADD COLUMN lost_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN logging TEXT NOT NULL DEFAULT '{}';
ALTER TABLE interactions ADD COLUMN entity TEXT;
-- As before, and with what makes them answer alone: which version, and whose label.
DROP INDEX interactions_by_time;
CREATE INDEX interactions_by_time ON interactions (namespace, endpoint, role, event_time, txn, id, version);
DROP INDEX labels_by_id;
CREATE INDEX labels_by_id ON labels (namespace, id, txn, endpoint);

CREATE INDEX interactions_by_entity ON interactions (namespace, entity) WHERE entity IS NOT NULL;

CREATE TABLE failures (
    seq INTEGER PRIMARY KEY, namespace TEXT NOT NULL, endpoint TEXT NOT NULL, version INTEGER NOT NULL,
    rows INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, latency_ns INTEGER NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL) STRICT;
CREATE INDEX failures_by_time ON failures (namespace, endpoint, event_time);

CREATE TABLE summaries (
    namespace TEXT NOT NULL, endpoint TEXT NOT NULL, role TEXT NOT NULL, bucket INTEGER NOT NULL,
    version INTEGER NOT NULL, schema INTEGER NOT NULL, first_txn INTEGER NOT NULL, counts TEXT NOT NULL,
    data BLOB NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL,
    PRIMARY KEY (namespace, endpoint, role, bucket, version, schema, txn)) STRICT;
CREATE INDEX summaries_by_first ON summaries (namespace, endpoint, role, first_txn);

CREATE TABLE salts (
    namespace TEXT PRIMARY KEY, salt TEXT NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL) STRICT;

CREATE TABLE removals (
    seq INTEGER PRIMARY KEY, namespace TEXT NOT NULL, endpoint TEXT NOT NULL, reason TEXT NOT NULL,
    interactions INTEGER NOT NULL, labels INTEGER NOT NULL, first_event INTEGER, last_event INTEGER,
    first_txn INTEGER, last_txn INTEGER,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL) STRICT;
CREATE INDEX removals_by_endpoint ON removals (namespace, endpoint, txn);

CREATE TABLE aliases (
    seq INTEGER PRIMARY KEY, namespace TEXT NOT NULL, model TEXT NOT NULL, alias TEXT NOT NULL, version INTEGER,
    by TEXT NOT NULL, note TEXT NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL) STRICT;
CREATE INDEX aliases_by_name ON aliases (namespace, model, alias, txn);

CREATE TABLE signatures (
    namespace TEXT NOT NULL, package BLOB NOT NULL, key BLOB NOT NULL, signature BLOB NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL,
    PRIMARY KEY (namespace, package, key)) STRICT;

CREATE INDEX deployments_live ON deployments (namespace, endpoint, txn, event_time)
    WHERE kind IN ('deploy', 'rollback');
CREATE TRIGGER deployments_are_not_changed BEFORE UPDATE ON deployments
    BEGIN SELECT raise(ABORT, 'the deployment ledger is append-only'); END;
CREATE TRIGGER deployments_are_not_deleted BEFORE DELETE ON deployments
    BEGIN SELECT raise(ABORT, 'the deployment ledger is append-only'); END;

CREATE TABLE jobs (
    namespace TEXT NOT NULL, id TEXT NOT NULL, endpoint TEXT NOT NULL, state TEXT NOT NULL, spec TEXT NOT NULL,
    attempt INTEGER NOT NULL, progress REAL NOT NULL, note TEXT NOT NULL, process TEXT NOT NULL, exit_code INTEGER,
    error TEXT NOT NULL, log BLOB, queued INTEGER NOT NULL, started INTEGER, ended INTEGER,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL,
    PRIMARY KEY (namespace, id)) STRICT;
CREATE INDEX jobs_by_endpoint ON jobs (namespace, endpoint, txn);

CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY, namespace TEXT NOT NULL, endpoint TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL) STRICT;
CREATE TABLE deliveries (
    namespace TEXT NOT NULL, channel TEXT NOT NULL, seq INTEGER NOT NULL REFERENCES outbox, attempts INTEGER NOT NULL,
    next_try INTEGER, delivered INTEGER, error TEXT NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL,
    PRIMARY KEY (namespace, channel, seq)) STRICT;
CREATE INDEX deliveries_waiting ON deliveries (namespace, seq) WHERE delivered IS NULL;
)sql",
     link_ledger},
    // 3: the newest decision of an action is found without reading those since; old notifications are found, and go;
    // sums of labelled answers; how much is kept of each endpoint, and up to when retention took rows.
    {R"sql(
ALTER TABLE decisions ADD COLUMN action TEXT NOT NULL DEFAULT '';
UPDATE decisions SET action = coalesce(json_extract(decision, '$.action'), '');
CREATE INDEX decisions_by_action ON decisions (namespace, endpoint, action, sequence);

CREATE INDEX outbox_by_endpoint ON outbox (namespace, endpoint, seq, recorded_time);
CREATE INDEX deliveries_by_notification ON deliveries (seq);

CREATE TABLE label_sums (
    namespace TEXT NOT NULL, endpoint TEXT NOT NULL, role TEXT NOT NULL, bucket INTEGER NOT NULL,
    version INTEGER NOT NULL, sums TEXT NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL,
    PRIMARY KEY (namespace, endpoint, role, bucket, version)) STRICT;

CREATE TABLE labels_summed (
    namespace TEXT PRIMARY KEY, labels INTEGER NOT NULL, interactions INTEGER NOT NULL,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL) STRICT;

CREATE TABLE log_extents (
    namespace TEXT NOT NULL, endpoint TEXT NOT NULL, rows INTEGER NOT NULL, bytes INTEGER NOT NULL,
    events_until INTEGER, unsummarised_until INTEGER, labels_until INTEGER,
    event_time INTEGER NOT NULL, recorded_time INTEGER NOT NULL, txn INTEGER NOT NULL,
    PRIMARY KEY (namespace, endpoint)) STRICT;
INSERT INTO log_extents SELECT namespace, endpoint, count(*), sum(length(data)), NULL, NULL, NULL, max(event_time),
    max(recorded_time), max(txn) FROM interactions GROUP BY namespace, endpoint;
INSERT INTO log_extents SELECT namespace, endpoint, 0, 0, max(last_event),
    max(CASE WHEN first_txn < (SELECT coalesce(min(s.first_txn), 9223372036854775807) FROM summaries s
        WHERE s.namespace = removals.namespace AND s.endpoint = removals.endpoint AND s.role = 'live')
        THEN last_event END),
    max(recorded_time), max(event_time), max(recorded_time), max(txn)
    FROM removals WHERE reason <> 'an entity was erased' GROUP BY namespace, endpoint
    ON CONFLICT (namespace, endpoint) DO UPDATE SET events_until = excluded.events_until,
    unsummarised_until = excluded.unsummarised_until, labels_until = excluded.labels_until;
)sql"},
}};

void refuse_newer(const fs::path& path, std::int64_t version) {
    if (version <= Store::schema_version) return;
    throw Unsupported("database \"" + path.string() + "\": schema version " + std::to_string(version) +
                      " seen, at most " + std::to_string(Store::schema_version) + " wanted; a newer Holdfast wrote it");
}

std::int64_t tables(Connection& connection) {
    auto statement = connection.query("SELECT count(*) FROM sqlite_master");
    statement.step();
    return statement.integer(0);
}

/// The schema version seen; 0 for a database that is empty.
std::int64_t recognise(Connection& connection, const fs::path& path) {
    const std::int64_t id = connection.pragma("application_id");
    const std::int64_t version = connection.pragma("user_version");
    if (id == 0 && version == 0 && tables(connection) == 0) return 0;
    if (id != application_id) {
        throw CorruptArtifact("database \"" + path.string() + "\": application id " + std::to_string(id) +
                              " seen, Holdfast's " + std::to_string(application_id) + " wanted");
    }
    refuse_newer(path, version);
    return version;
}

/// All of `body`, or nothing, in the transaction that `begin` begins.
template <class Body>
void in_transaction(Connection& connection, const char* begin, Body body) {
    connection.execute(begin);
    try {
        body();
        connection.execute("COMMIT");
    } catch (...) {
        connection.rollback();
        throw;
    }
}

void migrate(Connection& connection, const fs::path& path) {
    in_transaction(connection, "BEGIN IMMEDIATE", [&] {
        // Another process may have done it while this one waited.
        for (std::int64_t at = recognise(connection, path); at < Store::schema_version; ++at) {
            const Migration& next = migrations[static_cast<std::size_t>(at)];
            if (next.before != nullptr) next.before(connection);
            connection.execute(next.sql);
        }
        connection.execute("PRAGMA application_id = " + std::to_string(application_id));
        connection.execute("PRAGMA user_version = " + std::to_string(Store::schema_version));
    });
}

}  // namespace

void prepare_schema(Connection& connection, const fs::path& path) {
    // In one transaction: another process that makes the schema just now is seen before or after, and never between.
    std::int64_t seen = 0;
    in_transaction(connection, "BEGIN", [&] { seen = recognise(connection, path); });
    connection.use_write_ahead_log();
    // Version 1 had no checksums: rewriting the database gives every page one.
    if (seen == 1) connection.execute("VACUUM");
    if (seen < Store::schema_version) migrate(connection, path);
}

bool same_schema(Connection& connection) {
    constexpr std::string_view sql = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name";
    const auto described = [&](Connection& of) {
        std::vector<std::string> lines;
        auto rows = of.query(sql);
        while (rows.step()) {
            for (int column = 0; column < 4; ++column) lines.push_back(rows.string(column));
        }
        return lines;
    };
    Connection fresh(":memory:", 0);
    for (const Migration& step : migrations) {
        if (step.before != nullptr) step.before(fresh);
        fresh.execute(step.sql);
    }
    return described(connection) == described(fresh);
}

namespace {

using Header = std::array<unsigned char, 100>;

/// Nothing where there is no database, or none that may be read: that is refused, by its own name, when it is opened.
std::optional<Header> read_header(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    Header header{};
    if (file.read(reinterpret_cast<char*>(header.data()), header.size())) return header;
    if (file.gcount() == 0) return std::nullopt;
    throw CorruptArtifact("database \"" + path.string() + "\": " + std::to_string(file.gcount()) +
                          " bytes seen, a database's header of 100 wanted");
}

void refuse_unknown(const fs::path& path, const Header& header) {
    // A newer Holdfast may keep its pages otherwise: it is recognised before any of them is looked at.
    if (big_endian(&header[68]) != application_id) return;
    const auto version = static_cast<std::int64_t>(big_endian(&header[60]));
    refuse_newer(path, version);
    if (version > 1 && header[20] != checksum_bytes) {
        throw CorruptArtifact("database \"" + path.string() + "\": " + std::to_string(header[20]) +
                              " bytes reserved in each page seen, " + std::to_string(checksum_bytes) + " wanted");
    }
}

bool is_there(const fs::path& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    return !error && size > 0;
}

std::uint64_t bytes_wanted(const Header& header) {
    const std::uint64_t page = header[16] == 0 && header[17] == 1 ? 65536u : header[16] * 256u + header[17];
    return page * big_endian(&header[28]);
}

}  // namespace

void refuse_by_header(const fs::path& path) {
    auto header = read_header(path);
    if (!header) return;
    refuse_unknown(path, *header);
    for (;;) {
        // In this order: once the log is empty, the pages that the header speaks of have been copied from it. A
        // journal is what a power cut left of making the database: it is rolled back when that is opened.
        std::error_code ignored;
        if (is_there(fs::path(path).concat("-wal")) || is_there(fs::path(path).concat("-journal"))) return;
        const auto size = fs::file_size(path, ignored);
        if (ignored || size >= bytes_wanted(*header)) return;
        const auto again = read_header(path);
        if (again == header) {
            throw CorruptArtifact("database \"" + path.string() + "\": " + std::to_string(size) + " bytes seen, " +
                                  std::to_string(bytes_wanted(*header)) + " wanted by its header; it was truncated");
        }
        // Another process has written meanwhile.
        header = again;
        if (!header) return;
    }
}

}  // namespace holdfast::store::detail
