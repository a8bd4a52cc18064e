#include <algorithm>

#include <simdjson.h>

#include <holdfast/base/error.hpp>

#include "models/boosters/document.hpp"

namespace holdfast::boosters {
namespace {

namespace dom = simdjson::dom;

bool is_number(const dom::element& element) { return element.is_number() || element.is_bool(); }

double number_of(const dom::element& element) {
    bool truth = false;
    if (element.get(truth) == simdjson::SUCCESS) return truth ? 1.0 : 0.0;
    return element.get<double>().value_unsafe();
}

class Reader {
  public:
    explicit Reader(std::span<const std::string_view> ignored) : ignored_(ignored) {}

    [[nodiscard]] Value value(const dom::element& from, int depth) const {
        if (depth > max_depth)
            throw CorruptArtifact("containers nested more than " + std::to_string(max_depth) + " deep");
        Value to;
        std::string_view text;
        dom::array array;
        dom::object object;
        if (from.get(object) == simdjson::SUCCESS) {
            auto& members = to.content.emplace<Value::Members>();
            for (const auto& field : object) {
                if (std::ranges::find(ignored_, field.key) == ignored_.end())
                    members.add(std::string(field.key), value(field.value, depth + 1));
            }
        } else if (from.get(array) == simdjson::SUCCESS) {
            read_array(array, to, depth);
        } else if (from.get(text) == simdjson::SUCCESS) {
            to.content = std::string(text);
        } else if (is_number(from)) {
            to.content = number_of(from);
        }
        return to;
    }

  private:
    void read_array(const dom::array& array, Value& to, int depth) const {
        std::vector<double> numbers;
        numbers.reserve(array.size());
        for (const dom::element item : array) {
            if (!is_number(item)) return read_items(array, to, depth);
            numbers.push_back(number_of(item));
        }
        to.content = Numbers(std::move(numbers));
    }

    void read_items(const dom::array& array, Value& to, int depth) const {
        auto& items = to.content.emplace<Value::Items>();
        for (const dom::element item : array) items.push_back(value(item, depth + 1));
    }

    std::span<const std::string_view> ignored_;
};

}  // namespace

Value read_json(std::span<const std::byte> bytes, std::span<const std::string_view> ignored) {
    dom::parser parser;
    dom::element root;
    const auto error = parser.parse(reinterpret_cast<const char*>(bytes.data()), bytes.size()).get(root);
    if (error != simdjson::SUCCESS) throw CorruptArtifact("not JSON: " + std::string(simdjson::error_message(error)));
    return Reader(ignored).value(root, 1);
}

std::string_view first_key(std::span<const std::byte> json) {
    std::string_view text(reinterpret_cast<const char*>(json.data()), json.size());
    for (const char wanted : {'{', '"'}) {
        text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
        if (!text.starts_with(wanted)) return {};
        text.remove_prefix(1);
    }
    const std::size_t end = text.find('"');
    return end == std::string_view::npos ? std::string_view{} : text.substr(0, end);
}

}  // namespace holdfast::boosters
