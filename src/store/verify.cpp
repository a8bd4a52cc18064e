#include "store/verify.hpp"

#include <sqlite3.h>

#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/id.hpp>
#include <holdfast/base/json.hpp>
#include <holdfast/store/interactions.hpp>

#include "store/schema.hpp"

namespace holdfast::store::detail {
namespace {

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

class Verifying {
  public:
    Verifying(Connection& connection, Time now, Verification& found)
        : connection_(connection), now_(now), found_(found) {}

    void run() {
        check([&] { integrity(); });
        check([&] { tables(); });
        check([&] { transactions(); });
        check([&] { schemas(); });
        check([&] { interactions(); });
        check([&] { labels(); });
        check([&] { versions(); });
        check([&] { ledger(); });
        check([&] { controllers(); });
        check([&] { texts(); });
    }

  private:
    /// One part; damage that ends it does not keep the others from being looked at.
    template <class Part>
    void check(Part&& part) {
        try {
            part();
        } catch (const CorruptArtifact& error) {
            found_.find("database", error.what(), "pages that can be read");
        }
    }

    void integrity() {
        auto rows = connection_.query("PRAGMA integrity_check(1000)");
        while (rows.step()) {
            if (rows.text(0) != "ok") found_.find("database", rows.string(0), "SQLite's integrity check to pass");
        }
        auto keys = connection_.query("PRAGMA foreign_key_check");
        while (keys.step()) {
            found_.find("table " + in_quotes(keys.text(0)) + ", row " + std::to_string(keys.integer(1)),
                        "a key of " + in_quotes(keys.text(2)) + " that is not there", "one that is");
        }
    }

    void tables() {
        if (!same_schema(connection_)) found_.find("database", "other tables or indexes", "those of its version");
    }

    void transactions() {
        auto counter = connection_.query("SELECT txn FROM counter");
        if (!counter.step()) return found_.find("table \"counter\"", "no row", "one");
        const std::int64_t newest = counter.integer(0);
        std::vector<std::string> names;
        auto tables = connection_.query(
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'txn' "
            "WHERE m.type = 'table' AND m.name != 'counter' ORDER BY m.name");
        while (tables.step()) names.push_back(tables.string(0));
        for (const std::string& name : names) {
            auto rows = connection_.query("SELECT count(*), coalesce(max(txn), 0), coalesce(min(txn), 1) FROM " + name);
            rows.step();
            found_.checked[name] = rows.integer(0);
            if (rows.integer(1) > newest || rows.integer(2) < 1) {
                const std::int64_t seen = rows.integer(1) > newest ? rows.integer(1) : rows.integer(2);
                found_.find("table " + in_quotes(name), "a row of transaction " + std::to_string(seen),
                            "1 to " + std::to_string(newest) + ", the counter");
            }
        }
    }

    void schemas() {
        auto rows = connection_.query("SELECT schema, namespace, hash, features, json FROM schemas");
        while (rows.step()) {
            const std::string thing = "schema " + std::to_string(rows.integer(0));
            const auto json = canonical(thing, rows.text(4));
            if (!json) continue;
            try {
                Schema schema = Schema::from_json(*json);
                const Digest hash = sha256(rows.text(4));
                const auto stored = rows.blob(2);
                if (!std::equal(stored.begin(), stored.end(), hash.bytes.begin(), hash.bytes.end()))
                    found_.find(thing, "another hash than its own", hash.hex());
                if (rows.integer(3) < 0 || rows.integer(3) > schema.size())
                    found_.find(thing, std::to_string(rows.integer(3)) + " features",
                                "at most " + std::to_string(schema.size()));
                schemas_.emplace(rows.integer(0), std::pair(rows.string(1), std::move(schema)));
            } catch (const Error& error) {
                found_.find(thing, error.what(), "a schema");
            }
        }
    }

    void interactions() {
        auto rows = connection_.query(
            "SELECT namespace, endpoint, id, role, schema, data, "
            "EXISTS (SELECT 1 FROM endpoints e WHERE e.namespace = i.namespace AND e.name = i.endpoint) "
            "FROM interactions i ORDER BY seq");
        while (rows.step()) {
            const auto thing = [&] {
                return "interaction " + in_quotes(rows.text(2)) + " (" + rows.string(3) + ") of endpoint " +
                       in_quotes(rows.text(1)) + in_namespace(rows.text(0));
            };
            check_id(rows.text(2), thing);
            if (rows.text(3) != "live" && rows.text(3) != "shadow")
                found_.find(thing(), "role " + in_quotes(rows.text(3)), "live or shadow");
            if (rows.integer(6) == 0) found_.find(thing(), "no such endpoint", "one that was created");
            const auto schema = schemas_.find(rows.integer(4));
            if (schema == schemas_.end() || schema->second.first != rows.text(0)) {
                found_.find(thing(), "schema " + std::to_string(rows.integer(4)), "one of its namespace that is there");
                continue;
            }
            check_blob(schema->second.second, rows.blob(5), thing);
        }
    }

    template <class Thing>
    void check_id(std::string_view id, const Thing& thing) {
        try {
            static_cast<void>(Id(id));
        } catch (const InvalidArgument& error) {
            found_.find(thing(), error.what(), "an id");
        }
    }

    template <class Thing>
    void check_blob(const Schema& schema, std::span<const std::byte> blob, const Thing& thing) {
        try {
            std::vector<std::byte> again;
            encode_row(decode_rows(schema, {&blob, 1}), 0, again);
            if (!std::equal(blob.begin(), blob.end(), again.begin(), again.end()))
                found_.find(thing(), "a packed row that decodes to another", "the bytes that its values have");
        } catch (const Error& error) {
            found_.find(thing(), error.what(), "a packed row of its schema");
        }
    }

    void labels() {
        auto rows = connection_.query("SELECT namespace, id, value FROM labels");
        while (rows.step()) {
            const auto thing = [&] { return "label of " + in_quotes(rows.text(1)) + in_namespace(rows.text(0)); };
            check_id(rows.text(1), thing);
            const int type = rows.type(2);
            if (type != SQLITE_INTEGER && type != SQLITE_FLOAT && type != SQLITE_TEXT)
                found_.find(thing(), "neither number nor text", "a number or text");
            if (type == SQLITE_TEXT && !is_utf8(rows.text(2))) found_.find(thing(), "bytes that are not UTF-8", "text");
        }
    }

    void versions() {
        auto rows = connection_.query(
            "SELECT v.namespace, v.model, v.version, v.state, length(v.package), "
            "(SELECT state FROM approvals a WHERE a.namespace = v.namespace AND a.model = v.model "
            "AND a.version = v.version ORDER BY txn DESC, seq DESC LIMIT 1) FROM versions v");
        while (rows.step()) {
            const std::string thing = version(rows.text(1), rows.integer(2), rows.text(0));
            const std::string said = rows.is_null(5) ? "pending" : rows.string(5);
            if (rows.text(3) != said)
                found_.find(thing, "state " + in_quotes(rows.text(3)), in_quotes(said) + ", which its approvals say");
            if (rows.integer(4) != 32)
                found_.find(thing, "a package hash of " + std::to_string(rows.integer(4)) + " bytes", "32");
        }
    }

    void ledger() {
        auto rows = connection_.query(
            "SELECT d.namespace, d.endpoint, d.model, d.version, d.kind, d.seq, v.version, "
            "EXISTS (SELECT 1 FROM approvals a WHERE a.namespace = d.namespace AND a.model = d.model "
            "AND a.version = d.version AND a.state = 'approved' AND a.txn <= d.txn), "
            "EXISTS (SELECT 1 FROM endpoints e WHERE e.namespace = d.namespace AND e.name = d.endpoint) "
            "FROM deployments d LEFT JOIN versions v ON v.namespace = d.namespace AND v.model = d.model "
            "AND v.version = d.version ORDER BY d.seq");
        while (rows.step()) {
            const std::string thing = "ledger row " + std::to_string(rows.integer(5)) + " (" + rows.string(4) +
                                      ") of endpoint " + in_quotes(rows.text(1)) + in_namespace(rows.text(0));
            if (rows.integer(8) == 0) found_.find(thing, "no such endpoint", "one that was created");
            const bool serves = rows.text(4) == "deploy" || rows.text(4) == "rollback";
            if (!serves) continue;
            const std::string named = rows.string(2) + "@" + std::to_string(rows.integer(3));
            if (rows.is_null(6)) {
                found_.find(thing, named + ", which is not registered", "a version that is");
            } else if (rows.integer(7) == 0) {
                found_.find(thing, named + ", which was not approved then", "a version that was");
            }
        }
    }

    void controllers() {
        auto rows = connection_.query("SELECT namespace, endpoint, owner, fence, lease_until FROM controllers");
        while (rows.step()) {
            const std::string thing = "controller of endpoint " + in_quotes(rows.text(1)) + in_namespace(rows.text(0));
            const bool owned = !rows.text(2).empty();
            if (owned == rows.is_null(4))
                found_.find(thing, owned ? "an owner without an end of its lease" : "a lease without an owner",
                            "both or neither");
            if (rows.integer(3) < (owned ? 1 : 0))
                found_.find(thing, "fence " + std::to_string(rows.integer(3)), owned ? "1 or more" : "0 or more");
            if (owned && !rows.is_null(4) && rows.time(4) > now_ + std::chrono::hours(24 * 366))
                found_.find(thing, "a lease for more than a year", "one that ends");
        }
    }

    /// Columns that hold canonical JSON.
    void texts() {
        constexpr std::pair<const char*, const char*> columns[] = {
            {"versions", "manifest"},  {"endpoints", "good"},     {"endpoints", "logging"},
            {"events", "data"},        {"decisions", "decision"}, {"decisions", "observation"},
            {"controllers", "config"}, {"controllers", "state"},  {"summaries", "counts"},
            {"outbox", "body"},        {"label_sums", "sums"},
        };
        for (const auto& [table, column] : columns) {
            const std::string sql = std::string("SELECT rowid, ") + column + " FROM " + table;
            auto rows = connection_.query(sql);
            while (rows.step()) {
                static_cast<void>(canonical("table " + in_quotes(table) + ", row " + std::to_string(rows.integer(0)) +
                                                ", column " + in_quotes(column),
                                            rows.text(1)));
            }
        }
    }

    std::optional<Json> canonical(const std::string& thing, std::string_view text) {
        try {
            Json json = Json::parse(text);
            if (json.canonical() == text) return json;
            found_.find(thing, "JSON in another form", "canonical JSON (RFC 8785)");
        } catch (const InvalidArgument& error) {
            found_.find(thing, error.what(), "canonical JSON (RFC 8785)");
        }
        return std::nullopt;
    }

    static std::string in_namespace(std::string_view name) {
        return name == "default" ? std::string() : " in namespace " + in_quotes(name);
    }
    static std::string version(std::string_view model, std::int64_t number, std::string_view name_space) {
        return "version " + std::string(model) + "@" + std::to_string(number) + in_namespace(name_space);
    }

    Connection& connection_;
    Time now_;
    Verification& found_;
    std::map<std::int64_t, std::pair<std::string, Schema>> schemas_;  // with their namespaces
};

}  // namespace

void verify_database(Connection& connection, Time now, Verification& found) {
    connection.execute("BEGIN");
    try {
        Verifying(connection, now, found).run();
    } catch (...) {
        connection.rollback();
        throw;
    }
    connection.rollback();
}

}  // namespace holdfast::store::detail
