#include "models/boosters/document.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include <holdfast/base/error.hpp>

#include "models/text.hpp"

namespace holdfast::boosters {
namespace {

template <class T>
const T& as(const Value& value, std::string_view key, const char* wanted) {
    const T* found = std::get_if<T>(&value.content);
    if (found == nullptr) throw CorruptArtifact("key " + detail::quoted(key) + ": " + wanted + " wanted");
    return *found;
}

std::int64_t whole(const std::string& text, std::string_view key) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        throw CorruptArtifact("key " + detail::quoted(key) + ": " + detail::quoted(text) +
                              " given, a whole number wanted");
    return number;
}

}  // namespace

std::size_t Numbers::size() const noexcept {
    if (const auto* values = std::get_if<std::vector<double>>(&content_)) return values->size();
    const auto* typed = std::get_if<Typed>(&content_);
    return typed != nullptr ? typed->size : std::get<Text>(content_).size;
}

std::vector<double> Numbers::values() const {
    if (const auto* values = std::get_if<std::vector<double>>(&content_)) return *values;
    const auto* typed = std::get_if<Typed>(&content_);
    return typed != nullptr ? values_of(*typed) : values_of(std::get<Text>(content_));
}

void Value::Members::add(std::string key, Value value) {
    keys.push_back(std::move(key));
    values.push_back(std::move(value));
}

const Value* Value::find(std::string_view key) const {
    const auto& members = as<Members>(*this, key, "an object that holds it");
    const auto found = std::ranges::find(members.keys, key);
    return found == members.keys.end() ? nullptr
                                       : &members.values[static_cast<std::size_t>(found - members.keys.begin())];
}

const Value& Value::at(std::string_view key) const {
    const Value* value = find(key);
    if (value == nullptr) throw CorruptArtifact("no key " + detail::quoted(key));
    return *value;
}

const std::string& Value::text(std::string_view key) const { return as<std::string>(at(key), key, "text"); }

const Value::Numbers& Value::numbers(std::string_view key) const {
    return as<Numbers>(at(key), key, "an array of numbers");
}

const Value::Items& Value::items(std::string_view key) const {
    static const Items none;
    const Value& value = at(key);
    const auto* numbers = std::get_if<Numbers>(&value.content);
    return numbers != nullptr && numbers->empty() ? none : as<Items>(value, key, "an array");
}

std::int64_t Value::integer(std::string_view key, std::int64_t otherwise) const {
    return find(key) == nullptr ? otherwise : integer(key);
}

std::int64_t Value::integer(std::string_view key) const {
    const Value& value = at(key);
    if (const auto* text = std::get_if<std::string>(&value.content)) return whole(*text, key);
    const double number = as<double>(value, key, "a whole number");
    if (!(std::fabs(number) < 0x1p53 && number == std::floor(number)))
        throw CorruptArtifact("key " + detail::quoted(key) + ": " + std::to_string(number) +
                              " given, a whole number wanted");
    return static_cast<std::int64_t>(number);
}

}  // namespace holdfast::boosters
