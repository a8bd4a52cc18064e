// SqlSession: the store's Session over one connection. Its parts are in session_*.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <holdfast/store/store.hpp>

#include "store/sqlite.hpp"

namespace holdfast::store::detail {

class SqlSession final : public Session {
  public:
    SqlSession(Connection& connection, const std::string& name_space, Time recorded, std::int64_t transaction)
        : connection_(connection), namespace_(name_space), recorded_(recorded), transaction_(transaction) {}

    [[nodiscard]] std::int64_t transaction() const override { return transaction_; }

    VersionRow add_version(const std::string& model, const Digest& package, const Json& manifest,
                           Time event_time) override;
    void add_approval(const ApprovalRow& row) override;
    [[nodiscard]] std::optional<VersionRow> version(std::string_view model, std::int64_t version) const override;
    [[nodiscard]] std::optional<VersionRow> latest_approved(std::string_view model) const override;
    [[nodiscard]] std::vector<VersionRow> versions(std::string_view model) const override;
    [[nodiscard]] std::vector<ApprovalRow> approvals(std::string_view model, std::int64_t version) const override;
    [[nodiscard]] std::optional<VersionRow> version(std::string_view model, const Digest& package) const override;
    [[nodiscard]] std::int64_t next_version(std::string_view model) const override;

    void add_alias(const AliasRow& row) override;
    [[nodiscard]] std::optional<AliasRow> alias(std::string_view model, std::string_view alias) const override;
    [[nodiscard]] std::vector<AliasRow> aliases(std::string_view model) const override;
    void add_signature(const Digest& package, const KeySignature& signature) override;
    [[nodiscard]] std::vector<KeySignature> signatures(const Digest& package) const override;
    [[nodiscard]] std::set<Digest> named_artifacts() const override;

    void put_endpoint(const EndpointRow& row) override;
    [[nodiscard]] std::optional<EndpointRow> endpoint(std::string_view name) const override;
    [[nodiscard]] std::vector<EndpointRow> endpoints() const override;
    void add_deployment(const DeploymentRow& row) override;
    [[nodiscard]] std::vector<DeploymentRow> deployments(std::string_view endpoint,
                                                         std::int64_t after_transaction) const override;
    [[nodiscard]] std::optional<DeploymentRow> live(std::string_view endpoint,
                                                    std::optional<std::int64_t> up_to) const override;
    [[nodiscard]] std::optional<DeploymentRow> served(std::string_view endpoint, Time time) const override;
    [[nodiscard]] std::optional<DeploymentRow> deployment_of(std::string_view endpoint, std::int64_t version,
                                                             std::int64_t up_to) const override;
    [[nodiscard]] std::optional<DeploymentRow> rollback_target(std::string_view endpoint) const override;

    std::int64_t add_interactions(const InteractionBatch& batch) override;
    std::vector<Written> add_each(const InteractionBatch& batch) override;
    [[nodiscard]] std::int64_t logged() const override;
    void pass_over(std::int64_t rows) override;
    void add_labels(std::span<const LabelRow> rows) override;
    [[nodiscard]] InteractionTable interactions(const InteractionQuery& query) const override;
    [[nodiscard]] std::int64_t count_interactions(const InteractionQuery& query) const override;
    [[nodiscard]] std::vector<CohortRow> cohorts(const InteractionQuery& query, Duration width,
                                                 std::optional<Time> settled) const override;
    [[nodiscard]] Totals totals(std::string_view endpoint, std::optional<std::int64_t> up_to,
                                Totals since) const override;
    [[nodiscard]] std::vector<LabelRow> labels(std::string_view id) const override;
    [[nodiscard]] std::vector<std::string> endpoints_of(std::string_view id) const override;
    [[nodiscard]] std::string arithmetic(std::string_view endpoint, std::string_view id) const override;

    std::int64_t schema_number(const Schema& schema, std::int64_t features, std::string_view arithmetic) override;
    std::vector<Written> add_encoded(std::span<const EncodedInteraction> rows) override;
    void add_failure(const FailureRow& row) override;
    [[nodiscard]] std::vector<FailureRow> failures(std::string_view endpoint, std::optional<Time> after,
                                                   std::optional<Time> until) const override;
    void add_summary(const SummaryRow& part) override;
    void merge_summaries(const SummaryRow& merged) override;
    [[nodiscard]] std::vector<SummaryRow> summaries(const SummaryQuery& query) const override;
    [[nodiscard]] std::vector<SummaryRow> summary_parts(const SummaryRow& of) const override;
    [[nodiscard]] std::int64_t count_summary_parts(const SummaryRow& of) const override;
    [[nodiscard]] std::optional<std::int64_t> first_summarised(std::string_view endpoint,
                                                               std::string_view role) const override;
    [[nodiscard]] StoredSchema stored_schema(std::int64_t number) const override;
    [[nodiscard]] std::vector<std::vector<std::byte>> stored_rows(const SummaryRow& of, Time after,
                                                                  Time until) const override;
    [[nodiscard]] LogExtent log_extent(std::string_view endpoint) const override;
    [[nodiscard]] LabelProgress labels_summed() const override;
    [[nodiscard]] LabelProgress newest_rows() const override;
    void put_labels_summed(const LabelProgress& progress) override;
    [[nodiscard]] std::vector<LabelChange> label_changes(LabelProgress& progress, std::int64_t most) const override;
    [[nodiscard]] std::vector<LabelChange> labels_recorded(const LabelSumRow& of, Time after,
                                                           Time until) const override;
    [[nodiscard]] std::vector<LabelChange> summed_labels(std::span<const std::string> ids) const override;
    [[nodiscard]] std::vector<LabelSumRow> label_sums(const SummaryQuery& query) const override;
    void put_label_sums(const LabelSumRow& row) override;
    [[nodiscard]] Json logging(std::string_view endpoint) const override;
    void put_logging(std::string_view endpoint, const Json& logging) override;
    std::string salt(std::string_view fresh) override;

    void add_metric(const MetricRow& row) override;
    void add_event(const EventRow& row) override;
    [[nodiscard]] std::vector<MetricRow> metrics(std::string_view name, std::optional<Time> after,
                                                 std::optional<Time> until, std::optional<std::int64_t> last,
                                                 std::optional<std::int64_t> up_to) const override;
    [[nodiscard]] std::vector<EventRow> events(std::optional<std::int64_t> after_transaction,
                                               std::optional<std::int64_t> up_to) const override;

    std::int64_t add_decision(const DecisionRow& row) override;
    [[nodiscard]] std::vector<DecisionRow> decisions(std::string_view endpoint) const override;
    [[nodiscard]] std::optional<DecisionRow> decision(std::string_view endpoint, std::int64_t sequence) const override;
    [[nodiscard]] std::optional<DecisionRow> last_decision(std::string_view endpoint, std::string_view action,
                                                           std::optional<std::int64_t> up_to) const override;
    [[nodiscard]] std::optional<ControllerRow> controller(std::string_view endpoint) const override;
    void put_controller_config(std::string_view endpoint, const Json& config) override;
    std::optional<std::int64_t> take_lease(std::string_view endpoint, std::string_view owner, Time until) override;
    void release_lease(std::string_view endpoint, std::string_view owner) override;
    void put_controller_state(std::string_view endpoint, std::int64_t fence, const Json& state) override;

    void put_job(const JobRow& row) override;
    [[nodiscard]] std::optional<JobRow> job(std::string_view id) const override;
    [[nodiscard]] std::vector<JobRow> jobs(std::string_view endpoint) const override;

    std::int64_t add_notification(const NotificationRow& row, std::span<const std::string> channels) override;
    [[nodiscard]] NotificationRow notification(std::int64_t sequence) const override;
    [[nodiscard]] std::vector<DeliveryRow> undelivered(std::string_view endpoint) const override;
    void put_delivery(const DeliveryRow& row) override;
    std::vector<DeliveryRow> remove_notifications(std::string_view endpoint, Time before, std::int64_t kept,
                                                  std::int64_t most) override;
    [[nodiscard]] bool has_old_notifications(std::string_view endpoint, Time before, std::int64_t kept) const override;

    [[nodiscard]] std::optional<Time> fits_from(std::string_view endpoint, std::int64_t bytes) const override;
    std::optional<RemovalRow> remove_before(std::string_view endpoint, Time before, std::int64_t most,
                                            std::string_view reason) override;
    std::vector<RemovalRow> remove_entity(std::string_view entity, std::string_view reason) override;
    [[nodiscard]] std::vector<RemovalRow> removals(std::string_view endpoint) const override;
    [[nodiscard]] std::vector<EntityRow> entity_rows(std::string_view entity) const override;

  private:
    [[nodiscard]] Time event_time(Time given) const noexcept { return given == Time{} ? recorded_ : given; }
    [[nodiscard]] bool removed_between(std::string_view endpoint, std::int64_t after, std::int64_t until) const;
    [[nodiscard]] std::int64_t newest_seq() const;  ///< of all interactions; 0 where there are none
    /// Takes the interactions in the temporary table `doomed` out of one endpoint; `all_labels`: also labels that join
    /// what stays.
    RemovalRow remove_doomed(std::string_view endpoint, std::string_view reason, bool all_labels);
    /// Notes up to when the rows in `doomed` reach, which retention takes.
    void note_pruned(std::string_view endpoint);
    /// Adds to, or takes from, what log_extent says.
    void note_added(std::span<const EncodedInteraction> rows, std::span<const Written> outcomes);
    void add_to_extent(std::string_view endpoint, std::int64_t rows, std::int64_t bytes);
    /// What became of rows that one statement was given just now.
    void add_outcomes(std::span<const EncodedInteraction> rows, std::vector<Written>& outcomes) const;
    /// Whether what is stored under the row's key has other features.
    [[nodiscard]] bool clashes(const EncodedInteraction& row) const;

    Connection& connection_;
    const std::string& namespace_;
    Time recorded_;
    std::int64_t transaction_;
};

/// A label's value in a row's column; nothing where it is null.
[[nodiscard]] std::optional<LabelValue> label_at(const Statement& row, int column);

/// The stamp in columns `first`, `first` + 1 and `first` + 2 of a row.
[[nodiscard]] inline Stamp stamp_at(const Statement& row, int first) {
    return {row.time(first), row.time(first + 1), row.integer(first + 2)};
}

}  // namespace holdfast::store::detail
