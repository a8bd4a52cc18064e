#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/base/time.hpp>

namespace holdfast {
namespace {

std::string text_of(const std::vector<std::uint16_t>& points) {
    std::string text;
    for (const unsigned point : points) {
        if (point >= 0xD800 && point < 0xE000) continue;
        if (point < 0x80) {
            text += static_cast<char>(point);
        } else if (point < 0x800) {
            text += static_cast<char>(0xC0 | (point >> 6));
            text += static_cast<char>(0x80 | (point & 63));
        } else {
            text += static_cast<char>(0xE0 | (point >> 12));
            text += static_cast<char>(0x80 | ((point >> 6) & 63));
            text += static_cast<char>(0x80 | (point & 63));
        }
    }
    return text;
}

Json any_json(int depth) {
    switch (*rc::gen::inRange(0, depth > 0 ? 7 : 5)) {
        case 0: return Json();
        case 1: return Json(*rc::gen::arbitrary<bool>());
        case 2: return Json(*rc::gen::arbitrary<std::int64_t>());
        case 3: return Json(std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>()));
        case 4: return Json(text_of(*rc::gen::arbitrary<std::vector<std::uint16_t>>()));
        case 5: {
            Json items = Json::array();
            for (int i = *rc::gen::inRange(0, 4); i > 0; --i) items.push_back(any_json(depth - 1));
            return items;
        }
        default: {
            Json members = Json::object({});
            for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
                members[text_of(*rc::gen::arbitrary<std::vector<std::uint16_t>>())] = any_json(depth - 1);
            return members;
        }
    }
}

RC_GTEST_PROP(JsonProperty, CanonicalTextIsAFixedPoint, ()) {
    const Json value = any_json(3);
    const auto text = value.canonical();
    const Json back = Json::parse(text);
    RC_ASSERT(back.canonical() == text);
    RC_ASSERT(Json::parse(value.pretty()) == back);
}

RC_GTEST_PROP(JsonProperty, ADoubleKeepsItsBits, (std::uint64_t bits)) {
    const auto value = std::bit_cast<double>(bits);
    const double back = Json::parse(Json(value).canonical()).as_double();
    // Canonical text has no negative zero.
    RC_ASSERT((std::isnan(value) ? std::isnan(back) : back == value));
}

RC_GTEST_PROP(JsonProperty, AnIntegerKeepsItsValue, (std::int64_t value)) {
    RC_ASSERT(Json::parse(Json(value).canonical()).as_int() == value);
    RC_ASSERT(Json::parse(std::to_string(value)).as_int() == value || std::abs(value) > (std::int64_t{1} << 53));
}

RC_GTEST_PROP(TimeProperty, TimesAndDurationsReadBack, ()) {
    const auto time = from_micros(*rc::gen::inRange<std::int64_t>(-62'167'219'200'000'000, 253'402'300'800'000'000));
    RC_ASSERT(parse_time(format_time(time)) == time);
    const auto duration = Duration{*rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 50) * 1000};
    RC_ASSERT(parse_duration(format_duration(duration)) == duration);
}

}  // namespace
}  // namespace holdfast
