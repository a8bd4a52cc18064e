#include <holdfast/base/clock.hpp>

#include <chrono>
#include <list>
#include <vector>

#include <holdfast/base/error.hpp>

namespace holdfast {
namespace {

class SystemClock final : public Clock {
  public:
    [[nodiscard]] Time now() const override { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

    [[nodiscard]] Duration steady_now() const override {
        return std::chrono::floor<Duration>(std::chrono::steady_clock::now().time_since_epoch());
    }

    bool wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& condition, Duration t) const override {
        using Steady = std::chrono::steady_clock;
        // The standard's clock counts nanoseconds: a due time that it cannot hold never comes.
        if (t > std::chrono::floor<Duration>(Steady::duration::max())) {
            condition.wait(lock);
            return true;
        }
        if (t <= steady_now()) return false;
        return condition.wait_until(lock, Steady::time_point(t)) == std::cv_status::no_timeout;
    }
};

}  // namespace

Clock::~Clock() = default;

std::shared_ptr<Clock> system_clock() {
    static const auto clock = std::make_shared<SystemClock>();
    return clock;
}

// Locks. A waiter holds its own mutex and takes ours below it. Whoever moves time must take the waiter's mutex to
// notify, or the notification could fall between the waiter's look at the time and its wait; it therefore lets go of
// ours first, and pins the waiter meanwhile so that neither mutex nor condition can go away. A waiter that finds itself
// pinned lets go of its own mutex until the pin is gone.
struct SimulatedClock::Impl {
    struct Waiter {
        std::mutex* mutex;
        std::condition_variable* condition;
        Duration due;
        int pins = 0;
    };

    explicit Impl(Time at) : start(at), time(at) {}

    void move(std::unique_lock<std::mutex> held, Time to) {
        time = to;
        std::vector<Waiter*> due;
        for (auto& waiter : waiters) {
            if (waiter.due > time - start) continue;
            ++waiter.pins;
            due.push_back(&waiter);
        }
        held.unlock();
        for (auto* waiter : due) {
            {
                const std::scoped_lock own(*waiter->mutex);
                waiter->condition->notify_all();
            }
            held.lock();
            --waiter->pins;
            held.unlock();
            unpinned.notify_all();
        }
    }

    std::mutex mutex;
    std::condition_variable unpinned;
    const Time start;
    Time time;
    std::list<Waiter> waiters;
};

SimulatedClock::SimulatedClock(Time start) : impl_(std::make_unique<Impl>(start)) {}
SimulatedClock::~SimulatedClock() = default;

Time SimulatedClock::now() const {
    const std::scoped_lock held(impl_->mutex);
    return impl_->time;
}

Duration SimulatedClock::steady_now() const {
    const std::scoped_lock held(impl_->mutex);
    return impl_->time - impl_->start;
}

bool SimulatedClock::wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& condition,
                                Duration t) const {
    std::unique_lock held(impl_->mutex);
    if (impl_->time - impl_->start >= t) return false;
    const auto waiter = impl_->waiters.insert(impl_->waiters.end(), {lock.mutex(), &condition, t});
    held.unlock();

    condition.wait(lock);

    held.lock();
    if (waiter->pins > 0) {
        held.unlock();
        lock.unlock();
        held.lock();
        impl_->unpinned.wait(held, [&] { return waiter->pins == 0; });
        impl_->waiters.erase(waiter);
        const bool early = impl_->time - impl_->start < t;
        held.unlock();
        lock.lock();
        return early;
    }
    impl_->waiters.erase(waiter);
    return impl_->time - impl_->start < t;
}

void SimulatedClock::advance(Duration by) {
    if (by < Duration::zero())
        throw InvalidArgument("simulated clock: advance by " + std::to_string(by.count()) +
                              " microseconds given, 0 or more wanted");
    std::unique_lock held(impl_->mutex);
    // Steady time, the distance from the start, must fit too.
    std::int64_t to = 0;
    std::int64_t steady = 0;
    if (__builtin_add_overflow(to_micros(impl_->time), std::int64_t{by.count()}, &to) ||
        __builtin_sub_overflow(to, to_micros(impl_->start), &steady))
        throw InvalidArgument("simulated clock: advance runs past the last time that can be told");
    impl_->move(std::move(held), from_micros(to));
}

void SimulatedClock::set(Time time) {
    std::unique_lock held(impl_->mutex);
    if (time < impl_->time)
        throw InvalidArgument("simulated clock: time " + format_time(time) + " given, " + format_time(impl_->time) +
                              " or later wanted");
    impl_->move(std::move(held), time);
}

}  // namespace holdfast
