#include "workspace/label_sums.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include <holdfast/base/error.hpp>
#include <holdfast/package/package.hpp>
#include <holdfast/workspace/logged.hpp>
#include <holdfast/workspace/logging.hpp>

#include "workspace/endpoint_state.hpp"
#include "workspace/log_group.hpp"

namespace holdfast::detail {
namespace {

using Changes = std::span<const store::LabelChange* const>;

// A transaction of so many takes a few tens of milliseconds.
constexpr std::int64_t rows_a_step = 5000;

void widen(std::optional<Time>& first, std::optional<Time>& last, Time from, Time to) {
    first = first ? std::min(*first, from) : from;
    last = last ? std::max(*last, to) : to;
}

Column label_column(Changes changes) {
    const auto values = [&]<class T>(std::vector<T> all) {
        for (const auto* change : changes) all.push_back(std::get<T>(change->label));
        return all;
    };
    switch (changes.front()->label.index()) {
        case 0: return Column::of(values(std::vector<std::int64_t>()));
        case 1: return Column::of(values(std::vector<double>()));
        default: return Column::strings(values(std::vector<std::string>()));
    }
}

/// Outputs and labels as a query shows them.
store::InteractionTable table_of(const store::StoredSchema& schema, Changes changes) {
    std::vector<std::span<const std::byte>> rows;
    for (const auto* change : changes) rows.emplace_back(change->data);
    const Table values = store::decode_rows(schema.schema, rows);
    store::InteractionTable table;
    for (std::int64_t i = schema.features; i < values.width(); ++i) {
        const std::string& name = values.names()[static_cast<std::size_t>(i)];
        table.outputs.push_back(name == "label" ? "output.label" : name);
        table.rows.add(table.outputs.back(), values.column(i));
    }
    table.rows.add("label", label_column(changes));
    return table;
}

std::string class_text(const Signature& signature, double value) {
    return size(signature.classes) > 0 ? label_text(signature.classes, static_cast<std::int64_t>(value))
                                       : Json(value).canonical();
}

/// The judged rows of one bucket, side by side.
struct Judgement {
    std::vector<double> truth, prediction, probability;

    void add(const Judged& judged, std::size_t row) {
        truth.push_back(judged.truth[row]);
        prediction.push_back(judged.prediction[row]);
        const auto classes = static_cast<std::size_t>(judged.classes);
        for (std::size_t i = 0; i < classes; ++i) probability.push_back(judged.probability[row * classes + i]);
    }
};

void count_right_and_wrong(LabelSums& sums, const Signature& signature, const Judgement& rows, std::int64_t one) {
    if (signature.task != Task::classification) return;
    for (std::size_t row = 0; row < rows.truth.size(); ++row) {
        if (std::isnan(rows.truth[row]) || std::isnan(rows.prediction[row])) continue;
        const std::pair key(class_text(signature, rows.truth[row]), class_text(signature, rows.prediction[row]));
        if ((sums.confusion[key] += one) == 0) sums.confusion.erase(key);
    }
}

}  // namespace

LabelSums& LabelSums::operator+=(const LabelSums& other) {
    if (other.first) widen(first, last, *other.first, *other.last);
    labelled += other.labelled;
    unjudged += other.unjudged;
    for (const auto& [labels, count] : other.confusion) {
        if ((confusion[labels] += count) == 0) confusion.erase(labels);
    }
    scores += other.scores;
    return *this;
}

Json LabelSums::to_json() const {
    Json counts = Json::array();
    for (const auto& [labels, count] : confusion) {
        Json entry = Json::array();
        entry.push_back(labels.first);
        entry.push_back(labels.second);
        entry.push_back(count);
        counts.push_back(std::move(entry));
    }
    Json json = Json::object({{"confusion", std::move(counts)},
                              {"labelled", labelled},
                              {"scores", scores.to_json()},
                              {"unjudged", unjudged}});
    if (first) {
        json["first"] = to_micros(*first);
        json["last"] = to_micros(*last);
    }
    return json;
}

LabelSums LabelSums::from_json(const Json& json) {
    LabelSums sums;
    for (const Json& entry : json.at("confusion").as_array()) {
        const auto& parts = entry.as_array();
        if (parts.size() != 3) throw CorruptArtifact("sums of labels: a count of two labels wanted");
        sums.confusion[{parts[0].as_string(), parts[1].as_string()}] = parts[2].as_int();
    }
    sums.labelled = json.at("labelled").as_int();
    sums.unjudged = json.at("unjudged").as_int();
    sums.scores = stats::ScoreSums::from_json(json.at("scores"));
    if (const Json* first = json.find("first")) {
        sums.first = from_micros(first->as_int());
        sums.last = from_micros(json.at("last").as_int());
    }
    return sums;
}

Duration LabelTally::bucket_width(const std::string& endpoint) {
    const auto [found, fresh] = widths_.try_emplace(endpoint);
    if (fresh) found->second = LoggingOptions::from_json(session_.logging(endpoint)).bucket;
    return found->second;
}

const Signature* LabelTally::signature_of(const std::string& endpoint, std::int64_t version) {
    const auto [found, fresh] = signatures_.try_emplace({endpoint, version});
    if (fresh) found->second = detail::signature_of(session_, endpoint, version);
    return found->second ? &*found->second : nullptr;
}

void LabelTally::add(std::span<const store::LabelChange> changes, bool added) {
    std::vector<const store::LabelChange*> order;
    for (const auto& change : changes) order.push_back(&change);
    const auto kind = [](const store::LabelChange* change) {
        return std::tie(change->endpoint, change->role, change->version, change->schema);
    };
    const auto before = [&](const store::LabelChange* a, const store::LabelChange* b) {
        return std::pair(kind(a), a->label.index()) < std::pair(kind(b), b->label.index());
    };
    std::stable_sort(order.begin(), order.end(), before);
    for (auto from = order.begin(); from != order.end();) {
        const auto to = std::upper_bound(from, order.end(), *from, before);
        add_alike(std::span(from, to), added);
        from = to;
    }
}

void LabelTally::add_alike(Changes changes, bool added) {
    const store::LabelChange& one = *changes.front();
    const Duration width = bucket_width(one.endpoint);
    const Signature* signature = signature_of(one.endpoint, one.version);
    std::optional<Judged> judged;
    if (signature != nullptr) {
        const auto [schema, fresh] = schemas_.try_emplace(one.schema);
        if (fresh) schema->second = session_.stored_schema(one.schema);
        try {
            judged = judge_logged(*signature, table_of(schema->second, changes));
        } catch (const InvalidArgument&) {  // text where numbers are predicted
        } catch (const NotFound&) {         // the prediction is left out
        }
    }
    std::map<std::pair<Time, bool>, Judgement> rows;
    for (std::size_t row = 0; row < changes.size(); ++row) {
        const Time recorded = changes[row]->recorded, bucket = bucket_of(recorded, width);
        const bool plus = changes[row]->added == added;
        LabelSums& sums = sums_[{one.endpoint, one.role, bucket, one.version}];
        sums.labelled += plus ? 1 : -1;
        if (plus) widen(sums.first, sums.last, recorded, recorded);
        if (judged) {
            rows[{bucket, plus}].add(*judged, row);
        } else {
            sums.unjudged += plus ? 1 : -1;
        }
    }
    for (const auto& [where, of] : rows) {
        LabelSums& sums = sums_[{one.endpoint, one.role, where.first, one.version}];
        const stats::ScoredRows scored{of.truth, of.prediction, of.probability, judged->classes};
        where.second ? sums.scores.add(scored) : sums.scores.remove(scored);
        count_right_and_wrong(sums, *signature, of, where.second ? 1 : -1);
    }
}

void store_label_sums(store::Session& session, LabelTally& tally) {
    for (auto& [key, more] : tally.sums()) {
        store::LabelSumRow row{key.endpoint, key.role, key.bucket, key.version, {}, {}};
        LabelSums sums;
        for (const auto& known :
             session.label_sums({key.endpoint, key.role, key.bucket, key.bucket + Duration(1), key.version}))
            sums = LabelSums::from_json(known.sums);
        sums += more;
        row.sums = sums.to_json();
        session.put_label_sums(row);
    }
}

bool sum_labels(store::Session& session, std::int64_t most) {
    store::LabelProgress progress = session.labels_summed();
    if (progress == session.newest_rows()) return false;
    LabelTally tally(session);
    tally.add(session.label_changes(progress, most));
    store_label_sums(session, tally);
    session.put_labels_summed(progress);
    return progress != session.newest_rows();
}

void sum_all_labels(store::Store& store, std::int64_t enough) {
    const auto behind = [&] {
        std::int64_t rows = 0;
        store.read([&](const store::Session& session) {
            const auto newest = session.newest_rows(), known = session.labels_summed();
            rows = newest.labels - known.labels + newest.interactions - known.interactions;
        });
        return rows;
    };
    if (behind() <= enough) return;
    for (bool more = true; more;)
        store.write([&](store::Session& session) { more = sum_labels(session, rows_a_step); });
}

namespace {

/// Collects the buckets of one window.
class Window {
  public:
    Window(const store::Session& session, LabelTally& tally, std::string endpoint, std::optional<std::int64_t> version,
           const Signature* as)
        : session_(session), tally_(tally), endpoint_(std::move(endpoint)), version_(version), as_(as) {}

    using Bucket = std::map<std::int64_t, LabelSums>;  // by version

    void take(const Bucket& bucket) {
        for (const auto& [version, sums] : bucket) take(version, sums);
    }
    /// Of a bucket that reaches beyond the window, what lies in it: (after, until]. False where rows are gone.
    [[nodiscard]] bool take_part(const Bucket& bucket, Time after, Time until) {
        const bool inside = std::all_of(bucket.begin(), bucket.end(), [&](const auto& entry) {
            return !entry.second.first || (*entry.second.first > after && *entry.second.last <= until);
        });
        if (inside) {
            take(bucket);
            return true;
        }
        const auto gone = session_.log_extent(endpoint_).labels_until;
        if (gone && *gone > after) return false;
        LabelTally rows(session_);
        rows.add(session_.labels_recorded({endpoint_, "live", {}, 0, {}, {}}, after, until));
        for (const auto& [key, sums] : rows.sums()) {
            if (!version_ || key.version == *version_) take(key.version, sums);
        }
        return true;
    }
    [[nodiscard]] LabelWindow taken() {
        LabelSummary& summary = window_.summary;
        summary.labelled = total_.labelled;
        summary.unjudged = total_.unjudged;
        summary.confusion = total_.confusion;
        summary.scores = total_.scores;
        for (const auto& [labels, count] : total_.confusion) summary.labels[labels.first] += count;
        return window_;
    }

  private:
    void take(std::int64_t version, const LabelSums& sums) {
        total_ += sums;
        if (sums.labelled == 0 || as_ == nullptr) return;
        const Signature* own = tally_.signature_of(endpoint_, version);
        window_.alike = window_.alike && own != nullptr && own->task == as_->task && own->classes == as_->classes &&
                        own->prediction == as_->prediction && own->probability == as_->probability;
    }

    const store::Session& session_;
    LabelTally& tally_;
    const std::string endpoint_;
    const std::optional<std::int64_t> version_;
    const Signature* as_;
    LabelSums total_;
    LabelWindow window_;
};

}  // namespace

LabelWindow label_window(const store::Session& session, const std::string& endpoint, Time after, Time until,
                         std::optional<std::int64_t> version, const Signature* as) {
    const Duration width = LoggingOptions::from_json(session.logging(endpoint)).bucket;
    const Time first = bucket_of(after + Duration(1), width), last = bucket_of(until, width);
    std::map<Time, Window::Bucket> buckets;
    for (const auto& row : session.label_sums({endpoint, "live", first, last + Duration(1), version}))
        buckets[row.bucket][row.version] = LabelSums::from_json(row.sums);
    // And what the stored sums do not know of yet.
    LabelTally tally(session);
    for (store::LabelProgress progress = session.labels_summed(); progress != session.newest_rows();)
        tally.add(session.label_changes(progress, rows_a_step));
    for (const auto& [key, sums] : tally.sums()) {
        if (key.endpoint == endpoint && key.role == "live" && key.bucket >= first && key.bucket <= last &&
            (!version || key.version == *version))
            buckets[key.bucket][key.version] += sums;
    }
    Window window(session, tally, endpoint, version, as);
    Time from = after, to = until;
    for (const auto& [bucket, of] : buckets) {
        if (bucket >= after && bucket + width <= until) {
            window.take(of);
        } else if (!window.take_part(of, std::max(after, bucket), std::min(until, bucket + width))) {
            (bucket < after ? from : to) = bucket < after ? std::min(bucket + width, until) : bucket;
        }
    }
    LabelWindow taken = window.taken();
    taken.summary.after = from;
    taken.summary.until = std::max(from, to);
    return taken;
}

}  // namespace holdfast::detail
