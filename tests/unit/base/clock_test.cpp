#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include <holdfast/base/clock.hpp>
#include <holdfast/base/error.hpp>

namespace holdfast {
namespace {

using namespace std::chrono_literals;

TEST(SystemClock, GoesForward) {
    const auto clock = system_clock();
    EXPECT_EQ(clock, system_clock());
    EXPECT_FALSE(clock->simulated());
    EXPECT_GT(to_micros(clock->now()), 1'600'000'000'000'000);
    const auto before = clock->steady_now();
    EXPECT_GE(clock->steady_now(), before);
}

TEST(SystemClock, WaitEndsAtItsTime) {
    const auto clock = system_clock();
    std::mutex mutex;
    std::condition_variable condition;
    std::unique_lock lock(mutex);
    const auto due = clock->steady_now() + 2ms;
    while (clock->wait_until(lock, condition, due)) {
    }
    EXPECT_GE(clock->steady_now(), due);
    EXPECT_FALSE(clock->wait_until(lock, condition, Duration::min()));
}

TEST(SystemClock, WaitForeverIsWokenByANotification) {
    const auto clock = system_clock();
    std::mutex mutex;
    std::condition_variable condition;
    bool ready = false;
    std::jthread waker([&] {
        const std::scoped_lock held(mutex);
        ready = true;
        condition.notify_one();
    });
    std::unique_lock lock(mutex);
    while (!ready) EXPECT_TRUE(clock->wait_until(lock, condition, Duration::max()));
}

TEST(SimulatedClock, StandsStillUntilMoved) {
    SimulatedClock clock(from_micros(1000));
    EXPECT_TRUE(clock.simulated());
    EXPECT_EQ(clock.now(), from_micros(1000));
    EXPECT_EQ(clock.steady_now(), 0us);
    clock.advance(5s);
    EXPECT_EQ(clock.now(), from_micros(5'001'000));
    EXPECT_EQ(clock.steady_now(), 5s);
    clock.set(from_micros(6'001'000));
    EXPECT_EQ(clock.steady_now(), 6s);
}

TEST(SimulatedClock, RefusesToGoBack) {
    SimulatedClock clock(from_micros(1000));
    EXPECT_THROW(clock.advance(-1us), InvalidArgument);
    EXPECT_THROW(clock.set(from_micros(999)), InvalidArgument);
    EXPECT_THROW(clock.advance(Duration::max()), InvalidArgument);
    EXPECT_EQ(clock.now(), from_micros(1000));
    clock.set(from_micros(1000));
    clock.advance(0us);
}

TEST(SimulatedClock, WakesWhoIsDueAndLeavesTheOthers) {
    SimulatedClock clock(from_micros(0));
    std::mutex mutex;
    std::condition_variable soon_condition;
    std::condition_variable later_condition;
    std::atomic<bool> later_returned{false};

    std::jthread soon([&] {
        std::unique_lock lock(mutex);
        while (clock.wait_until(lock, soon_condition, 1s)) {
        }
    });
    std::jthread later([&] {
        std::unique_lock lock(mutex);
        while (clock.wait_until(lock, later_condition, 1h)) {
        }
        later_returned = true;
    });
    clock.advance(10s);
    soon.join();
    EXPECT_FALSE(later_returned);
    clock.advance(1h);
    later.join();
    EXPECT_TRUE(later_returned);
}

// A wake-up that is lost leaves a thread waiting for ever, and this test with it.
TEST(SimulatedClock, LosesNoWakeUp) {
    SimulatedClock clock(from_micros(0));
    constexpr int threads = 4;
    constexpr int rounds = 300;
    std::atomic<int> finished{0};
    {
        std::vector<std::jthread> waiters;
        for (int i = 0; i < threads; ++i)
            waiters.emplace_back([&] {
                for (int round = 0; round < rounds; ++round) {
                    // New ones each round: the clock must not touch them once the wait is over.
                    std::mutex mutex;
                    std::condition_variable condition;
                    std::unique_lock lock(mutex);
                    const auto due = clock.steady_now() + 3us;
                    while (clock.wait_until(lock, condition, due)) {
                    }
                    EXPECT_GE(clock.steady_now(), due);
                }
                ++finished;
            });
        std::vector<std::jthread> movers;
        for (int i = 0; i < 2; ++i)
            movers.emplace_back([&] {
                while (finished < threads) clock.advance(1us);
            });
    }
    EXPECT_EQ(finished, threads);
}

TEST(SimulatedClock, AWaiterIsAlsoWokenByItsOwnCondition) {
    SimulatedClock clock(from_micros(0));
    std::mutex mutex;
    std::condition_variable condition;
    bool ready = false;
    std::jthread other([&] {
        for (int i = 0; i < 100; ++i) clock.advance(1us);
        const std::scoped_lock held(mutex);
        ready = true;
        condition.notify_all();
    });
    std::unique_lock lock(mutex);
    while (!ready) EXPECT_TRUE(clock.wait_until(lock, condition, 1h));
}

}  // namespace
}  // namespace holdfast
