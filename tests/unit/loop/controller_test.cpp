#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include <holdfast/loop/jobs.hpp>
#include <holdfast/loop/notify.hpp>

#include "small_loop.hpp"
#include "unit/store/in_child.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;
using test::SmallLoop;

using ControllerTest = SmallLoop;

std::vector<LoopState> states(Controller& loop) {
    std::vector<LoopState> seen{loop.state()};
    for (int i = 0; i < 20; ++i) {
        const StepResult result = loop.step();
        if (result.before == result.after) return seen;
        seen.push_back(result.after);
    }
    ADD_FAILURE() << "the loop did not come to rest";
    return seen;
}

TEST_F(ControllerTest, DoesNothingWhileQualityHolds) {
    Controller loop(*workspace_, options(splitting_at(0.1)));
    for (int i = 0; i < 4; ++i) hour(0.5);
    EXPECT_EQ(states(loop), (std::vector{LoopState::monitoring}));
    EXPECT_TRUE(loop.history().empty());
}

TEST_F(ControllerTest, RetrainsPromotesAndSwapsWhenQualityFalls) {
    Controller loop(*workspace_, options(splitting_at(0.1)));
    go_stale();
    EXPECT_EQ(states(loop), (std::vector{LoopState::monitoring, LoopState::collecting, LoopState::training,
                                         LoopState::evaluating, LoopState::deploying, LoopState::monitoring}));
    EXPECT_EQ(endpoint_->served()->version, 2);
    EXPECT_EQ(workspace_->registry().version("line", 2).state, "approved");
    EXPECT_EQ(workspace_->registry().version("line", 2).manifest.lineage.at("job").as_string(), jobs_.at(0).id);

    const auto history = loop.history();
    ASSERT_EQ(history.size(), 5u);
    EXPECT_EQ(history[0].action, Action::retrain);
    EXPECT_NE(history[0].sentence.find("accuracy"), std::string::npos);
    EXPECT_EQ(history[1].action, Action::select);
    EXPECT_EQ(history[3].action, Action::promote);
    EXPECT_EQ(endpoint_->ledger().back().version, 2);
    // The rule's cooldown: the metric's window still holds the old version's answers.
    EXPECT_EQ(states(loop), (std::vector{LoopState::monitoring}));
}

TEST_F(ControllerTest, NoSampleIsInTheHoldoutOfItsJobOrOfAnyLaterOne) {
    auto wanted = options(splitting_at(0.1));
    wanted.retrain = when::metric("accuracy", {.over = 3h, .min_labels = 100}).below(1.1).cooldown(2h);
    wanted.promote = promote_if("accuracy", -1.0);
    Controller loop(*workspace_, wanted);
    std::set<std::string, std::less<>> trained_on;
    go_stale();
    for (int round = 0; round < 4; ++round) {
        (void)states(loop);
        hour(0.1);
        hour(0.1);
        hour(0.1);
    }
    ASSERT_GE(jobs_.size(), 3u);
    // Of each job the manifest is in the package's lineage; its holdout was judged with the champion of that time.
    for (const Version& version : workspace_->registry().versions("line")) {
        if (version.number == 1) continue;
        const Digest name = Digest::from_hex(version.manifest.lineage.at("samples").as_string());
        const auto bytes = workspace_->store().artifact(name, ".samples.json");
        const Json manifest = Json::parse(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
        for (const Json& id : manifest.at("holdout").as_array())
            EXPECT_FALSE(trained_on.contains(id.as_string())) << id.as_string();
        trained_on.clear();
        for (const Json& id : manifest.at("samples").as_array()) trained_on.insert(id.as_string());
        for (const Json& id : manifest.at("holdout").as_array())
            EXPECT_FALSE(trained_on.contains(id.as_string())) << id.as_string();
        EXPECT_FALSE(trained_on.empty());
    }
}

TEST_F(ControllerTest, RefusesAChallengerThatIsNoBetter) {
    Controller loop(*workspace_, options(splitting_at(0.5)));
    go_stale();
    EXPECT_EQ(states(loop).back(), LoopState::monitoring);
    EXPECT_EQ(endpoint_->served()->version, 1);
    EXPECT_EQ(workspace_->registry().version("line", 2).state, "rejected");
    EXPECT_EQ(loop.history().back().action, Action::reject);
}

TEST_F(ControllerTest, WaitsForAPersonWhenApprovalIsManual) {
    auto wanted = options(splitting_at(0.1));
    wanted.approve = Approve::manual;
    Controller loop(*workspace_, wanted);
    go_stale();
    EXPECT_EQ(states(loop).back(), LoopState::awaiting_approval);
    EXPECT_EQ(endpoint_->served()->version, 1);
    EXPECT_EQ(states(loop), (std::vector{LoopState::awaiting_approval}));

    workspace_->registry().approve("line", 2, "she", "looks right");
    EXPECT_EQ(states(loop), (std::vector{LoopState::awaiting_approval, LoopState::deploying, LoopState::monitoring}));
    EXPECT_EQ(endpoint_->served()->version, 2);
}

TEST_F(ControllerTest, APersonsNoEndsTheJob) {
    auto wanted = options(splitting_at(0.1));
    wanted.approve = Approve::manual;
    Controller loop(*workspace_, wanted);
    go_stale();
    (void)states(loop);
    workspace_->registry().reject("line", 2, "she", "not now");
    EXPECT_EQ(states(loop).back(), LoopState::monitoring);
    EXPECT_EQ(endpoint_->served()->version, 1);
}

TEST_F(ControllerTest, ADryRunDecidesAndWritesNothing) {
    Controller loop(*workspace_, options(splitting_at(0.1)));
    go_stale();
    const StepResult result = loop.step(/*dry_run=*/true);
    ASSERT_TRUE(result.decision.has_value());
    EXPECT_EQ(result.decision->action, Action::retrain);
    EXPECT_EQ(loop.state(), LoopState::monitoring);
    EXPECT_TRUE(loop.history().empty());
}

TEST_F(ControllerTest, AnotherControllerMustWaitForTheLease) {
    go_stale();
    Controller first(*workspace_, options(splitting_at(0.1)));
    Controller second(*workspace_, options(splitting_at(0.1)));
    (void)first.step();
    EXPECT_THROW((void)second.step(), Unavailable);
    clock_->advance(11min);
    (void)second.step();
    EXPECT_THROW((void)first.step(), Unavailable);
}

TEST_F(ControllerTest, ALeaseOfADeadProcessIsFree) {
    go_stale();
    const ::pid_t child = testing::forked();
    if (child == 0) {
        int code = 1;
        try {
            // A workspace of the child's own: what the parent opened stayed there.
            Controller loop(open(), options(splitting_at(0.1)));
            (void)loop.step();
            code = 0;
        } catch (const std::exception&) {
        }
        // As a killed process: no destructor gives the lease back.
        if (code == 0) ::kill(::getpid(), SIGKILL);
        ::_exit(code);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child failed";
    Controller loop(*workspace_, options(splitting_at(0.1)));
    EXPECT_NO_THROW((void)loop.step());
}

TEST_F(ControllerTest, PauseAndFreezeStopTheLoop) {
    Controller loop(*workspace_, options(splitting_at(0.1)));
    go_stale();
    loop.pause();
    EXPECT_FALSE(loop.step().decision.has_value());
    loop.resume();
    endpoint_->freeze("holiday", "me");
    EXPECT_FALSE(loop.step().decision.has_value());
    endpoint_->unfreeze("back", "me");
    EXPECT_TRUE(loop.step().decision.has_value());
}

TEST_F(ControllerTest, AFailingTrainerIsTriedAgainAfterABackOffAndThenGivenUp) {
    int calls = 0;
    auto broken = function_trainer("broken", [&](const TrainingJob& job) -> Package {
        EXPECT_EQ(job.attempt, ++calls);
        throw std::runtime_error("no disk left");
    });
    Controller loop(*workspace_, options(broken));
    go_stale();
    EXPECT_EQ(states(loop).back(), LoopState::failed);
    EXPECT_EQ(loop.status().until, clock_->now() + 10s);
    clock_->advance(10s);
    EXPECT_EQ(states(loop),
              (std::vector{LoopState::failed, LoopState::training, LoopState::failed, LoopState::monitoring}));
    EXPECT_EQ(calls, 2);
    EXPECT_NE(loop.history().at(4).sentence.find("std::runtime_error raised"), std::string::npos);
    EXPECT_NE(loop.history().back().sentence.find("gave up job line-1"), std::string::npos);
    EXPECT_EQ(loop.status().outcome, "failed");
    EXPECT_EQ(loop.status().until, clock_->now() + 10min);
    EXPECT_EQ(job(*workspace_, "line-1").state, "failed");
    EXPECT_EQ(workspace_->registry().versions("line").size(), 1u);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "workspace" / "jobs" / "default" / "line-1"));
}

TEST_F(ControllerTest, APackageOfAnotherNameIsAFailedTraining) {
    auto other = function_trainer("other", [](const TrainingJob&) { return test::package_of(0.1, "somebody-else"); });
    Controller loop(*workspace_, options(other));
    go_stale();
    for (int i = 0; i < 3; ++i) (void)loop.step();
    EXPECT_NE(loop.history().back().sentence.find("somebody-else"), std::string::npos);
}

TEST_F(ControllerTest, RollsBackWhenItsRuleSaysSo) {
    const Version second = workspace_->registry().register_package(test::package_of(0.9));
    workspace_->registry().approve("line", second.number, "me");
    endpoint_->deploy(second, "me", "a mistake");
    auto wanted = options(splitting_at(0.1));
    wanted.rollback = when::metric("accuracy", {.over = 2h, .min_labels = 50}).below(0.8).cooldown(24h);
    wanted.retrain = when::every(1000h);
    Controller loop(*workspace_, wanted);
    for (int i = 0; i < 3; ++i) hour(0.5);
    const StepResult result = loop.step();
    ASSERT_TRUE(result.decision.has_value());
    EXPECT_EQ(result.decision->action, Action::roll_back);
    EXPECT_EQ(endpoint_->served()->version, 1);
}

TEST_F(ControllerTest, WithoutAnEarlierVersionItRetrainsInsteadOfRollingBack) {
    auto wanted = options(splitting_at(0.1));
    wanted.rollback = when::metric("accuracy", {.over = 2h, .min_labels = 50}).below(0.8).cooldown(24h);
    Controller loop(*workspace_, wanted);
    go_stale();
    EXPECT_EQ(loop.step().after, LoopState::collecting);
    EXPECT_EQ(loop.step_until(LoopState::deploying).after, LoopState::deploying);
}

TEST_F(ControllerTest, ACppFunctionCannotBeSavedAndIsNamed) {
    const Controller loop(*workspace_, options(splitting_at(0.1)));
    try {
        loop.save();
        FAIL() << "saved";
    } catch (const Unsupported& error) {
        EXPECT_NE(std::string(error.what()).find("splitting"), std::string::npos);
    }
    EXPECT_THROW((void)Controller::load(*workspace_, "line", splitting_at(0.1)), NotFound);
}

TEST_F(ControllerTest, APackageOfAnotherSignatureIsAFailedTraining) {
    auto other = function_trainer("other", [](const TrainingJob&) {
        PackageBuilder builder("line");
        builder.model(*test::split_at(0.1, "y"));
        return builder.build();
    });
    Controller loop(*workspace_, options(other));
    go_stale();
    (void)states(loop);
    EXPECT_NE(loop.history().back().sentence.find("signature"), std::string::npos);
    EXPECT_EQ(workspace_->registry().versions("line").size(), 1u);
}

TEST_F(ControllerTest, AJobIsKeptWithItsProgress) {
    const auto reporting = function_trainer("reporting", [this](const TrainingJob& work) {
        work.progress(0.25, "a quarter");
        const store::JobRow row = job(*workspace_, work.id);
        EXPECT_EQ(row.state, "running");
        EXPECT_EQ(row.progress, 0.25);
        EXPECT_EQ(row.note, "a quarter");
        EXPECT_THROW(work.progress(1.5, ""), InvalidArgument);
        return test::package_of(0.1);
    });
    Controller loop(*workspace_, options(reporting));
    go_stale();
    (void)loop.step();
    EXPECT_EQ(jobs(*workspace_, "line").at(0).state, "queued");
    (void)loop.step_until(LoopState::evaluating);
    const store::JobRow row = job(*workspace_, "line-1");
    EXPECT_EQ(row.state, "succeeded");
    EXPECT_EQ(row.attempt, 1);
    EXPECT_EQ(row.progress, 1.0);
    EXPECT_THROW(loop.cancel("line-1"), Conflict);
    EXPECT_THROW((void)job(*workspace_, "line-9"), NotFound);
}

TEST_F(ControllerTest, AProgressKeepsTheLease) {
    go_stale();
    Controller other(*workspace_, options(splitting_at(0.1)));
    const auto slow = function_trainer("slow", [&](const TrainingJob& work) {
        clock_->advance(9min);
        work.progress(0.5, "");
        clock_->advance(9min);
        EXPECT_THROW((void)other.step(), Unavailable);
        return test::package_of(0.1);
    });
    Controller loop(*workspace_, options(slow));
    EXPECT_EQ(states(loop).back(), LoopState::monitoring);
    EXPECT_EQ(loop.status().outcome, "live");
}

TEST_F(ControllerTest, ALeaderThatWasOvertakenWhileItTrainedChangesNothing) {
    go_stale();
    Controller other(*workspace_, options(splitting_at(0.1)));
    const auto slow = function_trainer("slow", [&](const TrainingJob&) {
        clock_->advance(11min);
        EXPECT_EQ(other.step().after, LoopState::evaluating);
        return test::package_of(0.2);
    });
    Controller loop(*workspace_, options(slow));
    (void)loop.step_until(LoopState::training);
    EXPECT_THROW((void)loop.step(), LeaseLost);
    EXPECT_EQ(workspace_->registry().versions("line").size(), 2u);
    EXPECT_EQ(jobs_.size(), 1u);
}

TEST_F(ControllerTest, AStageCalledAgainDoesNothing) {
    Controller loop(*workspace_, options(splitting_at(0.1)));
    go_stale();
    const StepResult begun = loop.step_until(LoopState::collecting);
    EXPECT_EQ(begun.job, "line-1");
    EXPECT_EQ(loop.step_until(LoopState::collecting, "line-1").after, LoopState::collecting);
    EXPECT_EQ(loop.step_until(LoopState::monitoring, "line-7").after, LoopState::collecting);
    EXPECT_EQ(loop.step_until(LoopState::monitoring, "line-1").after, LoopState::monitoring);
    const auto decided = loop.history().size();
    EXPECT_EQ(loop.step_until(LoopState::evaluating, "line-1").after, LoopState::monitoring);
    EXPECT_EQ(loop.history().size(), decided);
}

TEST_F(ControllerTest, AVersionRejectedAfterItsApprovalIsNotDeployed) {
    Controller loop(*workspace_, options(splitting_at(0.1)));
    go_stale();
    (void)loop.step_until(LoopState::deploying);
    workspace_->registry().reject("line", 2, "she", "on second thoughts");
    EXPECT_EQ(states(loop).back(), LoopState::monitoring);
    EXPECT_EQ(loop.status().outcome, "rejected");
    EXPECT_EQ(endpoint_->served()->version, 1);
}

TEST_F(ControllerTest, NotificationsAreWrittenWithTheirTransitionAndDeliveredUntilTheySucceed) {
    std::vector<Notification> told;
    bool broken = true;
    auto wanted = options(splitting_at(0.1));
    wanted.notify = {function_notifier("her", [&](const Notification& one) {
        if (broken) throw std::runtime_error("line is busy");
        told.push_back(one);
    })};
    Controller loop(*workspace_, wanted);
    go_stale();
    (void)loop.step();
    const auto owed = undelivered(*workspace_, "line");
    ASSERT_EQ(owed.size(), 1u);
    EXPECT_EQ(owed[0].attempts, 1);
    EXPECT_EQ(owed[0].error, "notifier \"her\": std::runtime_error raised");
    EXPECT_EQ(owed[0].next_try, clock_->now() + 10s);
    broken = false;
    clock_->advance(10s);
    (void)states(loop);
    ASSERT_EQ(told.size(), 5u);
    EXPECT_EQ(told[0].after, "collecting");
    EXPECT_TRUE(undelivered(*workspace_, "line").empty());
    EXPECT_EQ(told.back().outcome, "live");
}

TEST_F(ControllerTest, RefusesOptionsThatMakeNoSense) {
    auto wanted = options(splitting_at(0.1));
    wanted.holdout = 1.0;
    EXPECT_THROW(Controller(*workspace_, wanted), InvalidArgument);
    wanted = options({});
    EXPECT_THROW(Controller(*workspace_, wanted), InvalidArgument);
    wanted = options(splitting_at(0.1));
    wanted.endpoint = "nobody";
    EXPECT_THROW(Controller(*workspace_, wanted), NotFound);
}

}  // namespace
}  // namespace holdfast
