// simdjson's on-demand parser: what is not asked for is passed over, and arrays of numbers stay text.
#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

#include <simdjson.h>

#include <holdfast/base/error.hpp>
#include <holdfast/models/load.hpp>

#include "models/boosters/document.hpp"
#include "models/text.hpp"

namespace holdfast::boosters {
namespace {

namespace json = simdjson::ondemand;

static_assert(ModelFile::padding >= simdjson::SIMDJSON_PADDING);

bool holds(std::string_view text, char c) { return std::memchr(text.data(), c, text.size()) != nullptr; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

class Reader {
  public:
    /// Views into `parsed` are given as views into `original`, the same text.
    Reader(std::string_view parsed, std::string_view original, std::span<const std::string_view> ignored)
        : parsed_(parsed), original_(original), ignored_(ignored) {}

    [[nodiscard]] Value value(json::value from, int depth) const {
        if (depth > max_depth)
            throw CorruptArtifact("containers nested more than " + std::to_string(max_depth) + " deep");
        Value to;
        switch (from.type()) {
            case json::json_type::object: read_object(from.get_object(), to, depth); break;
            case json::json_type::array: read_array(from.get_array(), to, depth); break;
            case json::json_type::string: to.content = std::string(std::string_view(from.get_string())); break;
            case json::json_type::number: to.content = double(from.get_double()); break;
            case json::json_type::boolean: to.content = from.get_bool() ? 1.0 : 0.0; break;
            default:
                if (!from.is_null()) throw CorruptArtifact("not JSON: a value of no kind");
        }
        return to;
    }

  private:
    void read_object(json::object object, Value& to, int depth) const {
        auto& members = to.content.emplace<Value::Members>();
        for (auto field : object) {
            const std::string_view key = field.unescaped_key();
            if (std::ranges::find(ignored_, key) != ignored_.end()) continue;
            std::string name(key);
            members.add(std::move(name), value(field.value(), depth + 1));
        }
    }

    void read_array(json::array array, Value& to, int depth) const {
        const std::size_t size = array.count_elements();
        std::string_view text = array.raw_json();  // with the blanks behind it
        while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
        // On the way only depths are counted: what ends here may be an object.
        if (text.size() < 2 || text.back() != ']') throw CorruptArtifact("not JSON: an array without its end");
        const std::string_view inside = text.substr(1);
        if (!holds(inside, '"') && !holds(inside, '{') && !holds(inside, '[') &&
            inside.find("null") == std::string_view::npos) {
            const auto begin = static_cast<std::size_t>(text.data() - parsed_.data());
            to.content = Numbers(Numbers::Text{original_.substr(begin, text.size()), size});
            return;
        }
        array.reset();
        auto& items = to.content.emplace<Value::Items>();
        items.reserve(size);
        for (auto item : array) items.push_back(value(item.value(), depth + 1));
    }

    std::string_view parsed_, original_;
    std::span<const std::string_view> ignored_;
};

Value read(simdjson::padded_string_view text, std::string_view original, std::span<const std::string_view> ignored) {
    try {
        json::parser parser;
        json::document document = parser.iterate(text);
        Value root = Reader({text.data(), text.size()}, original, ignored).value(document.get_value(), 1);
        if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
            throw CorruptArtifact("not JSON: text behind the document");
        return root;
    } catch (const simdjson::simdjson_error& error) {
        throw CorruptArtifact("not JSON: " + std::string(error.what()));
    }
}

struct Word {
    std::string_view text;
    double value;
};

/// JSON has no numbers of the last three; XGBoost writes them so, and Python too.
constexpr Word words[] = {{"true", 1.0},
                          {"false", 0.0},
                          {"NaN", std::numeric_limits<double>::quiet_NaN()},
                          {"Infinity", std::numeric_limits<double>::infinity()},
                          {"-Infinity", -std::numeric_limits<double>::infinity()}};

}  // namespace

Value read_json(std::span<const std::byte> bytes, bool padded, std::span<const std::string_view> ignored) {
    if (bytes.empty()) throw CorruptArtifact("not JSON: no text");
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (padded)
        return read(simdjson::padded_string_view(text, text.size() + simdjson::SIMDJSON_PADDING), text, ignored);
    return read(simdjson::padded_string(text), text, ignored);
}

std::vector<double> values_of(const Numbers::Text& numbers) {
    const auto refuse = [&](std::string_view at) {
        throw CorruptArtifact("not JSON: " + detail::quoted(at.substr(0, std::min<std::size_t>(at.find(','), 40))) +
                              " in an array of numbers");
    };
    std::vector<double> all;
    all.reserve(numbers.size);
    std::string_view left = numbers.array.substr(1, numbers.array.size() - 2);
    const auto skip_blanks = [&] {
        while (!left.empty() && is_blank(left.front())) left.remove_prefix(1);
    };
    for (skip_blanks(); !left.empty(); skip_blanks()) {
        if (!all.empty()) {
            if (left.front() != ',') refuse(left);
            left.remove_prefix(1);
            skip_blanks();
        }
        double value = 0.0;
        std::size_t size = 0;
        const std::size_t first = left.starts_with('-') ? 1 : 0;
        if (first < left.size() && is_digit(left[first])) {
            const auto [end, error] = std::from_chars(left.data(), left.data() + left.size(), value);
            if (error != std::errc() || !is_digit(end[-1])) refuse(left);  // it takes "1.", which JSON does not
            size = static_cast<std::size_t>(end - left.data());
        } else {
            const auto* word = std::ranges::find_if(words, [&](const Word& one) { return left.starts_with(one.text); });
            if (word == std::end(words)) refuse(left);
            value = word->value;
            size = word->text.size();
        }
        all.push_back(value);
        left.remove_prefix(size);
    }
    return all;
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
