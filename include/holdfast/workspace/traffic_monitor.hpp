/// TrafficMonitor: an endpoint's recent traffic in memory, for display and alarms.
///
///     auto traffic = std::make_shared<TrafficMonitor>();
///     endpoint.add_observer(traffic);
///     traffic->window().drift(reference, 5000);
///
/// It sees what this process answered since it was added, and is forgotten on exit; a policy looks at none of it, but
/// at what is computed from committed rows. Memory is bounded by the limits.
///
/// Thread safety: all calls are safe from several threads.
#pragma once

#include <memory>

#include <holdfast/base/metrics.hpp>
#include <holdfast/export.hpp>
#include <holdfast/monitor/window_monitor.hpp>
#include <holdfast/serving/observer.hpp>

namespace holdfast {

class HOLDFAST_EXPORT TrafficMonitor final : public Observer {
  public:
    explicit TrafficMonitor(const WindowLimits& limits = {}) : window_(limits) {}
    ~TrafficMonitor() override;

    /// Features of the newest rows, and the series "latency_us", one point a request.
    void answered(const Answered& request) noexcept override;

    [[nodiscard]] const WindowMonitor& window() const noexcept { return window_; }
    [[nodiscard]] const LatencyHistogram& latency() const noexcept { return latency_; }
    [[nodiscard]] std::int64_t requests() const noexcept { return requests_.value(); }
    /// Requests whose rows could not be kept: their columns were others than before, as after a swap to another
    /// signature.
    [[nodiscard]] std::int64_t passed_over() const noexcept { return passed_over_.value(); }

  private:
    WindowMonitor window_;
    LatencyHistogram latency_;
    Counter requests_;
    Counter passed_over_;
};

}  // namespace holdfast
