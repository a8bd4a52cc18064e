/// Schema: the names and types of a table's columns, in order. Stored once and named by its hash.
///
/// Thread safety: a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/hash.hpp>
#include <holdfast/base/json.hpp>
#include <holdfast/data/dtype.hpp>
#include <holdfast/export.hpp>

namespace holdfast {

struct Field {
    std::string name;
    ColumnType type = ColumnType::float64;
    bool operator==(const Field&) const = default;
};

class HOLDFAST_EXPORT Schema {
  public:
    Schema() = default;
    /// InvalidArgument: an empty name, or one name twice.
    explicit Schema(std::vector<Field> fields);

    [[nodiscard]] const std::vector<Field>& fields() const noexcept { return fields_; }
    [[nodiscard]] std::int64_t size() const noexcept { return static_cast<std::int64_t>(fields_.size()); }
    [[nodiscard]] std::int64_t find(std::string_view name) const noexcept;  ///< position, or -1
    [[nodiscard]] Json to_json() const;  ///< {"fields":[{"name":..,"type":..}],"format":1}
    [[nodiscard]] static Schema from_json(const Json& json);
    [[nodiscard]] Digest hash() const;  ///< SHA-256 of the canonical JSON
    bool operator==(const Schema&) const = default;

  private:
    std::vector<Field> fields_;
};

}  // namespace holdfast
