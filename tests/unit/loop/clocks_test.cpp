// Clocks that are set back: nothing waits for longer than it would have.
#include <holdfast/base/error.hpp>

#include "small_loop.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;

struct ClockSetBack : test::SmallLoop {
    std::shared_ptr<SimulatedClock> earlier;

    /// The same workspace, two hours before.
    Workspace set_back() {
        earlier = std::make_shared<SimulatedClock>(clock_->now() - 2h);
        return Workspace(folder_ / "workspace", {.clock = earlier, .create = false});
    }
    static std::shared_ptr<Trainer> failing() {
        return function_trainer("failing", [](const TrainingJob&) -> Package { throw std::runtime_error("no"); });
    }
};

TEST_F(ClockSetBack, ALeaseRunsOut) {
    go_stale();
    Controller first(*workspace_, options(splitting_at(0.1)));
    (void)first.step();
    Controller second(set_back(), options(splitting_at(0.1)));
    EXPECT_THROW((void)second.step(), Unavailable);
    earlier->advance(10min - 1s);
    EXPECT_THROW((void)second.step(), Unavailable);
    earlier->advance(1s);
    EXPECT_EQ(second.step().before, LoopState::collecting);
}

TEST_F(ClockSetBack, ABackOffEnds) {
    go_stale();
    {
        Controller loop(*workspace_, options(failing()));
        EXPECT_EQ(loop.step_until(LoopState::training).after, LoopState::training);
        EXPECT_EQ(loop.step().after, LoopState::failed);
        EXPECT_EQ(loop.step().after, LoopState::failed);
    }
    Controller loop(set_back(), options(failing()));
    EXPECT_EQ(loop.step().after, LoopState::training);
}

TEST_F(ClockSetBack, ACooldownEnds) {
    go_stale();
    auto wanted = options(failing());
    wanted.max_attempts = 1;
    wanted.retrain = when::metric("accuracy", {.over = 8h, .min_labels = 100}).below(1.1);
    {
        Controller loop(*workspace_, wanted);
        EXPECT_EQ(loop.step_until(LoopState::monitoring).after, LoopState::monitoring);
        EXPECT_EQ(loop.status().outcome, "failed");
        EXPECT_EQ(loop.step().after, LoopState::monitoring);
    }
    Controller loop(set_back(), wanted);
    EXPECT_EQ(loop.step().after, LoopState::collecting);
}

}  // namespace
}  // namespace holdfast
