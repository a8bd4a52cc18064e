#include "workspace/log_group.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <holdfast/base/file.hpp>
#include <holdfast/base/log.hpp>

#include "workspace/dropped_rows.hpp"
#include "workspace/summarise.hpp"

namespace holdfast::detail {
namespace {

constexpr std::size_t most_plans = 8;

}  // namespace

std::string_view to_string(DropReason reason) noexcept { return reason == DropReason::full ? "full" : "store_error"; }

LogStream::LogStream(std::string endpoint_name, LoggingOptions options)
    : endpoint(std::move(endpoint_name)), options_(std::make_shared<const LoggingOptions>(std::move(options))) {}

std::shared_ptr<const LoggingOptions> LogStream::options() const {
    const std::lock_guard lock(mutex_);
    return options_;
}

void LogStream::set_options(LoggingOptions options, std::int64_t transaction) {
    const std::lock_guard lock(mutex_);
    if (transaction < options_of_) return;
    options_of_ = transaction;
    if (*options_ == options) return;
    options_ = std::make_shared<const LoggingOptions>(std::move(options));
    plans_.clear();
}

std::shared_ptr<const RowPlan> LogStream::find_plan(const Served& served, const Batch& batch, const Outputs& outputs,
                                                    const LoggingOptions& of) const {
    const std::lock_guard lock(mutex_);
    if (options_.get() != &of) return nullptr;
    for (auto plan = plans_.rbegin(); plan != plans_.rend(); ++plan) {
        if ((*plan)->fits(served, batch, outputs)) return *plan;
    }
    return nullptr;
}

std::shared_ptr<const RowPlan> LogStream::make_plan(const Served& served, const Batch& batch, const Outputs& outputs,
                                                    const LoggingOptions& of, std::string salt) {
    auto plan = std::make_shared<const RowPlan>(served, batch, outputs, of, std::move(salt));
    for (const std::string& name : plan->unknown()) {
        log(LogLevel::warning, "workspace",
            "endpoint \"" + endpoint + "\": its logging options name column \"" + name + "\", which version " +
                std::to_string(served.version) + " does not have");
    }
    const std::lock_guard lock(mutex_);
    if (options_.get() == &of) {
        if (plans_.size() == most_plans) plans_.erase(plans_.begin());
        plans_.push_back(plan);
    }
    return plan;
}

LoggingCounts LogStream::counts() const {
    LoggingCounts counts;
    counts.logged = logged.value();
    counts.known = known.value();
    counts.sampled_out = sampled_out.value();
    counts.conflicts = conflicts.value();
    counts.failures = failures.value();
    for (const DropReason reason : {DropReason::full, DropReason::store_error}) {
        const std::int64_t rows = dropped[static_cast<std::size_t>(reason)].value();
        if (rows > 0) counts.dropped[std::string(to_string(reason))] = rows;
    }
    return counts;
}

void LogGroup::clear() noexcept {
    requests.clear();
    rows.clear();
    bytes.clear();
    failures.clear();
}

void LogGroup::reserve_as(const LogGroup& other) {
    requests.reserve(other.requests.capacity());
    rows.reserve(other.rows.capacity());
    bytes.reserve(other.bytes.capacity());
}

LogGroup::Bytes LogGroup::keep(std::string_view text) {
    const Bytes at{bytes.size(), text.size()};
    const auto* from = reinterpret_cast<const std::byte*>(text.data());
    bytes.insert(bytes.end(), from, from + text.size());
    return at;
}

std::string_view LogGroup::text(Bytes at) const noexcept { return as_text(data(at)); }

void LogGroup::append(LogGroup& one, std::int64_t ticket) {
    const std::size_t first = rows.size(), begin = bytes.size();
    bytes.insert(bytes.end(), one.bytes.begin(), one.bytes.end());
    rows.insert(rows.end(), one.rows.begin(), one.rows.end());
    for (std::size_t i = first; i < rows.size(); ++i) {
        rows[i].id.begin += begin;
        rows[i].entity.begin += begin;
        rows[i].data.begin += begin;
    }
    for (Request& request : one.requests) {
        request.ticket = ticket;
        request.first += first;
        requests.push_back(std::move(request));
    }
    for (Failure& failure : one.failures) failures.push_back(std::move(failure));
}

Time bucket_of(Time time, Duration width) noexcept {
    const std::int64_t step = width.count();
    const std::int64_t before = to_micros(time) - 1;
    return from_micros(before - ((before % step) + step) % step);
}

std::string clash_message(std::string_view endpoint, std::string_view id) {
    return "endpoint \"" + std::string(endpoint) + "\": interaction \"" + std::string(id) +
           "\" is logged with other features; the same features, or another id, wanted";
}

GroupOutcome write_group(store::Session& session, const LogGroup& group, std::span<const DroppedPart> dropped) {
    std::vector<std::pair<const RowPlan*, std::int64_t>> schemas;
    const auto schema_of = [&](const RowPlan& plan) {
        for (const auto& [known, number] : schemas) {
            if (known == &plan) return number;
        }
        return schemas.emplace_back(&plan, session.schema_number(plan.schema(), plan.features(), plan.arithmetic()))
            .second;
    };
    std::vector<store::EncodedInteraction> encoded;
    encoded.reserve(group.rows.size());
    for (const LogGroup::Request& request : group.requests) {
        const std::int64_t schema = schema_of(*request.plan);
        for (const LogGroup::Row& row : group.rows_of(request)) {
            if (row.sampled_out) continue;
            encoded.push_back({request.stream->endpoint, "live", group.text(row.id), std::nullopt, request.version,
                               request.latency_ns, schema, row.time, group.data(row.data)});
            if (row.has_entity) encoded.back().entity = group.text(row.entity);
        }
    }
    const auto written = session.add_encoded(encoded);
    // Ids are drawn by how many rows there were: those that are not kept count.
    if (encoded.size() < group.rows.size())
        session.pass_over(static_cast<std::int64_t>(group.rows.size() - encoded.size()));

    GroupOutcome outcome;
    GroupSummaries summaries;
    auto became = written.begin();
    for (std::size_t r = 0; r < group.requests.size(); ++r) {
        const LogGroup::Request& request = group.requests[r];
        const std::int64_t schema = schema_of(*request.plan);
        std::int64_t logged = 0, known = 0;
        for (const LogGroup::Row& row : group.rows_of(request)) {
            const store::Written what = row.sampled_out ? store::Written::added : *became++;
            logged += what == store::Written::added && !row.sampled_out ? 1 : 0;
            known += what == store::Written::known ? 1 : 0;
            if (what == store::Written::added) summaries.add(group, request, schema, row);
            if (what == store::Written::clash) outcome.clashes.push_back({r, std::string(group.text(row.id))});
        }
        outcome.logged.push_back(logged);
        outcome.known.push_back(known);
    }
    for (const LogGroup::Failure& failure : group.failures) {
        session.add_failure(failure.row);
        summaries.add(failure);
    }
    for (const DroppedPart& part : dropped) summaries.add(session, part);
    summaries.write(session);
    return outcome;
}

void count(const LogGroup& group, const GroupOutcome& outcome) {
    for (std::size_t r = 0; r < group.requests.size(); ++r) {
        const LogGroup::Request& request = group.requests[r];
        const auto rows = group.rows_of(request);
        request.stream->logged.add(outcome.logged[r]);
        request.stream->known.add(outcome.known[r]);
        request.stream->sampled_out.add(
            std::count_if(rows.begin(), rows.end(), [](const LogGroup::Row& row) { return row.sampled_out; }));
    }
    for (const Clash& clash : outcome.clashes) group.requests[clash.request].stream->conflicts.add();
    for (const LogGroup::Failure& failure : group.failures) failure.stream->failures.add();
}

}  // namespace holdfast::detail
