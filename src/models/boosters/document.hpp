/// Document: what JSON and UBJSON files hold alike, as XGBoost writes them. Arrays of numbers are kept as such.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace holdfast::boosters {

/// Containers in one another; deeper ones are refused.
inline constexpr int max_depth = 64;

class Value {
  public:
    using Numbers = std::vector<double>;  ///< also of booleans, 0 and 1
    using Items = std::vector<Value>;
    struct Members {
        std::vector<std::string> keys;
        std::vector<Value> values;  ///< one a key
        void add(std::string key, Value value);
    };
    std::variant<std::monostate, double, std::string, Numbers, Items, Members> content;

    // CorruptArtifact where the value is of another kind, or the key is not there.
    [[nodiscard]] const Value* find(std::string_view key) const;
    [[nodiscard]] const Value& at(std::string_view key) const;
    [[nodiscard]] const std::string& text(std::string_view key) const;
    [[nodiscard]] const Numbers& numbers(std::string_view key) const;  ///< an empty array is one of numbers, too
    [[nodiscard]] const Items& items(std::string_view key) const;
    /// A whole number, or text of one; `otherwise` where the key is not there.
    [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t otherwise) const;
    [[nodiscard]] std::int64_t integer(std::string_view key) const;
};

// CorruptArtifact saying what is wrong. Values of `ignored` keys are skipped.
[[nodiscard]] Value read_json(std::span<const std::byte> bytes, std::span<const std::string_view> ignored);
[[nodiscard]] Value read_ubjson(std::span<const std::byte> bytes, std::span<const std::string_view> ignored);

/// The first key of a JSON object, as it is written; empty where the bytes do not begin with one.
[[nodiscard]] std::string_view first_key(std::span<const std::byte> json);

}  // namespace holdfast::boosters
