#include <algorithm>

#include <holdfast/base/error.hpp>
#include <holdfast/workspace/workspace.hpp>

#include "workspace/endpoint_state.hpp"
#include "workspace/interaction_log.hpp"
#include "workspace/label_sums.hpp"
#include "workspace/summarise.hpp"

namespace holdfast {
namespace {

store::LabelValue label_value(const Column& labels, std::int64_t row, const Id& id) {
    const auto refuse = [&](const std::string& seen) {
        throw InvalidArgument("label of \"" + std::string(id.view()) + "\": " + seen +
                              " given, a number or text wanted");
    };
    if (!labels.is_valid(row)) refuse("a null");
    const auto at = static_cast<std::size_t>(row);
    switch (labels.type()) {
        case ColumnType::int32: return std::int64_t{labels.values<std::int32_t>()[at]};
        case ColumnType::int64: return labels.values<std::int64_t>()[at];
        case ColumnType::boolean: return std::int64_t{labels.values<std::uint8_t>()[at] != 0};
        case ColumnType::float32: return static_cast<double>(labels.values<float>()[at]);
        case ColumnType::float64: return labels.values<double>()[at];
        case ColumnType::string:
        case ColumnType::categorical: return std::string(labels.text(row));
        case ColumnType::timestamp: break;
    }
    refuse("a timestamp");
    return {};
}

}  // namespace

void Interactions::label(std::span<const Id> ids, const Column& labels, std::optional<Time> time,
                         std::string_view endpoint) {
    if (static_cast<std::int64_t>(ids.size()) != labels.size()) {
        throw InvalidArgument("label: " + std::to_string(ids.size()) + " ids and " + std::to_string(labels.size()) +
                              " labels given, equal numbers wanted");
    }
    std::vector<store::LabelRow> rows;
    rows.reserve(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        rows.push_back({std::string(ids[i].view()),
                        std::string(endpoint),
                        label_value(labels, static_cast<std::int64_t>(i), ids[i]),
                        {time.value_or(Time{}), {}, 0}});
    }
    store_->write([&](store::Session& session) {
        if (!endpoint.empty()) detail::require_endpoint(session, endpoint);
        session.add_labels(rows);
    });
}

std::int64_t Interactions::load(const store::InteractionBatch& batch, const std::optional<Column>& labels,
                                std::span<const Time> label_times) {
    std::vector<store::LabelRow> rows;
    if (labels) {
        const auto wanted = static_cast<std::int64_t>(batch.ids.size());
        if (labels->size() != wanted || static_cast<std::int64_t>(label_times.size()) != wanted) {
            throw InvalidArgument("load: " + std::to_string(labels->size()) + " labels and " +
                                  std::to_string(label_times.size()) + " label times given, " + std::to_string(wanted) +
                                  " of each wanted, as many as ids");
        }
        for (std::int64_t row = 0; row < wanted; ++row) {
            const auto at = static_cast<std::size_t>(row);
            if (!labels->is_valid(row)) continue;
            rows.push_back({batch.ids[at],
                            batch.endpoint,
                            label_value(*labels, row, Id(batch.ids[at])),
                            {label_times[at], {}, 0}});
        }
    }
    std::int64_t written = 0;
    store_->write([&](store::Session& session) {
        detail::require_endpoint(session, batch.endpoint);
        const auto became = session.add_each(batch);
        written = std::count(became.begin(), became.end(), store::Written::added);
        detail::GroupSummaries summaries;
        summaries.add(session, batch, became);
        summaries.write(session);
        session.add_labels(rows);
    });
    return written;
}

store::InteractionTable Interactions::query(const store::InteractionQuery& query) const {
    log_->flush();
    store::InteractionTable table;
    store_->read([&](const store::Session& session) { table = session.interactions(query); });
    return table;
}

std::int64_t Interactions::count(const store::InteractionQuery& query) const {
    log_->flush();
    std::int64_t count = 0;
    store_->read([&](const store::Session& session) { count = session.count_interactions(query); });
    return count;
}

namespace {

void check_stretch(Time after, Time until) {
    if (after <= until) return;
    throw InvalidArgument("summary: after " + format_time(after) + " until " + format_time(until) +
                          " given, an end that is not before the beginning wanted");
}

}  // namespace

Summary Interactions::summary(std::string_view endpoint, Time after, Time until,
                              std::optional<std::int64_t> version) const {
    check_stretch(after, until);
    log_->flush();
    Summary summary;
    store_->read([&](const store::Session& session) {
        detail::require_endpoint(session, endpoint);
        summary = detail::summarise(session, std::string(endpoint), after, until, version);
    });
    return summary;
}

LabelSummary Interactions::label_summary(std::string_view endpoint, Time after, Time until,
                                         std::optional<std::int64_t> version) const {
    check_stretch(after, until);
    log_->flush();
    detail::sum_all_labels(*store_, detail::rows_summed_when_read);
    LabelSummary summary;
    store_->read([&](const store::Session& session) {
        detail::require_endpoint(session, endpoint);
        summary = detail::label_window(session, std::string(endpoint), after, until, version, nullptr).summary;
    });
    return summary;
}

}  // namespace holdfast
