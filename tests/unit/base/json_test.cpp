#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/json.hpp>

namespace holdfast {
namespace {

// RFC 8785, appendix B; the non-finite ones are strings here.
TEST(CanonicalJson, WritesNumbersAsTheRfcsTable) {
    const std::vector<std::pair<std::uint64_t, const char*>> table{
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x7fffffffffffffff, "\"NaN\""},
        {0x7ff0000000000000, "\"Infinity\""},
        {0xfff0000000000000, "\"-Infinity\""},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
    };
    for (const auto& [bits, text] : table) {
        const auto value = std::bit_cast<double>(bits);
        EXPECT_EQ(Json(value).canonical(), text);
        const double back = Json::parse(text).as_double();
        EXPECT_TRUE(back == value || (std::isnan(back) && std::isnan(value))) << text;
        EXPECT_EQ(Json::parse(text).canonical(), text);
    }
}

// RFC 8785, section 3.2.2.
TEST(CanonicalJson, WritesTheRfcsExample) {
    const auto value = Json::parse(R"({
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    })");
    EXPECT_EQ(value.canonical(),
              "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
              "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

// RFC 8785, section 3.2.3.
TEST(CanonicalJson, SortsKeysByUtf16CodeUnits) {
    const auto value = Json::parse(R"({
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis"
    })");
    const auto text = value.canonical();
    std::size_t last = 0;
    for (const auto* wanted : {"Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign",
                               "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh"}) {
        const auto at = text.find(wanted);
        ASSERT_NE(at, std::string::npos) << wanted;
        EXPECT_GT(at, last) << wanted;
        last = at;
    }
    EXPECT_EQ(Json::parse(R"({"aa":1,"a":2,"":3})").canonical(), R"({"":3,"a":2,"aa":1})");
}

TEST(CanonicalJson, WritesIntegersBeyond2To53AsText) {
    EXPECT_EQ(Json(std::int64_t{9007199254740992}).canonical(), "9007199254740992");
    EXPECT_EQ(Json(std::int64_t{9007199254740993}).canonical(), "\"9007199254740993\"");
    EXPECT_EQ(Json(std::numeric_limits<std::int64_t>::min()).canonical(), "\"-9223372036854775808\"");
    EXPECT_EQ(Json::parse("\"-9223372036854775808\"").as_int(), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(Json::parse("9007199254740993").as_int(), 9007199254740993);
}

TEST(CanonicalJson, ALargeDoubleReadsBackAsItself) {
    for (const double value : {0x1p60, 0x1p62, 0x1p63, -0x1p62, 0x1p64, 1e20, 9007199254740994.0}) {
        const auto text = Json(value).canonical();
        EXPECT_EQ(Json::parse(text).as_double(), value) << text;
        EXPECT_EQ(Json::parse(text).canonical(), text);
    }
}

TEST(CanonicalJson, RefusesIllFormedUtf8AndEndlessNesting) {
    EXPECT_THROW((void)Json("\xff").canonical(), InvalidArgument);
    Json deep = 1;
    for (int i = 0; i < 256; ++i) deep = Json::array({deep});
    EXPECT_EQ(Json::parse(deep.canonical()), deep);
    deep = Json::array({deep});
    EXPECT_THROW((void)deep.canonical(), InvalidArgument);
}

TEST(JsonParse, ReadsEveryType) {
    const auto value = Json::parse(R"( {"n":null,"b":true,"i":-3,"d":2.5,"s":"x\u0000y","a":[1,[]],"o":{}} )");
    EXPECT_TRUE(value.at("n").is_null());
    EXPECT_TRUE(value.at("b").as_bool());
    EXPECT_EQ(value.at("i").as_int(), -3);
    EXPECT_TRUE(value.at("i").is_int());
    EXPECT_EQ(value.at("d").as_double(), 2.5);
    EXPECT_EQ(value.at("s").as_string(), std::string("x\0y", 3));
    EXPECT_EQ(value.at("a").as_array().size(), 2U);
    EXPECT_TRUE(value.at("o").as_object().empty());
    EXPECT_EQ(value.find("missing"), nullptr);
}

TEST(JsonParse, RefusesWhatIsNotJson) {
    const std::string deep(257, '[');
    for (const std::string& text :
         {std::string(), std::string("{"), std::string("[1,]"), std::string("{\"a\":1,}"), std::string("nul"),
          std::string("NaN"), std::string("01"), std::string("1 2"), std::string("1e999"), std::string("-1e999"),
          std::string("\"\xff\""), std::string("\"\xc0\xaf\""), std::string("\"\\ud800\""), std::string("'a'"),
          std::string("\"a\nb\""), std::string("{\"a\":1,\"a\":2}"), std::string("// x\n1"),
          deep + "1" + std::string(257, ']')})
        EXPECT_THROW((void)Json::parse(text), InvalidArgument) << text;
}

TEST(JsonParse, SaysWhereAndWhat) {
    try {
        (void)Json::parse("[1, x]");
        FAIL();
    } catch (const InvalidArgument& error) {
        EXPECT_NE(std::string(error.what()).find("at byte 5"), std::string::npos) << error.what();
    }
    try {
        (void)Json::parse(R"({"mae": 1, "mae": 2})");
        FAIL();
    } catch (const InvalidArgument& error) {
        EXPECT_NE(std::string(error.what()).find("\"mae\" twice"), std::string::npos) << error.what();
    }
}

TEST(Json, AccessorsNameTheTypes) {
    try {
        (void)Json("x").as_bool();
        FAIL();
    } catch (const InvalidArgument& error) {
        EXPECT_STREQ(error.what(), "JSON: a string given, a boolean wanted");
    }
    EXPECT_EQ(Json(3.0).as_int(), 3);
    EXPECT_THROW((void)Json(3.5).as_int(), InvalidArgument);
    EXPECT_THROW((void)Json(0x1p63).as_int(), InvalidArgument);
    EXPECT_THROW((void)Json("3x").as_int(), InvalidArgument);
    EXPECT_THROW((void)Json("").as_int(), InvalidArgument);
    EXPECT_EQ(Json("-Infinity").as_double(), -std::numeric_limits<double>::infinity());
    EXPECT_THROW((void)Json("3").as_double(), InvalidArgument);
    EXPECT_THROW((void)Json().at("a"), InvalidArgument);
    EXPECT_THROW((void)Json::object({}).at("a"), InvalidArgument);
}

TEST(Json, GrowsFromNull) {
    Json value;
    value["b"]["c"] = 1;
    value["a"].push_back("x");
    value["a"].push_back(nullptr);
    EXPECT_EQ(value.canonical(), R"({"a":["x",null],"b":{"c":1}})");
    EXPECT_EQ(value.pretty(), "{\n  \"a\": [\n    \"x\",\n    null\n  ],\n  \"b\": {\n    \"c\": 1\n  }\n}");
    EXPECT_EQ(Json::parse(value.pretty()), value);
}

}  // namespace
}  // namespace holdfast
