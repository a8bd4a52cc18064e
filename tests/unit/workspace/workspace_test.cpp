#include <holdfast/workspace/workspace.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/workspace/logged.hpp>
#include <holdfast/workspace/traffic_monitor.hpp>

#include "unit/store/in_child.hpp"
#include "unit/store/temporary_folder.hpp"
#include "unit/workspace/small_models.hpp"

namespace holdfast {
namespace {

using testing::in_child;
using testing::TemporaryFolder;
using testing::threshold_package;

struct Fixture : ::testing::Test {
    TemporaryFolder folder;
    std::shared_ptr<SimulatedClock> clock = std::make_shared<SimulatedClock>(parse_time("2024-01-01T00:00:00Z"));
    Workspace ws{folder.path(), {.clock = clock, .seed = 7}};

    Version approved(double threshold) {
        const Version version = ws.registry().register_package(threshold_package(threshold));
        return ws.registry().approve("m", version.number, "me");
    }

    Endpoint serving(double threshold) {
        Endpoint endpoint = ws.create_endpoint("m", {.good = {"yes"}});
        endpoint.deploy(approved(threshold));
        return endpoint;
    }
};

Answer ask(Endpoint& endpoint, std::vector<double> x, const std::vector<Id>& ids = {}, std::optional<Time> time = {}) {
    const auto rows = static_cast<std::int64_t>(x.size() / 2);
    auto answer =
        endpoint.predict(TensorView::matrix(static_cast<const double*>(x.data()), rows, 2), {.ids = ids, .time = time});
    return std::move(answer).value();
}

std::vector<Id> numbered(int count) {
    std::vector<Id> ids;
    for (int i = 0; i < count; ++i) ids.emplace_back(std::int64_t{i});
    return ids;
}

using RegistryOf = Fixture;

TEST_F(RegistryOf, KnowsAPackageAgainAndItsHistory) {
    const Version first = ws.registry().register_package(threshold_package(1));
    EXPECT_EQ(first.number, 1);
    EXPECT_EQ(first.state, "pending");
    EXPECT_EQ(ws.registry().register_package(threshold_package(1)).number, 1);
    EXPECT_EQ(ws.registry().register_package(threshold_package(2)).number, 2);
    EXPECT_EQ(ws.registry().approve("m", 1, "me", "good").state, "approved");
    EXPECT_EQ(ws.registry().approve("m", 1, "me again").state, "approved");
    ASSERT_EQ(ws.registry().history("m", 1).size(), 1u);
    EXPECT_EQ(ws.registry().latest_approved("m")->number, 1);
    EXPECT_EQ(ws.registry().package(first).identity(), first.package);
    ws.registry().reject("m", 2, "me");
    EXPECT_THROW(ws.registry().approve("m", 2, "me"), Conflict);
    EXPECT_THROW(static_cast<void>(ws.registry().version("m", 3)), NotFound);
    EXPECT_THROW(ws.registry().approve("other", 1, "me"), NotFound);
}

TEST_F(RegistryOf, FindsAChangedArtifact) {
    const Version version = ws.registry().register_package(threshold_package(1));
    ws.registry().approve("m", 1, "me");
    const auto path = ws.store().artifact_path(version.package, package_ending);
    auto bytes = read_file(path);
    bytes[bytes.size() / 2] ^= std::byte{1};
    write_file_atomically(path, bytes);
    EXPECT_THROW(static_cast<void>(ws.registry().package(version)), CorruptArtifact);
    Endpoint endpoint = ws.create_endpoint("m");
    EXPECT_THROW(endpoint.deploy("m", 1), CorruptArtifact);
    EXPECT_TRUE(endpoint.ledger().empty());
    EXPECT_EQ(endpoint.served(), nullptr);
}

using EndpointOf = Fixture;

TEST_F(EndpointOf, AnswersAndLogsInOneGo) {
    Endpoint endpoint = serving(0);
    const Answer answer = ask(endpoint, {1, 10, -1, 20}, numbered(2), clock->now());
    EXPECT_EQ(answer.version(), 1);
    EXPECT_EQ(answer.values().as<std::string_view>()[0], "yes");
    EXPECT_EQ(answer.values().as<std::string_view>()[1], "no");
    const auto logged = ws.interactions().query({.endpoint = "m"});
    EXPECT_EQ(logged.features, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(logged.outputs, (std::vector<std::string>{"output.label", "probabilities.0", "probabilities.1"}));
    EXPECT_EQ(logged.rows.column("b").values<double>()[1], 20.0);
    EXPECT_EQ(logged.rows.column("output.label").text(0), "yes");
    EXPECT_EQ(logged.rows.column("probabilities.1").values<double>()[0], answer.probabilities().as<double>()[1]);
}

TEST_F(EndpointOf, TheSameIdIsAnsweredTwiceLoggedOnceOrRefused) {
    Endpoint endpoint = serving(0);
    ask(endpoint, {1, 2}, {Id("one")});
    ask(endpoint, {1, 2}, {Id("one")});
    EXPECT_EQ(ws.interactions().count({.endpoint = "m"}), 1);
    const std::vector<double> other{3, 4};
    const std::vector<Id> ids{Id("one")};
    const auto refused = endpoint.predict(TensorView::matrix(other.data(), 1, 2), {.ids = ids});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
}

TEST_F(EndpointOf, IdsAreDrawnFromTheSeed) {
    Endpoint endpoint = serving(0);
    const Answer answer = ask(endpoint, {1, 2, 3, 4});
    ASSERT_EQ(answer.ids.size(), 2u);
    EXPECT_NE(answer.ids[0], answer.ids[1]);
    const TemporaryFolder elsewhere;
    Workspace other(elsewhere.path(), {.clock = clock, .seed = 7});
    other.registry().register_package(threshold_package(0));
    other.registry().approve("m", 1, "me");
    Endpoint again = other.create_endpoint("m");
    again.deploy("m", 1);
    EXPECT_EQ(ask(again, {1, 2, 3, 4}).ids, answer.ids);
    EXPECT_NE(ask(again, {1, 2, 3, 4}).ids[0], answer.ids[0]);
}

TEST_F(EndpointOf, WhatDependsOnTheRequestIsAResult) {
    Endpoint endpoint = ws.create_endpoint("m");
    const std::vector<double> x{1, 2, 3};
    const auto code = [&](std::int64_t columns, const RequestOptions& options) {
        return endpoint.predict(TensorView::matrix(x.data(), 1, columns), options).error().code;
    };
    EXPECT_EQ(code(2, {}), ErrorCode::unavailable);
    endpoint.deploy(approved(0));
    EXPECT_EQ(code(3, {}), ErrorCode::invalid_argument);
    const std::vector<Id> two = numbered(2);
    EXPECT_EQ(code(2, {.ids = two}), ErrorCode::invalid_argument);
    EXPECT_EQ(ws.interactions().count({.endpoint = "m"}), 0);
}

TEST_F(EndpointOf, PredictIntoWritesTheCallersMemoryAndLogs) {
    Endpoint endpoint = serving(0);
    const std::vector<double> x{1, 2};
    std::string_view label;
    ASSERT_TRUE(endpoint.predict_into(TensorView::matrix(x.data(), 1, 2), TensorView::matrix(&label, 1, 1)));
    EXPECT_EQ(label, "yes");
    EXPECT_EQ(ws.interactions().query({.endpoint = "m"}).outputs.size(), 3u);
}

TEST_F(EndpointOf, DeploysWhatIsApprovedAlone) {
    Endpoint endpoint = ws.create_endpoint("m");
    ws.registry().register_package(threshold_package(1));
    EXPECT_THROW(endpoint.deploy("m", 1), Conflict);
    EXPECT_THROW(endpoint.deploy("m", 9), NotFound);
    const Version version = ws.registry().approve("m", 1, "me");
    endpoint.deploy(version, "me", "first");
    endpoint.deploy(version, "me", "again");
    ASSERT_EQ(endpoint.ledger().size(), 1u);
    EXPECT_EQ(endpoint.ledger()[0].reason, "first");
    EXPECT_EQ(endpoint.live()->number, 1);
    EXPECT_THROW(ws.registry().archive("m", 1, "me"), Conflict);
}

TEST_F(EndpointOf, RollsBackLikeAStack) {
    Endpoint endpoint = ws.create_endpoint("m");
    for (const double threshold : {1.0, 2.0, 3.0}) endpoint.deploy(approved(threshold));
    endpoint.rollback("worse", "me");
    EXPECT_EQ(endpoint.served()->version, 2);
    endpoint.deploy(approved(4));
    endpoint.rollback("worse again", "me");
    EXPECT_EQ(endpoint.served()->version, 2);
    endpoint.rollback("still", "me");
    EXPECT_EQ(endpoint.served()->version, 1);
    EXPECT_EQ(endpoint.live()->number, 1);
    EXPECT_THROW(endpoint.rollback("none left", "me"), Conflict);
}

TEST_F(EndpointOf, FreezingStopsWhatNobodyAskedFor) {
    Endpoint endpoint = serving(1);
    const Version next = approved(2);
    endpoint.freeze("incident", "me");
    EXPECT_TRUE(endpoint.frozen());
    EXPECT_THROW(endpoint.deploy(next, "controller 7"), Conflict);
    EXPECT_THROW(endpoint.deploy(next, "rule"), Conflict);
    endpoint.follow("latest_approved");
    EXPECT_EQ(endpoint.served()->version, 1);
    endpoint.deploy(next, "me");
    EXPECT_EQ(endpoint.served()->version, 2);
    endpoint.unfreeze("over", "me");
    EXPECT_FALSE(endpoint.frozen());
}

TEST_F(EndpointOf, FollowsApprovalsButNotBackOverARollback) {
    Endpoint endpoint = serving(1);
    endpoint.follow("latest_approved");
    approved(2);
    ws.refresh();
    EXPECT_EQ(endpoint.served()->version, 2);
    EXPECT_EQ(endpoint.ledger().back().by, "follow");
    endpoint.rollback("worse", "me");
    ws.refresh();
    EXPECT_EQ(endpoint.served()->version, 1);
    approved(3);
    ws.refresh();
    EXPECT_EQ(endpoint.served()->version, 3);
    EXPECT_THROW(endpoint.follow("newest"), InvalidArgument);
}

TEST_F(EndpointOf, KeepsTheLastGoodVersionAndSaysSoOnce) {
    Endpoint endpoint = serving(1);
    Workspace other(folder.path(), {.clock = clock});
    Endpoint there = other.endpoint("m");
    const Version next = approved(2);
    endpoint.deploy(next);
    const auto path = ws.store().artifact_path(next.package, package_ending);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    other.refresh();
    other.refresh();
    EXPECT_EQ(there.served()->version, 1);
    const auto ledger = there.ledger();
    EXPECT_EQ(ledger.back().kind, "load_failed");
    EXPECT_EQ(ledger.size(), 3u);
    EXPECT_EQ(there.live()->number, 2);
}

TEST(Workspaces, OfAnotherProcessServeADeploymentWithinASecond) {
    const TemporaryFolder folder;
    Workspace here(folder.path());
    for (const double threshold : {1.0, 2.0}) {
        const Version version = here.registry().register_package(threshold_package(threshold));
        here.registry().approve("m", version.number, "me");
    }
    Endpoint endpoint = here.create_endpoint("m");
    endpoint.deploy("m", 1);
    ask(endpoint, {1, 2});
    EXPECT_EQ(in_child([&] {
                  Workspace there(folder.path());
                  there.endpoint("m").deploy("m", 2);
              }),
              0);
    const auto clock = system_clock();
    const Duration limit = clock->steady_now() + std::chrono::seconds(1);
    while (ask(endpoint, {1, 2}).version() != 2 && clock->steady_now() < limit) {
    }
    EXPECT_EQ(ask(endpoint, {1, 2}).version(), 2);
}

TEST_F(EndpointOf, InAChildRefusesAndPredictsWhenOpenedAnew) {
    Endpoint endpoint = serving(0);
    const auto model = endpoint.served()->model;
    EXPECT_EQ(in_child([&] {
                  const std::vector<double> x{1, 2};
                  const TensorView row = TensorView::matrix(x.data(), 1, 2);
                  try {
                      static_cast<void>(endpoint.predict(row));
                      throw InternalError("not refused");
                  } catch (const UsedAfterFork&) {
                  }
                  if (model->predict(row).at("label").as<std::string_view>()[0] != "yes")
                      throw InternalError("other answer");
                  Workspace mine(folder.path(), {.clock = clock});
                  Endpoint again = mine.endpoint("m");
                  ask(again, {1, 2}, {Id("child")});
              }),
              0);
    EXPECT_EQ(ws.interactions().count({.endpoint = "m"}), 1);
}

using MonitorOf = Fixture;

TEST_F(MonitorOf, ComparesWithTheReferenceAndScoresLabels) {
    Endpoint endpoint = serving(4.5);
    std::vector<double> same, shifted;
    std::vector<std::string> truth;
    for (int i = 0; i < 500; ++i) {
        same.insert(same.end(), {static_cast<double>(i % 10), static_cast<double>(i % 7)});
        shifted.insert(shifted.end(), {static_cast<double>(i % 10 + 50), static_cast<double>(i % 7)});
        truth.push_back(i % 10 > 4 || i % 10 == 0 ? "yes" : "no");
    }
    ask(endpoint, same, numbered(500));
    const EndpointMonitor monitor = endpoint.monitor();
    EXPECT_NE(monitor.drift(rows(500)).summary.verdict, stats::Verdict::drift);
    EXPECT_DOUBLE_EQ(monitor.yield(rows(500)), 0.5);
    EXPECT_EQ(monitor.performance(std::chrono::hours(1))[0].rows, 0);
    clock->advance(std::chrono::hours(2));
    ws.interactions().label(numbered(500), Column::strings(std::span<const std::string>(truth)));
    const auto values = monitor.performance(std::chrono::hours(1));
    ASSERT_EQ(values.size(), 4u);
    EXPECT_EQ(values[0].metric, "accuracy");
    EXPECT_DOUBLE_EQ(values[0].value, 0.9);
    EXPECT_EQ(values[0].rows, 500);
    ask(endpoint, shifted);
    const auto report = monitor.drift(rows(500));
    EXPECT_EQ(report.summary.verdict, stats::Verdict::drift);
    EXPECT_EQ(report.summary.drifted, 1);
}

using InteractionsOf = Fixture;

TEST_F(InteractionsOf, RefusesLabelsThatAreNone) {
    serving(0);
    const std::vector<Id> ids = numbered(2);
    EXPECT_THROW(ws.interactions().label(ids, Column::of(std::vector<double>{1})), InvalidArgument);
    EXPECT_THROW(ws.interactions().label(ids, Column::of(std::vector<double>{1, 2}, {true, false})), InvalidArgument);
    EXPECT_THROW(ws.interactions().label(ids, Column::timestamps({1, 2})), InvalidArgument);
    EXPECT_THROW(ws.interactions().label(ids, Column::of(std::vector<double>{1, 2}), {}, "nowhere"), NotFound);
}

TEST_F(InteractionsOf, EndpointsAreMadeOnceAndFoundByName) {
    ws.create_endpoint("a", {.model = "m"});
    ws.create_endpoint("a", {.model = "m"});
    EXPECT_THROW(ws.create_endpoint("a", {.model = "n"}), Conflict);
    try {
        static_cast<void>(ws.endpoint("b"));
        FAIL();
    } catch (const NotFound& error) {
        EXPECT_NE(std::string(error.what()).find("\"a\""), std::string::npos);
    }
    EXPECT_EQ(ws.endpoints(), (std::vector<std::string>{"a"}));
    ws.close();
    EXPECT_THROW(static_cast<void>(ws.endpoint("a")), Unavailable);
}

TEST_F(Fixture, NamesThatMayBecomePathsAreChecked) {
    for (const char* name : {"", "../other", "a/b", ".hidden", "a b", "a\\b"}) {
        EXPECT_THROW(ws.create_endpoint(name), InvalidArgument) << name;
        EXPECT_THROW(Workspace(folder.path() / "second", {.name_space = name}), InvalidArgument) << name;
    }
    EXPECT_THROW(ws.create_endpoint(std::string(129, 'a')), InvalidArgument);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "second"));
}

TEST_F(Fixture, ATrafficMonitorSeesWhatIsAnswered) {
    Endpoint endpoint = serving(0.5);
    const auto traffic = std::make_shared<TrafficMonitor>(WindowLimits{.rows = 4});
    endpoint.add_observer(traffic);
    (void)ask(endpoint, {0.1, 1.0, 0.2, 2.0, 0.3, 3.0});
    (void)ask(endpoint, {0.4, 4.0, 0.9, 5.0});
    EXPECT_EQ(traffic->requests(), 2);
    EXPECT_EQ(traffic->passed_over(), 0);
    EXPECT_EQ(traffic->window().rows(), 4);  // the limit
    EXPECT_EQ(traffic->window().last(1).column(0).values<double>()[0], 0.9);
    EXPECT_EQ(traffic->latency().count(), 2);
    EXPECT_EQ(traffic->window().series("latency_us").size(), 2u);
}

}  // namespace
}  // namespace holdfast
