// SqlSession: the store's Session over one connection. Its parts are in session_*.cpp.
#pragma once

#include <cstdint>
#include <string>

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

    void put_endpoint(const EndpointRow& row) override;
    [[nodiscard]] std::optional<EndpointRow> endpoint(std::string_view name) const override;
    [[nodiscard]] std::vector<EndpointRow> endpoints() const override;
    void add_deployment(const DeploymentRow& row) override;
    [[nodiscard]] std::vector<DeploymentRow> deployments(std::string_view endpoint) const override;
    [[nodiscard]] std::optional<DeploymentRow> live(std::string_view endpoint,
                                                    std::optional<std::int64_t> up_to) const override;

    std::int64_t add_interactions(const InteractionBatch& batch) override;
    [[nodiscard]] std::int64_t logged() const override;
    void add_label(const LabelRow& row) override;
    [[nodiscard]] InteractionTable interactions(const InteractionQuery& query) const override;
    [[nodiscard]] std::int64_t count_interactions(const InteractionQuery& query) const override;
    [[nodiscard]] std::vector<LabelRow> labels(std::string_view id) const override;

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
    [[nodiscard]] std::optional<ControllerRow> controller(std::string_view endpoint) const override;
    void put_controller_config(std::string_view endpoint, const Json& config) override;
    std::optional<std::int64_t> take_lease(std::string_view endpoint, std::string_view owner, Time until) override;
    void release_lease(std::string_view endpoint, std::string_view owner) override;
    void put_controller_state(std::string_view endpoint, std::int64_t fence, const Json& state) override;

    [[nodiscard]] std::optional<Time> fits_from(std::string_view endpoint, std::int64_t bytes) const override;
    std::optional<RemovalRow> remove_before(std::string_view endpoint, Time before, std::int64_t most,
                                            std::string_view reason) override;
    std::vector<RemovalRow> remove_entity(std::string_view entity, std::string_view reason) override;
    [[nodiscard]] std::vector<RemovalRow> removals(std::string_view endpoint) const override;

  private:
    [[nodiscard]] Time event_time(Time given) const noexcept { return given == Time{} ? recorded_ : given; }
    [[nodiscard]] std::int64_t schema_number(const Schema& schema, std::int64_t features);
    [[nodiscard]] std::int64_t newest_seq() const;  ///< of all interactions; 0 where there are none
    /// Takes the interactions in the temporary table `doomed` out of one endpoint; `all_labels`: also labels that join
    /// what stays.
    RemovalRow remove_doomed(std::string_view endpoint, std::string_view reason, bool all_labels);
    void refuse_other_features(const InteractionBatch& batch, std::int64_t row, const Table& features) const;

    Connection& connection_;
    const std::string& namespace_;
    Time recorded_;
    std::int64_t transaction_;
};

/// The stamp in columns `first`, `first` + 1 and `first` + 2 of a row.
[[nodiscard]] inline Stamp stamp_at(const Statement& row, int first) {
    return {row.time(first), row.time(first + 1), row.integer(first + 2)};
}

}  // namespace holdfast::store::detail
