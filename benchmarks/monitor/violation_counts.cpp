// What counting violations adds on the serving path: 20 features as a tensor of one row and of 1,000, without a
// violation and with one in each row, from 1 and from 8 threads; and a row of a table, four of its 20 columns text.
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <holdfast/base/rng.hpp>
#include <holdfast/monitor/violation_counts.hpp>

namespace holdfast {
namespace {

constexpr std::int64_t width = 20, reference_rows = 10'000;

std::vector<std::string> names() {
    std::vector<std::string> all;
    for (std::int64_t c = 0; c < width; ++c) all.push_back("feature_" + std::to_string(c));
    return all;
}

std::vector<float> values(std::int64_t rows, float shift) {
    Rng rng(1, "benchmark", "");
    std::vector<float> all;
    for (std::int64_t i = 0; i < rows * width; ++i) {
        all.push_back(0.1F + 0.8F * static_cast<float>(rng.uniform()) + (i % width == 7 ? shift : 0.0F));
    }
    return all;
}

Table table(std::int64_t rows) {
    Rng rng(2, "benchmark", "");
    Table made;
    for (std::int64_t c = 0; c < width; ++c) {
        std::vector<double> numbers;
        std::vector<std::string> texts;
        for (std::int64_t row = 0; row < rows; ++row) {
            numbers.push_back(rng.uniform());
            texts.push_back("category " + std::to_string(rng.below(20)));
        }
        made.add(names()[static_cast<std::size_t>(c)], c < 4 ? Column::strings(texts) : Column::of(numbers));
    }
    return made;
}

std::shared_ptr<ViolationCounts> counts_of(const Table& reference) {
    return std::make_shared<ViolationCounts>(std::make_shared<const Constraints>(Constraints::of(reference)), names());
}

void tensor(benchmark::State& state) {
    static const std::vector<float> seen = values(reference_rows, 0.0F);
    static const auto counts =
        counts_of(Table::from_matrix(TensorView::matrix(seen.data(), reference_rows, width), names()));
    const std::int64_t rows = state.range(0);
    const std::vector<float> own = values(rows, state.range(1) != 0 ? 5.0F : 0.0F);
    const TensorView batch = TensorView::matrix(own.data(), rows, width);
    for (auto _ : state) counts->add(batch);
    state.SetItemsProcessed(state.iterations() * rows);
}
BENCHMARK(tensor)->ArgNames({"rows", "broken"})->ArgsProduct({{1, 1'000}, {0, 1}})->Threads(1)->Threads(8);

void text(benchmark::State& state) {
    static const auto counts = counts_of(table(reference_rows));
    const Table own = table(1);
    for (auto _ : state) counts->add(own);
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(text)->Threads(1)->Threads(8);

}  // namespace
}  // namespace holdfast
