/// Store: a workspace's memory: one SQLite database in WAL mode, and content-addressed artifacts beside it.
///
/// All writing happens inside `write`, one immediate transaction each, numbered by one counter that grows across
/// processes; what it committed survives the process. Reading sees what was committed when it began.
///
/// Errors: Unsupported (a newer schema, naming both), CorruptArtifact (not a database of ours, or a truncated one; an
/// artifact of another size; whoever opens its bytes checks the rest), PermissionDenied, IoError, Unavailable (locked
/// for longer than the time-out, or closed), UsedAfterFork.
///
/// Thread safety: all calls are safe from several threads; writers take turns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/clock.hpp>
#include <holdfast/base/hash.hpp>
#include <holdfast/export.hpp>
#include <holdfast/store/interactions.hpp>
#include <holdfast/store/rows.hpp>
#include <holdfast/store/verification.hpp>

namespace holdfast::store {

/// What a transaction can read and write. Valid only inside the call of `Store::write` or `Store::read` that gave it.
/// Rows written get the store's namespace, the clock's time as recorded time, and the transaction's number; their own
/// `event_time` is kept, or is the recorded time where it is zero.
class HOLDFAST_EXPORT Session {
  public:
    virtual ~Session();

    [[nodiscard]] virtual std::int64_t transaction()
        const = 0;  ///< this one's number; when reading, the newest committed

    // Versions. `add_version` gives back the row that is there when (model, package) is known already.
    virtual VersionRow add_version(const std::string& model, const Digest& package, const Json& manifest,
                                   Time event_time) = 0;
    virtual void add_approval(const ApprovalRow& row) = 0;  ///< and moves the version to row.state
    [[nodiscard]] virtual std::optional<VersionRow> version(std::string_view model, std::int64_t version) const = 0;
    /// The highest-numbered version that is approved.
    [[nodiscard]] virtual std::optional<VersionRow> latest_approved(std::string_view model) const = 0;
    [[nodiscard]] virtual std::vector<VersionRow> versions(std::string_view model) const = 0;  ///< empty model: of all
    [[nodiscard]] virtual std::vector<ApprovalRow> approvals(std::string_view model, std::int64_t version) const = 0;

    // Endpoints and their ledger.
    virtual void put_endpoint(const EndpointRow& row) = 0;
    [[nodiscard]] virtual std::optional<EndpointRow> endpoint(std::string_view name) const = 0;
    [[nodiscard]] virtual std::vector<EndpointRow> endpoints() const = 0;
    virtual void add_deployment(const DeploymentRow& row) = 0;
    [[nodiscard]] virtual std::vector<DeploymentRow> deployments(
        std::string_view endpoint) const = 0;  ///< oldest first
    /// The newest deploy or rollback; what is live.
    [[nodiscard]] virtual std::optional<DeploymentRow> live(std::string_view endpoint,
                                                            std::optional<std::int64_t> up_to = {}) const = 0;

    // Interactions and labels.
    /// Rows whose key is there with the same features are passed over, and counted in the result; with other features:
    /// Conflict naming endpoint and id.
    virtual std::int64_t add_interactions(const InteractionBatch& batch) = 0;  ///< rows newly written
    /// Grows with every interaction written to the workspace, in any namespace: what ids made here are drawn by.
    [[nodiscard]] virtual std::int64_t logged() const = 0;
    virtual void add_label(
        const LabelRow& row) = 0;  ///< nothing new where the newest says it already; InvalidArgument for a NaN
    [[nodiscard]] virtual InteractionTable interactions(const InteractionQuery& query) const = 0;
    [[nodiscard]] virtual std::int64_t count_interactions(const InteractionQuery& query) const = 0;
    [[nodiscard]] virtual std::vector<LabelRow> labels(std::string_view id) const = 0;  ///< oldest first

    // What others measured.
    virtual void add_metric(const MetricRow& row) = 0;
    virtual void add_event(const EventRow& row) = 0;
    [[nodiscard]] virtual std::vector<MetricRow> metrics(std::string_view name, std::optional<Time> after,
                                                         std::optional<Time> until, std::optional<std::int64_t> last,
                                                         std::optional<std::int64_t> up_to) const = 0;
    [[nodiscard]] virtual std::vector<EventRow> events(std::optional<std::int64_t> after_transaction,
                                                       std::optional<std::int64_t> up_to) const = 0;

    // Decisions and controllers.
    virtual std::int64_t add_decision(const DecisionRow& row) = 0;                                  ///< its sequence
    [[nodiscard]] virtual std::vector<DecisionRow> decisions(std::string_view endpoint) const = 0;  ///< oldest first
    [[nodiscard]] virtual std::optional<DecisionRow> decision(std::string_view endpoint,
                                                              std::int64_t sequence) const = 0;
    [[nodiscard]] virtual std::optional<ControllerRow> controller(std::string_view endpoint) const = 0;
    virtual void put_controller_config(std::string_view endpoint, const Json& config) = 0;
    /// Takes the lease (free, run out, or the owner's own) until `until`; gives back its fence, or nothing where
    /// another holds it. The owner's own, before it runs out, keeps its fence; every other taking raises it.
    virtual std::optional<std::int64_t> take_lease(std::string_view endpoint, std::string_view owner, Time until) = 0;
    virtual void release_lease(std::string_view endpoint, std::string_view owner) = 0;
    /// LeaseLost unless `fence` is the controller's current one.
    virtual void put_controller_state(std::string_view endpoint, std::int64_t fence, const Json& state) = 0;

    // Removals: interactions in any role, with the labels that join nothing any more. Each is a row of `removals`.
    /// The earliest event time from which on the endpoint's packed rows fit into `bytes`; nothing where all do.
    [[nodiscard]] virtual std::optional<Time> fits_from(std::string_view endpoint, std::int64_t bytes) const = 0;
    /// The oldest `most` interactions with an event time before `before`; nothing where there are none.
    virtual std::optional<RemovalRow> remove_before(std::string_view endpoint, Time before, std::int64_t most,
                                                    std::string_view reason) = 0;
    /// All of one entity, at every endpoint, and every label of their ids there; one row an endpoint.
    virtual std::vector<RemovalRow> remove_entity(std::string_view entity, std::string_view reason) = 0;
    [[nodiscard]] virtual std::vector<RemovalRow> removals(std::string_view endpoint) const = 0;  ///< oldest first
};

struct Options {
    std::string name_space = "default";
    std::shared_ptr<Clock> clock{};  ///< null: the system's
    std::int64_t busy_timeout_ms = 10'000;
    bool create = true;  ///< false: NotFound where there is no workspace
};

class HOLDFAST_EXPORT Store {
  public:
    static constexpr std::int64_t schema_version = 2;

    /// Opens or makes `folder`/holdfast.db, migrating an older schema forward.
    Store(std::filesystem::path folder, Options options = {});
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// All of `body` or nothing; gives back the transaction's number. An exception of `body` rolls back and passes on.
    std::int64_t write(const std::function<void(Session&)>& body);
    void read(const std::function<void(const Session&)>& body) const;
    /// Changes whenever another connection committed: cheap enough to ask before a request.
    [[nodiscard]] std::int64_t data_version() const;

    /// Adds what is wrong with the database's rows, in every namespace, as of one moment.
    void verify(Verification& found) const;
    [[nodiscard]] std::vector<std::string> name_spaces() const;  ///< of models and endpoints that are there
    /// A copy of the database as of one moment, made while others write; `to` must not be there yet.
    void copy_database(const std::filesystem::path& to) const;
    /// Rewrites the database and empties its log, so that no byte of what was removed is left in either. Unavailable
    /// where a reader keeps the log in use for longer than the time-out.
    void scrub();

    // Artifacts: bytes named by a digest the caller computed (a package by its identity). Written before the row that
    // names them, so that a crash leaves at most an artifact that nothing names.
    void put_artifact(const Digest& name, std::string_view ending, std::span<const std::byte> bytes);
    [[nodiscard]] std::vector<std::byte> artifact(const Digest& name, std::string_view ending) const;  ///< NotFound
    [[nodiscard]] std::filesystem::path artifact_path(const Digest& name, std::string_view ending) const;

    [[nodiscard]] const std::filesystem::path& folder() const noexcept;
    [[nodiscard]] const std::string& name_space() const noexcept;
    [[nodiscard]] const std::shared_ptr<Clock>& clock() const noexcept;
    void close();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace holdfast::store
