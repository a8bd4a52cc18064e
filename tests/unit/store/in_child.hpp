// Runs a body in a forked child: 0 where it returned, 1 where it threw, 128 + n where signal n ended it.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <thread>

namespace holdfast::testing {

inline int waited_for(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// fork(). GCC 12's AddressSanitizer does not take its allocator's locks for it: a child that inherits one from a busy
/// thread waits for it forever. There, all threads get the time to fall idle.
inline pid_t forked() {
#ifdef __SANITIZE_ADDRESS__
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
#endif
    return ::fork();
}

inline pid_t start_child(const std::function<void()>& body) {
    const pid_t child = forked();
    if (child != 0) return child;
    try {
        body();
        ::_exit(0);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "child: %s\n", error.what());
    } catch (...) {
    }
    ::_exit(1);
}

inline int in_child(const std::function<void()>& body) { return waited_for(start_child(body)); }

}  // namespace holdfast::testing
