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
