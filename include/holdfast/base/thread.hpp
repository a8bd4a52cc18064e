/// Threads of Holdfast's own.
///
/// Errors: std::system_error where the system gives no thread.
///
/// Thread safety: a free function.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <memory>
#include <thread>
#include <utility>

namespace holdfast::detail {

/// A thread on which none of the host's signal handlers run.
template <class Body>
[[nodiscard]] std::unique_ptr<std::thread> start_quietly(Body body) {
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        auto thread = std::make_unique<std::thread>(std::move(body));
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        return thread;
    } catch (...) {
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
}

}  // namespace holdfast::detail
