/// Clock: the only source of time. Every wait, deadline, lease and poll goes through one, so that a test or a
/// replay runs on a SimulatedClock.
///
/// Thread safety: all calls are safe from several threads.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include <holdfast/base/time.hpp>
#include <holdfast/export.hpp>

namespace holdfast {

class HOLDFAST_EXPORT Clock {
  public:
    virtual ~Clock();

    /// Wall time, UTC.
    [[nodiscard]] virtual Time now() const = 0;
    /// Never goes back; its zero is arbitrary.
    [[nodiscard]] virtual Duration steady_now() const = 0;
    /// Waits on `condition` (whose mutex `lock` holds) until it is notified or steady time `t` has come.
    /// Spurious wake-ups happen: loop on your predicate. Returns false once `t` has come.
    virtual bool wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& condition,
                            Duration t) const = 0;
    /// True where time moves only when told: then nothing watches by itself (see Workspace::refresh).
    [[nodiscard]] virtual bool simulated() const noexcept { return false; }
};

/// The process-wide system clock.
[[nodiscard]] HOLDFAST_EXPORT std::shared_ptr<Clock> system_clock();

/// Time that stands still until it is moved; moving it wakes the waiters that are due. Who moves it must hold no lock
/// that a waiter waits with: it is taken to notify.
class HOLDFAST_EXPORT SimulatedClock final : public Clock {
  public:
    explicit SimulatedClock(Time start);
    ~SimulatedClock() override;

    [[nodiscard]] Time now() const override;
    [[nodiscard]] Duration steady_now() const override;
    bool wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& condition, Duration t) const override;
    [[nodiscard]] bool simulated() const noexcept override { return true; }

    void advance(Duration by);  ///< `by` >= 0, else InvalidArgument
    /// Moves to `time`; going back is InvalidArgument (steady time follows the same steps).
    void set(Time time);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace holdfast
