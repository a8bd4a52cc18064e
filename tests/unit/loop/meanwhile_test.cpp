// What others do to the workspace while a step is between its first look and its transaction.
#include <future>
#include <thread>

#include <holdfast/base/error.hpp>
#include <holdfast/loop/jobs.hpp>

#include "small_loop.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;

/// Another process that has begun a transaction, and commits it once the step waits for the lock.
class Another {
  public:
    explicit Another(std::filesystem::path folder) : folder_(std::move(folder)) {}
    ~Another() {
        if (thread_.joinable()) thread_.join();
    }
    Another(const Another&) = delete;
    Another& operator=(const Another&) = delete;

    void begin(std::function<void(Workspace&, store::Session&)> change) {
        std::promise<void> begun;
        auto has_begun = begun.get_future();
        thread_ = std::thread([this, change = std::move(change), begun = std::move(begun)]() mutable {
            Workspace theirs(folder_, {.create = false});
            theirs.store().write([&](store::Session& session) {
                change(theirs, session);
                begun.set_value();
                // The step ends no sooner than this transaction: it waits for the lock meanwhile.
                (void)ended_.get_future().wait_for(300ms);
            });
        });
        has_begun.wait();
    }

  private:
    std::filesystem::path folder_;
    std::promise<void> ended_;
    std::thread thread_;
};

struct Meanwhile : test::SmallLoop {
    Another another{folder_ / "workspace"};

    /// A trainer that somebody else's transaction begins with.
    std::shared_ptr<Trainer> trainer(std::function<void(Workspace&, store::Session&)> change) {
        return function_trainer("slow", [this, change](const TrainingJob& job) {
            jobs_.push_back(job);
            another.begin(change);
            return test::package_of(0.1);
        });
    }
};

TEST_F(Meanwhile, APauseIsNotForgotten) {
    go_stale();
    Controller loop(*workspace_, options(splitting_at(0.1)));
    (void)loop.step_until(LoopState::training);
    another.begin([](Workspace&, store::Session& session) {
        const store::ControllerRow row = session.controller("line").value();
        Json state = row.state;
        state["paused"] = true;
        session.put_controller_state("line", row.fence, state);
    });
    EXPECT_EQ(loop.step().after, LoopState::evaluating);
    EXPECT_TRUE(loop.status().paused);
}

TEST_F(Meanwhile, AVersionThatSomebodyRegistersTakesNoTrainingAway) {
    go_stale();
    Controller loop(*workspace_, options(trainer([](Workspace& theirs, store::Session& session) {
        const Package other = test::package_of(0.7);
        theirs.registry().store_package(other);
        (void)theirs.registry().register_package(session, other);
    })));
    (void)loop.step_until(LoopState::training);
    const StepResult trained = loop.step();
    EXPECT_EQ(trained.after, LoopState::evaluating);
    EXPECT_EQ(trained.decision.value().sentence, "trained line v3 as job line-1");
    EXPECT_EQ(loop.status().challenger, 3);
    EXPECT_EQ(loop.step_until(LoopState::monitoring).after, LoopState::monitoring);
    EXPECT_EQ(endpoint_->served()->version, 3);
    EXPECT_EQ(jobs_.size(), 1u);
}

TEST_F(Meanwhile, AJobThatIsCancelledEndsWithThatStep) {
    go_stale();
    Controller loop(*workspace_, options(trainer([](Workspace&, store::Session& session) {
        store::JobRow row = session.job("line-1").value();
        row.state = "cancelled";
        row.error = "cancelled by her";
        session.put_job(row);
    })));
    (void)loop.step_until(LoopState::training);
    EXPECT_EQ(loop.step().after, LoopState::monitoring);
    EXPECT_EQ(loop.status().outcome, "cancelled");
    EXPECT_EQ(job(*workspace_, "line-1").state, "cancelled");
    EXPECT_EQ(workspace_->registry().versions("line").size(), 1u);
}

TEST_F(Meanwhile, AVersionThatIsRejectedBeforeItWasComparedEndsTheRun) {
    go_stale();
    Controller loop(*workspace_, options(splitting_at(0.1)));
    (void)loop.step_until(LoopState::evaluating);
    workspace_->registry().reject("line", 2, "she");
    const StepResult step = loop.step();
    EXPECT_EQ(step.after, LoopState::monitoring);
    EXPECT_EQ(step.decision.value().sentence, "line v2 was rejected, and is not deployed");
    EXPECT_EQ(loop.status().outcome, "rejected");
}

TEST_F(Meanwhile, AChallengerThatIsDamagedIsRejectedByName) {
    go_stale();
    Controller loop(*workspace_, options(splitting_at(0.1)));
    (void)loop.step_until(LoopState::evaluating);
    const Version challenger = workspace_->registry().version("line", 2);
    const auto path = workspace_->store().artifact_path(challenger.package, ".zip");
    std::filesystem::resize_file(path, 10);
    const StepResult step = loop.step();
    EXPECT_EQ(step.after, LoopState::monitoring);
    const std::string sentence = step.decision.value().sentence;
    EXPECT_NE(sentence.find("cannot be evaluated"), std::string::npos) << sentence;
    EXPECT_NE(sentence.find(path.filename().string()), std::string::npos) << sentence;
    EXPECT_EQ(workspace_->registry().version("line", 2).state, "rejected");
    EXPECT_EQ(endpoint_->served()->version, 1);
}

TEST_F(Meanwhile, WhoRunsStandsByAndTakesOver) {
    go_stale();
    std::optional<Controller> leader(std::in_place, *workspace_, options(splitting_at(0.1)));
    (void)leader->step();
    Controller other(*workspace_, options(splitting_at(0.1)));
    auto running = std::async(std::launch::async, [&] { other.run(1min); });
    EXPECT_EQ(running.wait_for(100ms), std::future_status::timeout);
    EXPECT_EQ(other.state(), LoopState::collecting);
    leader.reset();
    const auto clock = system_clock();
    for (const Duration until = clock->steady_now() + 20s; clock->steady_now() < until;) {
        clock_->advance(1min);
        if (running.wait_for(20ms) != std::future_status::timeout || other.status().outcome == "live") break;
    }
    EXPECT_EQ(other.status().outcome, "live");
    other.stop();
    running.get();
}

}  // namespace
}  // namespace holdfast
