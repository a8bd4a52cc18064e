// What the summary of 1,000 logged rows costs, step by step: 30 columns of floats.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/base/rng.hpp>
#include <holdfast/stats/profile.hpp>

namespace {

using namespace holdfast;
using stats::Profile;

constexpr std::int64_t rows = 1000, columns = 30;
const stats::ProfileOptions options{{}, 256, 200};

Table some_rows(std::uint64_t seed) {
    Rng rng(seed, "benchmark", "profile");
    Table table;
    for (std::int64_t column = 0; column < columns; ++column) {
        std::vector<float> values;
        for (std::int64_t row = 0; row < rows; ++row) values.push_back(static_cast<float>(rng.uniform()));
        table.add("x" + std::to_string(column), Column::of(std::move(values)));
    }
    return table;
}

void make(benchmark::State& state) {
    const Table table = some_rows(1);
    for (auto _ : state) benchmark::DoNotOptimize(Profile::of(table, options));
    state.SetItemsProcessed(state.iterations() * rows);
}
BENCHMARK(make)->Unit(benchmark::kMicrosecond);

void encode(benchmark::State& state) {
    const Profile profile = Profile::of(some_rows(1), options);
    for (auto _ : state) benchmark::DoNotOptimize(profile.encode());
    state.counters["bytes"] = static_cast<double>(profile.encode().size());
}
BENCHMARK(encode)->Unit(benchmark::kMicrosecond);

void decode(benchmark::State& state) {
    const auto bytes = Profile::of(some_rows(1), options).encode();
    for (auto _ : state) benchmark::DoNotOptimize(Profile::decode(bytes));
}
BENCHMARK(decode)->Unit(benchmark::kMicrosecond);

void merge_16(benchmark::State& state) {
    std::vector<Profile> parts;
    for (std::uint64_t seed = 0; seed < 16; ++seed) parts.push_back(Profile::of(some_rows(seed), options));
    for (auto _ : state) {
        Profile all;
        for (const Profile& part : parts) all += part;
        benchmark::DoNotOptimize(all);
    }
}
BENCHMARK(merge_16)->Unit(benchmark::kMicrosecond);

}  // namespace
