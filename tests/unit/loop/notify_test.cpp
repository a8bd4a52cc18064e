// Receivers that hang or raise, and what becomes of old notifications.
#include <holdfast/loop/notify.hpp>

#include <atomic>
#include <future>
#include <thread>

#include <holdfast/base/error.hpp>
#include <holdfast/loop/jobs.hpp>

#include "small_loop.hpp"
#include "support/throwing.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;

using testing::message_of;

using Notify = test::SmallLoop;

TEST(FunctionNotifier, WaitsForAReceiverThatHangsUpToItsTimeout) {
    // Shared with a thread that may outlive a test that fails.
    const auto let_go = std::make_shared<std::promise<void>>();
    const auto calls = std::make_shared<std::atomic<int>>(0);
    const auto ended = std::make_shared<std::promise<void>>();
    const auto receiver = function_notifier(
        "her",
        [=, waiting = let_go->get_future().share()](const Notification&) {
            if (++*calls > 1) return;
            waiting.wait();
            ended->set_value();
        },
        50ms);
    EXPECT_NE(message_of<Unavailable>([&] { receiver->send({}); }).find("no end within 50ms"), std::string::npos);
    EXPECT_NE(message_of<Unavailable>([&] { receiver->send({}); }).find("still hangs"), std::string::npos);
    EXPECT_EQ(*calls, 1);
    let_go->set_value();
    ended->get_future().wait();
    while (*calls < 2) {  // its thread has told that it ended a moment before it has
        try {
            receiver->send({});
        } catch (const Unavailable&) {
            std::this_thread::yield();
        }
    }
    EXPECT_EQ(*calls, 2);
    EXPECT_THROW((void)function_notifier("her", [](const Notification&) {}, 0s), InvalidArgument);
}

TEST_F(Notify, AReceiverThatHangsStopsNoStep) {
    go_stale();
    const auto let_go = std::make_shared<std::promise<void>>();
    auto wanted = options(splitting_at(0.1));
    wanted.notify = {function_notifier(
        "her", [waiting = let_go->get_future().share()](const Notification&) { waiting.wait(); }, 20ms)};
    Controller loop(*workspace_, wanted);
    EXPECT_EQ(loop.step_until(LoopState::monitoring).after, LoopState::monitoring);
    EXPECT_EQ(loop.status().outcome, "live");
    EXPECT_EQ(undelivered(*workspace_, "line").size(), 5u);
    let_go->set_value();
}

TEST_F(Notify, OfWhatIsThrownTheKindAloneIsTold) {
    go_stale();
    auto wanted = options(function_trainer(
        "leaking", [](const TrainingJob&) -> Package { throw std::runtime_error("password s3cr3t"); }));
    wanted.max_attempts = 1;
    wanted.notify = {function_notifier("her", [](const Notification&) { throw std::logic_error("s3cr3t"); })};
    Controller loop(*workspace_, wanted);
    (void)loop.step_until(LoopState::training);
    (void)loop.step();
    const store::JobRow row = job(*workspace_, "line-1");
    EXPECT_EQ(row.error, "std::runtime_error raised; what it said is kept as the output of job \"line-1\"");
    EXPECT_EQ(job_output(*workspace_, "line-1"), "password s3cr3t");
    EXPECT_EQ(loop.history().back().sentence, "training of job line-1 failed (attempt 1 of 1): " + row.error);
    EXPECT_EQ(undelivered(*workspace_, "line").front().error, "notifier \"her\": std::logic_error raised");
}

TEST_F(Notify, OldOnesGoAndWhatWasOwedIsSaid) {
    auto wanted = options(splitting_at(0.1));
    std::vector<std::int64_t> told;
    wanted.notify = {function_notifier("her", [&](const Notification& one) { told.push_back(one.sequence); }),
                     function_notifier("him", [](const Notification&) { throw std::runtime_error("never home"); })};
    Controller loop(*workspace_, wanted);
    go_stale();
    (void)loop.step_until(LoopState::monitoring);
    EXPECT_EQ(told.size(), 5u);
    EXPECT_EQ(undelivered(*workspace_, "line").size(), 5u);

    const auto has = [&](std::int64_t sequence) {
        try {
            workspace_->store().read([&](const store::Session& session) { (void)session.notification(sequence); });
            return true;
        } catch (const NotFound&) {
            return false;
        }
    };
    const auto events = [&] {
        std::vector<store::EventRow> rows;
        workspace_->store().read([&](const store::Session& session) { rows = session.events({}, {}); });
        return rows;
    };
    clock_->advance(notifications_kept);
    loop.deliver();
    EXPECT_TRUE(has(1));
    EXPECT_TRUE(events().empty());

    clock_->advance(1s);
    loop.deliver();
    for (const std::int64_t sequence : {1, 2, 3, 4, 5}) EXPECT_FALSE(has(sequence)) << sequence;
    EXPECT_TRUE(undelivered(*workspace_, "line").empty());
    ASSERT_EQ(events().size(), 1u);
    EXPECT_EQ(events()[0].kind, "notifications_given_up");
    EXPECT_EQ(events()[0].data.canonical(), R"({"channel":"him","count":5,"endpoint":"line"})");
    store::Verification found;
    workspace_->store().verify(found);
    EXPECT_TRUE(found.findings.empty());
}

TEST_F(Notify, TheNewestAreKeptAndTheRestGoInBatches) {
    const auto count = [&] {
        std::int64_t last = 0, first = 0;
        workspace_->store().write([&](store::Session& session) {
            last = session.add_notification({.endpoint = "line", .kind = "transition", .body = {}, .stamp = {}}, {});
        });
        for (first = last; first > 0; --first) {
            try {
                workspace_->store().read([&](const store::Session& session) { (void)session.notification(first); });
            } catch (const NotFound&) {
                break;
            }
        }
        return last - first;
    };
    workspace_->store().write([&](store::Session& session) {
        for (int i = 0; i < 1149; ++i)
            (void)session.add_notification({.endpoint = "line", .kind = "transition", .body = {}, .stamp = {}}, {});
    });
    EXPECT_EQ(count(), 1150);
    deliver(*workspace_, "line", {});
    EXPECT_EQ(count(), 1051);
    deliver(*workspace_, "line", {});
    EXPECT_EQ(count(), most_notifications + 1);
    deliver(*workspace_, "elsewhere", {});
    EXPECT_EQ(count(), most_notifications + 2);
    deliver(*workspace_, "line", {});
    EXPECT_EQ(count(), most_notifications + 1);
}

TEST_F(Notify, AClockThatWasSetBackHoldsNothingUp) {
    go_stale();
    bool broken = true;
    auto wanted = options(splitting_at(0.1));
    wanted.notify = {function_notifier("her", [&](const Notification&) {
        if (broken) throw std::runtime_error("nobody home");
    })};
    {
        Controller loop(*workspace_, wanted);
        (void)loop.step();
    }
    ASSERT_EQ(undelivered(*workspace_, "line").size(), 1u);
    broken = false;
    const Workspace earlier(folder_ / "workspace",
                            {.clock = std::make_shared<SimulatedClock>(clock_->now() - std::chrono::days(2))});
    deliver(earlier, "line", wanted.notify);
    EXPECT_TRUE(undelivered(*workspace_, "line").empty());
}

}  // namespace
}  // namespace holdfast
