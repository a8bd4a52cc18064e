// Watcher: a thread that notices what other processes committed.
//
// Thread safety: all calls are safe from several threads. In a forked child the thread is not there; `stop` and the
// destructor then do nothing.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include <holdfast/base/fork.hpp>
#include <holdfast/store/store.hpp>

namespace holdfast {

class Watcher {
  public:
    /// False where nobody wants it called again. What it throws is logged, and it is called again soon.
    using Look = std::function<bool()>;

    explicit Watcher(std::shared_ptr<store::Store> store);
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    /// Calls `look` from the thread, which the first of them starts, whenever something was committed.
    void watch(Look look);
    void stop();

  private:
    struct Shared;

    ForkGuard guard_;
    std::shared_ptr<Shared> shared_;
    std::unique_ptr<std::thread> thread_;
};

}  // namespace holdfast
