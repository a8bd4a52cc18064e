#include <holdfast/base/json.hpp>

#include <charconv>
#include <cmath>
#include <limits>

#include <holdfast/base/error.hpp>

namespace holdfast {
namespace {

std::string_view type_name(const Json& value) {
    if (value.is_null()) return "null";
    if (value.is_bool()) return "a boolean";
    if (value.is_int()) return "an integer";
    if (value.is_double()) return "a number";
    if (value.is_string()) return "a string";
    return value.is_array() ? "an array" : "an object";
}

[[noreturn]] void refuse_type(const Json& value, std::string_view wanted) {
    throw InvalidArgument("JSON: " + std::string(type_name(value)) + " given, " + std::string(wanted) + " wanted");
}

}  // namespace

bool Json::as_bool() const {
    if (const auto* value = std::get_if<bool>(&value_)) return *value;
    refuse_type(*this, "a boolean");
}

std::int64_t Json::as_int() const {
    if (const auto* value = std::get_if<std::int64_t>(&value_)) return *value;
    if (const auto* value = std::get_if<double>(&value_)) {
        if (std::trunc(*value) == *value && *value >= -0x1p63 && *value < 0x1p63)
            return static_cast<std::int64_t>(*value);
        refuse_type(*this, "a whole number of 64 bits");
    }
    if (const auto* text = std::get_if<std::string>(&value_)) {
        std::int64_t value = 0;
        const char* end = text->data() + text->size();
        const auto [stop, error] = std::from_chars(text->data(), end, value);
        if (!text->empty() && error == std::errc{} && stop == end) return value;
    }
    refuse_type(*this, "an integer");
}

double Json::as_double() const {
    if (const auto* value = std::get_if<double>(&value_)) return *value;
    if (const auto* value = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*value);
    if (const auto* text = std::get_if<std::string>(&value_)) {
        if (*text == "NaN") return std::numeric_limits<double>::quiet_NaN();
        if (*text == "Infinity") return std::numeric_limits<double>::infinity();
        if (*text == "-Infinity") return -std::numeric_limits<double>::infinity();
    }
    refuse_type(*this, "a number");
}

const std::string& Json::as_string() const {
    if (const auto* value = std::get_if<std::string>(&value_)) return *value;
    refuse_type(*this, "a string");
}

const Json::Array& Json::as_array() const {
    if (const auto* value = std::get_if<Array>(&value_)) return *value;
    refuse_type(*this, "an array");
}

Json::Array& Json::as_array() {
    if (auto* value = std::get_if<Array>(&value_)) return *value;
    refuse_type(*this, "an array");
}

const Json::Object& Json::as_object() const {
    if (const auto* value = std::get_if<Object>(&value_)) return *value;
    refuse_type(*this, "an object");
}

Json::Object& Json::as_object() {
    if (auto* value = std::get_if<Object>(&value_)) return *value;
    refuse_type(*this, "an object");
}

const Json& Json::at(std::string_view key) const {
    if (const auto* member = find(key)) return *member;
    throw InvalidArgument("JSON: member \"" + std::string(key) + "\" is missing");
}

const Json* Json::find(std::string_view key) const {
    const auto& members = as_object();
    const auto found = members.find(key);
    return found == members.end() ? nullptr : &found->second;
}

Json& Json::operator[](std::string_view key) {
    if (is_null()) value_ = Object{};
    auto& members = as_object();
    const auto found = members.find(key);
    return found == members.end() ? members[std::string(key)] : found->second;
}

void Json::push_back(Json item) {
    if (is_null()) value_ = Array{};
    as_array().push_back(std::move(item));
}

}  // namespace holdfast
