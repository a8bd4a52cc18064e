// Looks at windows that do not overlap.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/workspace/look.hpp>
#include <holdfast/workspace/workspace.hpp>

#include "unit/store/temporary_folder.hpp"
#include "unit/workspace/small_models.hpp"

namespace holdfast {
namespace {

using std::chrono::seconds;
using testing::TemporaryFolder;
using testing::threshold_package;

struct Looks : ::testing::Test {
    const Time start = parse_time("2024-01-01T00:00:00Z");
    TemporaryFolder folder;
    std::shared_ptr<SimulatedClock> clock = std::make_shared<SimulatedClock>(start);
    Workspace ws{folder.path(), {.clock = clock, .seed = 7}};
    std::optional<Endpoint> endpoint;
    int asked = 0;

    void SetUp() override {
        const Version version = ws.registry().register_package(threshold_package(0.0));
        ws.registry().approve("m", version.number, "me");
        LoggingOptions logging;
        logging.entity = "b";
        endpoint = ws.create_endpoint("m", {.logging = logging});
        endpoint->deploy("m", 1);
    }

    /// Row i has a = i, is about entity i % 10, and came a second after the one before.
    void ask(int rows) {
        for (int i = 0; i < rows; ++i, ++asked) {
            clock->advance(seconds(1));
            const std::vector<double> x{static_cast<double>(asked), static_cast<double>(asked % 10)};
            ASSERT_TRUE(endpoint->predict(TensorView::matrix(x.data(), 1, 2)));
        }
    }

    Look look(const Window& over, std::optional<std::int64_t> interactions = {}) {
        Look seen;
        ws.flush();
        ws.store().read([&](const store::Session& session) {
            seen = last_complete_window(session, "m", over, clock->now(), {}, interactions);
        });
        return seen;
    }

    static std::vector<double> first_and_last(const Look& look) {
        const auto a = look.features.column("a").as_doubles();
        return {a.front(), a.back()};
    }
};

TEST_F(Looks, AtRowsSeeTheSameWindowUntilTheNextIsComplete) {
    ask(99);
    EXPECT_EQ(look(rows(100)).features.rows(), 0);
    EXPECT_EQ(look(rows(100)).window, "no window of 100 rows is complete: there are 99");
    ask(1);
    for (int i = 0; i < 100; i += 33) {
        EXPECT_EQ(look(rows(100)).window, "rows 1 to 100");
        EXPECT_EQ(first_and_last(look(rows(100))), (std::vector<double>{0, 99}));
        ask(33);
    }
    EXPECT_EQ(asked, 232);
    EXPECT_EQ(look(rows(100)).window, "rows 101 to 200");
    EXPECT_EQ(first_and_last(look(rows(100))), (std::vector<double>{100, 199}));
    EXPECT_EQ(first_and_last(look(rows(100), 232)), (std::vector<double>{100, 199}));
}

TEST_F(Looks, RowsThatAreRemovedKeepTheirPlaces) {
    ask(250);
    ws.flush();
    std::int64_t erased = 0;
    for (const store::RemovalRow& removal : ws.interactions().erase("3")) erased += removal.interactions;
    EXPECT_EQ(erased, 25);
    const Look seen = look(rows(100));
    EXPECT_EQ(seen.window, "rows 101 to 200");
    // Counted back from the newest row: the 50 newer ones are 45 now.
    EXPECT_EQ(seen.features.rows(), 100);
    ask(49);
    EXPECT_EQ(look(rows(100)).window, "rows 101 to 200");
    ask(1);
    EXPECT_EQ(look(rows(100)).window, "rows 201 to 300");
}

TEST_F(Looks, AtTimesSeeTheMultiplesOfTheWindow) {
    clock->advance(seconds(7));
    ask(150);  // until 00:02:37
    const Look seen = look(std::chrono::minutes(1));
    EXPECT_EQ(seen.window, "2024-01-01T00:01:00Z to 2024-01-01T00:02:00Z");
    EXPECT_EQ(seen.features.rows(), 60);
    EXPECT_EQ(first_and_last(seen), (std::vector<double>{53, 112}));
    clock->advance(seconds(22));
    EXPECT_EQ(look(std::chrono::minutes(1)).window, seen.window);
    clock->advance(seconds(1));
    EXPECT_EQ(look(std::chrono::minutes(1)).features.rows(), 37);
    clock->advance(std::chrono::hours(1));
    EXPECT_EQ(look(std::chrono::minutes(1)).features.rows(), 0);
}

TEST_F(Looks, JudgeAtTheStatedRate) {
    ask(40);
    const DriftReport early = endpoint->monitor().drift(rows(50));
    EXPECT_EQ(early.summary.verdict, stats::Verdict::insufficient);
    EXPECT_EQ(early.note, "no window of 50 rows is complete: there are 40");
    ask(30);
    const DriftReport report = endpoint->monitor().drift(rows(50), {}, 2.0);
    EXPECT_EQ(report.alpha, 0.002);
    EXPECT_EQ(report.note, "rows 1 to 50");
    EXPECT_EQ(report.summary.current_rows, 50);
    EXPECT_EQ(endpoint->monitor().drift_now(rows(50)).alpha, 0.05);
    ask(29);
    EXPECT_EQ(to_json(endpoint->monitor().drift(rows(50), {}, 2.0)).canonical(), to_json(report).canonical());
    EXPECT_THROW(static_cast<void>(endpoint->monitor().drift(rows(50), {}, 0.0)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(endpoint->monitor().drift(rows(50), {}, 1000.0)), InvalidArgument);
}

}  // namespace
}  // namespace holdfast
