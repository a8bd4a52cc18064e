// Writing interactions and labels.
#include <algorithm>
#include <cmath>

#include <holdfast/base/error.hpp>
#include <holdfast/base/fail_point.hpp>

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
    auto insert = connection_.prepare(
        "INSERT INTO interactions (namespace, endpoint, id, role, version, latency_ns, event_time, recorded_time, txn, "
        "schema, entity, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) "
        "ON CONFLICT (namespace, id, endpoint, role) DO NOTHING");
    insert.bind_borrowed(1, namespace_);
    insert.bind(8, recorded_);
    insert.bind(9, transaction_);
    std::vector<Written> outcomes;
    outcomes.reserve(rows.size());
    for (const EncodedInteraction& row : rows) {
        insert.bind_borrowed(2, row.endpoint);
        insert.bind_borrowed(3, row.id);
        insert.bind_borrowed(4, row.role);
        insert.bind(5, row.version);
        insert.bind(6, row.latency_ns);
        insert.bind(7, event_time(row.time));
        insert.bind(10, row.schema);
        row.entity ? insert.bind_borrowed(11, *row.entity) : insert.bind(11, nullptr);
        insert.bind_borrowed(12, row.data);
        insert.run();
        const bool added = connection_.changes() > 0;
        outcomes.push_back(added ? Written::added : clashes(row) ? Written::clash : Written::known);
        fail_point("store.interactions.after_insert");
    }
    note_added(rows, outcomes);
    return outcomes;
}

void SqlSession::note_added(std::span<const EncodedInteraction> rows, std::span<const Written> outcomes) {
    std::int64_t added = 0, bytes = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (outcomes[i] == Written::added) {
            ++added;
            bytes += static_cast<std::int64_t>(rows[i].data.size());
        }
        if (i + 1 < rows.size() && rows[i + 1].endpoint == rows[i].endpoint) continue;
        if (added > 0) add_to_extent(rows[i].endpoint, added, bytes);
        added = bytes = 0;
    }
}

std::int64_t SqlSession::add_interactions(const InteractionBatch& batch) {
    const auto outcomes = add_each(batch);
    return std::count(outcomes.begin(), outcomes.end(), Written::added);
}

std::vector<Written> SqlSession::add_each(const InteractionBatch& batch) {
    check_batch(batch);
    const std::int64_t schema = schema_number(batch.values.schema(), batch.feature_columns, batch.arithmetic);
    std::vector<std::byte> bytes;
    std::vector<std::size_t> ends;
    for (std::size_t i = 0; i < batch.ids.size(); ++i) {
        encode_row(batch.values, static_cast<std::int64_t>(i), bytes);
        ends.push_back(bytes.size());
    }
    std::vector<EncodedInteraction> rows;
    for (std::size_t i = 0; i < batch.ids.size(); ++i) {
        const std::size_t begin = i == 0 ? 0 : ends[i - 1];
        rows.push_back({batch.endpoint,
                        batch.role,
                        batch.ids[i],
                        {},
                        batch.version,
                        batch.latency_ns,
                        schema,
                        batch.times[i],
                        std::span(bytes).subspan(begin, ends[i] - begin)});
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

void SqlSession::add_label(const LabelRow& row) {
    if (const auto* number = std::get_if<double>(&row.value); number != nullptr && std::isnan(*number)) {
        throw InvalidArgument("label of \"" + row.id + "\": NaN given, a value wanted");
    }
    // What the newest label says already is not said twice, so that a caller who was cut off may repeat himself.
    auto insert = connection_.prepare(
        "INSERT INTO labels (namespace, id, endpoint, value, event_time, recorded_time, txn) "
        "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (SELECT 1 FROM "
        "(SELECT endpoint, value, event_time FROM labels WHERE namespace = ?1 AND id = ?2 "
        "AND (?3 = '' OR endpoint IN ('', ?3)) ORDER BY txn DESC, seq DESC LIMIT 1) newest WHERE newest.endpoint = ?3 "
        "AND typeof(newest.value) = typeof(?4) AND newest.value = ?4 AND newest.event_time = ?5)");
    std::visit(
        [&](const auto& value) {
            insert.rebind(namespace_, row.id, row.endpoint, value, event_time(row.stamp.event_time), recorded_,
                          transaction_);
        },
        row.value);
    while (insert.step()) {
    }
    fail_point("store.label.after_insert");
}

}  // namespace holdfast::store::detail
