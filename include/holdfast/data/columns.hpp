/// Columns: which column of a table plays which part.
///
/// Thread safety: a value.
#pragma once

#include <string>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/data/table.hpp>
#include <holdfast/export.hpp>

namespace holdfast {

/// An empty name means that there is no such column; empty `features` mean every column that plays no other part.
struct HOLDFAST_EXPORT Columns {
    std::vector<std::string> features;
    std::string target;
    std::string prediction;
    std::vector<std::string> probability;  ///< one a class, in the order of the classes; or one for the second of two
    std::string id;
    std::string time;        ///< event time
    std::string label_time;  ///< when the label was recorded
    std::string entity;      ///< whom a row is about

    /// InvalidArgument naming the column that `table` lacks or that plays two parts.
    void check(const Table& table) const;
    /// The features' names in `table`, resolved as said above.
    [[nodiscard]] std::vector<std::string> feature_names(const Table& table) const;
    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static Columns from_json(const Json& json);
    bool operator==(const Columns&) const = default;
};

}  // namespace holdfast
