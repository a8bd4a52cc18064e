#include "models/engine/row_threads.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <bit>
#include <cmath>
#include <mutex>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <holdfast/base/clock.hpp>
#include <holdfast/base/error.hpp>
#include <holdfast/base/processors.hpp>
#include <holdfast/models/graph.hpp>

#include "support/models.hpp"

namespace holdfast {
namespace {

using engine::run_on_threads;
using test::spec;

void be_busy(std::chrono::milliseconds time) {
    const auto clock = system_clock();
    const Duration end = clock->steady_now() + time;
    while (clock->steady_now() < end) continue;
}

TEST(RunOnThreads, DoesEachRowOnceInBlocksOfAtMostThatSize) {
    for (const std::int64_t rows : {0, 1, 15, 16, 17, 1000, 4099}) {
        for (const int threads : {1, 2, 5}) {
            std::vector<std::atomic<int>> done(static_cast<std::size_t>(rows));
            std::atomic<std::int64_t> largest{0};
            const engine::RowWork work = [&](std::int64_t begin, std::int64_t count) {
                be_busy(std::chrono::milliseconds(1));
                for (std::int64_t row = begin; row < begin + count; ++row) ++done[static_cast<std::size_t>(row)];
                std::int64_t seen = largest.load();
                while (seen < count && !largest.compare_exchange_weak(seen, count)) continue;
            };
            run_on_threads(rows, 700, threads, work, [&] { return work; });
            for (const auto& times : done) ASSERT_EQ(times.load(), 1) << rows << " rows, " << threads << " threads";
            EXPECT_LE(largest.load(), 700);
        }
    }
}

TEST(RunOnThreads, TakesAsManyThreadsAsAreWantedAndFree) {
    const auto seen_with = [](int threads) {
        std::mutex mutex;
        std::set<std::thread::id> seen;
        const engine::RowWork work = [&](std::int64_t, std::int64_t) {
            be_busy(std::chrono::milliseconds(2));
            const std::lock_guard lock(mutex);
            seen.insert(std::this_thread::get_id());
        };
        run_on_threads(4096, 64, threads, work, [&] { return work; });
        return static_cast<int>(seen.size());
    };
    EXPECT_EQ(seen_with(1), 1);
    EXPECT_EQ(seen_with(2), std::min(2, processors()));
    EXPECT_LE(seen_with(1000), processors());
    const auto others = ProcessorShare::of_any(processors());
    EXPECT_EQ(seen_with(2), 1);
}

TEST(RunOnThreads, TakesNoneForWhatIsDoneAtOnce) {
    const engine::RowWork work = [](std::int64_t, std::int64_t) {};
    run_on_threads(1000, 1000, 8, work, [&]() -> engine::RowWork {
        ADD_FAILURE() << "another thread";
        return work;
    });
}

TEST(RunOnThreads, ThrowsTheErrorOfTheFirstRowsWhenAllAreDone) {
    for (int run = 0; run < 20; ++run) {
        std::atomic<int> working{0};
        const engine::RowWork work = [&](std::int64_t begin, std::int64_t count) {
            ++working;
            be_busy(std::chrono::milliseconds(1));
            --working;
            if (begin + count > 512) throw InvalidArgument(std::to_string(begin));
        };
        try {
            run_on_threads(2048, 64, 3, work, [&] { return work; });
            FAIL();
        } catch (const InvalidArgument& error) {
            EXPECT_STREQ(error.what(), "512");
        }
        EXPECT_EQ(working.load(), 0);
    }
}

TEST(RunOnThreads, WorkersThatCannotBeMadeAreAnError) {
    const engine::RowWork slow = [](std::int64_t, std::int64_t) { be_busy(std::chrono::milliseconds(2)); };
    if (processors() == 1) return;
    EXPECT_THROW(run_on_threads(2048, 64, 2, slow, []() -> engine::RowWork { throw std::runtime_error("no memory"); }),
                 std::runtime_error);
}

/// A kernel machine so large that a few hundred rows are worth a thread.
std::shared_ptr<const Model> machine(std::int64_t features, int threads) {
    std::mt19937_64 random(5);
    std::normal_distribution<double> draw;
    forms::Kernels kernels;
    kernels.features = features;
    kernels.gamma = 0.01;
    for (int i = 0; i < 500; ++i) {
        for (std::int64_t k = 0; k < features; ++k) kernels.support_vectors.push_back(draw(random));
        kernels.coefficients.push_back(draw(random));
    }
    kernels.intercept = {0.25};
    Graph graph;
    graph.signature = test::dense_signature(features);
    graph.signature.outputs = {spec("y", DType::float64, {-1, 1})};
    graph.signature.prediction = "y";
    graph.nodes.push_back({kernels, {"X"}, {"y"}});
    return compile(std::move(graph), "native", threads);
}

std::vector<double> normals(std::int64_t size) {
    std::mt19937_64 random(6);
    std::normal_distribution<double> draw;
    std::vector<double> values(static_cast<std::size_t>(size));
    for (double& value : values) value = draw(random);
    return values;
}

std::vector<std::uint64_t> bits(const TensorView& y) {
    std::vector<std::uint64_t> all;
    for (std::int64_t i = 0; i < y.size(); ++i) all.push_back(std::bit_cast<std::uint64_t>(y.as<double>()[i]));
    return all;
}

TEST(Threads, GiveTheSameBits) {
    const std::vector<double> x = normals(3001 * 7);
    Table table;
    for (std::int64_t k = 0; k < 7; ++k) {
        std::vector<double> column;
        for (std::int64_t row = 0; row < 3001; ++row) column.push_back(x[static_cast<std::size_t>(row * 7 + k)]);
        table.add("x" + std::to_string(k), Column::of(std::move(column)));
    }
    const auto one = machine(7, 1);
    for (const int threads : {2, 3, 16}) {
        const auto several = machine(7, threads);
        for (const std::int64_t rows : {0, 1, 16, 17, 1024, 1025, 3001}) {
            const TensorView batch = TensorView::matrix(x.data(), rows, 7);
            EXPECT_EQ(bits(several->predict(batch).at("y")), bits(one->predict(batch).at("y"))) << rows;
        }
        EXPECT_EQ(bits(several->predict(table).at("y")), bits(one->predict(table).at("y")));
    }
}

TEST(Threads, MayReadFromWhereTheyWrite) {
    std::vector<double> x = normals(3000), y(3000);
    const auto model = machine(1, 4);
    model->predict_into(TensorView::matrix(x.data(), 3000, 1), TensorView::matrix(y.data(), 3000, 1));
    model->predict_into(TensorView::matrix(x.data(), 3000, 1), TensorView::matrix(x.data(), 3000, 1));
    EXPECT_EQ(x, y);
}

TEST(Threads, AreSharedByCallsAtATime) {
    const std::vector<double> x = normals(2000 * 3);
    const auto model = machine(3, 4);
    const TensorView batch = TensorView::matrix(x.data(), 2000, 3);
    const auto wanted = bits(model->predict(batch).at("y"));
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i) {
        callers.emplace_back([&] {
            for (int call = 0; call < 5; ++call) EXPECT_EQ(bits(model->predict(batch).at("y")), wanted);
        });
    }
    for (std::thread& caller : callers) caller.join();
}

TEST(Threads, SayWhichTextIsNoNumberAsOneThreadDoes) {
    Graph graph;
    graph.signature.inputs = {spec("x", DType::string, {-1})};
    graph.signature.outputs = {spec("y", DType::float64, {-1})};
    graph.signature.prediction = "y";
    graph.nodes.push_back({forms::Cast{DType::float64}, {"x"}, {"y"}});
    std::vector<std::string> texts(200'000, "12.5");
    texts[150'000] = "bad";
    texts[199'999] = "worse";
    Table table;
    table.add("x", Column::strings(std::span<const std::string>(texts)));
    for (const int threads : {1, 4}) {
        try {
            static_cast<void>(compile(graph, "native", threads)->run(table));
            FAIL() << threads << " threads";
        } catch (const InvalidArgument& error) {
            EXPECT_NE(std::string(error.what()).find("\"bad\""), std::string::npos) << error.what();
        }
    }
}

TEST(Threads, OfTextThatIsMadeKeepIt) {
    Graph graph;
    graph.signature = test::dense_signature(1);
    graph.signature.outputs = {spec("y", DType::string, {-1, 1})};
    graph.signature.prediction = "y";
    graph.nodes.push_back({forms::Cast{DType::string}, {"X"}, {"y"}});
    std::vector<double> x(20'000);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i);
    const Outputs out = compile(graph, "native", 4)->run(TensorView::matrix(x.data(), 20'000, 1));
    for (std::size_t i = 0; i < x.size(); ++i) ASSERT_EQ(out.at("y").as<std::string_view>()[i], std::to_string(i));
}

TEST(Threads, OfLessThanOneAreRefused) {
    EXPECT_THROW(static_cast<void>(compile(test::linear_graph({1.0}, 0.0), "native", 0)), InvalidArgument);
}

}  // namespace
}  // namespace holdfast
