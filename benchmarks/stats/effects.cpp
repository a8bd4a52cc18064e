// What a drift report costs a column: samples of both sides, KS, Wasserstein and PSI, their verdicts. The argument is
// the rows of each side.
#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include <holdfast/base/math.hpp>
#include <holdfast/base/rng.hpp>
#include <holdfast/stats/effects.hpp>

namespace {

using namespace holdfast;
using stats::ColumnSample;

const std::array<stats::EffectTest, 3> tests{std::string_view("ks"), std::string_view("wasserstein"),
                                             std::string_view("psi")};
constexpr double alpha = 0.05 / 60.0;

Column some_rows(std::uint64_t seed, std::int64_t rows) {
    Rng rng(seed, "benchmark", "effects");
    std::vector<double> values;
    for (std::int64_t i = 0; i < rows; ++i) {
        values.push_back(math::normal_quantile(std::ldexp(std::floor(std::ldexp(rng.uniform(), 52)) + 0.5, -52)));
    }
    return Column::of(std::move(values));
}

ColumnSample profiled(const Column& column) {
    Table table;
    table.add("x", column);
    return ColumnSample::of(*stats::Profile::of(table).find("x"));
}

void judge(const ColumnSample& reference, const ColumnSample& current) {
    for (const stats::Effect& effect : stats::effects_of(tests, reference, current))
        benchmark::DoNotOptimize(effect.judge(0.1, alpha));
}

void sample(benchmark::State& state) {
    const Column column = some_rows(1, state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(ColumnSample::of(column));
}
BENCHMARK(sample)->Arg(5'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

void effects_of_rows(benchmark::State& state) {
    const auto reference = ColumnSample::of(some_rows(1, state.range(0)));
    const auto current = ColumnSample::of(some_rows(2, state.range(0)));
    for (auto _ : state) judge(reference, current);
}
BENCHMARK(effects_of_rows)->Arg(5'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

void effects_of_profiles(benchmark::State& state) {
    const auto reference = profiled(some_rows(1, state.range(0))), current = profiled(some_rows(2, state.range(0)));
    for (auto _ : state) judge(reference, current);
}
BENCHMARK(effects_of_profiles)->Arg(5'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

void column(benchmark::State& state) {
    const Column reference = some_rows(1, state.range(0)), current = some_rows(2, state.range(0));
    for (auto _ : state) judge(ColumnSample::of(reference), ColumnSample::of(current));
}
BENCHMARK(column)->Arg(5'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

}  // namespace
