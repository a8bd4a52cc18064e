// Runs a body in a forked child: 0 where it returned, 1 where it threw, 128 + n where signal n ended it.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <functional>

namespace holdfast::testing {

inline int waited_for(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

inline pid_t start_child(const std::function<void()>& body) {
    const pid_t child = ::fork();
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
