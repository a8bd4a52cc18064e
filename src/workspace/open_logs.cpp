#include "workspace/open_logs.hpp"

#include <atomic>
#include <cstdlib>

#include "workspace/interaction_log.hpp"

namespace holdfast::detail {
namespace {

// Never destroyed: it is asked at the very end. A forked child begins a list of its own, as its parent's may be locked.
std::atomic<OpenLogs*> current{nullptr};

}  // namespace

OpenLogs& OpenLogs::here() {
    OpenLogs* logs = current.load();
    if (logs != nullptr && logs->guard_.in_owner()) return *logs;
    auto* fresh = new OpenLogs;
    if (current.compare_exchange_strong(logs, fresh)) return *fresh;
    delete fresh;
    return *logs;
}

void OpenLogs::add(InteractionLog& log) {
    static const int registered = std::atexit(stop_all);
    static_cast<void>(registered);  // without it the last rows may be lost, and nothing else
    OpenLogs& logs = here();
    const std::lock_guard lock(logs.mutex_);
    logs.logs_.insert(&log);
}

void OpenLogs::remove(InteractionLog& log) {
    OpenLogs& logs = here();
    const std::lock_guard lock(logs.mutex_);
    logs.logs_.erase(&log);
}

void OpenLogs::stop_all() {
    OpenLogs& logs = here();
    while (true) {
        InteractionLog* log = nullptr;
        {
            const std::lock_guard lock(logs.mutex_);
            if (logs.logs_.empty()) return;
            log = *logs.logs_.begin();
            logs.logs_.erase(logs.logs_.begin());
        }
        log->stop();
    }
}

}  // namespace holdfast::detail
