// What the handles of one endpoint share within a process.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/base/fork.hpp>
#include <holdfast/monitor/violation_counts.hpp>
#include <holdfast/workspace/endpoint.hpp>

#include "workspace/watcher.hpp"

namespace holdfast {

namespace detail {
class InteractionLog;
class LogStream;
struct Request;

/// Violations of what is served here, counted since it was loaded; shared with the endpoint's monitors.
class CountedHere {
  public:
    /// null where the package has no constraints
    void set(std::shared_ptr<const Served> served, std::shared_ptr<ViolationCounts> counts);
    void add(const Served& served, const Batch& batch) noexcept;
    [[nodiscard]] std::shared_ptr<ViolationCounts> get() const;

  private:
    mutable std::shared_mutex mutex_;
    std::shared_ptr<const Served> served_;
    std::shared_ptr<ViolationCounts> counts_;
};

/// Null where the package has no constraints; CorruptArtifact where they cannot be read.
[[nodiscard]] std::shared_ptr<ViolationCounts> counts_of(const Package& package);

}  // namespace detail

struct Endpoint::State {
    State(std::shared_ptr<store::Store> opened, Registry versions, std::string endpoint_name, std::uint64_t id_seed,
          std::shared_ptr<detail::InteractionLog> interaction_log);
    /// Waits for a look of the watcher's that is under way.
    ~State();

    // Serving. `into`: where the prediction goes; else everything goes into `outputs`.
    void answer(const Batch& batch, const RequestOptions& options, Outputs& outputs, const TensorView* into,
                detail::Request& request);
    void run(const Batch& batch, const RequestOptions& options, Outputs& outputs, const TensorView* into,
             detail::Request& request, Duration began);
    [[nodiscard]] std::shared_ptr<const Served> require_served() const;
    void notify(const Batch& batch, const Outputs& outputs, const detail::Request& request);

    // Logging; see endpoint_logging.cpp.
    void log_answer(const Batch& batch, const Outputs& outputs, detail::Request& request, std::optional<Duration> due);
    void log_failure(const Error& error, std::int64_t rows, const RequestOptions& options, Duration began) noexcept;

    // Which version; see endpoint_versions.cpp.
    /// Makes what is live here what is committed; follows approvals where told to. `again`: also what failed before.
    void refresh(bool again);
    void deploy(std::string_view model, std::int64_t version, std::string_view by, std::string_view reason);
    void rollback(std::string_view reason, std::string_view by);
    void set_frozen(bool frozen, std::string_view reason, std::string_view by);
    void write_deployment(store::Session& session, std::string_view model, std::int64_t version, std::string_view kind,
                          std::string_view by, std::string_view reason) const;
    [[nodiscard]] store::DeploymentRow rollback_target(const store::Session& session) const;

    const std::shared_ptr<store::Store> store;
    const Registry registry;
    const std::string name;
    const std::uint64_t seed;
    const ForkGuard guard;
    const std::shared_ptr<detail::InteractionLog> log;
    const std::shared_ptr<detail::LogStream> stream;
    Slot slot;
    const std::shared_ptr<detail::CountedHere> counted = std::make_shared<detail::CountedHere>();
    /// Null where time is simulated; set once, before anybody else has the state.
    std::shared_ptr<Watcher> watcher;
    /// What the watcher sees of this state. It does not own it: whoever lets go of the last handle is who commits what
    /// waits in the log, and has waited for that when he goes on.
    struct Watched {
        std::mutex mutex;
        State* state = nullptr;
    };
    const std::shared_ptr<Watched> watched = std::make_shared<Watched>();

  private:
    // All with loading_ held.
    void refresh_locked(bool again);
    void follow_approvals(bool again);
    struct Loaded {
        std::shared_ptr<const Served> served;
        std::shared_ptr<ViolationCounts> counts;  // null where the package has no constraints
    };
    [[nodiscard]] Loaded load(const store::VersionRow& version) const;
    void take(Loaded loaded);
    void serve(const store::VersionRow& version);
    void note_failure(const store::VersionRow& version, std::int64_t since, std::string_view how,
                      const std::string& reason);

    std::mutex loading_;                    // one change of the slot at a time
    std::int64_t failed_transaction_ = -1;  // of the ledger row whose version could not be loaded here
    std::int64_t failed_follow_ = -1;       // version that was approved and could not be loaded here
    mutable std::mutex failure_mutex_;
    std::string failure_;  // why nothing is served, for messages

  public:
    std::shared_mutex observing;
    std::vector<std::shared_ptr<Observer>> observers;
};

struct EndpointMonitor::State {
    State(std::shared_ptr<store::Store> opened, Registry versions, std::string endpoint_name,
          std::shared_ptr<detail::InteractionLog> interaction_log, std::shared_ptr<detail::CountedHere> counted_here)
        : store(std::move(opened)),
          registry(std::move(versions)),
          endpoint(std::move(endpoint_name)),
          log(std::move(interaction_log)),
          counted(std::move(counted_here)) {}

    const std::shared_ptr<store::Store> store;
    const Registry registry;
    const std::string endpoint;
    const std::shared_ptr<detail::InteractionLog> log;  // flushed before it is read
    const std::shared_ptr<detail::CountedHere> counted;

    /// The live version's package, read once.
    [[nodiscard]] std::shared_ptr<const Package> live_package();

    std::mutex mutex;
    std::shared_ptr<const Package> package;
};

namespace detail {

/// The endpoint's row; NotFound naming those there are.
store::EndpointRow require_endpoint(const store::Session& session, std::string_view name);
/// NotFound naming model and version.
store::VersionRow require_version(const store::Session& session, std::string_view model, std::int64_t version);
/// Of a version that answered for an endpoint; nothing where it is not known.
std::optional<Signature> signature_of(const store::Session& session, std::string_view endpoint, std::int64_t version);
/// The version of a name as Registry explains them; NotFound.
[[nodiscard]] store::VersionRow resolve(const store::Session& session, std::string_view name);
[[nodiscard]] Version to_version(const store::VersionRow& row);

}  // namespace detail
}  // namespace holdfast
