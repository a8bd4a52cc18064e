#include "workspace/upkeep.hpp"

#include <algorithm>

#include "workspace/endpoint_state.hpp"
#include "workspace/label_sums.hpp"

namespace holdfast::detail {
namespace {

constexpr std::int64_t rows_a_step = 2000;

bool any_before(const store::Session& session, std::string_view endpoint, Time before) {
    store::InteractionQuery oldest{.endpoint = std::string(endpoint)};
    oldest.until = before - Duration(1);
    oldest.first = 1;
    return session.count_interactions(oldest) > 0;
}

struct Doomed {
    Time before{};
    std::string reason;
};

std::optional<Doomed> doomed_by(const store::Session& session, std::string_view endpoint, const Retention& retention,
                                Time now) {
    if (retention.older_than && any_before(session, endpoint, now - *retention.older_than))
        return Doomed{now - *retention.older_than, "older than " + format_duration(*retention.older_than)};
    if (!retention.larger_than) return std::nullopt;
    const auto fits = session.fits_from(endpoint, *retention.larger_than);
    if (!fits) return std::nullopt;
    return Doomed{*fits, "larger than " + std::to_string(*retention.larger_than) + " bytes"};
}

}  // namespace

std::optional<store::RemovalRow> remove_oldest(store::Store& store, std::string_view endpoint,
                                               const Retention& retention, std::int64_t most) {
    std::optional<Doomed> doomed;
    store.read(
        [&](const store::Session& session) { doomed = doomed_by(session, endpoint, retention, store.clock()->now()); });
    if (!doomed) return std::nullopt;
    sum_all_labels(store, rows_a_step);
    std::optional<store::RemovalRow> removed;
    store.write([&](store::Session& session) {
        while (detail::sum_labels(session, rows_a_step)) {
        }
        removed = session.remove_before(endpoint, doomed->before, most, doomed->reason);
    });
    return removed;
}

bool Upkeep::sum_labels() {
    bool more = false;
    store_->read([&](const store::Session& session) { more = session.labels_summed() != session.newest_rows(); });
    if (more) store_->write([&](store::Session& session) { more = detail::sum_labels(session, rows_a_step); });
    return more;
}

bool Upkeep::retain() {
    std::vector<std::pair<std::string, LoggingOptions>> endpoints;
    store_->read([&](const store::Session& session) {
        for (const auto& row : session.endpoints()) {
            auto logging = LoggingOptions::from_json(session.logging(row.name));
            if (logging.keep_for || logging.keep_bytes) endpoints.emplace_back(row.name, std::move(logging));
        }
    });
    retains_ = !endpoints.empty();
    pause_ = std::chrono::minutes(1);
    bool more = false;
    for (const auto& [name, logging] : endpoints) {
        pause_ = std::min(pause_, logging.bucket);
        more = more || remove_oldest(*store_, name, {logging.keep_for, logging.keep_bytes}, rows_a_step).has_value();
    }
    return more;
}

}  // namespace holdfast::detail
