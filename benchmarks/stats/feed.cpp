// What profiling a served row of 20 features costs: bench_stats_feed ROWS. Each thread adds rows one at a time, flushes
// and the merge of what each second brings included; prints JSON.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include <holdfast/base/rng.hpp>
#include <holdfast/stats/profile_feed.hpp>

namespace {

using namespace holdfast;
constexpr std::size_t features = 20, merge_every = 100'000;

double processor_seconds(clockid_t of) {
    timespec now{};
    clock_gettime(of, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::vector<double> some_rows(std::size_t rows, int thread) {
    Rng rng(1, "feed", std::to_string(thread));
    std::vector<double> values(rows * features);
    for (double& value : values) value = rng.uniform();
    return values;
}

std::vector<std::string> names() {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < features; ++i) all.push_back("x" + std::to_string(i));
    return all;
}

/// Nanoseconds of each call, less what looking at the clock takes.
void serve(stats::ProfileFeed& feed, stats::Profile* merged, const std::vector<double>& rows, std::vector<float>& ns) {
    using Clock = std::chrono::steady_clock;
    for (std::size_t row = 0; row * features < rows.size(); ++row) {
        const auto begin = Clock::now();
        feed.add(std::span(rows).subspan(row * features, features));
        ns.push_back(std::chrono::duration<float, std::nano>(Clock::now() - begin).count());
        if (merged != nullptr && row % merge_every == merge_every - 1) *merged += feed.take();
    }
}

void measure(int threads, std::size_t rows) {
    stats::ProfileOptions options;
    for (const std::string& name : names()) options.edges[name] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};
    stats::ProfileFeed feed(names(), options);
    stats::Profile merged;
    std::vector<std::vector<double>> data;
    std::vector<std::vector<float>> ns(static_cast<std::size_t>(threads));
    for (int t = 0; t < threads; ++t) {
        data.push_back(some_rows(rows, t));
        ns[static_cast<std::size_t>(t)].reserve(rows);
    }
    const double begin = processor_seconds(CLOCK_PROCESS_CPUTIME_ID);
    std::vector<std::thread> running;
    for (std::size_t t = 0; t < data.size(); ++t)
        running.emplace_back([&, t] { serve(feed, t == 0 ? &merged : nullptr, data[t], ns[t]); });
    for (std::thread& thread : running) thread.join();
    merged += feed.take();
    const double spent = processor_seconds(CLOCK_PROCESS_CPUTIME_ID) - begin;
    std::vector<float> all;
    for (const auto& one : ns) all.insert(all.end(), one.begin(), one.end());
    std::sort(all.begin(), all.end());
    const auto at = [&](double q) { return all[static_cast<std::size_t>(q * static_cast<double>(all.size() - 1))]; };
    std::printf(
        R"({"threads": %d, "rows": %lld, "cpu_ns_a_row": %.0f, "median_ns": %.0f, "p99_ns": %.0f, "p99.9_ns": %.0f})"
        "\n",
        threads, static_cast<long long>(merged.rows()), spent * 1e9 / static_cast<double>(all.size()),
        static_cast<double>(at(0.5)), static_cast<double>(at(0.99)), static_cast<double>(at(0.999)));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 0;
    for (const int threads : {1, 8}) measure(threads, static_cast<std::size_t>(std::atoll(argv[1])));
}
