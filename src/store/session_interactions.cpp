// Writing interactions.
#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include <holdfast/base/error.hpp>
#include <holdfast/base/fail_point.hpp>

#include "store/bulk_insert.hpp"
#include "store/pieces.hpp"
#include "store/session.hpp"

namespace holdfast::store::detail {
namespace {

void check_batch(const InteractionBatch& batch) {
    const std::int64_t rows = batch.values.rows();
    const auto ids = static_cast<std::int64_t>(batch.ids.size());
    const auto times = static_cast<std::int64_t>(batch.times.size());
    if (ids != times || (batch.values.width() > 0 && ids != rows)) {
        throw InvalidArgument("interactions: " + std::to_string(ids) + " ids, " + std::to_string(times) +
                              " times and " + std::to_string(rows) + " rows given, equal numbers wanted");
    }
    if (!batch.entities.empty() && batch.entities.size() != batch.ids.size()) {
        throw InvalidArgument("interactions: " + std::to_string(ids) + " ids and " +
                              std::to_string(batch.entities.size()) + " entities given, equal numbers or none wanted");
    }
    if (batch.feature_columns < 0 || batch.feature_columns > batch.values.width()) {
        throw InvalidArgument("interactions: " + std::to_string(batch.feature_columns) +
                              " feature columns given, at most " + std::to_string(batch.values.width()) + " wanted");
    }
}

/// Types that differ only in how text is kept hold the same features.
ColumnType kind_of(ColumnType type) noexcept { return type == ColumnType::categorical ? ColumnType::string : type; }

/// The features of an encoded row, in an encoding that is equal where they are, whatever the outputs beside them.
struct Features {
    std::vector<Field> columns;
    std::vector<std::byte> bytes;

    Features(const Schema& schema, std::int64_t count, std::span<const std::byte> row) {
        const Table values = decode_rows(schema, {&row, 1});
        const Table features = values.select(std::span(values.names()).first(static_cast<std::size_t>(count)));
        columns = features.schema().fields();
        for (Field& field : columns) field.type = kind_of(field.type);
        encode_row(features, 0, bytes);
    }
    bool operator==(const Features&) const = default;
};

std::string insert_interactions(std::size_t rows) {
    return "INSERT INTO interactions (namespace, recorded_time, txn, endpoint, id, role, version, latency_ns, "
           "event_time, schema, entity, data) VALUES " +
           value_lists(rows, 12) + " ON CONFLICT (namespace, id, endpoint, role) DO NOTHING";
}

}  // namespace

std::int64_t SqlSession::schema_number(const Schema& schema, std::int64_t features, std::string_view arithmetic) {
    Json json = schema.to_json();
    if (!arithmetic.empty()) json["arithmetic"] = arithmetic;
    const std::string text = json.canonical();
    const Digest hash = sha256(text);
    const auto known = [&]() -> std::optional<std::int64_t> {
        auto rows = connection_.query("SELECT schema FROM schemas WHERE namespace = ?1 AND hash = ?2 AND features = ?3",
                                      namespace_, hash, features);
        if (!rows.step()) return std::nullopt;
        return rows.integer(0);
    };
    if (const auto number = known()) return *number;
    connection_.run(
        "INSERT INTO schemas (namespace, hash, features, json, event_time, recorded_time, txn) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6)",
        namespace_, hash, features, text, recorded_, transaction_);
    return connection_.last_row();
}

std::vector<Written> SqlSession::add_encoded(std::span<const EncodedInteraction> rows) {
    static const BulkInsert& sql = kept(BulkInsert{insert_interactions(1), insert_interactions(rows_a_statement)});
    std::vector<Written> outcomes;
    outcomes.reserve(rows.size());
    in_pieces(connection_, sql, rows, [&](Statement& insert, std::span<const EncodedInteraction> piece) {
        insert.bind_borrowed(1, namespace_);
        insert.bind(2, recorded_);
        insert.bind(3, transaction_);
        int position = 3;
        for (const EncodedInteraction& row : piece) {
            insert.bind_borrowed(++position, row.endpoint);
            insert.bind_borrowed(++position, row.id);
            insert.bind_borrowed(++position, row.role);
            insert.bind(++position, row.version);
            insert.bind(++position, row.latency_ns);
            insert.bind(++position, event_time(row.time));
            insert.bind(++position, row.schema);
            ++position;
            row.entity ? insert.bind_borrowed(position, *row.entity) : insert.bind(position, nullptr);
            insert.bind_borrowed(++position, row.data);
        }
        insert.run();
        add_outcomes(piece, outcomes);
        for (std::size_t i = 0; i < piece.size(); ++i) fail_point("store.interactions.after_insert");
    });
    note_added(rows, outcomes);
    return outcomes;
}

void SqlSession::add_outcomes(std::span<const EncodedInteraction> rows, std::vector<Written>& outcomes) const {
    const std::int64_t added = connection_.changes();
    if (added == static_cast<std::int64_t>(rows.size())) {
        outcomes.insert(outcomes.end(), rows.size(), Written::added);
        return;
    }
    // What one statement adds has the newest numbers, one after another; a key that it was given twice, the first time.
    const std::int64_t first = connection_.last_row() - added + 1;
    std::set<std::int64_t> seen;
    for (const EncodedInteraction& row : rows) {
        bool is_new = false;
        if (added > 0) {
            auto stored = connection_.query(
                "SELECT seq FROM interactions WHERE namespace = ?1 AND id = ?2 AND endpoint = ?3 AND role = ?4",
                namespace_, row.id, row.endpoint, row.role);
            is_new = stored.step() && stored.integer(0) >= first && seen.insert(stored.integer(0)).second;
        }
        outcomes.push_back(is_new ? Written::added : clashes(row) ? Written::clash : Written::known);
    }
}

void SqlSession::pass_over(std::int64_t rows) { connection_.run("UPDATE counter SET lost_seq = lost_seq + ?1", rows); }

void SqlSession::note_added(std::span<const EncodedInteraction> rows, std::span<const Written> outcomes) {
    struct Added {
        std::int64_t rows = 0, bytes = 0;
    };
    // Requests of several endpoints alternate in a group: one statement each for all of its rows.
    std::map<std::string_view, Added> added;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (outcomes[i] != Written::added) continue;
        Added& of = added[rows[i].endpoint];
        ++of.rows;
        of.bytes += static_cast<std::int64_t>(rows[i].data.size());
    }
    for (const auto& [endpoint, of] : added) add_to_extent(endpoint, of.rows, of.bytes);
}

std::int64_t SqlSession::add_interactions(const InteractionBatch& batch) {
    const auto outcomes = add_each(batch);
    return std::count(outcomes.begin(), outcomes.end(), Written::added);
}

std::vector<Written> SqlSession::add_each(const InteractionBatch& batch) {
    check_batch(batch);
    const std::int64_t schema = schema_number(batch.values.schema(), batch.feature_columns, batch.arithmetic);
    Pieces data;
    for (std::size_t i = 0; i < batch.ids.size(); ++i) {
        encode_row(batch.values, static_cast<std::int64_t>(i), data.bytes);
        data.end();
    }
    std::vector<EncodedInteraction> rows;
    for (std::size_t i = 0; i < batch.ids.size(); ++i) {
        rows.push_back({batch.endpoint,
                        batch.role,
                        batch.ids[i],
                        {},
                        batch.version,
                        batch.latency_ns,
                        schema,
                        batch.times[i],
                        data[i]});
        if (!batch.entities.empty() && !batch.entities[i].empty()) rows.back().entity = batch.entities[i];
    }
    auto outcomes = add_encoded(rows);
    const auto clash = std::find(outcomes.begin(), outcomes.end(), Written::clash);
    if (clash == outcomes.end()) return outcomes;
    throw Conflict("endpoint \"" + batch.endpoint + "\": interaction \"" +
                   batch.ids[static_cast<std::size_t>(clash - outcomes.begin())] +
                   "\" is logged with other features; the same features, or another id, wanted");
}

bool SqlSession::clashes(const EncodedInteraction& row) const {
    const auto features = [&](std::int64_t schema, std::span<const std::byte> data) {
        auto stored = connection_.query("SELECT json, features FROM schemas WHERE schema = ?1", schema);
        if (!stored.step())
            throw CorruptArtifact("stored interactions: schema " + std::to_string(schema) + " is missing");
        return Features(Schema::from_json(Json::parse(stored.text(0))), stored.integer(1), data);
    };
    auto stored = connection_.query(
        "SELECT schema, data FROM interactions WHERE namespace = ?1 AND id = ?2 AND endpoint = ?3 AND role = ?4",
        namespace_, row.id, row.endpoint, row.role);
    if (!stored.step())
        throw InternalError("interaction \"" + std::string(row.id) + "\": refused as known, and not there");
    return !(features(stored.integer(0), stored.blob(1)) == features(row.schema, row.data));
}

}  // namespace holdfast::store::detail
