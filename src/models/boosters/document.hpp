/// Document: what JSON and UBJSON files hold alike, as XGBoost writes them. Arrays of numbers are kept as such.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace holdfast::boosters {

/// Containers in one another; deeper ones are refused.
inline constexpr int max_depth = 64;

/// Numbers of an array; also booleans, 0 and 1. They stay in the file's bytes, which outlive this, until they are read;
/// those of an untyped UBJSON array alone are taken out of them.
class Numbers {
  public:
    Numbers() = default;
    explicit Numbers(std::vector<double> values) : content_(std::move(values)) {}
    /// Big-endian numbers of a type that UBJSON has.
    struct Typed {
        char type;
        std::size_t size;
        const std::byte* bytes;
    };
    explicit Numbers(Typed typed) : content_(typed) {}
    /// A JSON array of `size` items, in its brackets.
    struct Text {
        std::string_view array;
        std::size_t size;
    };
    explicit Numbers(Text text) : content_(text) {}

    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    /// CorruptArtifact where an item is no number.
    [[nodiscard]] std::vector<double> values() const;

  private:
    std::variant<std::vector<double>, Typed, Text> content_;
};

[[nodiscard]] std::vector<double> values_of(const Numbers::Typed& numbers);
[[nodiscard]] std::vector<double> values_of(const Numbers::Text& numbers);

class Value {
  public:
    using Numbers = boosters::Numbers;
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

// CorruptArtifact saying what is wrong. Values of `ignored` keys are skipped. `bytes` must outlive the value.
/// `padded`: a few bytes behind `bytes` may be read, see ModelFile; else they are copied while this reads.
[[nodiscard]] Value read_json(std::span<const std::byte> bytes, bool padded, std::span<const std::string_view> ignored);
[[nodiscard]] Value read_ubjson(std::span<const std::byte> bytes, std::span<const std::string_view> ignored);

/// The first key of a JSON object, as it is written; empty where the bytes do not begin with one.
[[nodiscard]] std::string_view first_key(std::span<const std::byte> json);

}  // namespace holdfast::boosters
