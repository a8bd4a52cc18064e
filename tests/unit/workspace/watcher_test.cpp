// Several processes: what one deploys or rolls back, every other serves, without traffic.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/workspace/logged.hpp>
#include <holdfast/workspace/workspace.hpp>

#include "unit/store/in_child.hpp"
#include "unit/store/temporary_folder.hpp"
#include "unit/workspace/small_models.hpp"

namespace holdfast {
namespace {

using testing::in_child;
using testing::start_child;
using testing::TemporaryFolder;
using testing::threshold_package;
using testing::waited_for;

constexpr Duration bound = std::chrono::seconds(5);

/// Looks until `done`, or for as long as the bound.
template <class Done>
bool soon(Done&& done) {
    const auto clock = system_clock();
    const Duration due = clock->steady_now() + bound;
    while (clock->steady_now() < due) {
        if (done()) return true;
        std::this_thread::yield();
    }
    return false;
}

struct Said {
    std::int64_t version = 0;
    std::int64_t steady = 0;
};

/// Tells every version that this process comes to serve, until `last`.
void tell_versions(const std::filesystem::path& folder, int out, std::int64_t last) {
    Workspace ws(folder);
    const Endpoint endpoint = ws.endpoint("m");
    std::int64_t seen = 0;
    const bool came = soon([&] {
        const auto served = endpoint.served();
        if (served == nullptr || served->version == seen) return false;
        seen = served->version;
        const Said said{seen, system_clock()->steady_now().count()};
        if (::write(out, &said, sizeof said) != sizeof said) throw InternalError("pipe");
        return seen == last;
    });
    if (!came) throw InternalError("version " + std::to_string(last) + " never came");
}

struct Watching : ::testing::Test {
    TemporaryFolder folder;
    Workspace ws{folder.path()};
    Endpoint endpoint = ws.create_endpoint("m");

    Version approved(double threshold) {
        const Version version = ws.registry().register_package(threshold_package(threshold));
        return ws.registry().approve("m", version.number, "me");
    }
    static Said next(int pipe) {
        Said said;
        pollfd wait{pipe, POLLIN, 0};
        if (::poll(&wait, 1, 10'000) != 1 || ::read(pipe, &said, sizeof said) != sizeof said) ADD_FAILURE() << "silent";
        return said;
    }
};

TEST_F(Watching, EveryProcessServesWhatOneDeploysAndRollsBack) {
    const Version first = approved(1), second = approved(2);
    approved(3);
    endpoint.deploy(first);
    int pipes[2][2];
    pid_t children[2];
    for (int i = 0; i < 2; ++i) {
        ASSERT_EQ(::pipe(pipes[i]), 0);
        children[i] = start_child([&] { tell_versions(folder.path(), pipes[i][1], 3); });
    }
    for (auto& pipe : pipes) EXPECT_EQ(next(pipe[0]).version, 1);
    const auto lag = [&](const char* what, std::int64_t version) {
        const std::int64_t now = system_clock()->steady_now().count();
        for (auto& pipe : pipes) {
            const Said said = next(pipe[0]);
            EXPECT_EQ(said.version, version);
            EXPECT_LT(Duration(said.steady - now), bound);
            std::printf("%s: served in another process after %.0f ms\n", what, double(said.steady - now) / 1000);
        }
    };
    endpoint.deploy(second);
    lag("deploy", 2);
    endpoint.rollback("it disappointed");
    lag("rollback", 1);
    endpoint.follow("latest_approved");
    lag("follow", 3);
    for (const pid_t child : children) EXPECT_EQ(waited_for(child), 0);
}

TEST_F(Watching, ApprovalsAreFollowedUntilAFreezeAndAPersonStillDeploys) {
    endpoint.follow("latest_approved");
    Workspace other(folder.path());
    other.registry().register_package(threshold_package(1));
    other.registry().approve("m", 1, "me");
    const auto serves = [&](std::int64_t version) {
        return soon([&] { return endpoint.served() != nullptr && endpoint.served()->version == version; });
    };
    EXPECT_TRUE(serves(1));
    other.endpoint("m").freeze("a holiday", "me");
    other.registry().register_package(threshold_package(2));
    other.registry().approve("m", 2, "me");
    endpoint.refresh();  // all that the watcher does, and it may not
    EXPECT_EQ(endpoint.served()->version, 1);
    EXPECT_EQ(endpoint.ledger().back().kind, "freeze");
    other.registry().register_package(threshold_package(3));
    other.registry().approve("m", 3, "me");
    other.endpoint("m").deploy("m", 3, "me", "by hand");
    EXPECT_TRUE(serves(3));
    EXPECT_THROW(other.endpoint("m").deploy("m", 2, "controller"), Conflict);
}

TEST_F(Watching, TheLastGoodVersionStaysWhereTheNewOneCannotBeLoaded) {
    endpoint.deploy(approved(1));
    const Version second = approved(2);
    const auto path = ws.store().artifact_path(second.package, package_ending);
    const auto good = read_file(path);
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    int go[2];
    ASSERT_EQ(::pipe(go), 0);
    const pid_t child = start_child([&] {
        Workspace mine(folder.path());
        Endpoint serving = mine.endpoint("m");
        const auto failed = [&] {
            int rows = 0;
            for (const auto& row : serving.ledger()) rows += row.by == "process " + std::to_string(::getpid()) ? 1 : 0;
            return rows;
        };
        if (::write(pipe[1], "r", 1) != 1) throw InternalError("pipe");
        if (!soon([&] { return failed() > 0; })) throw InternalError("no row came");
        const double x[] = {1.5, 0};
        const auto answer = serving.predict(TensorView::matrix(x, 1, 2));
        if (!answer || answer.value().version() != 1) throw InternalError("the last good version does not answer");
        // The prediction was a commit: the watcher has looked again, and said it once.
        if (failed() != 1) throw InternalError("said more than once");
    });
    char ready = 0;
    ASSERT_EQ(::read(pipe[0], &ready, 1), 1);
    // As committed by a process that could load it.
    write_file_atomically(path, std::string("not a zip"));
    ws.store().write([&](store::Session& session) { endpoint.deploy(session, "m", 2, "deploy", "me", ""); });
    EXPECT_EQ(waited_for(child), 0);
    int rows = 0;
    for (const auto& row : endpoint.ledger()) {
        if (row.kind != "load_failed" || row.by != "process " + std::to_string(child)) continue;
        ++rows;
        EXPECT_EQ(row.version, 2);
        EXPECT_NE(row.reason.find("not a zip"), std::string::npos);
    }
    EXPECT_EQ(rows, 1);
    EXPECT_EQ(endpoint.served()->version, 1);
    write_file_atomically(path, good);
    endpoint.refresh();
    EXPECT_EQ(endpoint.served()->version, 2);
}

TEST_F(Watching, ACloseEndsIt) {
    endpoint.deploy(approved(1));
    ws.close();
    ws.close();
    EXPECT_THROW(ws.refresh(), Unavailable);
}

TEST_F(Watching, AnEndpointOutlivesItsWorkspaceAndIsStillTold) {
    const Version first = approved(1), second = approved(2);
    endpoint.deploy(first);
    auto inner = std::make_unique<Workspace>(folder.path());
    const Endpoint kept = inner->endpoint("m");
    inner.reset();
    endpoint.deploy(second);
    EXPECT_TRUE(soon([&] { return kept.served()->version == 2; }));
}

TEST_F(Watching, StaysWithTheParent) {
    endpoint.deploy(approved(1));
    auto inherited = std::make_unique<Workspace>(folder.path());
    auto handle = std::make_unique<Endpoint>(inherited->endpoint("m"));
    EXPECT_EQ(in_child([&] {
                  const double x[] = {1.5, 0};
                  try {
                      static_cast<void>(handle->predict(TensorView::matrix(x, 1, 2)));
                      throw InternalError("not refused");
                  } catch (const UsedAfterFork&) {
                  }
                  inherited->close();
                  handle.reset();
                  inherited.reset();  // neither waits for the parent's thread nor destroys what it waits with
                  Workspace mine(folder.path());
                  if (mine.endpoint("m").served()->version != 1) throw InternalError("not served anew");
              }),
              0);
    endpoint.deploy(approved(2));
    EXPECT_TRUE(soon([&] { return handle->served()->version == 2; }));
}

TEST_F(Watching, PredictionsDoNotWaitWhileOthersDeploy) {
    const Version versions[] = {approved(1), approved(2)};
    endpoint.deploy(versions[0]);
    Workspace other(folder.path());
    Endpoint serving = other.endpoint("m");
    std::atomic<bool> stop{false};
    std::atomic<int> failures{0};
    std::thread asking([&] {
        const double x[] = {1.5, 0};
        while (!stop.load()) failures += serving.predict(TensorView::matrix(x, 1, 2)).has_value() ? 0 : 1;
    });
    for (int i = 1; i <= 20; ++i) endpoint.deploy(versions[i % 2]);
    EXPECT_TRUE(soon([&] { return serving.served()->version == endpoint.served()->version; }));
    stop.store(true);
    asking.join();
    EXPECT_EQ(failures.load(), 0);
}

// A C++ host, for tests that deploy from elsewhere: tells the versions that it comes to serve.
TEST(WatchingHost, DISABLED_Serves) {
    const char* folder = std::getenv("HOLDFAST_TEST_FOLDER");
    const char* last = std::getenv("HOLDFAST_TEST_VERSION");
    ASSERT_TRUE(folder != nullptr && last != nullptr);
    tell_versions(folder, STDERR_FILENO, std::atoi(last));
}

}  // namespace
}  // namespace holdfast
