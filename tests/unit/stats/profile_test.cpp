#include <holdfast/stats/column_sample.hpp>
#include <holdfast/stats/profile.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <thread>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/base/hash.hpp>
#include <holdfast/base/rng.hpp>
#include <holdfast/stats/profile_feed.hpp>

#include "support/counting_new.hpp"

namespace holdfast::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

Table mixed_table() {
    Table table;
    table.add("x", Column::of(std::vector<double>{1.0, nan, -infinite, 3.0, 5.0}, {true, true, true, true, false}));
    table.add("flag", Column::booleans({true, false, true, true, false}, {true, true, true, true, false}));
    table.add("city", Column::categorical({0, 1, 0, -1, 0}, {"Oslo", "Riga"}, {true, true, true, false, true}));
    table.add("name", Column::strings(std::vector<std::string>{"a", "b", "a", std::string(1000, 'z'), ""}));
    return table;
}

TEST(Profile, CountsEachKindOfColumn) {
    const Profile profile = Profile::of(mixed_table());
    const ColumnProfile& x = *profile.find("x");
    EXPECT_EQ(x.rows, 5);
    EXPECT_EQ(x.missing, 2);
    EXPECT_EQ(x.non_finite, 1);
    EXPECT_EQ(x.min, 1.0);
    EXPECT_EQ(x.max, 3.0);
    EXPECT_EQ(x.mean, 2.0);
    EXPECT_EQ(x.variance(), 2.0);
    EXPECT_EQ(x.sketch.count(), 2);
    const ColumnProfile& flag = *profile.find("flag");
    EXPECT_EQ(flag.items.at("true"), 3);
    EXPECT_EQ(flag.items.at("false"), 1);
    const ColumnProfile& city = *profile.find("city");
    EXPECT_EQ(city.items.at("Oslo"), 3);
    EXPECT_EQ(city.missing, 1);
    EXPECT_EQ(profile.find("nowhere"), nullptr);
}

TEST(Profile, LongTextsAreKeptAsBeginningAndHash) {
    const Profile profile = Profile::of(mixed_table());
    const auto& items = profile.find("name")->items;
    EXPECT_EQ(items.at(""), 1);
    EXPECT_EQ(items.rbegin()->first.size(), static_cast<std::size_t>(max_item_bytes));
    EXPECT_EQ(items.rbegin()->first.substr(0, 10), "zzzzzzzzzz");
}

TEST(Profile, ConstantAndEmptyColumnsHaveDefinedAnswers) {
    Table table;
    table.add("constant", Column::of(std::vector<double>(1000, 0.1)));
    table.add("empty", Column::of(std::vector<double>(1000, nan)));
    const Profile profile = Profile::of(table);
    EXPECT_EQ(profile.find("constant")->mean, 0.1);
    EXPECT_EQ(profile.find("constant")->variance(), 0.0);
    EXPECT_TRUE(std::isnan(profile.find("empty")->min));
    EXPECT_TRUE(std::isnan(profile.find("empty")->variance()));
    EXPECT_EQ(Profile::decode(profile.encode()).encode(), profile.encode());
}

TEST(Profile, MergesAsIfItHadSeenAll) {
    const Table table = mixed_table();
    Profile merged = Profile::of(table.slice(0, 2));
    merged += Profile::of(table.slice(2, 3));
    EXPECT_EQ(merged.encode(), Profile::of(table).encode());
    Profile grown = Profile::of(table.slice(0, 2));
    grown.add(table.slice(2, 3));
    EXPECT_EQ(grown.encode(), Profile::of(table).encode());
    EXPECT_EQ((Profile() += merged).encode(), merged.encode());
}

TEST(Profile, RefusesWhatDoesNotMatch) {
    Table numbers, texts, options_table;
    numbers.add("x", Column::of(std::vector<double>{1.0}));
    texts.add("x", Column::strings(std::vector<std::string>{"a"}));
    Profile profile = Profile::of(numbers);
    const auto before = profile.encode();
    EXPECT_THROW(profile.add(texts), InvalidArgument);
    EXPECT_THROW(profile += Profile::of(texts), InvalidArgument);
    EXPECT_THROW(profile += Profile::of(numbers, {.private_columns = {}, .max_items = 10, .sketch_k = 800}),
                 InvalidArgument);
    EXPECT_THROW(profile.add(mixed_table()), InvalidArgument);
    EXPECT_THROW(static_cast<void>(Profile::of(numbers, {.private_columns = {"y"}, .max_items = 256, .sketch_k = 800})),
                 InvalidArgument);
    EXPECT_EQ(profile.encode(), before);
}

TEST(Profile, PrivateColumnsKeepNoValue) {
    Table table;
    table.add("email", Column::strings(std::vector<std::string>{"planted-secret@example.org", "b"}, {true, false}));
    table.add("salary", Column::of(std::vector<double>{123456.789, 2.0}));
    const Profile profile =
        Profile::of(table, {.private_columns = {"email", "salary"}, .max_items = 256, .sketch_k = 800});
    EXPECT_EQ(profile.find("email")->missing, 1);
    const auto bytes = profile.encode();
    EXPECT_EQ(as_text(bytes).find("planted"), std::string_view::npos);
    EXPECT_EQ(profile.find("salary")->sketch.count(), 0);
    EXPECT_TRUE(std::isnan(profile.find("salary")->max));
    EXPECT_EQ(Profile::decode(bytes).options(), profile.options());
}

// Misra-Gries: each kept count is at most item_error() below the truth, and nothing more frequent than that is lost.
TEST(Profile, FrequentItemsAreWithinTheirErrorAfterMerges) {
    Rng rng(3, "profile_test", "zipf");
    std::map<std::string, std::int64_t> truth;
    Profile profile;
    for (int part = 0; part < 40; ++part) {
        std::vector<std::string> values;
        for (int i = 0; i < 2000; ++i) {
            values.push_back("v" + std::to_string(static_cast<int>(1.0 / (rng.uniform() + 1e-4))));
            ++truth[values.back()];
        }
        Table table;
        table.add("v", Column::strings(values));
        profile += Profile::of(table);
    }
    const ColumnProfile& column = *profile.find("v");
    std::int64_t kept = column.other;
    for (const auto& [value, count] : column.items) kept += count;
    EXPECT_EQ(kept, 80'000);
    EXPECT_LE(column.items.size(), 256U);
    for (const auto& [value, count] : truth) {
        const auto found = column.items.find(value);
        const std::int64_t seen = found == column.items.end() ? 0 : found->second;
        EXPECT_LE(seen, count);
        EXPECT_GE(seen, count - column.item_error());
    }
}

TEST(Profile, MemoryOfAColumnDoesNotGrowWithItsRows) {
    Rng rng(5, "profile_test", "memory");
    Profile profile;
    for (int part = 0; part < 100; ++part) {
        std::vector<double> numbers;
        std::vector<std::string> texts;
        for (int i = 0; i < 2000; ++i) {
            numbers.push_back(rng.uniform());
            texts.push_back(std::string(300, 'x') + std::to_string(rng.below(1'000'000)));
        }
        Table table;
        table.add("number", Column::of(numbers));
        table.add("text", Column::strings(texts));
        profile.add(table);
    }
    EXPECT_LE(profile.find("number")->sketch.max_kept() * 8, 28 * 1024);
    EXPECT_LE(profile.encode().size(), static_cast<std::size_t>((24 + 96) * 1024));
}

TEST(Profile, FindsColumnsOfAlmostOnlyDistinctValues) {
    std::vector<std::int64_t> row_numbers, ages;
    std::vector<std::string> ids, colours;
    std::vector<double> measured;
    for (int i = 0; i < 5000; ++i) {
        row_numbers.push_back(1000 + i);
        ages.push_back(i % 80);
        ids.push_back("id-" + std::to_string(i));
        colours.push_back(i % 3 == 0 ? "red" : "blue");
        measured.push_back(i * 0.37);
    }
    Table table;
    table.add("row", Column::of(row_numbers)).add("age", Column::of(ages)).add("id", Column::strings(ids));
    table.add("colour", Column::strings(colours)).add("measured", Column::of(measured));
    const Profile profile = Profile::of(table);
    EXPECT_TRUE(ColumnSample::of(*profile.find("row")).almost_distinct());
    EXPECT_TRUE(ColumnSample::of(*profile.find("id")).almost_distinct());
    EXPECT_FALSE(ColumnSample::of(*profile.find("age")).almost_distinct());
    EXPECT_FALSE(ColumnSample::of(*profile.find("colour")).almost_distinct());
    EXPECT_FALSE(ColumnSample::of(*profile.find("measured")).almost_distinct());
}

// Eight colours of seven rows each: none is in the file, and all the same they are no ids.
TEST(Profile, CategoriesThatAreNotWrittenAreNotTakenForIds) {
    std::vector<std::string> colours, ids;
    for (int i = 0; i < 56; ++i) {
        colours.push_back("colour " + std::to_string(i % 8));
        ids.push_back("id " + std::to_string(i));
    }
    Table table;
    table.add("colour", Column::strings(colours)).add("id", Column::strings(ids));
    const Profile read = Profile::decode(Profile::of(table).without_rare_items().encode());
    EXPECT_TRUE(read.find("colour")->items.empty());
    EXPECT_FALSE(ColumnSample::of(*read.find("colour")).almost_distinct());
    EXPECT_TRUE(ColumnSample::of(*read.find("id")).almost_distinct());
}

TEST(Profile, RefusesForeignDamagedAndNewerBytes) {
    const auto bytes = Profile::of(mixed_table()).encode();
    for (std::size_t size = 0; size < bytes.size(); size += 7) {
        EXPECT_THROW(static_cast<void>(Profile::decode(std::span(bytes).first(size))), CorruptArtifact);
    }
    for (std::size_t i = 12; i < bytes.size(); i += 5) {
        auto damaged = bytes;
        damaged[i] ^= std::byte{0x20};
        EXPECT_THROW(static_cast<void>(Profile::decode(damaged)), CorruptArtifact);
    }
    auto newer = bytes;
    newer[8] = std::byte{9};
    EXPECT_THROW(static_cast<void>(Profile::decode(newer)), Unsupported);
}

TEST(Profile, RefusesCountsThatOnlyFitBecauseTheirSumOverflows) {
    auto bytes = read_file(std::filesystem::path(HOLDFAST_TEST_DATA) / "fuzz/corpus/profile/item_counts_beyond_int64");
    const auto body = std::span(bytes).first(bytes.size() - 8);
    const Digest seal = sha256(body);
    std::copy_n(seal.bytes.begin(), 8, bytes.end() - 8);
    EXPECT_THROW(static_cast<void>(Profile::decode(bytes)), CorruptArtifact);
}

Table uniform_table(std::int64_t rows, std::string_view seed) {
    Rng rng(17, "profile_test", seed);
    std::vector<double> values;
    for (std::int64_t i = 0; i < rows; ++i) values.push_back(rng.below(50) == 0 ? nan : rng.uniform());
    Table table;
    table.add("x", Column::of(values));
    return table;
}

TEST(Profile, HistogramsCountExactlyWhatLiesUpToEachEdge) {
    const Table table = uniform_table(5000, "histogram");
    ProfileOptions options;
    options.edges["x"] = {-1.0, 0.25, 0.5, 2.0};
    const ColumnProfile whole = *Profile::of(table, options).find("x");
    std::vector<std::int64_t> wanted(5, 0);
    for (const double value : table.column("x").as_doubles()) {
        if (std::isnan(value)) continue;
        ++wanted[value <= 0.25 ? 1 : value <= 0.5 ? 2 : 3];
    }
    EXPECT_EQ(whole.bins, wanted);
    Profile merged = Profile::of(table.slice(3000, 2000), options);
    merged += Profile::of(table.slice(0, 3000), options);
    EXPECT_EQ(merged.find("x")->bins, wanted);
    EXPECT_EQ(merged.find("x")->distinct, whole.distinct);
    EXPECT_EQ(Profile::decode(merged.encode()).options().edges, options.edges);

    Profile on_edges = Profile::of(table.slice(0, 0), options);
    Table edges;
    edges.add("x", Column::of(std::vector<double>{0.25, 0.5, -0.0, infinite, 3.0}));
    on_edges.add(edges);
    EXPECT_EQ(on_edges.find("x")->bins, (std::vector<std::int64_t>{0, 2, 1, 0, 1}));
}

TEST(Profile, RefusesOtherEdgesAndBadOnes) {
    const Table table = uniform_table(100, "edges");
    ProfileOptions options, others;
    options.edges["x"] = {0.5};
    others.edges["x"] = {0.6};
    Profile profile = Profile::of(table, options);
    EXPECT_THROW(profile += Profile::of(table, others), InvalidArgument);
    EXPECT_THROW(profile += Profile::of(table), InvalidArgument);
    for (const std::vector<double>& bad : {std::vector<double>{}, {1.0, 1.0}, {2.0, 1.0}, {nan}, {infinite}}) {
        others.edges["x"] = bad;
        EXPECT_THROW(static_cast<void>(Profile::of(table, others)), InvalidArgument);
    }
    others.edges = {{"y", {0.5}}};
    EXPECT_THROW(static_cast<void>(Profile::of(table, others)), InvalidArgument);
    others.edges = {{"name", {0.5}}};
    EXPECT_THROW(static_cast<void>(Profile::of(mixed_table(), others)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(Profile({.distinct_bits = 3})), InvalidArgument);
}

TEST(Profile, DecilesHoldATenthEach) {
    const Profile profile = Profile::with_deciles(uniform_table(20'000, "deciles"));
    const ColumnProfile& x = *profile.find("x");
    ASSERT_EQ(x.edges.size(), 9U);
    std::int64_t counted = 0;
    for (const std::int64_t bin : x.bins) {
        EXPECT_NEAR(static_cast<double>(bin), 0.1 * static_cast<double>(x.finite()), 0.01 * 20'000);
        counted += bin;
    }
    EXPECT_EQ(counted, x.finite());
    Profile like(profile.options());
    like.add(uniform_table(100, "like"));
    EXPECT_EQ((like += profile).rows(), 20'100);
    EXPECT_TRUE(Profile::with_deciles(mixed_table()).find("name")->edges.empty());
}

TEST(Profile, CountsDistinctPrivateValuesByASecretSaltAlone) {
    Table table;
    std::vector<std::string> emails;
    for (int i = 0; i < 3000; ++i) emails.push_back("user" + std::to_string(i % 1000) + "@example.org");
    table.add("email", Column::strings(emails));
    ProfileOptions options;
    options.private_columns = {"email"};
    EXPECT_FALSE(Profile::of(table, options).find("email")->distinct.counts());
    options.salt = "a secret";
    const Profile salted = Profile::of(table, options);
    EXPECT_NEAR(salted.find("email")->distinct.estimate(), 1000.0, 60.0);
    EXPECT_NE(salted.find("email")->distinct, Profile::of(table).find("email")->distinct);
    const auto bytes = salted.encode();
    EXPECT_EQ(as_text(bytes).find("a secret"), std::string_view::npos);

    Profile same = Profile::of(table, options);
    EXPECT_EQ((same += salted).find("email")->distinct, salted.find("email")->distinct);
    options.salt = "another";
    EXPECT_FALSE((same += Profile::of(table, options)).find("email")->distinct.counts());
    EXPECT_FALSE((Profile::of(table, options) += same).find("email")->distinct.counts()) << "in the other order, too";
    Profile decoded = Profile::decode(bytes);
    EXPECT_EQ((decoded += salted).find("email")->distinct, salted.find("email")->distinct);
    decoded.add(table);  // without the salt
    EXPECT_FALSE(decoded.find("email")->distinct.counts());
}

TEST(Profile, DoesNotWriteWhatFewRowsSay) {
    std::vector<std::string> cities(100, "Oslo");
    cities.insert(cities.end(), 9, "planted-secret");
    cities.insert(cities.end(), 10, "Riga");
    Table table;
    table.add("city", Column::strings(cities)).add("n", Column::of(std::vector<double>(119, 4.0)));
    const Profile profile = Profile::of(table), kept = profile.without_rare_items();
    EXPECT_EQ(profile.find("city")->items.size(), 3U);
    const ColumnProfile& city = *kept.find("city");
    EXPECT_EQ(city.items.size(), 2U);
    EXPECT_EQ(city.other, 9);
    EXPECT_EQ(city.item_error(), 9);
    EXPECT_EQ(as_text(kept.encode()).find("planted"), std::string_view::npos);
    EXPECT_EQ(Profile::decode(kept.encode()).encode(), kept.encode());
    Profile twice = kept;
    EXPECT_EQ((twice += kept).find("city")->item_error(), 18);
    EXPECT_EQ(profile.describe_contents().canonical(), R"({"city":["Oslo","Riga"],"n":[4]})");
    EXPECT_EQ(profile.describe_contents(1).at("city").as_array().size(), 3U);
}

/// What is held for what `make` returns; made twice, as the first time libraries set themselves up.
template <class Make>
std::int64_t bytes_held(Make make) {
    static_cast<void>(make());
    const std::int64_t before = holdfast::testing::bytes_held;
    const auto made = make();
    return holdfast::testing::bytes_held - before;
}

TEST(Profile, NumbersStayWithinTheirMemory) {
    ProfileOptions options;
    options.edges["x"] = std::vector<double>(100);
    std::iota(options.edges["x"].begin(), options.edges["x"].end(), 0.0);
    const auto make = [&] {
        Profile profile = Profile::of(uniform_table(300'000, "memory"), options);
        for (int i = 0; i < 20; ++i) profile += Profile::of(uniform_table(5000, std::to_string(i)), options);
        return profile;
    };
    EXPECT_LT(bytes_held(make), 64 * 1024);
}

// The feed's buffers beside it.
TEST(Profile, NumbersFedByManyThreadsStayWithinTheirMemory) {
    const auto make = [] {
        auto feed = std::make_unique<ProfileFeed>(std::vector<std::string>{"x"});
        std::vector<std::thread> threads;
        for (int t = 0; t < 16; ++t) {
            threads.emplace_back([&feed] {
                for (int i = 0; i < 20'000; ++i) feed->add(std::vector<double>{static_cast<double>(i)});
            });
        }
        for (std::thread& thread : threads) thread.join();
        return feed;
    };
    EXPECT_LT(bytes_held(make), 64 * 1024);
}

TEST(Profile, TextStaysWithinItsMemory) {
    const auto make = [] {
        Profile profile;
        for (int part = 0; part < 20; ++part) {
            std::vector<std::string> texts;
            for (int i = 0; i < 2000; ++i)
                texts.push_back(std::string(300, static_cast<char>('a' + i % 26)) + std::to_string(part * 2000 + i));
            Table table;
            table.add("text", Column::strings(texts));
            profile += Profile::of(table);
        }
        return profile;
    };
    EXPECT_LT(bytes_held(make), 256 * 1024);
}

TEST(Profile, SavesAndLoads) {
    const auto path = std::filesystem::path(::testing::TempDir()) / "holdfast_profile_test.profile";
    const Profile profile = Profile::of(mixed_table());
    profile.save(path, 1);
    EXPECT_EQ(Profile::load(path).encode(), profile.encode());
    profile.save(path);
    EXPECT_EQ(Profile::load(path).encode(), profile.without_rare_items().encode());
    std::filesystem::remove(path);
    EXPECT_THROW(static_cast<void>(Profile::load(path)), NotFound);
    EXPECT_EQ(profile.to_json().at("rows").as_int(), 5);
}

}  // namespace
}  // namespace holdfast::stats
