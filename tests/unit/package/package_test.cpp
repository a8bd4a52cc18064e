#include <gtest/gtest.h>

#include <cmath>

#include "unit/package/made.hpp"

namespace holdfast {
namespace {

using namespace test;
using Doubles = std::vector<double>;

TEST(PackageTest, KeepsWhatItWasGiven) {
    const Package package = stump_package();
    EXPECT_EQ(package.manifest().name, "stump");
    EXPECT_EQ(package.manifest().model_file, "model.hfm");
    EXPECT_EQ(package.manifest().lineage.at("seed").as_int(), 7);
    EXPECT_EQ(package.manifest().metrics.at("accuracy").value, 0.75);
    EXPECT_EQ(package.manifest().metrics.at("accuracy").rows, 4);
    EXPECT_EQ(package.reference().rows(), 4);
    EXPECT_EQ(package.identity(), package.manifest().identity());
    EXPECT_THROW((void)package.file("other"), NotFound);
}

TEST(PackageTest, IsTheSameInFolderAndZip) {
    const Folder folder;
    const Package made = stump_package();
    made.save_zip(folder / "a.zip");
    made.save_directory(folder / "a");
    const Package zip = Package::open(folder / "a.zip");
    const Package directory = Package::open(folder / "a");
    EXPECT_EQ(zip.identity(), made.identity());
    EXPECT_EQ(directory.identity(), made.identity());
    EXPECT_EQ(directory.zip_bytes(), read_file(folder / "a.zip"));
    EXPECT_EQ(stump_package().zip_bytes(), made.zip_bytes());
    EXPECT_EQ(sha256(read_file(folder / "a" / "manifest.json")), made.identity());

    const Table rows = two_features({0.1, 0.7}, {0, 0});
    for (const auto& path : {folder / "a.zip", folder / "a"}) {
        const auto model = load_model(path);
        const Outputs out = model->predict_proba(rows);
        EXPECT_EQ(out.at("probabilities").as<double>()[3], 0.8);
    }
    EXPECT_EQ(folder.names().size(), 2u);
}

TEST(PackageTest, HasOneIdentityAContent) {
    EXPECT_NE(stump_builder().lineage(Json::object({{"seed", 8}})).build().identity(), stump_package().identity());
    const Package more = stump_package().with_lineage(Json::object({{"job", "j1"}}));
    EXPECT_NE(more.identity(), stump_package().identity());
    EXPECT_EQ(more.manifest().lineage.at("seed").as_int(), 7);
    EXPECT_EQ(Package::from_zip_bytes(more.zip_bytes(), "more").manifest().lineage.at("job").as_string(), "j1");
    EXPECT_EQ(Package::from_zip_bytes(more.zip_bytes(), "more").identity(), more.identity());
}

TEST(PackageTest, NeverOverwritesAFolder) {
    const Folder folder;
    const Package package = stump_package();
    package.save_directory(folder / "a");
    EXPECT_THROW(package.save_directory(folder / "a"), Conflict);
    EXPECT_THROW(package.save_directory(folder / "a/"), Conflict);
    EXPECT_THROW(package.save_directory(folder / "missing/a"), NotFound);
    EXPECT_THROW(package.save_zip(folder / "missing/a.zip"), NotFound);
    EXPECT_EQ(folder.names(), std::vector<std::string>{"a"});
}

TEST(PackageTest, FilesMayLieInFolders) {
    const Folder folder;
    const Package package = stump_builder().file("extra/deep/notes.txt", bytes_of("hello")).build();
    package.save_directory(folder / "a");
    EXPECT_EQ(as_text(Package::open(folder / "a").file("extra/deep/notes.txt")), "hello");
    EXPECT_EQ(as_text(Package::from_zip_bytes(package.zip_bytes(), "z").file("extra/deep/notes.txt")), "hello");
}

TEST(BuilderTest, RefusesWhatCannotBeRead) {
    EXPECT_THROW(PackageBuilder("../up"), InvalidArgument);
    EXPECT_THROW((void)PackageBuilder("a").build(), InvalidArgument);
    EXPECT_THROW(stump_builder().file("manifest.json", {}), InvalidArgument);
    EXPECT_THROW(stump_builder().file("/etc/passwd", {}), InvalidArgument);
    EXPECT_THROW(stump_builder().file("a/../b", {}), InvalidArgument);
    EXPECT_THROW(stump_builder().file("a\\b", {}), InvalidArgument);
    EXPECT_THROW(stump_builder().file("x", {}).file("x", {}), InvalidArgument);
    EXPECT_THROW((void)stump_builder().file("x", {}).file("x/y", {}).build(), InvalidArgument);
    EXPECT_THROW(stump_builder().model(*stump_classifier(2, 0, 0.5)), InvalidArgument);
    EXPECT_THROW((void)PackageBuilder("a").model_file("model.hfm", bytes_of("junk")).build(), CorruptArtifact);
    const Evaluation uneven{two_features({1}, {1}), Column::of(Doubles{1, 2}), {"accuracy"}};
    EXPECT_THROW((void)stump_builder().evaluate(uneven).build(), InvalidArgument);
}

TEST(LoadTest, RefusesAManifestThatLiesAboutTheModel) {
    const Folder folder;
    stump_package().save_directory(folder / "a");
    Json json = Json::parse(as_text(read_file(folder / "a" / "manifest.json")));
    json["signature"]["features"].as_array()[0] = "y0";
    write_file_atomically(folder / "a" / "manifest.json", json.canonical());
    const Package package = Package::open(folder / "a");
    EXPECT_THROW((void)package.load(), CorruptArtifact);
}

TEST(JudgeTest, KnowsLabelsOfEveryType) {
    const Signature numbers = stump_classifier(1, 0, 0.5, 0.9, 0.8, std::vector<std::int64_t>{3, 5})->signature();
    const Doubles positions{1, 0};
    EXPECT_EQ(truth_values(numbers, Column::of(std::vector<std::int64_t>{5, 3})), positions);
    EXPECT_EQ(truth_values(numbers, Column::of(std::vector<std::int32_t>{5, 3})), positions);
    EXPECT_EQ(truth_values(numbers, Column::of(Doubles{5, 3})), positions);
    const std::vector<std::string> texts{"5", "3"};
    EXPECT_EQ(truth_values(numbers, Column::strings(texts)), positions);
    EXPECT_EQ(truth_values(numbers, Column::categorical({1, 0}, {"3", "5"})), positions);
    for (const double value : truth_values(numbers, Column::of(Doubles{4, 5.5, HUGE_VAL, std::nan("")})))
        EXPECT_TRUE(std::isnan(value));

    const Signature binary = stump_classifier(1, 0, 0.5)->signature();
    EXPECT_EQ(truth_values(binary, Column::booleans({true, false})), positions);
    const Signature named = stump_classifier(1, 0, 0.5, 0.9, 0.8, std::vector<std::string>{"bad", "ok"})->signature();
    const std::vector<std::string> words{"ok", "bad"};
    EXPECT_EQ(truth_values(named, Column::strings(words)), positions);
    EXPECT_THROW((void)truth_values(named, Column::timestamps({1})), InvalidArgument);
}

TEST(JudgeTest, GivesPositionsAndProbabilities) {
    const auto model = stump_classifier(1, 0, 0.5, 0.9, 0.8, std::vector<std::string>{"bad", "ok"});
    Table features;
    features.add("x0", Column::of(Doubles{0.0, 1.0}));
    const std::vector<std::string> truth{"ok", "strange"};
    const Judged judged = judge(*model, features, Column::strings(truth));
    EXPECT_EQ(judged.prediction, (Doubles{0, 1}));
    EXPECT_EQ(judged.probability.size(), 4u);
    EXPECT_EQ(judged.probability[3], 0.8);
    EXPECT_EQ(judged.classes, 2);
    EXPECT_EQ(judged.truth[0], 1.0);
    EXPECT_TRUE(std::isnan(judged.truth[1]));

    Table two;
    two.add("x0", Column::of(Doubles{1, 2}));
    const Judged values = judge(*linear_model({2.0}, 1.0), two, Column::of(Doubles{3, 6}));
    EXPECT_EQ(values.prediction, (Doubles{3, 5}));
    EXPECT_EQ(values.truth, (Doubles{3, 6}));
    EXPECT_TRUE(values.probability.empty());
}

TEST(TableHashTest, IsOfContentAlone) {
    const Table table = two_features({1, 2}, {3, 4});
    EXPECT_EQ(table_sha256(table), table_sha256(two_features({1, 2}, {3, 4})));
    EXPECT_NE(table_sha256(table), table_sha256(two_features({1, 2}, {3, 5})));
    EXPECT_NE(table_sha256(table), table_sha256(table.slice(0, 1)));
    const Table whole = two_features({0, 1, 2}, {0, 3, 4});
    EXPECT_EQ(table_sha256(table), table_sha256(whole.slice(1, 2)));
}

}  // namespace
}  // namespace holdfast
