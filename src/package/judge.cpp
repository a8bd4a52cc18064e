#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>
#include <unordered_map>

#include <holdfast/base/error.hpp>
#include <holdfast/package/package.hpp>

namespace holdfast {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// Class labels to their positions; a label that the model does not know is NaN.
class Positions {
  public:
    explicit Positions(const ClassLabels& labels) {
        const std::int64_t count = size(labels);
        for (std::int64_t i = 0; i < count; ++i) positions_.emplace(label_text(labels, i), static_cast<double>(i));
    }

    [[nodiscard]] double of_text(std::string_view text) const {
        const auto found = positions_.find(std::string(text));
        return found == positions_.end() ? nothing : found->second;
    }
    [[nodiscard]] double of_int(std::int64_t value) const { return of_text(std::to_string(value)); }
    /// Only whole numbers are labels.
    [[nodiscard]] double of_number(double value) const {
        if (!(std::trunc(value) == value && std::fabs(value) < 0x1p63)) return nothing;
        return of_int(static_cast<std::int64_t>(value));
    }
    [[nodiscard]] double of_bool(bool value) const {
        const double position = of_int(value ? 1 : 0);
        return std::isnan(position) ? of_text(value ? "True" : "False") : position;
    }

  private:
    std::unordered_map<std::string, double> positions_;
};

double label_position(const Positions& positions, const Column& truth, std::int64_t row) {
    if (!truth.is_valid(row)) return nothing;
    const auto at = static_cast<std::size_t>(row);
    switch (truth.type()) {
        case ColumnType::boolean: return positions.of_bool(truth.values<std::uint8_t>()[at] != 0);
        case ColumnType::int32: return positions.of_int(truth.values<std::int32_t>()[at]);
        case ColumnType::int64: return positions.of_int(truth.values<std::int64_t>()[at]);
        case ColumnType::float32:
        case ColumnType::float64: return positions.of_number(truth.number(row));
        case ColumnType::string:
        case ColumnType::categorical: return positions.of_text(truth.text(row));
        case ColumnType::timestamp: break;
    }
    throw InvalidArgument("truth: timestamps given, class labels wanted");
}

template <class T>
double element(const TensorView& view, std::int64_t position, const Positions* positions) {
    const T value = view.as<T>()[position];
    if constexpr (std::is_same_v<T, bool>)
        return positions != nullptr ? positions->of_bool(value) : (value ? 1.0 : 0.0);
    else if constexpr (std::is_floating_point_v<T>)
        return positions != nullptr ? positions->of_number(static_cast<double>(value)) : static_cast<double>(value);
    else
        return positions != nullptr ? positions->of_int(static_cast<std::int64_t>(value)) : static_cast<double>(value);
}

/// One number of an output: its value, or the position of the label that it is.
double output_number(const TensorView& view, std::int64_t position, const Positions* positions) {
    switch (view.dtype()) {
        case DType::boolean: return element<bool>(view, position, positions);
        case DType::int8: return element<std::int8_t>(view, position, positions);
        case DType::int16: return element<std::int16_t>(view, position, positions);
        case DType::int32: return element<std::int32_t>(view, position, positions);
        case DType::int64: return element<std::int64_t>(view, position, positions);
        case DType::uint8: return element<std::uint8_t>(view, position, positions);
        case DType::uint16: return element<std::uint16_t>(view, position, positions);
        case DType::uint32: return element<std::uint32_t>(view, position, positions);
        case DType::uint64: return element<std::uint64_t>(view, position, positions);
        case DType::float32: return element<float>(view, position, positions);
        case DType::float64: return element<double>(view, position, positions);
        case DType::string: break;
    }
    if (positions == nullptr) throw InvalidArgument("prediction: text given, numbers wanted");
    return positions->of_text(view.as<std::string_view>()[position]);
}

/// Row by row through the strides. A vector is a matrix of one column.
std::vector<double> matrix_of(const TensorView& view, std::string_view what, std::int64_t width,
                              const Positions* positions) {
    const std::int64_t columns = view.rank() == 2 ? view.extent(1) : 1;
    if (view.rank() < 1 || view.rank() > 2 || columns != width)
        throw InvalidArgument("output \"" + std::string(what) + "\": " + view.describe() + " given, " +
                              std::to_string(width) + " a row wanted");
    std::vector<double> values;
    values.reserve(static_cast<std::size_t>(view.rows() * columns));
    for (std::int64_t row = 0; row < view.rows(); ++row)
        for (std::int64_t column = 0; column < columns; ++column)
            values.push_back(
                output_number(view, row * view.stride(0) + (columns > 1 ? column * view.stride(1) : 0), positions));
    return values;
}

/// (rows, classes); where a binary model gives the second class alone, the first is the rest.
std::vector<double> probabilities_of(const TensorView& view, std::string_view what, std::int64_t classes) {
    const bool second_alone = classes == 2 && (view.rank() == 1 || (view.rank() == 2 && view.extent(1) == 1));
    if (!second_alone) return matrix_of(view, what, classes, nullptr);
    std::vector<double> both;
    for (const double second : matrix_of(view, what, 1, nullptr)) both.insert(both.end(), {1.0 - second, second});
    return both;
}

}  // namespace

std::vector<double> truth_values(const Signature& signature, const Column& truth) {
    if (signature.task != Task::classification || size(signature.classes) == 0) {
        if (truth.type() == ColumnType::string || truth.type() == ColumnType::categorical)
            throw InvalidArgument("truth: text given, numbers wanted for a model without class labels");
        return truth.as_doubles();
    }
    const Positions positions(signature.classes);
    std::vector<double> values(static_cast<std::size_t>(truth.size()));
    for (std::int64_t row = 0; row < truth.size(); ++row)
        values[static_cast<std::size_t>(row)] = label_position(positions, truth, row);
    return values;
}

Judged judge(const Model& model, const Table& features, const Column& truth) {
    if (features.rows() != truth.size())
        throw InvalidArgument("evaluation: " + std::to_string(truth.size()) + " true values given for " +
                              std::to_string(features.rows()) + " rows");
    const Signature& signature = model.signature();
    const bool labels = signature.task == Task::classification && size(signature.classes) > 0;
    Judged judged;
    judged.truth = truth_values(signature, truth);

    Outputs outputs;
    outputs.want(signature.prediction);
    if (labels && !signature.probability.empty()) outputs.want(signature.probability);
    model.run(features, outputs);

    const std::optional<Positions> positions = labels ? std::optional<Positions>(signature.classes) : std::nullopt;
    judged.prediction =
        matrix_of(outputs.at(signature.prediction), signature.prediction, 1, positions ? &*positions : nullptr);
    if (labels) {
        judged.classes = size(signature.classes);
        if (!signature.probability.empty())
            judged.probability =
                probabilities_of(outputs.at(signature.probability), signature.probability, judged.classes);
    }
    return judged;
}

}  // namespace holdfast
