// Writing interactions and labels.
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

Table features_of(const Table& values, std::int64_t count) {
    const auto& names = values.names();
    return values.select(std::span(names).first(static_cast<std::size_t>(count)));
}

/// Types that differ only in how text is kept hold the same features.
ColumnType kind_of(ColumnType type) noexcept { return type == ColumnType::categorical ? ColumnType::string : type; }

bool same_columns(const Table& a, const Table& b) {
    if (a.names() != b.names()) return false;
    for (std::int64_t i = 0; i < a.width(); ++i) {
        if (kind_of(a.column(i).type()) != kind_of(b.column(i).type())) return false;
    }
    return true;
}

}  // namespace

std::int64_t SqlSession::schema_number(const Schema& schema, std::int64_t features) {
    const Digest hash = schema.hash();
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
        namespace_, hash, features, schema.to_json().canonical(), recorded_, transaction_);
    return connection_.last_row();
}

std::int64_t SqlSession::add_interactions(const InteractionBatch& batch) {
    check_batch(batch);
    const std::int64_t schema = schema_number(batch.values.schema(), batch.feature_columns);
    const Table features = features_of(batch.values, batch.feature_columns);
    auto insert = connection_.prepare(
        "INSERT INTO interactions (namespace, endpoint, id, role, version, latency_ns, event_time, recorded_time, txn, "
        "schema, data, entity) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, nullif(?12, '')) "
        "ON CONFLICT (namespace, id, endpoint, role) DO NOTHING RETURNING seq");
    std::int64_t written = 0;
    std::vector<std::byte> blob;
    for (std::size_t i = 0; i < batch.ids.size(); ++i) {
        const auto row = static_cast<std::int64_t>(i);
        blob.clear();
        encode_row(batch.values, row, blob);
        insert.rebind(namespace_, batch.endpoint, batch.ids[i], batch.role, batch.version, batch.latency_ns,
                      event_time(batch.times[i]), recorded_, transaction_, schema, blob,
                      batch.entities.empty() ? std::string_view{} : std::string_view(batch.entities[i]));
        bool inserted = false;
        while (insert.step()) inserted = true;
        if (inserted) {
            ++written;
        } else {
            refuse_other_features(batch, row, features);
        }
        fail_point("store.interactions.after_insert");
    }
    return written;
}

void SqlSession::refuse_other_features(const InteractionBatch& batch, std::int64_t row, const Table& features) const {
    const std::string& id = batch.ids[static_cast<std::size_t>(row)];
    auto stored = connection_.query(
        "SELECT s.json, s.features, i.data FROM interactions i JOIN schemas s USING (schema) "
        "WHERE i.namespace = ?1 AND i.id = ?2 AND i.endpoint = ?3 AND i.role = ?4",
        namespace_, id, batch.endpoint, batch.role);
    if (!stored.step()) throw InternalError("interaction \"" + id + "\": refused as known, and not there");
    const std::span<const std::byte> blob = stored.blob(2);
    const Table before =
        features_of(decode_rows(Schema::from_json(Json::parse(stored.text(0))), {&blob, 1}), stored.integer(1));
    if (same_columns(before, features)) {
        std::vector<std::byte> old_bytes, new_bytes;
        encode_row(before, 0, old_bytes);
        encode_row(features, row, new_bytes);
        if (old_bytes == new_bytes) return;
    }
    throw Conflict("endpoint \"" + batch.endpoint + "\": interaction \"" + id +
                   "\" is logged with other features; the same features, or another id, wanted");
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
