/// Signature: what goes into a model and what comes out, by name.
///
/// A model has either one dense input of shape (rows, features...), whose columns `features` may name, or several named
/// inputs of shape (rows) or (rows, 1), which a Table feeds by name. Rows is -1 in a shape.
///
/// Thread safety: a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/data/dtype.hpp>
#include <holdfast/export.hpp>

namespace holdfast {

enum class Task : std::uint8_t { classification, regression, other };
[[nodiscard]] HOLDFAST_EXPORT std::string_view to_string(Task task) noexcept;
[[nodiscard]] HOLDFAST_EXPORT Task parse_task(std::string_view name);  ///< InvalidArgument

struct TensorSpec {
    std::string name;
    DType dtype = DType::float64;
    std::vector<std::int64_t> shape;  ///< first axis rows; -1 where any extent goes
    std::string unit;                 ///< as in "USD" or "m/s"; empty where unknown
    bool operator==(const TensorSpec&) const = default;
};

/// The labels of the classes in the order of the probabilities' columns: integers or text (booleans are 0 and 1).
using ClassLabels = std::variant<std::vector<std::int64_t>, std::vector<std::string>>;
[[nodiscard]] HOLDFAST_EXPORT std::int64_t size(const ClassLabels& labels) noexcept;
/// Label i as text.
[[nodiscard]] HOLDFAST_EXPORT std::string label_text(const ClassLabels& labels, std::int64_t i);

struct HOLDFAST_EXPORT Signature {
    Task task = Task::other;
    std::vector<TensorSpec> inputs;
    std::vector<TensorSpec> outputs;
    std::vector<std::string> features;  ///< column names of the one dense input; empty where unknown
    ClassLabels classes;                ///< empty unless a classifier
    std::string prediction;             ///< the output that `predict` gives
    std::string probability;            ///< the output that `predict_proba` gives; empty where there is none

    [[nodiscard]] std::int64_t find_input(std::string_view name) const noexcept;   ///< position, or -1
    [[nodiscard]] std::int64_t find_output(std::string_view name) const noexcept;  ///< position, or -1
    /// InvalidArgument naming the output and those there are.
    [[nodiscard]] const TensorSpec& output(std::string_view name) const;
    /// InvalidArgument where names repeat, an output is missing, or shapes make no sense.
    void check() const;

    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static Signature from_json(const Json& json);
    bool operator==(const Signature&) const = default;
};

}  // namespace holdfast
