#include <holdfast/workspace/logged.hpp>

#include <algorithm>
#include <array>
#include <numeric>

#include <holdfast/base/error.hpp>

#include "workspace/logged_parts.hpp"

namespace holdfast {
namespace {

std::vector<std::string> numbered(std::string_view prefix, std::int64_t count) {
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < count; ++i) names.push_back(std::string(prefix) + std::to_string(i));
    return names;
}

}  // namespace

namespace detail {

TensorView as_matrix(const TensorView& tensor, std::string_view what) {
    if (tensor.rank() == 2) return tensor;
    const std::int64_t rows = tensor.rows();
    const std::array<std::int64_t, 2> shape{rows, rows == 0 ? 0 : tensor.size() / rows};
    if (tensor.rank() <= 1) {
        const std::array<std::int64_t, 2> strides{tensor.rank() == 1 ? tensor.stride(0) : 1, 1};
        return TensorView(tensor.data(), tensor.dtype(), std::array<std::int64_t, 2>{rows, 1}, strides, false);
    }
    if (!tensor.contiguous()) {
        throw InvalidArgument(std::string(what) + ": " + tensor.describe() +
                              " with strides given, a contiguous tensor wanted");
    }
    return TensorView(tensor.data(), tensor.dtype(), shape);
}

std::vector<std::string> feature_names(const Signature& signature, std::int64_t width) {
    const bool named = static_cast<std::int64_t>(signature.features.size()) == width;
    return named ? signature.features : numbered("x", width);
}

std::vector<std::int64_t> feature_positions(const Signature& signature, const Table& table) {
    std::vector<std::string> names = signature.features;
    if (names.empty()) {
        for (const auto& input : signature.inputs) names.push_back(input.name);
    }
    std::vector<std::int64_t> positions;
    for (const std::string& name : names) positions.push_back(table.find(name));
    if (std::find(positions.begin(), positions.end(), -1) == positions.end()) return positions;
    // One dense input of unnamed columns takes a table by position.
    positions.resize(static_cast<std::size_t>(table.width()));
    std::iota(positions.begin(), positions.end(), 0);
    return positions;
}

std::vector<std::string> output_names(const std::string& name, std::int64_t width) {
    return width == 1 ? std::vector<std::string>{name} : numbered(name + ".", width);
}

}  // namespace detail

namespace {

/// Columns that keep their own memory.
Table owned(const Table& table) {
    std::vector<std::int64_t> all(static_cast<std::size_t>(table.rows()));
    std::iota(all.begin(), all.end(), 0);
    Table out;
    for (std::int64_t i = 0; i < table.width(); ++i) {
        const Column& column = table.column(i);
        out.add(table.names()[static_cast<std::size_t>(i)], column.owner() != nullptr ? column : column.take(all));
    }
    return out;
}

Table features_of(const Signature& signature, const Batch& batch) {
    if (const Table* table = batch.table()) {
        std::vector<std::string> names;
        for (const std::int64_t position : detail::feature_positions(signature, *table)) {
            names.push_back(table->names()[static_cast<std::size_t>(position)]);
        }
        return owned(table->select(names));
    }
    const TensorView matrix = detail::as_matrix(*batch.tensor(), "features");
    return owned(Table::from_matrix(matrix, detail::feature_names(signature, matrix.extent(1))));
}

void add_output(Table& values, const std::string& name, const TensorView& output) {
    const TensorView matrix = detail::as_matrix(output, name);
    const auto names = detail::output_names(name, matrix.extent(1));
    const Table columns = owned(Table::from_matrix(matrix, names));
    for (std::int64_t i = 0; i < columns.width(); ++i) {
        const std::string& plain = names[static_cast<std::size_t>(i)];
        values.add(values.has(plain) ? "output." + plain : plain, columns.column(i));
    }
}

const Column* find_output(const store::InteractionTable& table, const std::string& name) {
    // Under a prefix where another column has its name; see store::InteractionTable.
    for (const std::string& shown : {"output." + name, "output.output." + name, name}) {
        if (std::find(table.outputs.begin(), table.outputs.end(), shown) != table.outputs.end())
            return &table.rows.column(shown);
    }
    return nullptr;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Table own_columns(const store::InteractionTable& table, const std::vector<std::string>& names,
                  std::string_view prefix) {
    Table out;
    for (const std::string& shown : names) {
        const std::string_view plain =
            shown.starts_with(prefix) ? std::string_view(shown).substr(prefix.size()) : std::string_view(shown);
        const bool own_column = plain != shown && table.rows.has(plain) && !contains(table.features, plain) &&
                                !contains(table.outputs, plain);
        // An output beside a feature of its name was logged under the prefix.
        const bool renamed =
            own_column && (prefix == "feature." || !contains(table.features, "feature." + std::string(plain)));
        out.add(std::string(renamed ? plain : shown), table.rows.column(shown));
    }
    return out;
}

void add_probabilities(Judged& judged, const Signature& signature, const store::InteractionTable& table) {
    std::vector<std::vector<double>> columns;
    while (const Column* column = find_output(table, signature.probability + "." + std::to_string(columns.size()))) {
        columns.push_back(column->as_doubles());
    }
    if (const Column* single = columns.empty() ? find_output(table, signature.probability) : nullptr) {
        columns.push_back(single->as_doubles());
        if (judged.classes == 2) {  // of the second alone: the first is the rest
            columns.insert(columns.begin(), columns.front());
            for (double& first : columns.front()) first = 1.0 - first;
        }
    }
    if (!columns.empty()) judged.classes = static_cast<std::int64_t>(columns.size());
    for (std::size_t row = 0; row < judged.truth.size(); ++row) {
        for (const auto& column : columns) judged.probability.push_back(column[row]);
    }
}

}  // namespace

LoggedColumns logged_columns(const Signature& signature, const Batch& batch, const Outputs& outputs) {
    LoggedColumns columns;
    columns.values = features_of(signature, batch);
    columns.features = columns.values.width();
    for (const std::string& name : outputs.names()) add_output(columns.values, name, outputs.at(name));
    return columns;
}

const Column& logged_output(const store::InteractionTable& table, std::string_view name) {
    if (const Column* column = find_output(table, std::string(name))) return *column;
    throw NotFound("logged interactions: no column of output \"" + std::string(name) + "\"");
}

Table own_features(const store::InteractionTable& table) { return own_columns(table, table.features, "feature."); }
Table own_outputs(const store::InteractionTable& table) { return own_columns(table, table.outputs, "output."); }

Judged judge_logged(const Signature& signature, const store::InteractionTable& labelled) {
    Judged judged;
    if (signature.task == Task::classification) judged.classes = size(signature.classes);
    if (labelled.rows.rows() == 0) return judged;
    judged.truth = truth_values(signature, labelled.rows.column("label"));
    judged.prediction = truth_values(signature, logged_output(labelled, signature.prediction));
    if (!signature.probability.empty()) add_probabilities(judged, signature, labelled);
    return judged;
}

}  // namespace holdfast
