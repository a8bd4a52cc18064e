/// Logging: how an endpoint logs its interactions, and how many it has logged.
///
///     workspace.create_endpoint("line", {.logging = LoggingOptions{.durability = Durability::before_reply}});
///
/// Kept with the endpoint, so that every process logs alike.
///
/// Thread safety: values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/export.hpp>

namespace holdfast {

/// What an answer promises of its rows.
enum class Durability : std::uint8_t {
    none,          ///< as async, and the disk is not waited for: a power cut may take what was committed last
    async,         ///< committed soon after; by the time flush, close or a read through this workspace returns
    before_reply,  ///< committed before the answer is given; callers at the same time share one commit
};

/// When more rows wait to be committed than the workspace's log holds.
enum class Overflow : std::uint8_t {
    block,  ///< the caller waits for room, until its deadline
    drop,   ///< the answer is given, its rows are counted and not kept
};

struct HOLDFAST_EXPORT LoggingOptions {
    Durability durability = Durability::async;
    Overflow overflow = Overflow::block;
    double sample = 1.0;                  ///< share kept, (0, 1]; by a hash of the id, so that all processes agree
    std::vector<std::string> hashed{};    ///< columns kept as SHA-256 of the workspace's salt and the value's text
    std::vector<std::string> left_out{};  ///< columns that are not kept
    std::string entity{};                 ///< the feature that names whom a row is about; empty: none
    Duration bucket = std::chrono::minutes(1);  ///< of the summaries; settled when the endpoint is made
    /// Rows with an event time longer ago go, at most a bucket late; their summaries stay.
    std::optional<Duration> keep_for{};
    /// The oldest rows go until packed features and outputs fit in so many bytes.
    std::optional<std::int64_t> keep_bytes{};
    /// How long a label may take: interactions older than this count as settled where metrics ask whether they have
    /// matured.
    std::optional<Duration> label_horizon{};

    /// InvalidArgument, naming the option.
    void check() const;
    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static LoggingOptions from_json(const Json& json);
    bool operator==(const LoggingOptions&) const = default;
};

[[nodiscard]] HOLDFAST_EXPORT std::string_view to_string(Durability durability) noexcept;
[[nodiscard]] HOLDFAST_EXPORT std::string_view to_string(Overflow overflow) noexcept;
[[nodiscard]] HOLDFAST_EXPORT Durability parse_durability(std::string_view name);  ///< InvalidArgument
[[nodiscard]] HOLDFAST_EXPORT Overflow parse_overflow(std::string_view name);      ///< InvalidArgument

/// What this workspace did with an endpoint's interactions since it was opened. Exact: once flush has returned, every
/// row that was answered is in one of them.
struct LoggingCounts {
    std::int64_t logged = 0;                        ///< rows committed
    std::int64_t known = 0;                         ///< rows whose id was there with the same features
    std::int64_t sampled_out = 0;                   ///< rows that are in the summaries alone
    std::map<std::string, std::int64_t> dropped{};  ///< rows, by reason: "full", "store_error"
    std::int64_t conflicts = 0;                     ///< rows whose id was there with other features, which stay
    std::int64_t failures = 0;                      ///< requests without an answer
};

/// A value as it is kept of a hashed column: 64 hex digits.
[[nodiscard]] HOLDFAST_EXPORT std::string hashed_text(std::string_view salt, std::string_view text);

}  // namespace holdfast
