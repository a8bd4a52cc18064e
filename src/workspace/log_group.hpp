// LogStream: one endpoint's way of logging, and its counts. LogGroup: requests that wait to be committed together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/metrics.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/store/store.hpp>

#include "workspace/row_plan.hpp"

namespace holdfast::detail {

enum class DropReason : std::uint8_t { full, store_error };
[[nodiscard]] std::string_view to_string(DropReason reason) noexcept;

/// Shared by the endpoint and what waits to be logged for it. `mutex_` guards the options and the plans made for them.
class LogStream {
  public:
    LogStream(std::string endpoint_name, LoggingOptions options);

    [[nodiscard]] std::shared_ptr<const LoggingOptions> options() const;
    /// Those of a transaction, unless newer ones are here: who looks may have read before a change, and come after it.
    /// Other options make other plans.
    void set_options(LoggingOptions options, std::int64_t transaction);
    /// The plan for such a request, made where there is none; `salt` is asked for where a column is hashed.
    template <class Salt>
    [[nodiscard]] std::shared_ptr<const RowPlan> plan(const Served& served, const Batch& batch, const Outputs& outputs,
                                                      const LoggingOptions& of, Salt&& salt) {
        if (auto made = find_plan(served, batch, outputs, of)) return made;
        return make_plan(served, batch, outputs, of, of.hashed.empty() ? std::string() : salt());
    }
    [[nodiscard]] LoggingCounts counts() const;

    const std::string endpoint;
    Counter logged, known, sampled_out, conflicts, failures;
    Counter dropped[2];  // by DropReason

  private:
    [[nodiscard]] std::shared_ptr<const RowPlan> find_plan(const Served& served, const Batch& batch,
                                                           const Outputs& outputs, const LoggingOptions& of) const;
    [[nodiscard]] std::shared_ptr<const RowPlan> make_plan(const Served& served, const Batch& batch,
                                                           const Outputs& outputs, const LoggingOptions& of,
                                                           std::string salt);

    mutable std::mutex mutex_;
    std::shared_ptr<const LoggingOptions> options_;
    std::int64_t options_of_ = -1;                       // the transaction that options_ are of
    std::vector<std::shared_ptr<const RowPlan>> plans_;  // of options_; newest last
};

/// Buffers that are filled, committed, cleared and filled again; they keep their memory.
struct LogGroup {
    struct Bytes {
        std::size_t begin = 0, size = 0;
    };
    struct Row {
        Time time{};
        Bytes id, entity, data;
        bool has_entity = false;
        bool sampled_out = false;
    };
    /// Rows of one answered request: those from `first` on.
    struct Request {
        std::shared_ptr<LogStream> stream;
        std::shared_ptr<const RowPlan> plan;
        std::shared_ptr<const LoggingOptions> options;
        std::int64_t ticket = 0, version = 0, latency_ns = 0;
        std::size_t first = 0, rows = 0;
    };
    struct Failure {
        std::shared_ptr<LogStream> stream;
        std::shared_ptr<const LoggingOptions> options;
        store::FailureRow row;
    };
    [[nodiscard]] bool empty() const noexcept { return requests.empty() && failures.empty(); }
    void clear() noexcept;
    /// Grows to what `other` has grown to, so that who fills it does not have to.
    void reserve_as(const LogGroup& other);
    Bytes keep(std::string_view text);
    [[nodiscard]] std::string_view text(Bytes at) const noexcept;
    [[nodiscard]] std::span<const std::byte> data(Bytes at) const noexcept {
        return std::span(bytes).subspan(at.begin, at.size);
    }
    [[nodiscard]] std::span<const Row> rows_of(const Request& request) const noexcept {
        return std::span(rows).subspan(request.first, request.rows);
    }
    /// Takes over the requests of `one`, whose ticket becomes `ticket`.
    void append(LogGroup& one, std::int64_t ticket);

    std::vector<Request> requests;
    std::vector<Row> rows;
    std::vector<std::byte> bytes;
    std::vector<Failure> failures;
};

/// A row that was refused: its id is there with other features.
struct Clash {
    std::size_t request = 0;
    std::string id;
};
/// What a group became; counted once it is committed.
struct GroupOutcome {
    std::vector<Clash> clashes;
    std::vector<std::int64_t> logged, known;  // rows, by request
};
struct DroppedPart;
/// Writes all of it, and the summaries of it and of what was dropped.
[[nodiscard]] GroupOutcome write_group(store::Session& session, const LogGroup& group,
                                       std::span<const DroppedPart> dropped = {});
void count(const LogGroup& group, const GroupOutcome& outcome);
[[nodiscard]] std::string clash_message(std::string_view endpoint, std::string_view id);

/// The beginning of the bucket (begin, begin + width] that holds `time`.
[[nodiscard]] Time bucket_of(Time time, Duration width) noexcept;

}  // namespace holdfast::detail
