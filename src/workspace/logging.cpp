#include <holdfast/workspace/logging.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/hash.hpp>

namespace holdfast {
namespace {

constexpr std::array<std::string_view, 3> durabilities{"none", "async", "before_reply"};
constexpr std::array<std::string_view, 2> overflows{"block", "drop"};

template <class Enum, std::size_t n>
Enum parse(std::string_view what, const std::array<std::string_view, n>& names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return static_cast<Enum>(found - names.begin());
    std::string wanted;
    for (const std::string_view known : names) wanted += (wanted.empty() ? "\"" : ", \"") + std::string(known) + "\"";
    throw InvalidArgument("logging: " + std::string(what) + " \"" + std::string(name) + "\" given, one of " + wanted +
                          " wanted");
}

Json to_json(const std::vector<std::string>& names) {
    Json list = Json::array();
    for (const std::string& name : names) list.push_back(name);
    return list;
}

std::vector<std::string> names_of(const Json& list) {
    std::vector<std::string> names;
    for (const Json& name : list.as_array()) names.push_back(name.as_string());
    return names;
}

}  // namespace

std::string_view to_string(Durability durability) noexcept {
    return durabilities[static_cast<std::size_t>(durability)];
}
std::string_view to_string(Overflow overflow) noexcept { return overflows[static_cast<std::size_t>(overflow)]; }
Durability parse_durability(std::string_view name) { return parse<Durability>("durability", durabilities, name); }
Overflow parse_overflow(std::string_view name) { return parse<Overflow>("overflow", overflows, name); }

void LoggingOptions::check() const {
    if (!(sample > 0.0 && sample <= 1.0)) {
        throw InvalidArgument("logging: sample is " + std::to_string(sample) + ", above 0 and at most 1 wanted");
    }
    if (bucket < std::chrono::seconds(1)) {
        throw InvalidArgument("logging: bucket is " + std::to_string(bucket.count()) +
                              " us, at least one second wanted");
    }
    if (keep_for && *keep_for <= Duration::zero()) {
        throw InvalidArgument("logging: keep_for is " + std::to_string(keep_for->count()) +
                              " us, a positive duration wanted");
    }
    if (keep_bytes && *keep_bytes < 0) {
        throw InvalidArgument("logging: keep_bytes is " + std::to_string(*keep_bytes) + ", 0 or more wanted");
    }
    if (label_horizon && *label_horizon <= Duration::zero()) {
        throw InvalidArgument("logging: label_horizon is " + std::to_string(label_horizon->count()) +
                              " us, a positive duration wanted");
    }
    for (const std::string& name : hashed) {
        if (std::find(left_out.begin(), left_out.end(), name) != left_out.end()) {
            throw InvalidArgument("logging: column \"" + name + "\" is both hashed and left out; one of them wanted");
        }
    }
}

Json LoggingOptions::to_json() const {
    Json json = Json::object({{"bucket_us", std::int64_t{bucket.count()}},
                              {"durability", to_string(durability)},
                              {"entity", entity},
                              {"hashed", holdfast::to_json(hashed)},
                              {"left_out", holdfast::to_json(left_out)},
                              {"overflow", to_string(overflow)},
                              {"sample", sample}});
    if (keep_for) json["keep_for_us"] = std::int64_t{keep_for->count()};
    if (keep_bytes) json["keep_bytes"] = *keep_bytes;
    if (label_horizon) json["label_horizon_us"] = std::int64_t{label_horizon->count()};
    return json;
}

LoggingOptions LoggingOptions::from_json(const Json& json) {
    LoggingOptions options;
    if (const Json* value = json.find("bucket_us")) options.bucket = Duration(value->as_int());
    if (const Json* value = json.find("durability")) options.durability = parse_durability(value->as_string());
    if (const Json* value = json.find("entity")) options.entity = value->as_string();
    if (const Json* value = json.find("hashed")) options.hashed = names_of(*value);
    if (const Json* value = json.find("keep_bytes")) options.keep_bytes = value->as_int();
    if (const Json* value = json.find("keep_for_us")) options.keep_for = Duration(value->as_int());
    if (const Json* value = json.find("label_horizon_us")) options.label_horizon = Duration(value->as_int());
    if (const Json* value = json.find("left_out")) options.left_out = names_of(*value);
    if (const Json* value = json.find("overflow")) options.overflow = parse_overflow(value->as_string());
    if (const Json* value = json.find("sample")) options.sample = value->as_double();
    options.check();
    return options;
}

std::string hashed_text(std::string_view salt, std::string_view text) {
    return Sha256().update(salt).update(text).finish().hex();
}

}  // namespace holdfast
