#include "policy/members.hpp"

namespace holdfast::detail {
namespace {

const Json::Object& object_of(const Json& json, std::string_view what) {
    if (!json.is_object()) throw InvalidArgument(std::string(what) + ": a JSON object wanted");
    return json.as_object();
}

}  // namespace

Members::Members(const Json& json, std::string what) : object_(object_of(json, what)), what_(std::move(what)) {}

const Json* Members::optional(std::string_view key) {
    seen_.emplace(key);
    const auto found = object_.find(key);
    return found == object_.end() || found->second.is_null() ? nullptr : &found->second;
}

const Json& Members::required(std::string_view key) {
    const Json* member = optional(key);
    if (member == nullptr) throw InvalidArgument(what_ + ": member \"" + std::string(key) + "\" is missing");
    return *member;
}

std::string Members::text(std::string_view key) {
    return get(key, [](const Json& member) { return member.as_string(); });
}

std::int64_t Members::integer(std::string_view key) {
    return get(key, [](const Json& member) { return member.as_int(); });
}

double Members::number(std::string_view key) {
    return get(key, [](const Json& member) { return member.as_double(); });
}

bool Members::boolean(std::string_view key) {
    return get(key, [](const Json& member) { return member.as_bool(); });
}

Time Members::time(std::string_view key) {
    return get(key, [](const Json& member) { return parse_time(member.as_string()); });
}

Duration Members::duration(std::string_view key) {
    return get(key, [](const Json& member) { return parse_duration(member.as_string()); });
}

Window Members::window(std::string_view key) {
    return get(key, [](const Json& member) { return Window::parse(member.as_string()); });
}

std::vector<std::string> Members::texts(std::string_view key) {
    return get(key, [](const Json& member) {
        std::vector<std::string> texts;
        for (const Json& item : member.as_array()) texts.push_back(item.as_string());
        return texts;
    });
}

const Json::Array& Members::array(std::string_view key) {
    const Json& member = required(key);
    if (!member.is_array()) refuse(key, "an array wanted");
    return member.as_array();
}

void Members::finish() const {
    for (const auto& [key, value] : object_)
        if (!seen_.contains(key)) throw InvalidArgument(what_ + ": unknown member \"" + key + "\"");
}

void Members::refuse(std::string_view key, std::string_view why) const {
    throw InvalidArgument(what_ + ": member \"" + std::string(key) + "\": " + std::string(why));
}

}  // namespace holdfast::detail
