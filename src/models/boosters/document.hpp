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

/// Numbers of an array; also booleans, 0 and 1. Those of a typed UBJSON array stay in the file's bytes.
class Numbers {
  public:
    Numbers() = default;
    explicit Numbers(std::vector<double> values) : values_(std::move(values)), size_(values_.size()) {}
    /// `bytes` holds big-endian numbers of a type that UBJSON has, and outlives this.
    Numbers(char type, std::size_t size, const std::byte* bytes) : size_(size), bytes_(bytes), type_(type) {}

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] double operator[](std::size_t i) const { return bytes_ == nullptr ? values_[i] : typed(i); }
    [[nodiscard]] std::vector<double> values() const;

  private:
    [[nodiscard]] double typed(std::size_t i) const;

    std::vector<double> values_;
    std::size_t size_ = 0;
    const std::byte* bytes_ = nullptr;
    char type_ = 0;
};

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

// CorruptArtifact saying what is wrong. Values of `ignored` keys are skipped.
[[nodiscard]] Value read_json(std::span<const std::byte> bytes, std::span<const std::string_view> ignored);
/// `bytes` must outlive the value.
[[nodiscard]] Value read_ubjson(std::span<const std::byte> bytes, std::span<const std::string_view> ignored);

/// The first key of a JSON object, as it is written; empty where the bytes do not begin with one.
[[nodiscard]] std::string_view first_key(std::span<const std::byte> json);

}  // namespace holdfast::boosters
