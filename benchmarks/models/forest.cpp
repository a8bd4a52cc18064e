// A regression forest of full binary trees: rows a second at several batch sizes, on one thread.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <holdfast/base/rng.hpp>
#include <holdfast/models/graph.hpp>

namespace {

using namespace holdfast;

constexpr std::int64_t features = 8;

/// One full tree of `depth` splits on random features at random thresholds, appended to `trees`.
void grow(forms::Trees& trees, int depth, Rng& rng) {
    const auto first = static_cast<std::int32_t>(trees.left.size());
    const std::int32_t splits = (1 << depth) - 1;
    trees.roots.push_back(first);
    for (std::int32_t node = 0; node < 2 * splits + 1; ++node) {
        const bool leaf = node >= splits;
        trees.left.push_back(leaf ? -1 : first + 2 * node + 1);
        trees.right.push_back(leaf ? -1 : first + 2 * node + 2);
        trees.feature.push_back(leaf ? -1 : static_cast<std::int32_t>(rng.below(features)));
        trees.threshold.push_back(leaf ? 0.0 : rng.uniform());
        if (leaf) {
            trees.leaf_output.push_back(0);
            trees.leaf_value.push_back(rng.uniform());
        }
        trees.leaf_begin.push_back(static_cast<std::int64_t>(trees.leaf_output.size()));
    }
}

std::shared_ptr<const Model> forest(int count, int depth) {
    forms::Trees trees;
    trees.features = features;
    trees.outputs = 1;
    trees.aggregate = forms::Aggregate::average;
    trees.leaf_begin.push_back(0);
    Rng rng(1, "benchmark", "forest");
    for (int i = 0; i < count; ++i) grow(trees, depth, rng);
    Graph graph;
    graph.signature.task = Task::regression;
    graph.signature.inputs = {{"X", DType::float64, {-1, features}, ""}};
    graph.signature.outputs = {{"prediction", DType::float64, {-1, 1}, ""}};
    graph.signature.prediction = "prediction";
    graph.nodes.push_back({std::move(trees), {"X"}, {"prediction"}});
    return compile(std::move(graph));
}

void predict_into(benchmark::State& state) {
    const auto model = forest(100, 10);
    const std::int64_t rows = state.range(0);
    // Other rows from call to call, so that no branch predictor learns one.
    constexpr std::int64_t pool = 1 << 14;
    std::vector<double> x(static_cast<std::size_t>((pool + rows) * features));
    Rng rng(2, "benchmark", "rows");
    for (double& value : x) value = rng.uniform();
    std::vector<double> out(static_cast<std::size_t>(rows));
    std::int64_t at = 0;
    for (auto _ : state) {
        const double* first = x.data() + at * features;
        model->predict_into(TensorView::matrix(first, rows, features), TensorView::matrix(out.data(), rows, 1));
        benchmark::DoNotOptimize(out.data());
        at = (at + rows) % pool;
    }
    state.SetItemsProcessed(state.iterations() * rows);
}
BENCHMARK(predict_into)->Arg(1)->Arg(16)->Arg(256)->Arg(4096);

}  // namespace
