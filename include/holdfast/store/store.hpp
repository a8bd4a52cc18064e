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
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/clock.hpp>
#include <holdfast/base/ed25519.hpp>
#include <holdfast/base/hash.hpp>
#include <holdfast/export.hpp>
#include <holdfast/store/interactions.hpp>
#include <holdfast/store/log_rows.hpp>
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
    /// The version that is this package.
    [[nodiscard]] virtual std::optional<VersionRow> version(std::string_view model, const Digest& package) const = 0;
    /// The number that the next new package of the model gets.
    [[nodiscard]] virtual std::int64_t next_version(std::string_view model) const = 0;

    // Aliases and signatures.
    virtual void add_alias(const AliasRow& row) = 0;
    [[nodiscard]] virtual std::optional<AliasRow> alias(std::string_view model, std::string_view alias) const = 0;
    [[nodiscard]] virtual std::vector<AliasRow> aliases(std::string_view model) const = 0;  ///< all moves, oldest first
    virtual void add_signature(const Digest& package, const KeySignature& signature) = 0;
    [[nodiscard]] virtual std::vector<KeySignature> signatures(const Digest& package) const = 0;  ///< by key

    /// Digests that rows of any namespace name: packages, and whatever else their JSON speaks of.
    [[nodiscard]] virtual std::set<Digest> named_artifacts() const = 0;

    // Endpoints and their ledger.
    virtual void put_endpoint(const EndpointRow& row) = 0;
    [[nodiscard]] virtual std::optional<EndpointRow> endpoint(std::string_view name) const = 0;
    [[nodiscard]] virtual std::vector<EndpointRow> endpoints() const = 0;
    virtual void add_deployment(const DeploymentRow& row) = 0;
    [[nodiscard]] virtual std::vector<DeploymentRow> deployments(
        std::string_view endpoint, std::int64_t after_transaction = 0) const = 0;  ///< oldest first
    /// The newest deploy or rollback; what is live.
    [[nodiscard]] virtual std::optional<DeploymentRow> live(std::string_view endpoint,
                                                            std::optional<std::int64_t> up_to = {}) const = 0;
    /// The deploy or rollback that was the newest at `time`.
    [[nodiscard]] virtual std::optional<DeploymentRow> served(std::string_view endpoint, Time time) const = 0;
    /// The newest deploy or rollback of that version, up to a transaction.
    [[nodiscard]] virtual std::optional<DeploymentRow> deployment_of(std::string_view endpoint, std::int64_t version,
                                                                     std::int64_t up_to) const = 0;
    /// Where a rollback goes back to: the ledger is a stack, on which a deployment lays its version and from which a
    /// rollback takes the live one. Versions rejected since are passed over.
    [[nodiscard]] virtual std::optional<DeploymentRow> rollback_target(std::string_view endpoint) const = 0;

    // Interactions and labels.
    /// Rows whose key is there with the same features are passed over, and counted in the result; with other features:
    /// Conflict naming endpoint and id.
    virtual std::int64_t add_interactions(const InteractionBatch& batch) = 0;  ///< rows newly written
    /// The same, and says of each row what became of it: added or known.
    virtual std::vector<Written> add_each(const InteractionBatch& batch) = 0;
    /// Grows with every interaction written to the workspace, in any namespace: what ids made here are drawn by.
    [[nodiscard]] virtual std::int64_t logged() const = 0;
    virtual void pass_over(std::int64_t rows) = 0;  ///< `logged` grows by rows that are not kept
    /// Appended in this order, but for what the newest of an id says already; InvalidArgument for a NaN.
    virtual void add_labels(std::span<const LabelRow> rows) = 0;
    void add_label(const LabelRow& row) { add_labels({&row, 1}); }
    [[nodiscard]] virtual InteractionTable interactions(const InteractionQuery& query) const = 0;
    [[nodiscard]] virtual std::int64_t count_interactions(const InteractionQuery& query) const = 0;
    /// The interactions of `query` (its endpoint, role, stretch of event time and transactions) by buckets of event
    /// time; settled: labelled, or of an event time up to that one. Oldest first.
    [[nodiscard]] virtual std::vector<CohortRow> cohorts(const InteractionQuery& query, Duration width,
                                                         std::optional<Time> settled) const = 0;
    /// How many live interactions there are, and how many of them have a label. It costs what came since the earlier
    /// totals of this endpoint that `since` gives; where interactions were removed in between, all is counted anew.
    [[nodiscard]] virtual Totals totals(std::string_view endpoint, std::optional<std::int64_t> up_to,
                                        Totals since) const = 0;
    [[nodiscard]] virtual std::vector<LabelRow> labels(std::string_view id) const = 0;  ///< oldest first
    /// Endpoints that logged an interaction of this id, by name.
    [[nodiscard]] virtual std::vector<std::string> endpoints_of(std::string_view id) const = 0;
    /// What computed the outputs of a live interaction; empty where nobody said, or there is none.
    [[nodiscard]] virtual std::string arithmetic(std::string_view endpoint, std::string_view id) const = 0;

    // The interaction log: rows encoded beforehand, failures, summaries, and how each endpoint logs.
    /// The number of a schema whose first `features` columns are features and whose outputs such an arithmetic computed
    /// (empty: nobody said); stored where it is new.
    virtual std::int64_t schema_number(const Schema& schema, std::int64_t features, std::string_view arithmetic) = 0;
    virtual std::vector<Written> add_encoded(std::span<const EncodedInteraction> rows) = 0;  ///< one outcome a row
    virtual void add_failure(const FailureRow& row) = 0;
    [[nodiscard]] virtual std::vector<FailureRow> failures(std::string_view endpoint, std::optional<Time> after,
                                                           std::optional<Time> until) const = 0;
    virtual void add_summary(const SummaryRow& part) = 0;
    /// Puts one part in the place of all parts of its bucket, version and schema.
    virtual void merge_summaries(const SummaryRow& merged) = 0;
    [[nodiscard]] virtual std::vector<SummaryRow> summaries(const SummaryQuery& query) const = 0;
    /// All parts of one bucket, version and schema; and how many.
    [[nodiscard]] virtual std::vector<SummaryRow> summary_parts(const SummaryRow& of) const = 0;
    [[nodiscard]] virtual std::int64_t count_summary_parts(const SummaryRow& of) const = 0;
    /// Transactions before this one logged without summaries; none where nothing is summarised.
    [[nodiscard]] virtual std::optional<std::int64_t> first_summarised(std::string_view endpoint,
                                                                       std::string_view role) const = 0;
    [[nodiscard]] virtual StoredSchema stored_schema(std::int64_t number) const = 0;  ///< CorruptArtifact
    /// BLOBs of the stored rows of `of`, its version, schema and transactions, with an event time in (after, until].
    [[nodiscard]] virtual std::vector<std::vector<std::byte>> stored_rows(const SummaryRow& of, Time after,
                                                                          Time until) const = 0;
    [[nodiscard]] virtual LogExtent log_extent(std::string_view endpoint) const = 0;

    // Sums of labelled answers. What they hold is what the newest labels of rows up to `labels_summed` say.
    [[nodiscard]] virtual LabelProgress labels_summed() const = 0;
    [[nodiscard]] virtual LabelProgress newest_rows() const = 0;  ///< where `labels_summed` can get to
    virtual void put_labels_summed(const LabelProgress& progress) = 0;
    /// What the next rows, about `most` of them, change; `progress` moves on behind them.
    [[nodiscard]] virtual std::vector<LabelChange> label_changes(LabelProgress& progress, std::int64_t most) const = 0;
    /// Answers whose newest label was recorded in (after, until].
    [[nodiscard]] virtual std::vector<LabelChange> labels_recorded(const LabelSumRow& of, Time after,
                                                                   Time until) const = 0;
    /// What the sums hold of the interactions with these ids.
    [[nodiscard]] virtual std::vector<LabelChange> summed_labels(std::span<const std::string> ids) const = 0;
    [[nodiscard]] virtual std::vector<LabelSumRow> label_sums(const SummaryQuery& query) const = 0;
    virtual void put_label_sums(const LabelSumRow& row) = 0;

    [[nodiscard]] virtual Json logging(std::string_view endpoint) const = 0;  ///< {} where it was never said
    virtual void put_logging(std::string_view endpoint, const Json& logging) = 0;
    /// What values are hashed with, one a namespace; `fresh` becomes it where there is none.
    virtual std::string salt(std::string_view fresh) = 0;

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
    /// The newest of that action (any, where it is empty) up to a transaction.
    [[nodiscard]] virtual std::optional<DecisionRow> last_decision(std::string_view endpoint, std::string_view action,
                                                                   std::optional<std::int64_t> up_to) const = 0;
    [[nodiscard]] virtual std::optional<ControllerRow> controller(std::string_view endpoint) const = 0;
    virtual void put_controller_config(std::string_view endpoint, const Json& config) = 0;
    /// Takes the lease (free, run out, or the owner's own) until `until`; gives back its fence, or nothing where
    /// another holds it. The owner's own, before it runs out, keeps its fence; every other taking raises it.
    virtual std::optional<std::int64_t> take_lease(std::string_view endpoint, std::string_view owner, Time until) = 0;
    virtual void release_lease(std::string_view endpoint, std::string_view owner) = 0;
    /// LeaseLost unless `fence` is the controller's current one.
    virtual void put_controller_state(std::string_view endpoint, std::int64_t fence, const Json& state) = 0;

    // Training jobs.
    virtual void put_job(const JobRow& row) = 0;  ///< a new one, or the new standing of one
    [[nodiscard]] virtual std::optional<JobRow> job(std::string_view id) const = 0;
    [[nodiscard]] virtual std::vector<JobRow> jobs(std::string_view endpoint) const = 0;  ///< oldest first; empty: all

    // Notifications and their deliveries, one a channel.
    virtual std::int64_t add_notification(const NotificationRow& row, std::span<const std::string> channels) = 0;
    [[nodiscard]] virtual NotificationRow notification(std::int64_t sequence) const = 0;  ///< NotFound
    /// Deliveries that have not succeeded, oldest notification first.
    [[nodiscard]] virtual std::vector<DeliveryRow> undelivered(std::string_view endpoint) const = 0;
    /// Nothing where its notification was taken out.
    virtual void put_delivery(const DeliveryRow& row) = 0;
    /// Takes out notifications that were recorded before `before` or have `kept` newer ones, at most `most` of them,
    /// the oldest first. Gives back the deliveries that had not succeeded.
    virtual std::vector<DeliveryRow> remove_notifications(std::string_view endpoint, Time before, std::int64_t kept,
                                                          std::int64_t most) = 0;
    /// Whether there is one to take out.
    [[nodiscard]] virtual bool has_old_notifications(std::string_view endpoint, Time before,
                                                     std::int64_t kept) const = 0;

    // Removals: interactions in any role, with the labels that join nothing any more. Each is a row of `removals`.
    /// The earliest event time from which on the endpoint's packed rows fit into `bytes`; nothing where all do.
    [[nodiscard]] virtual std::optional<Time> fits_from(std::string_view endpoint, std::int64_t bytes) const = 0;
    /// The oldest `most` interactions with an event time before `before`; nothing where there are none.
    virtual std::optional<RemovalRow> remove_before(std::string_view endpoint, Time before, std::int64_t most,
                                                    std::string_view reason) = 0;
    /// All of one entity, at every endpoint, and every label of their ids there; one row an endpoint.
    virtual std::vector<RemovalRow> remove_entity(std::string_view entity, std::string_view reason) = 0;
    [[nodiscard]] virtual std::vector<RemovalRow> removals(std::string_view endpoint) const = 0;  ///< oldest first
    /// The stored interactions that are about an entity, in any role.
    [[nodiscard]] virtual std::vector<EntityRow> entity_rows(std::string_view entity) const = 0;
};

/// Files that nothing needs.
struct Garbage {
    std::vector<std::filesystem::path> files;
    std::int64_t bytes = 0;
};

struct Options {
    std::string name_space = "default";
    std::shared_ptr<Clock> clock{};  ///< null: the system's
    std::int64_t busy_timeout_ms = 10'000;
    bool create = true;  ///< false: NotFound where there is no workspace
};

class HOLDFAST_EXPORT Store {
  public:
    static constexpr std::int64_t schema_version = 3;

    /// Opens or makes `folder`/holdfast.db, migrating an older schema forward.
    Store(std::filesystem::path folder, Options options = {});
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// All of `body` or nothing; gives back the transaction's number. An exception of `body` rolls back and passes on.
    std::int64_t write(const std::function<void(Session&)>& body) { return write(body, true); }
    /// The same; without `synced` it does not wait for the disk: a killed process loses nothing of it, a power cut may
    /// take it, the transactions before it, that did wait, stay.
    std::int64_t write(const std::function<void(Session&)>& body, bool synced);
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
    // names them, so that a crash leaves at most an artifact that nothing names. Put again, it is as new.
    void put_artifact(const Digest& name, std::string_view ending, std::span<const std::byte> bytes);
    [[nodiscard]] std::vector<std::byte> artifact(const Digest& name, std::string_view ending) const;  ///< NotFound
    [[nodiscard]] std::filesystem::path artifact_path(const Digest& name, std::string_view ending) const;
    /// Removes artifacts that no row of any namespace names and temporary files that killed processes left, where they
    /// are older than `grace` by their file time (another process may be about to name them). `dry_run` only tells.
    Garbage collect_garbage(Duration grace, bool dry_run);

    [[nodiscard]] const std::filesystem::path& folder() const noexcept;
    [[nodiscard]] const std::string& name_space() const noexcept;
    [[nodiscard]] const std::shared_ptr<Clock>& clock() const noexcept;
    void close();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace holdfast::store
