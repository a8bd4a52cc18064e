#include <holdfast/workspace/why.hpp>

#include <gtest/gtest.h>

#include <holdfast/base/error.hpp>
#include <holdfast/workspace/logged.hpp>

#include "unit/store/temporary_folder.hpp"
#include "unit/workspace/small_models.hpp"

namespace holdfast {
namespace {

using testing::TemporaryFolder;
using testing::threshold_package;

struct WhyOf : ::testing::Test {
    TemporaryFolder folder;
    std::shared_ptr<SimulatedClock> clock = std::make_shared<SimulatedClock>(parse_time("2024-01-01T00:00:00Z"));
    Workspace ws{folder.path(), {.clock = clock}};

    Endpoint serving(double threshold, std::string_view name = "m") {
        const Version version = ws.registry().register_package(threshold_package(threshold));
        ws.registry().approve("m", version.number, "me", "baseline");
        Endpoint endpoint = ws.create_endpoint(name, {.model = "m"});
        endpoint.deploy("m", version.number, "you", "first");
        return endpoint;
    }
    static void ask(Endpoint& endpoint, const std::string& id, double a = 0.1) {
        const double x[] = {a, 7};
        const std::vector<Id> ids{Id(id)};
        ASSERT_TRUE(endpoint.predict(TensorView::matrix(x, 1, 2), {.ids = ids}));
    }
};

TEST_F(WhyOf, TellsWhatAnsweredAndPredictsTheSameBitsAgain) {
    Endpoint endpoint = serving(0.3);
    clock->advance(std::chrono::hours(1));
    ask(endpoint, "one");
    ws.interactions().label(std::vector<Id>{Id("one")}, Column::strings(std::vector<std::string>{"yes"}));
    clock->advance(std::chrono::hours(1));
    ws.registry().register_package(threshold_package(5));
    ws.registry().approve("m", 2, "me");
    endpoint.deploy("m", 2);

    const Why answer = why(ws, "one");
    EXPECT_EQ(answer.endpoint, "m");
    EXPECT_EQ(answer.version.number, 1);
    EXPECT_EQ(answer.version.package, threshold_package(0.3).identity());
    EXPECT_EQ(answer.features.names(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(answer.features.column("a").number(0), 0.1);
    EXPECT_EQ(answer.outputs.names(), (std::vector<std::string>{"label", "probabilities.0", "probabilities.1"}));
    EXPECT_EQ(answer.outputs.column("label").text(0), "no");
    EXPECT_EQ(answer.deployment.value().by, "you");
    EXPECT_EQ(answer.deployment->until, clock->now());
    ASSERT_EQ(answer.approvals.size(), 1u);
    EXPECT_TRUE(answer.decisions.empty());
    EXPECT_EQ(answer.verdict, Why::Verdict::same_bits) << answer.text;
    for (const char* part : {"answered by m@1", "a=0.1, b=7", "label=no", "label: yes", "approved", "by me: baseline",
                             "live since 2024-01-01T00:00:00Z", "by you: first", "the same bits"}) {
        EXPECT_NE(answer.text.find(part), std::string::npos) << part << " in\n" << answer.text;
    }
}

TEST_F(WhyOf, SaysWhatIsGone) {
    Endpoint endpoint = serving(0.3);
    ask(endpoint, "one");
    std::filesystem::remove(ws.store().artifact_path(threshold_package(0.3).identity(), package_ending));
    const Why answer = why(ws, "one");
    EXPECT_EQ(answer.verdict, Why::Verdict::missing);
    ASSERT_EQ(answer.notes.size(), 1u);
    EXPECT_NE(answer.notes[0].find(".zip"), std::string::npos);
    EXPECT_EQ(answer.version.number, 1);
}

TEST_F(WhyOf, FindsAnAnswerThatTheModelWouldNotGive) {
    Endpoint endpoint = serving(0.3);
    store::InteractionBatch row;
    row.endpoint = "m";
    row.version = 1;
    row.ids = {"odd"};
    row.times = {clock->now()};
    row.values.add("a", Column::of(std::vector<double>{0.1}));
    row.values.add("b", Column::of(std::vector<double>{7}));
    row.values.add("label", Column::strings(std::vector<std::string>{"yes"}));
    row.values.add("probabilities.0", Column::of(std::vector<double>{0.5}));
    row.values.add("probabilities.1", Column::of(std::vector<double>{0.5}));
    row.feature_columns = 2;
    ws.store().write([&](store::Session& session) { session.add_interactions(row); });
    const Why answer = why(ws, "odd", "m");
    EXPECT_EQ(answer.verdict, Why::Verdict::different);
    EXPECT_EQ(answer.notes.size(), 3u);
    EXPECT_NE(answer.notes[0].find("label: yes was answered, no now"), std::string::npos) << answer.notes[0];
}

TEST_F(WhyOf, JudgesOtherBitsByTheArithmeticThatAnswered) {
    Endpoint endpoint = serving(0.3);
    ask(endpoint, "one");
    EXPECT_EQ(why(ws, "one").arithmetic, "holdfast-native-1");
    const auto verdict_of = [&](const std::string& id, const std::string& arithmetic, const std::string& label) {
        store::InteractionBatch row;
        row.endpoint = "m";
        row.version = 1;
        row.ids = {id};
        row.times = {clock->now()};
        row.arithmetic = arithmetic;
        const Why stored = why(ws, "one");
        row.values = stored.features;
        for (const std::string& name : stored.outputs.names()) {
            row.values.add(
                name, name == "label" ? Column::strings(std::vector<std::string>{label}) : stored.outputs.column(name));
        }
        row.feature_columns = 2;
        ws.store().write([&](store::Session& session) { session.add_interactions(row); });
        const Why answer = why(ws, id);
        EXPECT_EQ(answer.arithmetic, arithmetic);
        if (answer.verdict == Why::Verdict::other_arithmetic) {
            EXPECT_NE(
                answer.text.find("answered by arithmetic \"" + arithmetic + "\", predicted again by \"holdfast-nat"),
                std::string::npos)
                << answer.text;
        }
        return answer.verdict;
    };
    EXPECT_EQ(verdict_of("two", "holdfast-native-1", "no"), Why::Verdict::same_bits);
    EXPECT_EQ(verdict_of("three", "holdfast-native-1", "yes"), Why::Verdict::different);
    // The same columns, computed by others: schemas of their own.
    EXPECT_EQ(verdict_of("four", "torch-2.1.0/cpu", "yes"), Why::Verdict::other_arithmetic);
    EXPECT_EQ(verdict_of("five", "holdfast-native-0", "yes"), Why::Verdict::other_arithmetic);
    EXPECT_EQ(verdict_of("six", "torch-2.1.0/cpu", "no"), Why::Verdict::same_bits);
    store::Verification found;
    ws.store().verify(found);
    EXPECT_TRUE(found.findings.empty());
}

TEST_F(WhyOf, WantsOneInteraction) {
    Endpoint endpoint = serving(0.3);
    ask(endpoint, "one");
    EXPECT_THROW(static_cast<void>(why(ws, "two")), NotFound);
    EXPECT_THROW(static_cast<void>(why(ws, "one", "elsewhere")), NotFound);
    Endpoint other = serving(0.4, "n");
    EXPECT_THROW(static_cast<void>(why(ws, "one", "n")), NotFound);
    ask(other, "one");
    try {
        static_cast<void>(why(ws, "one"));
        ADD_FAILURE();
    } catch (const InvalidArgument& error) {
        EXPECT_NE(std::string(error.what()).find("\"m\", \"n\""), std::string::npos) << error.what();
    }
    EXPECT_EQ(why(ws, "one", "n").version.number, 2);
}

}  // namespace
}  // namespace holdfast
