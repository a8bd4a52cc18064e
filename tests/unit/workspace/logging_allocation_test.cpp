// Counts operator new on the caller's thread: warm logging must not call it.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include <holdfast/workspace/workspace.hpp>

#include "support/counting_new.hpp"
#include "unit/store/temporary_folder.hpp"
#include "unit/workspace/small_models.hpp"

namespace holdfast {
namespace {

TEST(LoggingAllocation, WarmCallsOfPredictIntoMakeNone) {
    const testing::TemporaryFolder folder;
    Workspace ws(folder.path());
    ws.registry().register_package(testing::threshold_package(0.0));
    ws.registry().approve("m", 1, "me");
    Endpoint endpoint = ws.create_endpoint("m");
    endpoint.deploy("m", 1);
    const std::vector<double> x{1.0, 2.0};
    std::string_view label;
    const TensorView row = TensorView::matrix(x.data(), 1, 2), out = TensorView::matrix(&label, 1, 1);
    const auto ask = [&](int times) {
        const std::int64_t before = testing::allocations_here;
        for (int i = 0; i < times; ++i) static_cast<void>(endpoint.predict_into(row, out).value());
        return testing::allocations_here - before;
    };
    // While another connection holds the lock the rows gather in two groups at most, so that one has half of them.
    store::Store(folder.path(), {.create = false}).write([&](store::Session&) { EXPECT_GT(ask(3000), 0); });
    ws.flush();
    // A look for new versions, five times a second, may fall into a round.
    std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
    for (int round = 0; round < 10; ++round) fewest = std::min(fewest, ask(50));
    EXPECT_EQ(fewest, 0);
}

}  // namespace
}  // namespace holdfast
