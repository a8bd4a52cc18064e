/// Rows: what the store keeps, as plain values. Every row has a namespace, event time, recorded time and the number of
/// the transaction that committed it.
///
/// Thread safety: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <holdfast/base/ed25519.hpp>
#include <holdfast/base/hash.hpp>
#include <holdfast/base/json.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/export.hpp>

namespace holdfast::store {

struct Stamp {
    Time event_time{};
    Time recorded_time{};
    std::int64_t transaction = 0;
};

struct VersionRow {
    std::string model;
    std::int64_t version = 0;
    Digest package;
    std::string state;  ///< pending, approved, rejected, archived
    Json manifest;
    Stamp stamp;  ///< of the registration
};

/// One change of a version's state; appended, never updated.
struct ApprovalRow {
    std::string model;
    std::int64_t version = 0;
    std::string state;
    std::string by;
    std::string note;
    Stamp stamp;
};

/// One move of an alias; appended, the newest says where it points.
struct AliasRow {
    std::string model;
    std::string alias;
    std::optional<std::int64_t> version;  ///< none: taken away
    std::string by;
    std::string note;
    Stamp stamp;
};

struct EndpointRow {
    std::string name;
    std::string model;              ///< whose versions it serves
    std::vector<std::string> good;  ///< labels that count as yield
    bool follow_latest_approved = false;
    bool frozen = false;
    Stamp stamp;
};

/// One line of the deployment ledger; appended, never updated. The newest of an endpoint says what is live.
struct DeploymentRow {
    std::string endpoint;
    std::string model;
    std::int64_t version = 0;
    std::string kind;  ///< deploy, rollback, freeze, unfreeze, load_failed
    std::string by;
    std::string reason;
    Stamp stamp;
    std::optional<Time> until{};  ///< of a deploy or rollback: when the next one took its place; none while it is live
};

using LabelValue = std::variant<std::int64_t, double, std::string>;
struct LabelRow {
    std::string id;
    std::string endpoint;  ///< empty: every endpoint's
    LabelValue value;
    Stamp stamp;
};

struct DecisionRow {
    std::string endpoint;
    std::int64_t sequence = 0;  ///< 1, 2, ... an endpoint
    Json decision;              ///< canonical JSON; opaque here
    Json observation;           ///< null where none was looked at
    Stamp stamp;
};

struct ControllerRow {
    std::string endpoint;
    Json config;
    Json state;
    std::string owner;       ///< of the lease; empty: free
    std::int64_t fence = 0;  ///< grows with every taking of the lease
    std::optional<Time> lease_until;
    Stamp stamp;
};

/// One training job as it stands; its attempts follow each other in one row.
struct JobRow {
    std::string id{};
    std::string endpoint{};
    std::string state{};  ///< queued, running, succeeded, failed, cancelled
    Json spec{};          ///< what it is to do; opaque here
    std::int64_t attempt = 0;
    double progress = 0.0;  ///< share done of this attempt
    std::string note{};
    std::string process{};  ///< that does the work; empty where none does
    std::optional<std::int64_t> exit_code{};
    std::string error{};
    std::optional<Digest> log{};  ///< artifact of what the last attempt printed
    Time queued{};
    std::optional<Time> started{}, ended{};
    Stamp stamp{};  ///< of its last change
};

/// What others are to be told.
struct NotificationRow {
    std::int64_t sequence = 0;
    std::string endpoint{};
    std::string kind{};
    Json body{};
    Stamp stamp{};
};

/// How a notification fares on one channel.
struct DeliveryRow {
    std::string channel{};
    std::int64_t sequence = 0;  ///< of the notification
    std::int64_t attempts = 0;
    std::optional<Time> next_try{};  ///< none: at once
    std::optional<Time> delivered{};
    std::string error{};  ///< of the last attempt
    Stamp stamp{};
};

struct MetricRow {
    std::string name;
    double value = 0.0;
    Stamp stamp;
};

struct EventRow {
    std::string kind;
    Json data;
    Stamp stamp;
};

/// What one transaction took out of the log, and why; appended with the removal itself, never updated.
struct RemovalRow {
    std::string endpoint;
    std::string reason;
    std::int64_t interactions = 0;
    std::int64_t labels = 0;
    // Of the interactions taken out; the transactions are those that had committed them.
    Time first_event{}, last_event{};
    std::int64_t first_transaction = 0, last_transaction = 0;
    Stamp stamp;
};

}  // namespace holdfast::store
