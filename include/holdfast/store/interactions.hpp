/// Interactions as stored: a key, times, a version, and one packed little-endian BLOB of features and outputs by a
/// schema that is stored once: fixed-width columns in order, validity bits, then strings with lengths. float32 stays
/// float32.
///
/// Thread safety: values and pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <holdfast/base/time.hpp>
#include <holdfast/data/schema.hpp>
#include <holdfast/data/table.hpp>
#include <holdfast/export.hpp>

namespace holdfast::store {

/// Rows of one answered request: `values` holds the features, then the outputs, one row an interaction.
struct InteractionBatch {
    std::string endpoint{};
    std::string role = "live";  ///< live or shadow
    std::int64_t version = 0;
    std::int64_t latency_ns = 0;
    std::int64_t feature_columns = 0;  ///< the first so many columns of `values` are features
    std::vector<std::string> ids{};
    std::vector<Time> times{};  ///< event times
    Table values{};
    std::vector<std::string> entities{};  ///< whom each row is about (empty: nobody); or none
    std::string arithmetic{};             ///< what computed the outputs (Model::arithmetic); empty: nobody says
};

/// Where an interaction stands in the order of an answer.
struct Position {
    Time time{};
    std::int64_t transaction = 0;
    std::string id;
};

/// Which interactions; every condition holds. Rows come in order of (event time, transaction, id).
struct InteractionQuery {
    std::string endpoint{};
    std::string role = "live";
    std::optional<Time> after{};           ///< event time > after
    std::optional<Time> until{};           ///< event time <= until
    std::optional<std::int64_t> last{};    ///< the newest so many only: by event time; by the label's with `labelled`
    std::int64_t skip = 0;                 ///< of `last`: not the newest, but those before so many
    bool labelled = false;                 ///< only those with a label: the newest of the endpoint's and everybody's
    std::optional<Time> labelled_after{};  ///< label recorded > ; implies labelled
    std::optional<Time> labelled_until{};  ///< label recorded <= ; implies labelled
    std::optional<std::int64_t> version{};
    std::optional<Position> beyond{};     ///< only those after this one: what comes next when reading in pieces
    std::optional<std::int64_t> first{};  ///< the oldest so many only; InvalidArgument together with `last`
    std::optional<std::int64_t> up_to{};  ///< rows and labels of transactions <= this: later ones do not exist
    std::optional<std::string> id{};      ///< this one alone
};

/// How much an endpoint has seen, up to a transaction: role live.
struct Totals {
    std::int64_t transaction = 0;
    std::int64_t interactions = 0;
    std::int64_t labelled = 0;
    bool operator==(const Totals&) const = default;
};

/// The answer: columns id, time, recorded, transaction, version, latency_ns, then features, then outputs, then label
/// (int64, float64 or string; null where there is none), label_time (event) and label_recorded. A feature or output
/// that has one of these names is shown as "feature.<name>" or "output.<name>". Rows of different schemas are united by
/// column name (int32 and int64 as int64, other numbers as float64, the rest as text); what a row lacks is null.
struct InteractionTable {
    Table rows{};
    std::vector<std::string> features{};
    std::vector<std::string> outputs{};
};

/// One row as its BLOB, and rows from their BLOBs. decode refuses what does not fit the schema (CorruptArtifact).
HOLDFAST_EXPORT void encode_row(const Table& values, std::int64_t row, std::vector<std::byte>& out);
[[nodiscard]] HOLDFAST_EXPORT Table decode_rows(const Schema& schema, std::span<const std::span<const std::byte>> rows);

}  // namespace holdfast::store
