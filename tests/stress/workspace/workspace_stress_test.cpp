// Predictions, labels, deployments, reads and refreshes of one workspace at once; run under TSan, too.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include <holdfast/base/error.hpp>
#include <holdfast/workspace/workspace.hpp>

#include "unit/store/temporary_folder.hpp"
#include "unit/workspace/small_models.hpp"

namespace holdfast {
namespace {

class Counting final : public Observer {
  public:
    void answered(const Answered& request) noexcept override { rows += request.batch.rows(); }
    std::atomic<std::int64_t> rows{0};
};

TEST(WorkspaceStress, EverythingAtOnce) {
    constexpr int requests = 40, predictors = 3;
    const testing::TemporaryFolder folder;
    Workspace ws(folder.path());
    for (const double threshold : {0.0, 1.0}) {
        const Version version = ws.registry().register_package(testing::threshold_package(threshold));
        ws.registry().approve("m", version.number, "me");
    }
    Endpoint endpoint = ws.create_endpoint("m");
    endpoint.deploy("m", 1);
    const auto watching = std::make_shared<Counting>();
    endpoint.add_observer(watching);

    std::atomic<int> failures{0}, running{predictors};
    std::vector<std::thread> threads;
    for (int t = 0; t < predictors; ++t) {
        threads.emplace_back([&, t] {
            const std::vector<double> x{0.5, 1.0, 2.0, 3.0};
            for (int i = 0; i < requests; ++i) {
                const std::string name = std::to_string(t) + "-" + std::to_string(i);
                const std::vector<Id> ids{Id(name + "a"), Id(name + "b")};
                const auto answer = endpoint.predict(TensorView::matrix(x.data(), 2, 2), {.ids = ids});
                // Each version answers for all of a request or for none of it.
                const bool yes = answer && answer->values().as<std::string_view>()[0] == "yes";
                if (!answer || yes != (answer->version() == 1)) ++failures;
                ws.interactions().label(ids, Column::of(std::vector<std::int64_t>{0, 1}));
            }
            --running;
        });
    }
    threads.emplace_back([&] {
        for (int i = 0; running.load() > 0; ++i) endpoint.deploy("m", i % 2 + 1);
    });
    threads.emplace_back([&] {
        while (running.load() > 0) {
            ws.refresh();
            const auto table = ws.interactions().query({.endpoint = "m", .labelled = true});
            if (table.rows.column("label").null_count() != 0) ++failures;
        }
    });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(failures.load(), 0);
    EXPECT_EQ(ws.interactions().count({.endpoint = "m", .labelled = true}), 2 * requests * predictors);
    EXPECT_EQ(watching->rows.load(), 2 * requests * predictors);
}

}  // namespace
}  // namespace holdfast
