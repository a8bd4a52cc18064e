#include <holdfast/base/processors.hpp>

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace holdfast {
namespace {

std::atomic<int> taken{0};

// Threads that held a share stayed behind; no share spans a call that could fork.
[[maybe_unused]] const int at_fork = ::pthread_atfork(nullptr, nullptr, [] { taken.store(0); });

}  // namespace

int processors() noexcept {
    static const int number = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    return number;
}

ProcessorShare ProcessorShare::of_free(int wanted) noexcept {
    int before = taken.load(std::memory_order_relaxed), threads = 1;
    do {
        threads = std::clamp(processors() - before, 1, std::max(1, wanted));
    } while (!taken.compare_exchange_weak(before, before + threads, std::memory_order_relaxed));
    return ProcessorShare(threads);
}

ProcessorShare ProcessorShare::of_any(int wanted) noexcept {
    taken.fetch_add(wanted, std::memory_order_relaxed);
    return ProcessorShare(wanted);
}

ProcessorShare::~ProcessorShare() { taken.fetch_sub(threads_, std::memory_order_relaxed); }

}  // namespace holdfast
