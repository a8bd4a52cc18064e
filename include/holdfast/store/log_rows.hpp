/// What the interaction log writes: rows encoded beforehand, requests that failed, and summaries of time buckets.
///
/// Thread safety: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/data/schema.hpp>
#include <holdfast/store/rows.hpp>

namespace holdfast::store {

/// One interaction whose BLOB is there already; everything is borrowed for the call.
struct EncodedInteraction {
    std::string_view endpoint{};
    std::string_view role = "live";
    std::string_view id{};
    std::optional<std::string_view> entity{};  ///< whom it is about
    std::int64_t version = 0;
    std::int64_t latency_ns = 0;
    std::int64_t schema = 0;  ///< Session::schema_number
    Time time{};
    std::span<const std::byte> data{};
};

/// What became of it. known: its key is there with the same features; clash: with other features, which stay.
enum class Written : std::uint8_t { added, known, clash };

/// A request that got no answer.
struct FailureRow {
    std::string endpoint;
    std::int64_t version = 0;  ///< that was served; 0 where none was
    std::int64_t rows = 0;
    std::string code;  ///< the error's stable name
    std::string message;
    std::int64_t latency_ns = 0;
    Stamp stamp;
};

/// Part of the summary of one time bucket: what some transactions logged of one version under one schema. Parts of one
/// bucket add up; what `counts` and `data` say is the writer's business.
struct SummaryRow {
    std::string endpoint;
    std::string role = "live";
    Time bucket{};  ///< its beginning
    std::int64_t version = 0;
    std::int64_t schema = 0;             ///< 0: counts alone
    std::int64_t first_transaction = 0;  ///< of what it covers; up to stamp.transaction
    Json counts;
    std::vector<std::byte> data;
    Stamp stamp;
};

/// Which parts: of buckets that begin in [from, until).
struct SummaryQuery {
    std::string endpoint{};
    std::string role = "live";
    Time from{};
    Time until{};
    std::optional<std::int64_t> version{};
};

struct StoredSchema {
    Schema schema;
    std::int64_t features = 0;  ///< its first columns
};

/// How much is kept of one endpoint, in packed features and outputs, and up to when retention took rows.
struct LogExtent {
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
    std::optional<Time> events_until{};        ///< rows with an event time up to this may be gone
    std::optional<Time> unsummarised_until{};  ///< of them, those that no summary counts
    std::optional<Time> labels_until{};        ///< rows whose label was recorded up to this may be gone
};

/// Sums of labelled answers: those of one version whose newest label was recorded in one time bucket.
struct LabelSumRow {
    std::string endpoint;
    std::string role = "live";
    Time bucket{};  ///< its beginning
    std::int64_t version = 0;
    Json sums;
    Stamp stamp;
};

/// Numbers of the newest label and the newest interaction that sums know of.
struct LabelProgress {
    std::int64_t labels = 0;
    std::int64_t interactions = 0;
    bool operator==(const LabelProgress&) const = default;
};

/// An answer and a label that is its newest, or is not any more.
struct LabelChange {
    std::string endpoint;
    std::string role;
    std::int64_t version = 0;
    std::int64_t schema = 0;
    std::vector<std::byte> data;
    LabelValue label;
    Time recorded{};    ///< the label
    bool added = true;  ///< false: taken away
};

/// Interactions with an event time in one bucket, and how many of them have a label, or have waited long enough.
struct CohortRow {
    Time begin{};
    std::int64_t interactions = 0;
    std::int64_t labelled = 0;
    std::int64_t settled = 0;
};

/// A stored interaction that is about somebody.
struct EntityRow {
    std::string endpoint;
    std::string role;
    std::string id;
    Time time{};
    std::int64_t version = 0;
    std::int64_t schema = 0;
    std::int64_t transaction = 0;
    std::vector<std::byte> data;
};

}  // namespace holdfast::store
