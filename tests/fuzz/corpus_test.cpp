// Every fuzzer runs once over each file of its corpus.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

// Each fuzzer's entry has a name of its own here: tests/CMakeLists.txt.
#define HOLDFAST_FUZZER(name) extern "C" int fuzz_##name(const std::uint8_t* data, std::size_t size);
#include "fuzzers.inc"
#undef HOLDFAST_FUZZER

namespace {

using Fuzzer = int (*)(const std::uint8_t*, std::size_t);

struct Named {
    const char* name;
    Fuzzer run;
};

constexpr Named fuzzers[]{
#define HOLDFAST_FUZZER(name) {#name, fuzz_##name},
#include "fuzzers.inc"
#undef HOLDFAST_FUZZER
};

class Corpus : public testing::TestWithParam<Named> {};

TEST_P(Corpus, IsTakenOrRefused) {
    GetParam().run(nullptr, 0);
    const auto folder = std::filesystem::path(HOLDFAST_TEST_DATA) / "fuzz/corpus" / GetParam().name;
    if (!std::filesystem::exists(folder)) return;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        SCOPED_TRACE(entry.path().filename().string());
        std::ifstream file(entry.path(), std::ios::binary);
        const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
        EXPECT_EQ(GetParam().run(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
    }
}

INSTANTIATE_TEST_SUITE_P(All, Corpus, testing::ValuesIn(fuzzers), [](const auto& fuzzer) { return fuzzer.param.name; });

}  // namespace
