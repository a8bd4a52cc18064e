#include <holdfast/loop/care.hpp>

#include <fstream>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>

#include "small_loop.hpp"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

class CareTest : public test::SmallLoop {
  protected:
    /// A whole round: decisions, sample manifests and a second version are there.
    void round() {
        Controller loop(*workspace_, options(splitting_at(0.1)));
        go_stale();
        for (int i = 0; i < 6; ++i) (void)loop.step();
        ASSERT_EQ(workspace_->registry().versions("line").size(), 2u);
    }
    [[nodiscard]] fs::path samples() {
        const Version challenger = workspace_->registry().version("line", 2);
        const Digest digest = Digest::from_hex(challenger.manifest.lineage.at("samples").as_string());
        return workspace_->store().artifact_path(digest, ".samples.json");
    }
};

TEST_F(CareTest, AWholeRoundIsSound) {
    round();
    const auto found = verify(*workspace_);
    EXPECT_TRUE(found.ok()) << found.text();
    EXPECT_TRUE(found.notes.empty()) << found.text();
    EXPECT_EQ(found.checked.at("packages"), 2);
    EXPECT_EQ(found.checked.at("sample manifests"), 1);
}

TEST_F(CareTest, ASampleManifestThatChangedIsFound) {
    round();
    std::ofstream(samples(), std::ios::app) << " ";
    const auto found = verify(*workspace_);
    ASSERT_FALSE(found.ok());
    EXPECT_NE(found.text().find(samples().filename().string()), std::string::npos) << found.text();
}

TEST_F(CareTest, ADecisionWhoseObservationIsNotOfItsHashIsFound) {
    workspace_->store().write([](store::Session& session) {
        Decision decision;
        decision.endpoint = "line";
        decision.policy = "retrain";
        decision.policy_json = Json::object({});
        decision.observation_hash = sha256("another").hex();
        session.add_decision({"line", 0, decision.to_json(), Json::object({{"n", 1}}), {}});
    });
    const auto found = verify(*workspace_);
    ASSERT_EQ(found.findings.size(), 1u) << found.text();
    EXPECT_EQ(found.findings[0].thing, "decision 1 of endpoint \"line\"");
    EXPECT_EQ(found.findings[0].wanted, sha256("another").hex());
}

TEST_F(CareTest, ABackupGoesOnWhereItWasTaken) {
    round();
    const fs::path zip = folder_ / "copy.zip", copy = folder_ / "copy";
    backup(*workspace_, zip);
    restore(zip, copy);
    EXPECT_THROW(restore(zip, copy), Conflict);
    const Workspace again(copy, {.clock = clock_, .create = false});
    EXPECT_TRUE(verify(again).ok());
    for (const Decision& decision : decisions(again, "line")) {
        if (decision.policy != "retrain" && decision.policy != "promote") continue;
        EXPECT_EQ(explain(again, decision).verdict, Explanation::Verdict::reproduced);
    }
}

}  // namespace
}  // namespace holdfast
