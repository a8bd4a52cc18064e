// Names of versions, lineage, and packages that must be signed.
#include <gtest/gtest.h>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/workspace/logged.hpp>
#include <holdfast/workspace/workspace.hpp>

#include "support/keys.hpp"
#include "support/throwing.hpp"
#include "unit/store/temporary_folder.hpp"
#include "unit/workspace/small_models.hpp"

namespace holdfast {
namespace {

using testing::first_pem;
using testing::message_of;
using testing::second_pem;
using testing::TemporaryFolder;
using testing::threshold_package;

struct RegistryNames : ::testing::Test {
    TemporaryFolder folder;
    std::shared_ptr<SimulatedClock> clock = std::make_shared<SimulatedClock>(parse_time("2024-01-01T00:00:00Z"));
    Workspace ws{folder.path(), {.clock = clock}};
    Registry& registry = ws.registry();
};

TEST_F(RegistryNames, AreResolvedInOnePlace) {
    for (int i = 1; i <= 3; ++i) static_cast<void>(registry.register_package(threshold_package(i)));
    EXPECT_NE(message_of<NotFound>([&] { static_cast<void>(registry.resolve("m")); }).find("none of its 3 versions"),
              std::string::npos);
    registry.approve("m", 2, "me");
    registry.approve("m", 1, "me");
    EXPECT_EQ(registry.resolve("m").number, 2);
    EXPECT_EQ(registry.resolve("m@3").number, 3);
    registry.alias("m", "champion", 1, "me", "as agreed");
    EXPECT_EQ(registry.resolve("m@champion").number, 1);
    registry.alias("m", "champion", 1, "me again");
    clock->advance(std::chrono::seconds(1));
    registry.alias("m", "champion", 3, "you");
    registry.alias("m", "old", 1, "you");
    EXPECT_EQ(registry.resolve("m@champion").number, 3);
    EXPECT_EQ(registry.aliases("m"), (std::map<std::string, std::int64_t>{{"champion", 3}, {"old", 1}}));
    const std::string message = message_of<NotFound>([&] { static_cast<void>(registry.resolve("m@best")); });
    EXPECT_NE(message.find("there is \"champion\", \"old\""), std::string::npos) << message;
    registry.alias("m", "champion", {}, "me");
    EXPECT_THROW(static_cast<void>(registry.resolve("m@champion")), NotFound);
    const auto moves = registry.alias_history("m");
    ASSERT_EQ(moves.size(), 4u);
    EXPECT_EQ(moves[0].note, "as agreed");
    EXPECT_EQ(moves[1].by, "you");
    EXPECT_EQ(moves[3].version, std::nullopt);
}

TEST_F(RegistryNames, ThatCannotBeAreRefused) {
    static_cast<void>(registry.register_package(threshold_package(1)));
    EXPECT_THROW(registry.alias("m", "3", 1, "me"), InvalidArgument);
    EXPECT_THROW(registry.alias("m", "a b", 1, "me"), InvalidArgument);
    EXPECT_THROW(registry.alias("m", "", 1, "me"), InvalidArgument);
    EXPECT_THROW(registry.alias("m", "champion", 2, "me"), NotFound);
    for (const char* name : {"", "@", "m@", "m@0", "m@2", "m@99999999999999999999", "n", "n@1"}) {
        EXPECT_THROW(static_cast<void>(registry.resolve(name)), NotFound) << name;
    }
}

TEST_F(RegistryNames, LineageWalksToTheRoot) {
    const Package root = threshold_package(1);
    Package child = threshold_package(2).with_lineage(Json::object({{"parent", root.identity().hex()}}));
    Package grandchild = threshold_package(3).with_lineage(
        Json::object({{"parent", child.identity().hex()}, {"seed", 7}, {"trainer", "train.py"}}));
    const Package orphan = threshold_package(4).with_lineage(Json::object({{"parent", sha256("gone").hex()}}));
    for (const Package& package : {root, child, grandchild, orphan})
        static_cast<void>(registry.register_package(package));
    const auto line = registry.lineage("m", 3);
    ASSERT_EQ(line.size(), 3u);
    EXPECT_EQ(line[0].number, 3);
    EXPECT_EQ(line[0].manifest.lineage.at("trainer").as_string(), "train.py");
    EXPECT_EQ(line[1].number, 2);
    EXPECT_EQ(line[2].number, 1);
    EXPECT_EQ(registry.lineage("m", 4).size(), 1u);
    EXPECT_EQ(registry.lineage("m", 1).size(), 1u);
}

struct RegistrySigned : ::testing::Test {
    TemporaryFolder folder;
    const PublicKey first = sign(first_pem, "").key;
    const PublicKey second = sign(second_pem, "").key;
    Workspace ws{folder.path(), {.trusted_keys = {first}}};
};

TEST_F(RegistrySigned, OnlyWhatATrustedKeySignedIsTaken) {
    const Package plain = threshold_package(1);
    const std::string unsigned_message = message_of<PermissionDenied>([&] { ws.registry().register_package(plain); });
    EXPECT_NE(unsigned_message.find("not signed, a signature by " + first.hex()), std::string::npos);
    const std::string foreign =
        message_of<PermissionDenied>([&] { ws.registry().register_package(plain.sign(second_pem)); });
    EXPECT_NE(foreign.find("signed by " + second.hex()), std::string::npos);
    EXPECT_TRUE(ws.registry().versions().empty());
    EXPECT_FALSE(std::filesystem::exists(ws.store().artifact_path(plain.identity(), package_ending)));

    const Version version = ws.registry().register_package(plain.sign(first_pem));
    EXPECT_EQ(ws.registry().package(version).signatures(), plain.sign(first_pem).signatures());
    ws.registry().approve("m", 1, "me");
    Endpoint endpoint = ws.create_endpoint("m");
    endpoint.deploy(version);
    EXPECT_EQ(endpoint.served()->version, 1);
}

TEST_F(RegistrySigned, WhatAnotherWorkspaceTookIsNotDeployedOrLoadedHere) {
    Workspace careless(folder.path());
    const Version version = careless.registry().register_package(threshold_package(1));
    careless.registry().approve("m", 1, "me");
    Endpoint theirs = careless.create_endpoint("m");
    Endpoint ours = ws.endpoint("m");
    EXPECT_THROW(ours.deploy(version), PermissionDenied);
    EXPECT_TRUE(ours.ledger().empty());
    theirs.deploy(version);
    EXPECT_THROW(static_cast<void>(ws.registry().package(version)), PermissionDenied);
    ours.refresh();
    EXPECT_EQ(ours.served(), nullptr);
    EXPECT_EQ(ours.ledger().back().kind, "load_failed");
    EXPECT_NE(ours.ledger().back().reason.find(first.hex()), std::string::npos);

    // Signed later, it is the same version, and served.
    static_cast<void>(ws.registry().register_package(threshold_package(1).sign(first_pem)));
    ours.refresh();
    ASSERT_NE(ours.served(), nullptr);
    EXPECT_EQ(ours.served()->version, 1);
}

TEST_F(RegistrySigned, ASignatureSurvivesExport) {
    static_cast<void>(ws.registry().register_package(threshold_package(1).sign(first_pem).sign(second_pem)));
    const auto path = folder.path() / "out.zip";
    ws.registry().export_package(ws.registry().version("m", 1), path);
    const TemporaryFolder elsewhere;
    Workspace other(elsewhere.path(), {.trusted_keys = {second}});
    EXPECT_EQ(other.registry().register_package(Package::open(path)).package, threshold_package(1).identity());
}

TEST_F(RegistryNames, APackageCollectedMeanwhileIsStoredAgain) {
    const Package package = threshold_package(1);
    registry.store_package(package);
    std::filesystem::remove(ws.store().artifact_path(package.identity(), package_ending));
    Version version;
    ws.store().write([&](store::Session& session) { version = registry.register_package(session, package); });
    EXPECT_EQ(registry.package(version).identity(), package.identity());
}

}  // namespace
}  // namespace holdfast
