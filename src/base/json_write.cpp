#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <holdfast/base/error.hpp>
#include <holdfast/base/id.hpp>
#include <holdfast/base/json.hpp>

#include "json_limits.hpp"

namespace holdfast {
namespace {

/// Orders UTF-8 texts as their UTF-16 code units would be. That is byte order, but for code points from U+E000 to
/// U+FFFF (lead bytes EE and EF), which come after the surrogate pairs that stand for lead bytes F0 to F4.
bool utf16_less(std::string_view a, std::string_view b) {
    const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (x == a.end() || y == b.end()) return x == a.end() && y != b.end();
    const auto rank = [](char byte) {
        const auto value = static_cast<unsigned char>(byte);
        return value == 0xEE || value == 0xEF ? value + 0x100 : int{value};
    };
    return rank(*x) < rank(*y);
}

class Writer {
  public:
    explicit Writer(bool indented) : indented_(indented) {}

    void write(const Json& value, std::size_t depth) {
        if (value.is_null()) {
            text_ += "null";
        } else if (value.is_bool()) {
            text_ += value.as_bool() ? "true" : "false";
        } else if (value.is_int()) {
            write_int(value.as_int());
        } else if (value.is_double()) {
            write_double(value.as_double());
        } else if (value.is_string()) {
            write_string(value.as_string());
        } else {
            if (depth == detail::max_json_depth) throw InvalidArgument("JSON: nesting over 256 levels");
            value.is_array() ? write_array(value.as_array(), depth) : write_object(value.as_object(), depth);
        }
    }

    [[nodiscard]] std::string take() { return std::move(text_); }

  private:
    void write_int(std::int64_t value) {
        const bool as_text = value > detail::max_exact_int || value < -detail::max_exact_int;
        if (as_text) text_ += '"';
        text_ += std::to_string(value);
        if (as_text) text_ += '"';
    }

    void write_double(double value) {
        if (std::isnan(value)) {
            text_ += "\"NaN\"";
        } else if (std::isinf(value)) {
            text_ += value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
        } else {
            text_ += detail::format_json_double(value);
        }
    }

    void write_string(std::string_view value) {
        if (!is_utf8(value)) throw InvalidArgument("JSON: a string is not UTF-8");
        text_ += '"';
        for (const char c : value) {
            switch (c) {
                case '"': text_ += "\\\""; break;
                case '\\': text_ += "\\\\"; break;
                case '\b': text_ += "\\b"; break;
                case '\t': text_ += "\\t"; break;
                case '\n': text_ += "\\n"; break;
                case '\f': text_ += "\\f"; break;
                case '\r': text_ += "\\r"; break;
                default:
                    if (static_cast<unsigned char>(c) < 0x20) {
                        text_ += "\\u00";
                        text_ += "0123456789abcdef"[c >> 4];
                        text_ += "0123456789abcdef"[c & 15];
                    } else {
                        text_ += c;
                    }
            }
        }
        text_ += '"';
    }

    void write_array(const Json::Array& items, std::size_t depth) {
        text_ += '[';
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (i != 0) text_ += ',';
            new_line(depth + 1);
            write(items[i], depth + 1);
        }
        if (!items.empty()) new_line(depth);
        text_ += ']';
    }

    void write_object(const Json::Object& members, std::size_t depth) {
        std::vector<const Json::Object::value_type*> sorted;
        sorted.reserve(members.size());
        for (const auto& member : members) sorted.push_back(&member);
        std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return utf16_less(a->first, b->first); });
        text_ += '{';
        for (std::size_t i = 0; i < sorted.size(); ++i) {
            if (i != 0) text_ += ',';
            new_line(depth + 1);
            write_string(sorted[i]->first);
            text_ += indented_ ? ": " : ":";
            write(sorted[i]->second, depth + 1);
        }
        if (!sorted.empty()) new_line(depth);
        text_ += '}';
    }

    void new_line(std::size_t depth) {
        if (!indented_) return;
        text_ += '\n';
        text_.append(2 * depth, ' ');
    }

    std::string text_;
    bool indented_;
};

}  // namespace

std::string detail::format_json_double(double value) {
    if (value == 0) return "0";
    std::array<char, 32> buffer{};
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::fabs(value), std::chars_format::scientific)
            .ptr;
    // d.ddde+xx becomes digits and `point`, the place of the decimal point behind the first digit (ECMA-262's n).
    const std::string_view scientific(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    const auto mark = scientific.find('e');
    std::string digits(scientific.substr(0, mark));
    std::erase(digits, '.');
    int exponent = 0;
    const auto* exponent_text = scientific.data() + mark + 1;
    std::from_chars(*exponent_text == '+' ? exponent_text + 1 : exponent_text, end, exponent);
    const int point = exponent + 1;
    const int count = static_cast<int>(digits.size());

    std::string text = value < 0 ? "-" : "";
    if (count <= point && point <= 21) return text + digits + std::string(static_cast<std::size_t>(point - count), '0');
    if (0 < point && point <= 21)
        return text + digits.substr(0, static_cast<std::size_t>(point)) + "." +
               digits.substr(static_cast<std::size_t>(point));
    if (-6 < point && point <= 0) return text + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
    text += digits[0];
    if (count > 1) text += "." + digits.substr(1);
    return text + (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
}

std::string Json::canonical() const {
    Writer writer(false);
    writer.write(*this, 0);
    return writer.take();
}

std::string Json::pretty() const {
    Writer writer(true);
    writer.write(*this, 0);
    return writer.take();
}

}  // namespace holdfast
