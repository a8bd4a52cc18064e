#include "workspace/interaction_log.hpp"

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/fail_point.hpp>
#include <holdfast/base/log.hpp>
#include <holdfast/base/rng.hpp>

#include "workspace/open_logs.hpp"

namespace holdfast::detail {
namespace {

using std::chrono::milliseconds;

constexpr Duration gathering = milliseconds(20);         // how long rows may wait for others
constexpr Duration lingering = std::chrono::seconds(1);  // without rows, before the writer sleeps
constexpr std::size_t enough_rows = 1000;                // that are worth a transaction at once
constexpr std::size_t most_bytes = std::size_t{64} << 20;
constexpr Duration first_pause = milliseconds(10), longest_pause = std::chrono::seconds(5);
constexpr Duration before_upkeep = std::chrono::seconds(5);  // of a writer that has just started
constexpr Duration never = Duration::max();

}  // namespace

struct InteractionLog::Wanted {
    std::string clash;  // the message, where an id was there with other features
};

InteractionLog::InteractionLog(std::shared_ptr<store::Store> store, std::int64_t most_rows, std::uint64_t seed)
    : store_(std::move(store)),
      most_rows_(most_rows),
      seed_(seed),
      guard_("interaction log of workspace \"" + store_->folder().string() + "\""),
      upkeep_(store_) {
    if (most_rows < 1) {
        throw InvalidArgument("workspace: log_rows is " + std::to_string(most_rows) + ", at least 1 wanted");
    }
}

InteractionLog::~InteractionLog() { stop(); }

std::shared_ptr<InteractionLog> InteractionLog::open(std::shared_ptr<store::Store> store, std::int64_t most_rows,
                                                     std::uint64_t seed) {
    // Of a log that a child inherited nothing may be destroyed: its conditions wait for a thread that is not there.
    return {new InteractionLog(std::move(store), most_rows, seed), [](InteractionLog* log) {
                if (log->guard_.in_owner()) delete log;
            }};
}

void InteractionLog::check() const {
    guard_.check();
    if (closed_.load()) throw Unavailable("workspace \"" + store_->folder().string() + "\": closed; open it again");
}

bool InteractionLog::full(const LogGroup& one) const noexcept {
    return filling_.rows.size() + filling_.failures.size() + std::max<std::size_t>(1, one.rows.size()) >
               static_cast<std::size_t>(most_rows_) ||
           (!filling_.rows.empty() && filling_.bytes.size() + one.bytes.size() > most_bytes);
}

void InteractionLog::hand_over(LogGroup& one, std::optional<Duration> due) {
    const auto options = one.requests.front().options;
    std::unique_lock lock(mutex_);
    check();
    start_locked();
    if (full(one)) {
        if (options->overflow == Overflow::drop) return drop(lock, one);
        wait_for_room(lock, one, due);
    }
    const bool waits = options->durability == Durability::before_reply;
    const std::int64_t ticket = ++handed_over_;
    const bool was_few = filling_.rows.size() < enough_rows;
    filling_.append(one, ticket);
    if (waits) {
        Wanted wanted;
        wanted_.emplace(ticket, &wanted);
        wait_for_commit(lock, ticket, wanted, due);
    } else if (asleep_ || (was_few && filling_.rows.size() >= enough_rows)) {
        wake_locked(lock);
    }
}

void InteractionLog::hand_over_failure(LogGroup& one) {
    std::unique_lock lock(mutex_);
    check();
    start_locked();
    if (full(one)) {
        log(LogLevel::warning, "workspace", "interaction log: full; a failed request is not kept");
        return;
    }
    filling_.append(one, ++handed_over_);
    if (asleep_) wake_locked(lock);
}

void InteractionLog::drop(std::unique_lock<std::mutex>& lock, LogGroup& one) {
    const DropReason reason = failing_ ? DropReason::store_error : DropReason::full;
    lock.unlock();
    for (const LogGroup::Request& request : one.requests)
        request.stream->dropped[static_cast<std::size_t>(reason)].add(static_cast<std::int64_t>(request.rows));
    dropped_.add(one, reason);
    lock.lock();
    drops_wait_ = true;
    ++handed_over_;
}

void InteractionLog::wake_locked(std::unique_lock<std::mutex>& lock) {
    asleep_ = false;
    lock.unlock();
    work_.notify_one();
    lock.lock();
}

void InteractionLog::wait_for_room(std::unique_lock<std::mutex>& lock, const LogGroup& one,
                                   std::optional<Duration> due) {
    const std::int64_t failed_before = attempts_failed_;
    const Clock& clock = *store_->clock();
    urgent_ = true;
    work_.notify_one();
    while (full(one)) {
        if (attempts_failed_ != failed_before) throw_error(failure_.code, failure_.message);
        if (!clock.wait_until(lock, done_, due.value_or(never)) && full(one)) {
            throw DeadlineExceeded("interaction log: " + std::to_string(filling_.rows.size()) +
                                   " rows wait to be committed, and there was no room within the deadline; not logged");
        }
        check();
    }
}

void InteractionLog::wait_for_commit(std::unique_lock<std::mutex>& lock, std::int64_t ticket, Wanted& wanted,
                                     std::optional<Duration> due) {
    const std::int64_t failed_before = attempts_failed_;
    const Clock& clock = *store_->clock();
    urgent_ = true;
    asleep_ = false;
    work_.notify_one();
    bool late = false;
    while (committed_ < ticket && !late && !(attempts_failed_ != failed_before && failed_ >= ticket))
        late = !clock.wait_until(lock, done_, due.value_or(never));
    wanted_.erase(ticket);
    if (committed_ >= ticket) {
        if (!wanted.clash.empty()) throw Conflict(wanted.clash);
        return;
    }
    if (!late) throw_error(failure_.code, failure_.message + "; the rows are kept and tried again");
    throw DeadlineExceeded(
        "interaction log: not committed within the deadline; it may be yet, so the same ids may be "
        "given again");
}

void InteractionLog::start_locked() {
    if (writer_.joinable()) return;
    try {
        next_upkeep_ = store_->clock()->steady_now() + before_upkeep;
        writer_ = std::thread([this] { run(); });
        OpenLogs::add(*this);
    } catch (const std::system_error& error) {
        throw Unavailable(std::string("interaction log: no thread for its writer: ") + error.what());
    }
}

void InteractionLog::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wait_for_rows(lock);
        if (!nothing_waits()) {
            std::swap(filling_, draining_);
            filling_.reserve_as(draining_);
            drops_wait_ = false;
            done_.notify_all();  // there is room
            if (!commit_draining(lock, handed_over_)) return;
        } else if (stopping_) {
            return;
        }
        if (!stopping_ && upkeep_due()) keep_up(lock);
    }
}

void InteractionLog::wait_for_rows(std::unique_lock<std::mutex>& lock) {
    const Clock& clock = *store_->clock();
    const Duration since = clock.steady_now();
    while (nothing_waits() && !stopping_) {
        if (upkeep_due()) return;
        const Duration now = clock.steady_now();
        if (now - since < lingering) {
            clock.wait_until(lock, work_, now + gathering);
        } else {
            asleep_ = true;
            clock.wait_until(lock, work_, upkeep_.retains() ? next_upkeep_ : never);
            asleep_ = false;
        }
    }
    const Duration until = clock.steady_now() + gathering;
    while (!urgent_ && !stopping_ && filling_.rows.size() < enough_rows) {
        if (!clock.wait_until(lock, work_, until)) break;
    }
    urgent_ = false;
}

bool InteractionLog::upkeep_due() const { return store_->clock()->steady_now() >= next_upkeep_; }

void InteractionLog::keep_up(std::unique_lock<std::mutex>& lock) {
    lock.unlock();
    bool more = false;
    try {
        more = upkeep_.sum_labels() || upkeep_.retain();
    } catch (const std::exception& error) {
        log(LogLevel::warning, "workspace", std::string("interaction log: upkeep is put off: ") + error.what());
    }
    lock.lock();
    next_upkeep_ = store_->clock()->steady_now() + (more ? Duration::zero() : upkeep_.pause());
}

void InteractionLog::keep_up() {
    check();
    const Clock& clock = *store_->clock();
    if (!clock.simulated()) return;
    const std::lock_guard lock(keeping_up_);
    if (kept_up_ && clock.now() - *kept_up_ < upkeep_.pause()) return;
    kept_up_ = clock.now();
    while (upkeep_.retain()) {
    }
}

bool InteractionLog::commit_draining(std::unique_lock<std::mutex>& lock, std::int64_t newest) {
    const Clock& clock = *store_->clock();
    Duration pause = first_pause;
    bool fresh = true;
    while (true) {
        lock.unlock();
        GroupOutcome outcome;
        std::optional<Failure> failed;
        try {
            if (fresh) draining_dropped_ = dropped_.take();
            fresh = false;
            const bool synced =
                std::any_of(draining_.requests.begin(), draining_.requests.end(),
                            [](const auto& request) { return request.options->durability != Durability::none; });
            store_->write(
                [&](store::Session& session) { outcome = write_group(session, draining_, draining_dropped_); }, synced);
            fail_point("workspace.log.committed");
            count(draining_, outcome);
        } catch (const Error& error) {
            failed = Failure{error.code(), error.what()};
        } catch (const std::exception& error) {
            failed = Failure{ErrorCode::internal, error.what()};
        }
        if (failed && pause == first_pause) {
            log(LogLevel::error, "workspace",
                "interaction log: " + std::to_string(draining_.rows.size()) +
                    " rows cannot be committed and are tried again: " + failed->message);
        }
        lock.lock();
        failing_ = failed.has_value();
        if (!failed) {
            tell_clashes(draining_, outcome);
            committed_ = newest;
            draining_.clear();
            draining_dropped_.clear();
            done_.notify_all();
            return true;
        }
        failure_ = std::move(*failed);
        failed_ = handed_over_;
        ++attempts_failed_;
        done_.notify_all();
        if (stopping_) return false;
        urgent_ = false;
        const Duration again = clock.steady_now() + pause;
        while (!urgent_ && !stopping_ && clock.wait_until(lock, work_, again)) {
        }
        pause = std::min(2 * pause, longest_pause);
    }
}

void InteractionLog::tell_clashes(const LogGroup& group, const GroupOutcome& outcome) {
    for (const Clash& clash : outcome.clashes) {
        const LogGroup::Request& request = group.requests[clash.request];
        std::string message = clash_message(request.stream->endpoint, clash.id);
        if (const auto waiting = wanted_.find(request.ticket); waiting != wanted_.end()) {
            if (waiting->second->clash.empty()) waiting->second->clash = std::move(message);  // the first
        } else {
            log(LogLevel::warning, "workspace", message + "; the first one stays");
        }
    }
}

void InteractionLog::commit(const std::function<void(store::Session&)>& before, LogGroup& group, bool raising) {
    check();
    GroupOutcome outcome;
    store_->write([&](store::Session& session) {
        before(session);
        outcome = write_group(session, group);
        if (raising && !outcome.clashes.empty()) {
            const Clash& clash = outcome.clashes.front();
            throw Conflict(clash_message(group.requests[clash.request].stream->endpoint, clash.id));
        }
    });
    count(group, outcome);
    const std::lock_guard lock(mutex_);
    tell_clashes(group, outcome);
}

void InteractionLog::flush() {
    guard_.check();
    std::unique_lock lock(mutex_);
    if (!writer_.joinable()) return;
    const std::int64_t wanted = handed_over_, failed_before = attempts_failed_;
    if (committed_ >= wanted) return;
    const Clock& clock = *store_->clock();
    urgent_ = true;
    asleep_ = false;
    work_.notify_one();
    while (committed_ < wanted && attempts_failed_ == failed_before) clock.wait_until(lock, done_, never);
    if (committed_ < wanted) throw_error(failure_.code, failure_.message);
}

void InteractionLog::close() {
    if (!guard_.in_owner()) return;
    flush();
    stop();
}

void InteractionLog::stop() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = stopping_ = true;
        work_.notify_one();
        done_.notify_all();
    }
    const std::lock_guard one_at_a_time(joining_);
    if (!writer_.joinable()) return;
    writer_.join();
    OpenLogs::remove(*this);
    if (!draining_.empty() || !filling_.empty()) {
        log(LogLevel::error, "workspace",
            "interaction log: closed with " + std::to_string(draining_.rows.size() + filling_.rows.size()) +
                " rows that could not be committed: " + failure_.message);
    }
}

std::string InteractionLog::salt() {
    {
        const std::lock_guard lock(mutex_);
        if (salt_) return *salt_;
    }
    Rng rng = seed_ == 0 ? Rng::from_system() : Rng(seed_, "salt", store_->name_space());
    std::string fresh;
    for (int i = 0; i < 64; ++i) fresh += "0123456789abcdef"[rng.below(16)];
    std::string salt;
    store_->write([&](store::Session& session) { salt = session.salt(fresh); });
    const std::lock_guard lock(mutex_);
    salt_ = salt;
    return salt;
}

}  // namespace holdfast::detail
