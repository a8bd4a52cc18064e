// OpenLogs: the interaction logs of this process whose writer runs, so that a process which ends with a workspace open
// commits what it logged instead of ending under its writer's feet.
#pragma once

#include <mutex>
#include <set>

#include <holdfast/base/fork.hpp>

namespace holdfast::detail {

class InteractionLog;

class OpenLogs {
  public:
    static void add(InteractionLog& log);
    static void remove(InteractionLog& log);

  private:
    static OpenLogs& here();
    static void stop_all();

    ForkGuard guard_{"open interaction logs"};
    std::mutex mutex_;
    std::set<InteractionLog*> logs_;
};

}  // namespace holdfast::detail
