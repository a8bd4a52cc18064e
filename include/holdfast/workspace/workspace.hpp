/// Workspace: one folder that remembers: registry, endpoints, interactions, decisions. Several processes of one host
/// may have it open.
///
///     holdfast::Workspace ws{"./line"};
///     auto endpoint = ws.endpoint("inspection");
///
/// A handle: copies share the open folder. From its first endpoint on, a thread looks for what other processes deployed
/// and approved, every 100 ms and by one cheap question, and has the endpoint serve it. In a forked child every call
/// but close() throws UsedAfterFork; open it anew there.
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
#include <holdfast/workspace/summary.hpp>

namespace holdfast {

struct WorkspaceOptions {
    std::string name_space = "default";
    std::shared_ptr<Clock> clock{};  ///< null: the system's
    bool create = true;              ///< false: NotFound where the folder holds no workspace
    std::uint64_t seed =
        0;  ///< 0: ids made here are random; else drawn from (seed, endpoint, how many were logged before)
    std::int64_t log_rows = 65'536;  ///< that may wait to be committed; see Overflow
    /// Where there are any, a package that none of them signed is not registered, deployed or loaded.
    std::vector<PublicKey> trusted_keys{};
};

struct EndpointOptions {
    std::string model{};                      ///< empty: the endpoint's own name
    std::vector<std::string> good{};          ///< labels that count as yield
    std::optional<LoggingOptions> logging{};  ///< none: as it is, at first the defaults
};

/// What `prune` keeps of an endpoint's interactions; nothing said keeps all. LoggingOptions has the standing rule.
struct Retention {
    std::optional<Duration> older_than{};  ///< those with an event time longer ago go
    std::optional<std::int64_t>
        larger_than{};  ///< the oldest go until packed features and outputs fit in so many bytes
};

namespace detail {
class InteractionLog;
}

/// The interaction log's readers, which see what this workspace has logged, and the labels' writer.
class HOLDFAST_EXPORT Interactions {
  public:
    /// Appends labels; ids may be unknown yet. `endpoint` empty: for every endpoint's interaction of that id.
    /// InvalidArgument where the lengths differ. One transaction.
    void label(std::span<const Id> ids, const Column& labels, std::optional<Time> time = {},
               std::string_view endpoint = {});
    [[nodiscard]] store::InteractionTable query(const store::InteractionQuery& query) const;
    [[nodiscard]] std::int64_t count(const store::InteractionQuery& query) const;
    /// What (after, until] comes to, of one version or of all: from the buckets it spans and the rows at its edges, so
    /// that it costs the same however many rows there are. Where retention took the rows at an edge, what is left of
    /// its bucket is not told: see Summary::after. Conflict where columns changed meanwhile.
    [[nodiscard]] Summary summary(std::string_view endpoint, Time after, Time until,
                                  std::optional<std::int64_t> version = {}) const;

    /// How right the answers were whose newest label was recorded in (after, until]; from sums, at a like cost. A row
    /// that retention took counts with the label that it had.
    [[nodiscard]] LabelSummary label_summary(std::string_view endpoint, Time after, Time until,
                                             std::optional<std::int64_t> version = {}) const;

    /// Takes in what another system logged, and labels of its rows (null where there is none), known at
    /// `label_times`: one transaction. What is there already is passed over; the result counts the interactions that
    /// are new. NotFound (endpoint), Conflict (a key with other features), InvalidArgument.
    std::int64_t load(const store::InteractionBatch& batch, const std::optional<Column>& labels = {},
                      std::span<const Time> label_times = {});

    /// Takes out an endpoint's interactions that retention does not keep, the oldest first, and the labels that join
    /// nothing any more: 10,000 in a transaction, so that others can write between two. Summaries keep counting them.
    std::vector<store::RemovalRow> prune(std::string_view endpoint, const Retention& retention);
    /// Takes out all of one entity in this namespace, with its labels and its part in summaries, in one transaction;
    /// then rewrites the database so that no byte of it is left in the folder's files. Registry, ledger and decisions
    /// stay. Buckets that held one of its rows are summarised again from the rows that remain.
    std::vector<store::RemovalRow> erase(std::string_view entity);
    [[nodiscard]] std::vector<store::RemovalRow> removals(std::string_view endpoint) const;

  private:
    friend class Workspace;
    Interactions(std::shared_ptr<store::Store> store, std::shared_ptr<detail::InteractionLog> log)
        : store_(std::move(store)), log_(std::move(log)) {}
    std::shared_ptr<store::Store> store_;
    std::shared_ptr<detail::InteractionLog> log_;  // flushed before its rows are read
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

    /// The ledger's row of what answered at `time`, as committed; none before the first deployment. NotFound.
    [[nodiscard]] std::optional<store::DeploymentRow> what_served(std::string_view endpoint, Time time) const;

    /// Removes artifacts that no version, decision or job of any namespace needs, and temporary files that killed
    /// processes left, unless they were written within `grace`. `dry_run` only tells.
    store::Garbage collect_garbage(bool dry_run = false, Duration grace = std::chrono::hours(1));

    /// Looks for what other processes deployed or approved. From the first endpoint on a thread does so by itself,
    /// except with a simulated clock.
    void refresh();
    /// Returns once everything logged before is committed; throws what stands in the way. With a simulated clock it is
    /// also what applies retention, once a bucket at most.
    void flush();
    /// Flushes; every later call is Unavailable. What cannot be committed throws, and the workspace stays open. In a
    /// forked child does nothing: it is the parent's.
    void close();

    [[nodiscard]] const std::filesystem::path& folder() const noexcept;
    [[nodiscard]] const std::shared_ptr<Clock>& clock() const noexcept;
    [[nodiscard]] store::Store& store() const;  ///< for rooms above; flushes, so that they see what was logged

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace holdfast
