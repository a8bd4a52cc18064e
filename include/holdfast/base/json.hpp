/// Json: a small value type, and its canonical text (RFC 8785), the form that is stored and hashed.
///
/// Beyond RFC 8785: non-finite doubles are written as the strings "NaN", "Infinity", "-Infinity", and integers beyond
/// 2^53 as decimal strings; a reader that wants numbers asks with `as_double` or `as_int`, which accept those strings.
/// Text has one kind of number: 1.0 is written "1" and read back as an int, so compare what was read with `as_double`.
/// A double beyond 2^53 stays one when read back; other whole numbers are ints where int64 holds them.
/// Duplicate keys, nesting over 256 levels, text over 1 GiB and ill-formed UTF-8 are refused.
///
/// Thread safety: a value.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <holdfast/export.hpp>

namespace holdfast {

class HOLDFAST_EXPORT Json {
  public:
    using Array = std::vector<Json>;
    using Object = std::map<std::string, Json, std::less<>>;

    Json() = default;                                              ///< null
    Json(std::nullptr_t) {}                                        // NOLINT(google-explicit-constructor)
    Json(bool value) : value_(value) {}                            // NOLINT(google-explicit-constructor)
    Json(int value) : value_(static_cast<std::int64_t>(value)) {}  // NOLINT(google-explicit-constructor)
    Json(std::int64_t value) : value_(value) {}                    // NOLINT(google-explicit-constructor)
    Json(double value) : value_(value) {}                          // NOLINT(google-explicit-constructor)
    Json(const char* value) : value_(std::string(value)) {}        // NOLINT(google-explicit-constructor)
    Json(std::string_view value) : value_(std::string(value)) {}   // NOLINT(google-explicit-constructor)
    Json(std::string value) : value_(std::move(value)) {}          // NOLINT(google-explicit-constructor)
    Json(Array value) : value_(std::move(value)) {}                // NOLINT(google-explicit-constructor)
    Json(Object value) : value_(std::move(value)) {}               // NOLINT(google-explicit-constructor)
    [[nodiscard]] static Json object(std::initializer_list<Object::value_type> members) {
        return Json(Object(members));
    }
    [[nodiscard]] static Json array(Array items = {}) { return Json(std::move(items)); }

    /// Throws InvalidArgument with the byte offset and what was wanted there.
    [[nodiscard]] static Json parse(std::string_view text);
    /// RFC 8785 text: keys in UTF-16 order, shortest round-trip numbers, no white space.
    [[nodiscard]] std::string canonical() const;
    /// Indented text for people.
    [[nodiscard]] std::string pretty() const;

    [[nodiscard]] bool is_null() const noexcept { return std::holds_alternative<std::monostate>(value_); }
    [[nodiscard]] bool is_bool() const noexcept { return std::holds_alternative<bool>(value_); }
    [[nodiscard]] bool is_int() const noexcept { return std::holds_alternative<std::int64_t>(value_); }
    [[nodiscard]] bool is_double() const noexcept { return std::holds_alternative<double>(value_); }
    [[nodiscard]] bool is_string() const noexcept { return std::holds_alternative<std::string>(value_); }
    [[nodiscard]] bool is_array() const noexcept { return std::holds_alternative<Array>(value_); }
    [[nodiscard]] bool is_object() const noexcept { return std::holds_alternative<Object>(value_); }

    // Each throws InvalidArgument naming the type seen and the type wanted.
    [[nodiscard]] bool as_bool() const;
    [[nodiscard]] std::int64_t as_int() const;  ///< also an integral double, or a decimal string
    [[nodiscard]] double as_double() const;     ///< also an int, or "NaN", "Infinity", "-Infinity"
    [[nodiscard]] const std::string& as_string() const;
    [[nodiscard]] const Array& as_array() const;
    [[nodiscard]] Array& as_array();
    [[nodiscard]] const Object& as_object() const;
    [[nodiscard]] Object& as_object();

    /// Member of an object; InvalidArgument naming the key when it is missing.
    [[nodiscard]] const Json& at(std::string_view key) const;
    /// Member of an object, or nullptr.
    [[nodiscard]] const Json* find(std::string_view key) const;
    /// Member of an object, made where missing (a null value becomes an object first).
    Json& operator[](std::string_view key);
    void push_back(Json item);  ///< a null value becomes an array first

    bool operator==(const Json&) const = default;

  private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

}  // namespace holdfast
