#include <holdfast/base/fork.hpp>

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <utility>

#include <holdfast/base/error.hpp>

namespace holdfast {
namespace {

// Counts the forks between the first process and this one. Unlike a pid it costs no system call to read and is never
// used twice along a line of descent.
std::atomic<int> generation{0};

void count_forks() {
    static const int registered = ::pthread_atfork(nullptr, nullptr, [] { generation.fetch_add(1); });
    if (registered != 0) throw InternalError("fork guard: the fork handler could not be registered");
}

}  // namespace

ForkGuard::ForkGuard(std::string what) : what_(std::move(what)), pid_(::getpid()) {
    count_forks();
    generation_ = generation.load(std::memory_order_relaxed);
}

void ForkGuard::check() const {
    if (in_owner()) [[likely]]
        return;
    throw UsedAfterFork(what_ + ": made in process " + std::to_string(pid_) + ", used in its forked child " +
                        std::to_string(::getpid()) + "; open it again in the child");
}

bool ForkGuard::in_owner() const noexcept { return generation.load(std::memory_order_relaxed) == generation_; }

}  // namespace holdfast
