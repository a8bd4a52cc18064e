/// Workspace: one folder that remembers: registry, endpoints, interactions, decisions. Several processes of one host
/// may have it open.
///
///     holdfast::Workspace ws{"./line"};
///     auto endpoint = ws.endpoint("inspection");
///
/// A handle: copies share the open folder. In a forked child every call but close() throws UsedAfterFork; open it anew
/// there.
///
/// Thread safety: all calls are safe from several threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/clock.hpp>
#include <holdfast/export.hpp>
#include <holdfast/store/store.hpp>
#include <holdfast/workspace/endpoint.hpp>
#include <holdfast/workspace/registry.hpp>

namespace holdfast {

struct WorkspaceOptions {
    std::string name_space = "default";
    std::shared_ptr<Clock> clock{};  ///< null: the system's
    bool create = true;              ///< false: NotFound where the folder holds no workspace
    std::uint64_t seed =
        0;  ///< 0: ids made here are random; else drawn from (seed, endpoint, how many were logged before)
};

struct EndpointOptions {
    std::string model{};              ///< empty: the endpoint's own name
    std::vector<std::string> good{};  ///< labels that count as yield
};

/// What an endpoint keeps of its interactions; nothing said keeps all.
struct Retention {
    std::optional<Duration> older_than{};  ///< those with an event time longer ago go
    std::optional<std::int64_t>
        larger_than{};  ///< the oldest go until packed features and outputs fit in so many bytes
};

/// The interaction log's readers and the labels' writer.
class HOLDFAST_EXPORT Interactions {
  public:
    /// Appends labels; ids may be unknown yet. `endpoint` empty: for every endpoint's interaction of that id.
    /// InvalidArgument where the lengths differ. One transaction.
    void label(std::span<const Id> ids, const Column& labels, std::optional<Time> time = {},
               std::string_view endpoint = {});
    [[nodiscard]] store::InteractionTable query(const store::InteractionQuery& query) const;
    [[nodiscard]] std::int64_t count(const store::InteractionQuery& query) const;

    /// Takes in what another system logged, and labels of its rows (null where there is none), known at
    /// `label_times`: one transaction. What is there already is passed over; the result counts the interactions that
    /// are new. NotFound (endpoint), Conflict (a key with other features), InvalidArgument.
    std::int64_t load(const store::InteractionBatch& batch, const std::optional<Column>& labels = {},
                      std::span<const Time> label_times = {});

    /// Takes out an endpoint's interactions that retention does not keep, the oldest first, and the labels that join
    /// nothing any more: 10,000 in a transaction, so that others can write between two.
    std::vector<store::RemovalRow> prune(std::string_view endpoint, const Retention& retention);
    /// Takes out all of one entity in this namespace, with its labels, in one transaction; then rewrites the database
    /// so that no byte of it is left in the folder's files. Registry, ledger and decisions stay.
    std::vector<store::RemovalRow> erase(std::string_view entity);
    [[nodiscard]] std::vector<store::RemovalRow> removals(std::string_view endpoint) const;

  private:
    friend class Workspace;
    explicit Interactions(std::shared_ptr<store::Store> store) : store_(std::move(store)) {}
    std::shared_ptr<store::Store> store_;
};

class HOLDFAST_EXPORT Workspace {
  public:
    explicit Workspace(const std::filesystem::path& folder, WorkspaceOptions options = {});

    [[nodiscard]] Registry& registry();
    [[nodiscard]] Interactions& interactions();
    /// Conflict where there is one of that name with other options; the same call again is the same endpoint.
    Endpoint create_endpoint(std::string_view name, EndpointOptions options = {});
    [[nodiscard]] Endpoint endpoint(std::string_view name);  ///< NotFound, naming those there are
    [[nodiscard]] std::vector<std::string> endpoints() const;

    void record_metric(std::string_view name, double value, std::optional<Time> time = {});
    void record_event(std::string_view kind, Json data, std::optional<Time> time = {});

    void refresh();  ///< looks for what other processes deployed; with a simulated clock nothing watches by itself
    void flush();    ///< returns once everything logged before is committed
    void close();    ///< flushes; every later call is Unavailable; in a forked child does nothing: it is the parent's

    [[nodiscard]] const std::filesystem::path& folder() const noexcept;
    [[nodiscard]] const std::shared_ptr<Clock>& clock() const noexcept;
    [[nodiscard]] store::Store& store() const;  ///< for rooms above

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace holdfast
