#include <gtest/gtest.h>

#include "unit/package/made.hpp"

namespace holdfast {
namespace {

const std::filesystem::path golden = std::filesystem::path(HOLDFAST_TEST_DATA) / "golden" / "package";

// The zip and the folder were written by format 1 and are never rewritten.
TEST(PackageGoldenTest, ReadsVersionOne) {
    const Package zip = Package::open(golden / "stump_v1.zip");
    const Package folder = Package::open(golden / "stump_v1");
    const std::string identity(as_text(read_file(golden / "stump_v1.identity")).substr(0, 64));
    EXPECT_EQ(zip.identity().hex(), identity);
    EXPECT_EQ(folder.identity().hex(), identity);
    EXPECT_EQ(folder.zip_bytes(), read_file(golden / "stump_v1.zip"));
    EXPECT_EQ(zip.manifest().metrics.at("accuracy").value, 0.75);
    EXPECT_EQ(zip.reference().rows(), 4);

    const auto model = zip.load();
    const Outputs out = model->run(test::two_features({0.1, 0.7}, {0, 0}));
    EXPECT_EQ(out.at("label").as<std::int64_t>()[0], 0);
    EXPECT_EQ(out.at("label").as<std::int64_t>()[1], 1);
    EXPECT_EQ(out.at("probabilities").as<double>()[0], 0.9);
}

}  // namespace
}  // namespace holdfast
