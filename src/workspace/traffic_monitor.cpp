#include <holdfast/workspace/traffic_monitor.hpp>

#include <exception>
#include <span>
#include <string>
#include <vector>

#include <holdfast/workspace/logged.hpp>

namespace holdfast {

TrafficMonitor::~TrafficMonitor() = default;

void TrafficMonitor::answered(const Answered& request) noexcept {
    requests_.add();
    latency_.record(request.latency_ns);
    try {
        const auto logged = logged_columns(request.served.model->signature(), request.batch, request.outputs);
        const std::span<const std::string> names(logged.values.names());
        window_.add(logged.values.select(names.first(static_cast<std::size_t>(logged.features))));
        if (!request.times.empty()) {
            window_.record("latency_us", request.times.back(), static_cast<double>(request.latency_ns) / 1000.0);
        }
    } catch (const std::exception&) {
        passed_over_.add();
    }
}

}  // namespace holdfast
