// One Kll sketch of the doubles in a file, for benchmarks/stats/profiles.py: bench_stats_sketch FILE K. Prints the
// seconds of processor time that adding them took and the bytes of the sketch; FILE.kept is values and weights.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <holdfast/base/file.hpp>
#include <holdfast/stats/kll.hpp>

namespace {

double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 0;
    const std::string path = argv[1];
    const auto bytes = holdfast::read_file(path, std::int64_t{1} << 34);
    const std::span values(reinterpret_cast<const double*>(bytes.data()), bytes.size() / sizeof(double));
    double best = 1e9;
    holdfast::stats::Kll sketch(std::atoi(argv[2]));
    for (int repeat = 0; repeat < 3; ++repeat) {
        holdfast::stats::Kll fresh(sketch.k());
        const double begin = processor_seconds();
        fresh.add(values);
        best = std::min(best, processor_seconds() - begin);
        sketch = std::move(fresh);
    }
    std::vector<std::byte> encoded;
    sketch.encode(encoded);
    std::ofstream kept(path + ".kept", std::ios::binary);
    for (const auto& [value, weight] : sketch.sorted()) {
        const double pair[2] = {value, static_cast<double>(weight)};
        kept.write(reinterpret_cast<const char*>(pair), sizeof pair);
    }
    std::printf("%.9f %zu\n", best, encoded.size());
}
