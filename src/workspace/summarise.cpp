#include "workspace/summarise.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/package/package.hpp>
#include <holdfast/workspace/logged.hpp>

#include "workspace/dropped_rows.hpp"
#include "workspace/endpoint_state.hpp"

namespace holdfast {

SummaryCounts& SummaryCounts::operator+=(const SummaryCounts& other) {
    rows += other.rows;
    sampled_out += other.sampled_out;
    unprofiled += other.unprofiled;
    failures += other.failures;
    for (const auto& [label, count] : other.labels) labels[label] += count;
    for (const auto& [reason, count] : other.dropped) dropped[reason] += count;
    return *this;
}

namespace {

Json object_of(const std::map<std::string, std::int64_t>& counts) {
    Json object = Json::object({});
    for (const auto& [name, count] : counts) object[name] = count;
    return object;
}

std::map<std::string, std::int64_t> counts_of(const Json& object) {
    std::map<std::string, std::int64_t> counts;
    for (const auto& [name, count] : object.as_object()) counts[name] = count.as_int();
    return counts;
}

}  // namespace

Json SummaryCounts::to_json() const {
    return Json::object({{"dropped", object_of(dropped)},
                         {"failures", failures},
                         {"labels", object_of(labels)},
                         {"rows", rows},
                         {"sampled_out", sampled_out},
                         {"unprofiled", unprofiled}});
}

SummaryCounts SummaryCounts::from_json(const Json& json) {
    SummaryCounts counts;
    counts.rows = json.at("rows").as_int();
    counts.sampled_out = json.at("sampled_out").as_int();
    counts.failures = json.at("failures").as_int();
    counts.labels = counts_of(json.at("labels"));
    counts.dropped = counts_of(json.at("dropped"));
    if (const Json* unprofiled = json.find("unprofiled")) {
        counts.unprofiled = unprofiled->as_int();
    } else {  // written when what was dropped was no row and in no profile
        for (const auto& [reason, rows] : counts.dropped) counts.unprofiled += rows;
        counts.rows += counts.unprofiled;
    }
    return counts;
}

namespace detail {
namespace {

using Profile = stats::Profile;

// Rank error of one point 1.33 % at 99 %, of distinct counts 3.3 %; a bucket is at most 6 KiB a column.
constexpr int sketch_k = 200, distinct_bits = 10;
constexpr std::int64_t most_parts = 16;

stats::ProfileOptions options_for(const Table& table, const std::set<std::string, std::less<>>& secret) {
    stats::ProfileOptions options;
    options.sketch_k = sketch_k;
    options.distinct_bits = distinct_bits;
    for (const std::string& name : table.names()) {
        if (secret.contains(name)) options.private_columns.insert(name);
    }
    return options;
}

Profile profile_of(const Table& table, const std::set<std::string, std::less<>>& secret) {
    return Profile::of(table, options_for(table, secret));
}

/// The three profiles one after another, each behind its length.
std::vector<std::byte> encode(const Summary& summary) {
    std::vector<std::byte> out;
    for (const Profile* profile : {&summary.features, &summary.outputs, &summary.left_out}) {
        const auto bytes = profile->encode();
        const auto size = static_cast<std::uint32_t>(bytes.size());
        const auto* from = reinterpret_cast<const std::byte*>(&size);
        out.insert(out.end(), from, from + sizeof size);
        out.insert(out.end(), bytes.begin(), bytes.end());
    }
    return out;
}

Summary decode(const store::SummaryRow& part) {
    Summary summary;
    summary.counts = SummaryCounts::from_json(part.counts);
    auto rest = std::span<const std::byte>(part.data);
    const std::string name = "summary of endpoint \"" + part.endpoint + "\" at " + format_time(part.bucket);
    for (Profile* profile : {&summary.features, &summary.outputs, &summary.left_out}) {
        if (rest.empty()) break;
        std::uint32_t size = 0;
        if (rest.size() >= sizeof size) std::memcpy(&size, rest.data(), sizeof size);
        if (rest.size() < sizeof size || rest.size() - sizeof size < size)
            throw CorruptArtifact(name + ": " + std::to_string(rest.size()) + " bytes left, " + std::to_string(size) +
                                  " wanted");
        *profile = Profile::decode(rest.subspan(sizeof size, size), name);
        rest = rest.subspan(sizeof size + size);
    }
    return summary;
}

/// Nothing but which values were there: what a private profile looks at.
Column presence(ColumnType type, const std::vector<bool>& present) {
    const std::size_t rows = present.size();
    switch (type) {
        case ColumnType::string:
        case ColumnType::categorical: return Column::strings(std::vector<std::string>(rows), present);
        case ColumnType::timestamp: return Column::timestamps(std::vector<std::int64_t>(rows), present);
        case ColumnType::boolean: return Column::booleans(std::vector<bool>(rows), present);
        default: return Column::of(std::vector<double>(rows), present);
    }
}

using Blobs = std::span<const std::span<const std::byte>>;

Table left_out_of(const RowPlan& plan, Blobs rows) {
    Table table;
    for (std::size_t bit = 0; bit < plan.left_out().size(); ++bit) {
        std::vector<bool> present;
        for (const auto row : rows) {
            const std::byte* bits = row.data() + row.size();  // behind the BLOB; see RowPlan::encode
            present.push_back((bits[bit / 8] >> (bit % 8) & std::byte{1}) != std::byte{0});
        }
        table.add(plan.left_out()[bit].name, presence(plan.left_out()[bit].type, present));
    }
    return table;
}

std::map<std::string, std::int64_t> label_counts(const Column& labels) {
    std::map<std::string, std::int64_t> counts;
    for (std::int64_t row = 0; row < labels.size(); ++row) ++counts[labels.value_text(row)];
    return counts;
}

/// `label`: the column of a classifier's predicted label, or -1.
Summary summary_of(const Table& values, std::int64_t feature_columns, std::int64_t label,
                   const std::set<std::string, std::less<>>& secret) {
    Summary summary;
    const auto names = std::span(values.names());
    const auto features = static_cast<std::size_t>(feature_columns);
    summary.features = profile_of(values.select(names.first(features)), secret);
    summary.outputs = profile_of(values.select(names.subspan(features)), secret);
    if (label >= 0) summary.counts.labels = label_counts(values.column(label));
    return summary;
}

/// One part in the place of all, where they are many and of one kind.
void merge_parts(store::Session& session, const store::SummaryRow& of) {
    if (session.count_summary_parts(of) < most_parts) return;
    store::SummaryRow merged = of;
    Summary all;
    for (const store::SummaryRow& part : session.summary_parts(of)) {
        merged.first_transaction = std::min(merged.first_transaction, part.first_transaction);
        add_to(all, decode(part));
    }
    merged.counts = all.counts.to_json();
    merged.data = of.schema == 0 ? std::vector<std::byte>() : encode(all);
    session.merge_summaries(merged);
}

/// How rows of an endpoint are read back: which columns are secret, and which is the predicted label.
class Reading {
  public:
    Reading(const store::Session& session, std::string endpoint)
        : session_(session),
          endpoint_(std::move(endpoint)),
          logging_(LoggingOptions::from_json(session.logging(endpoint_))),
          secret_(logging_.hashed.begin(), logging_.hashed.end()) {
        if (!logging_.entity.empty()) secret_.insert(logging_.entity);
    }

    [[nodiscard]] const LoggingOptions& logging() const noexcept { return logging_; }
    [[nodiscard]] const std::set<std::string, std::less<>>& secret() const noexcept { return secret_; }

    /// The column of a classifier's predicted label; -1 where there is none, or it is secret.
    [[nodiscard]] std::int64_t label(const std::vector<std::string>& names, std::int64_t features,
                                     std::int64_t version) {
        const Signature& signature = signature_of(version);
        if (signature.task != Task::classification || secret_.contains(signature.prediction)) return -1;
        const auto outputs = names.begin() + features;
        for (const std::string& name : {"output." + signature.prediction, signature.prediction}) {
            if (const auto found = std::find(outputs, names.end(), name); found != names.end())
                return found - names.begin();
        }
        return -1;
    }
    const Signature& signature_of(std::int64_t version) {
        const auto [found, fresh] = signatures_.try_emplace(version);
        if (fresh) found->second = detail::signature_of(session_, endpoint_, version).value_or(Signature());
        return found->second;
    }

  private:
    const store::Session& session_;
    const std::string endpoint_;
    const LoggingOptions logging_;
    std::set<std::string, std::less<>> secret_;
    std::map<std::int64_t, Signature> signatures_;
};

}  // namespace

void add_to(Summary& all, const Summary& more) {
    all.counts += more.counts;
    all.features += more.features;
    all.outputs += more.outputs;
    all.left_out += more.left_out;
}

Summary summary_of(const RowPlan& plan, Blobs rows) {
    Summary summary = summary_of(store::decode_rows(plan.schema(), rows), plan.features(), plan.label(), plan.secret());
    const Table left_out = left_out_of(plan, rows);
    summary.left_out = profile_of(left_out, {left_out.names().begin(), left_out.names().end()});
    return summary;
}

GroupSummaries::Part& GroupSummaries::part(const Key& key) {
    if (last_ == nullptr || last_->first != key) last_ = &*parts_.try_emplace(key).first;
    return last_->second;
}

void GroupSummaries::add(const LogGroup& group, const LogGroup::Request& request, std::int64_t schema,
                         const LogGroup::Row& row) {
    const Time bucket = bucket_of(row.time, request.options->bucket);
    Part& to = part({request.stream->endpoint, "live", to_micros(bucket), request.version, schema});
    to.plan = request.plan.get();
    to.rows.push_back(group.data(row.data));
    ++to.counts.rows;
    to.counts.sampled_out += row.sampled_out ? 1 : 0;
}

void GroupSummaries::add(const LogGroup::Failure& failure) {
    const Time bucket = bucket_of(failure.row.stamp.event_time, failure.options->bucket);
    ++part({failure.stream->endpoint, "live", to_micros(bucket), failure.row.version, 0}).counts.failures;
}

void GroupSummaries::add(store::Session& session, const DroppedPart& dropped) {
    const RowPlan* plan = dropped.plan.get();
    const std::int64_t schema =
        plan == nullptr ? 0 : session.schema_number(plan->schema(), plan->features(), plan->arithmetic());
    add_to(part({dropped.stream->endpoint, "live", to_micros(dropped.bucket), dropped.version, schema}).more,
           dropped.summary);
}

void GroupSummaries::add(store::Session& session, const store::InteractionBatch& batch,
                         std::span<const store::Written> became) {
    Reading reading(session, batch.endpoint);
    std::map<Time, std::vector<std::int64_t>> buckets;
    for (std::size_t row = 0; row < became.size(); ++row) {
        if (became[row] == store::Written::added)
            buckets[bucket_of(batch.times[row], reading.logging().bucket)].push_back(static_cast<std::int64_t>(row));
    }
    const std::int64_t schema = session.schema_number(batch.values.schema(), batch.feature_columns, batch.arithmetic);
    const std::int64_t label = reading.label(batch.values.names(), batch.feature_columns, batch.version);
    for (const auto& [bucket, rows] : buckets) {
        Summary summary = summary_of(batch.values.take(rows), batch.feature_columns, label, reading.secret());
        summary.counts.rows = static_cast<std::int64_t>(rows.size());
        add_to(part({batch.endpoint, batch.role, to_micros(bucket), batch.version, schema}).more, summary);
    }
}

void GroupSummaries::write(store::Session& session) {
    for (auto& [key, part] : parts_) {
        store::SummaryRow row;
        row.endpoint = key.endpoint;
        row.role = key.role;
        row.bucket = from_micros(key.bucket);
        row.version = key.version;
        row.schema = key.schema;
        row.first_transaction = session.transaction();
        Summary summary = std::move(part.more);
        summary.counts += part.counts;
        if (part.plan != nullptr) add_to(summary, summary_of(*part.plan, part.rows));
        if (key.schema != 0) row.data = encode(summary);
        row.counts = summary.counts.to_json();
        session.add_summary(row);
        merge_parts(session, row);
    }
}

namespace {

/// Reads what buckets do not answer: rows.
class Edges {
  public:
    Edges(const store::Session& session, const std::string& endpoint, std::optional<std::int64_t> version)
        : session_(session), reading_(session, endpoint) {
        query_.endpoint = endpoint;
        query_.version = version;
    }

    [[nodiscard]] Duration bucket() const noexcept { return reading_.logging().bucket; }

    void add(Time after, Time until, std::optional<std::int64_t> up_to, Summary& all) {
        query_.after = after;
        query_.until = until;
        query_.up_to = up_to;
        const store::InteractionTable table = session_.interactions(query_);
        Summary rows;
        rows.counts.rows = table.rows.rows();
        if (!up_to) {
            for (const auto& failure : session_.failures(query_.endpoint, after, until))
                rows.counts.failures += !query_.version || failure.version == *query_.version ? 1 : 0;
        }
        if (rows.counts.rows > 0) {
            const auto& secret = reading_.secret();
            rows.features = profile_of(own_features(table), secret);
            rows.outputs = profile_of(own_outputs(table), secret);
            count_labels(table, secret, rows.counts);
        }
        add_to(all, rows);
    }

  private:
    void count_labels(const store::InteractionTable& table, const std::set<std::string, std::less<>>& secret,
                      SummaryCounts& counts) {
        const auto versions = table.rows.column("version").values<std::int64_t>();
        for (std::size_t row = 0; row < versions.size(); ++row) {
            const auto& signature = reading_.signature_of(versions[row]);
            if (signature.task != Task::classification || secret.contains(signature.prediction)) continue;
            const Column* label = label_column(table, signature.prediction);
            if (label != nullptr) ++counts.labels[label->value_text(static_cast<std::int64_t>(row))];
        }
    }

    static const Column* label_column(const store::InteractionTable& table, const std::string& prediction) {
        try {
            return &logged_output(table, prediction);
        } catch (const NotFound&) {
            return nullptr;  // left out
        }
    }

    const store::Session& session_;
    Reading reading_;
    store::InteractionQuery query_;
};

}  // namespace

Summary summarise(const store::Session& session, const std::string& endpoint, Time after, Time until,
                  std::optional<std::int64_t> version) {
    Edges edges(session, endpoint, version);
    const Duration width = edges.bucket();
    const store::LogExtent extent = session.log_extent(endpoint);
    // All rows of an event time after this are there; of others, buckets alone know.
    const Time gone = extent.events_until.value_or(Time::min());
    // Whole buckets are (begin, begin + width]; a bucket that begins at `after` is one.
    Time from = bucket_of(after, width) + width;
    const Time to = bucket_of(until + Duration(1), width);
    if (extent.unsummarised_until) from = std::max(from, bucket_of(*extent.unsummarised_until, width) + width);
    Summary all;
    try {
        const auto first = session.first_summarised(endpoint, "live");
        if (!first || from >= to) {
            all.after = std::min(until, std::max(after, gone));
            all.until = until;
            edges.add(all.after, until, {}, all);
            return all;
        }
        all.after = gone > after ? std::min(gone, from) : after;
        all.until = gone > to ? to : until;
        edges.add(all.after, from, {}, all);
        for (const store::SummaryRow& part : session.summaries({endpoint, "live", from, to, version}))
            add_to(all, decode(part));
        edges.add(from, to, *first - 1, all);
        edges.add(to, all.until, {}, all);
    } catch (const InvalidArgument& error) {
        throw Conflict(
            "endpoint \"" + endpoint + "\": summaries from " + format_time(after) + " to " + format_time(until) +
            " do not add up; its columns changed, so ask for one version or for rows (" + error.what() + ")");
    }
    return all;
}

namespace {

/// The erased rows of one bucket, by version and schema.
using Erased = std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::span<const std::byte>>>;

std::vector<std::string> names_of(const Schema& schema) {
    std::vector<std::string> names;
    for (const Field& field : schema.fields()) names.push_back(field.name);
    return names;
}

/// One part in the place of `parts`, which are of one kind: without the erased rows, and with a profile of the rows
/// that are stored alone.
store::SummaryRow without(const store::Session& session, Reading& reading, std::span<const store::SummaryRow> parts,
                          Blobs erased) {
    store::SummaryRow merged = parts.front();
    SummaryCounts counts;
    for (const auto& part : parts) {
        merged.first_transaction = std::min(merged.first_transaction, part.first_transaction);
        counts += SummaryCounts::from_json(part.counts);
    }
    const store::StoredSchema schema = session.stored_schema(merged.schema);
    const std::int64_t label = reading.label(names_of(schema.schema), schema.features, merged.version);
    if (label >= 0 && !erased.empty()) {
        for (const auto& [text, rows] : label_counts(store::decode_rows(schema.schema, erased).column(label))) {
            const auto known = counts.labels.find(text);
            if (known != counts.labels.end() && (known->second -= rows) <= 0) counts.labels.erase(known);
        }
    }
    const auto stored = session.stored_rows(merged, merged.bucket, merged.bucket + reading.logging().bucket);
    const auto left = static_cast<std::int64_t>(stored.size());
    counts.rows = std::max(left, counts.rows - static_cast<std::int64_t>(erased.size()));
    counts.unprofiled = counts.rows - left;
    Summary summary;
    if (left > 0) {
        const std::vector<std::span<const std::byte>> rows(stored.begin(), stored.end());
        summary = summary_of(store::decode_rows(schema.schema, rows), schema.features, -1, reading.secret());
    }
    merged.counts = counts.to_json();
    merged.data = encode(summary);
    return merged;
}

void forget_in_bucket(store::Session& session, Reading& reading, const store::SummaryQuery& bucket, Erased& erased) {
    std::map<std::pair<std::int64_t, std::int64_t>, std::vector<store::SummaryRow>> kinds;
    for (auto& part : session.summaries(bucket)) {
        if (part.schema != 0) kinds[{part.version, part.schema}].push_back(std::move(part));
    }
    for (const auto& [kind, parts] : kinds) session.merge_summaries(without(session, reading, parts, erased[kind]));
}

}  // namespace

void forget_in_summaries(store::Session& session, std::span<const store::EntityRow> erased) {
    std::map<std::pair<std::string, std::string>, std::map<Time, Erased>> buckets;
    std::map<std::string, Reading, std::less<>> readings;
    std::map<std::pair<std::string, std::string>, std::optional<std::int64_t>> summarised_from;
    for (const store::EntityRow& row : erased) {
        const auto reading = readings.try_emplace(row.endpoint, session, row.endpoint).first;
        const Time bucket = bucket_of(row.time, reading->second.logging().bucket);
        Erased& rows = buckets[{row.endpoint, row.role}][bucket];
        const auto [slot, fresh] = summarised_from.try_emplace({row.endpoint, row.role});
        if (fresh) slot->second = session.first_summarised(row.endpoint, row.role);
        const auto& first = slot->second;
        if (first && row.transaction >= *first) rows[{row.version, row.schema}].emplace_back(row.data);
    }
    for (auto& [slot, of] : buckets) {
        for (auto& [bucket, rows] : of) {
            forget_in_bucket(session, readings.at(slot.first),
                             {slot.first, slot.second, bucket, bucket + Duration(1), {}}, rows);
        }
    }
}

}  // namespace detail
}  // namespace holdfast
