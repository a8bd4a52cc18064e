// InteractionLog: takes what requests have to log and commits it in groups, on a thread of its own.
//
// Requests are encoded by their callers and copied into the group that is filling. The writer swaps that group for the
// one it committed last and writes it in one transaction, over and over until it is committed; memory is bounded by two
// groups, grown once and reused. The writer looks about every 20 ms while there is traffic, and a caller wakes it only
// where it sleeps, where many rows wait, or where somebody waits for the commit.
//
// `mutex_` guards all that follows it. The writer alone touches `draining_`, without the mutex. Nothing is locked while
// a transaction runs.
//
// In a forked child the thread is not there and the mutex may be held for ever: whoever comes by is refused by the
// guard before anything is locked, and nothing is destroyed there.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <holdfast/base/fork.hpp>
#include <holdfast/base/result.hpp>
#include <holdfast/store/store.hpp>

#include "workspace/dropped_rows.hpp"
#include "workspace/log_group.hpp"
#include "workspace/upkeep.hpp"

namespace holdfast::detail {

class InteractionLog {
  public:
    /// `most_rows`: that may wait to be committed.
    [[nodiscard]] static std::shared_ptr<InteractionLog> open(std::shared_ptr<store::Store> store,
                                                              std::int64_t most_rows, std::uint64_t seed);
    /// Commits what waits, with one last attempt.
    ~InteractionLog();
    InteractionLog(const InteractionLog&) = delete;
    InteractionLog& operator=(const InteractionLog&) = delete;

    /// UsedAfterFork in a forked child; Unavailable once closed.
    void check() const;

    /// Hands over one answered request and waits as its options say, `due` (steady time) at the longest. Its drops and
    /// sampled-out rows count as handed over. Conflict and the store's errors for before_reply, DeadlineExceeded.
    void hand_over(LogGroup& one, std::optional<Duration> due);
    /// Hands over a failed request; where there is no room it is not kept.
    void hand_over_failure(LogGroup& one);
    /// Commits a group on the caller's thread. `raising`: Conflict where an id is there with other features, and then
    /// nothing is committed.
    void commit(LogGroup& group, bool raising) {
        commit([](store::Session&) {}, group, raising);
    }
    /// The same; `before` runs first in the transaction, and may fill the group.
    void commit(const std::function<void(store::Session&)>& before, LogGroup& group, bool raising);

    /// With a simulated clock: applies retention, once a bucket at most. Else the writer does it.
    void keep_up();

    /// Whether a request of so many rows goes through the writer.
    [[nodiscard]] bool takes(std::int64_t rows) const noexcept { return rows <= most_rows_; }
    /// Returns once everything handed over before is committed; throws the store's error where an attempt failed.
    void flush();
    /// Flushes and refuses what comes later. What cannot be committed stays, and the log stays open.
    void close();
    /// The same, with one last attempt for what cannot be committed.
    void stop();
    [[nodiscard]] std::string salt();

  private:
    InteractionLog(std::shared_ptr<store::Store> store, std::int64_t most_rows, std::uint64_t seed);

    struct Wanted;  // a caller who waits for his commit

    void start_locked();
    void run();
    void wait_for_rows(std::unique_lock<std::mutex>& lock);
    /// Until it is committed; false where the log stops without.
    bool commit_draining(std::unique_lock<std::mutex>& lock, std::int64_t newest);
    void tell_clashes(const LogGroup& group, const GroupOutcome& outcome);
    void wake_locked(std::unique_lock<std::mutex>& lock);
    [[nodiscard]] bool full(const LogGroup& one) const noexcept;
    void wait_for_room(std::unique_lock<std::mutex>& lock, const LogGroup& one, std::optional<Duration> due);
    void wait_for_commit(std::unique_lock<std::mutex>& lock, std::int64_t ticket, Wanted& wanted,
                         std::optional<Duration> due);
    void drop(std::unique_lock<std::mutex>& lock, LogGroup& one);
    [[nodiscard]] bool nothing_waits() const noexcept { return filling_.empty() && !drops_wait_; }
    [[nodiscard]] bool upkeep_due() const;
    /// A step of it, without the mutex.
    void keep_up(std::unique_lock<std::mutex>& lock);

    const std::shared_ptr<store::Store> store_;
    const std::int64_t most_rows_;
    const std::uint64_t seed_;
    const ForkGuard guard_;
    LogGroup draining_;
    std::vector<DroppedPart> draining_dropped_;  // the writer's, too
    DroppedRows dropped_;
    std::mutex joining_;     // taken alone
    std::mutex keeping_up_;  // who keeps up without a writer; no other is taken before it
    Upkeep upkeep_;          // the writer's; without one, under keeping_up_
    std::optional<Time> kept_up_{};
    std::atomic<bool> closed_{false};

    mutable std::mutex mutex_;
    std::condition_variable work_;  // for the writer
    std::condition_variable done_;  // for those who wait for a commit, a failure or room
    LogGroup filling_;
    std::int64_t handed_over_ = 0;  // tickets given
    std::int64_t committed_ = 0;    // the newest ticket that is committed with all before it
    std::int64_t failed_ = 0;       // the newest ticket that an attempt failed on, or waited behind
    std::int64_t attempts_failed_ = 0;
    Failure failure_;  // of the last attempt, where it failed
    bool failing_ = false;
    std::map<std::int64_t, Wanted*> wanted_;  // by ticket
    bool urgent_ = false;                     // somebody waits
    bool asleep_ = false;                     // whoever hands over must wake the writer
    bool stopping_ = false;
    bool drops_wait_ = false;  // in dropped_, to be committed
    Duration next_upkeep_{};   // steady
    std::optional<std::string> salt_;
    std::thread writer_;
};

}  // namespace holdfast::detail
