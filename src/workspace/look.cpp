#include <holdfast/workspace/look.hpp>

#include <algorithm>
#include <limits>

#include <holdfast/base/error.hpp>
#include <holdfast/workspace/logged.hpp>

namespace holdfast {
namespace {

std::string text(std::int64_t value) { return std::to_string(value); }

/// Rows that the endpoint ever had up to a transaction, and until `now`.
std::int64_t rows_ever(const store::Session& session, const store::InteractionQuery& until_now,
                       std::optional<std::int64_t> interactions) {
    std::int64_t rows = 0;
    if (interactions) {
        store::InteractionQuery later = until_now;
        later.until.reset();
        later.after = until_now.until;
        rows = *interactions - session.count_interactions(later);
    } else {
        rows = session.count_interactions(until_now);
    }
    const std::int64_t last = until_now.up_to.value_or(std::numeric_limits<std::int64_t>::max());
    for (const store::RemovalRow& removal : session.removals(until_now.endpoint)) {
        if (removal.stamp.transaction <= last) rows += removal.interactions;
    }
    return rows;
}

Look rows_window(const store::Session& session, store::InteractionQuery query, std::int64_t size,
                 std::optional<std::int64_t> interactions) {
    const std::int64_t ever = rows_ever(session, query, interactions);
    const std::int64_t windows = ever / size, newer = ever - windows * size;
    if (windows == 0) return {{}, "no window of " + text(size) + " rows is complete: there are " + text(ever)};
    query.last = size + newer;
    const Table features = own_features(session.interactions(query));
    const std::int64_t kept = std::clamp<std::int64_t>(features.rows() - newer, 0, size);
    return {features.slice(0, kept), "rows " + text((windows - 1) * size + 1) + " to " + text(windows * size)};
}

Look time_window(const store::Session& session, store::InteractionQuery query, Duration length, Time now) {
    const std::int64_t size = length.count(), micros = to_micros(now);
    const std::int64_t end = micros - ((micros % size) + size) % size;
    query.after = from_micros(end - size);
    query.until = from_micros(end);
    query.last = most_rows_looked_at;
    Look look{own_features(session.interactions(query)),
              format_time(*query.after) + " to " + format_time(*query.until)};
    if (look.features.rows() == 0) look.window += ": no rows";
    if (look.features.rows() == most_rows_looked_at)
        look.window += ", the newest " + text(most_rows_looked_at) + " rows";
    return look;
}

}  // namespace

Look last_complete_window(const store::Session& session, std::string_view endpoint, const Window& over, Time now,
                          std::optional<std::int64_t> up_to, std::optional<std::int64_t> interactions) {
    store::InteractionQuery query;
    query.endpoint = endpoint;
    query.until = now;
    query.up_to = up_to;
    return over.is_rows() ? rows_window(session, query, over.row_count(), interactions)
                          : time_window(session, query, over.duration(), now);
}

DriftReport drift(const stats::Profile& reference, const Look& look, double false_alarms, DriftOptions options) {
    if (!(false_alarms > 0.0 && false_alarms < 1000.0))
        throw InvalidArgument("drift: false_alarms is " + std::to_string(false_alarms) +
                              " in 1,000 windows, between 0 and 1000 wanted");
    options.alpha = false_alarms / 1000.0;
    options.in_time_order = true;
    DriftReport report;
    if (look.features.rows() > 0) {
        report = drift(reference, look.features, options);
    } else {
        report.alpha = options.alpha;
        report.share = options.share;
        report.correction = options.correction;
        report.summary.reference_rows = reference.rows();
    }
    report.note = look.window;
    return report;
}

}  // namespace holdfast
