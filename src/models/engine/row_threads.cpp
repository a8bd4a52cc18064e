#include "models/engine/row_threads.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include <holdfast/base/clock.hpp>
#include <holdfast/base/processors.hpp>
#include <holdfast/base/thread.hpp>

namespace holdfast::engine {
namespace {

constexpr std::chrono::microseconds worth_a_thread{200};  // some ten times what starting and joining one costs
constexpr std::int64_t trial_share = 32;                  // of the rows, which this thread does alone
constexpr std::int64_t pieces_a_thread = 4;               // so that one that is late holds nobody up for long
constexpr std::int64_t multiple = 16;                     // rows that engines take at a time

constexpr std::int64_t round_up(std::int64_t rows) { return (rows + multiple - 1) / multiple * multiple; }

/// What is left of the rows; several threads take from it.
class Rest {
  public:
    Rest(std::int64_t begin, std::int64_t end, std::int64_t piece) : next_(begin), end_(end), piece_(piece) {}

    /// Pieces are taken in order and finished once taken: the first error among them is the same in every run.
    void work(const std::function<RowWork()>& worker) noexcept {
        std::int64_t begin = next_.load();
        try {
            const RowWork work = worker();
            while ((begin = next_.fetch_add(piece_)) < end_) work(begin, std::min(piece_, end_ - begin));
        } catch (...) {
            next_.store(end_);
            const std::lock_guard lock(mutex_);
            if (begin < failed_at_) {
                failed_at_ = begin;
                error_ = std::current_exception();
            }
        }
    }
    void rethrow() const {
        if (error_) std::rethrow_exception(error_);
    }

  private:
    std::atomic<std::int64_t> next_;
    std::int64_t end_, piece_;
    std::mutex mutex_;
    std::int64_t failed_at_ = std::numeric_limits<std::int64_t>::max();
    std::exception_ptr error_;
};

using Threads = std::vector<std::unique_ptr<std::thread>>;

/// As many as the system gives.
template <class Body>
Threads start(int number, const Body& body) {
    Threads threads;
    try {
        for (int i = 0; i < number; ++i) threads.push_back(detail::start_quietly(body));
    } catch (const std::system_error&) {
    }
    return threads;
}

}  // namespace

void run_on_threads(std::int64_t rows, std::int64_t block, int threads, const RowWork& mine,
                    const std::function<RowWork()>& another) {
    const auto clock = system_clock();
    const std::int64_t first = std::min({rows, block, round_up(rows / trial_share)});
    const Duration begin = clock->steady_now();
    mine(0, first);
    const Duration took = clock->steady_now() - begin;
    const std::int64_t rest = rows - first;
    const auto worth = first == 0 ? 0 : took.count() * rest / first / worth_a_thread.count();
    const auto share = ProcessorShare::of_free(static_cast<int>(std::min<std::int64_t>(threads, worth)));
    const std::int64_t piece =
        share.threads() == 1 ? block : std::min(block, round_up(rest / (share.threads() * pieces_a_thread)));
    Rest left(first, rows, std::max<std::int64_t>(piece, 1));
    const Threads others = start(share.threads() - 1, [&] { left.work(another); });
    left.work([&] { return mine; });
    for (const auto& thread : others) thread->join();
    left.rethrow();
}

}  // namespace holdfast::engine
