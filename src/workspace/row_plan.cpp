#include "workspace/row_plan.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include <holdfast/base/error.hpp>

#include "workspace/logged_parts.hpp"

namespace holdfast::detail {
namespace {

static_assert(std::endian::native == std::endian::little, "values are copied as they lie in memory");

constexpr std::size_t longest_row = std::size_t{64} << 20;

bool is_text(ColumnType type) noexcept { return type == ColumnType::string || type == ColumnType::categorical; }

ColumnType stored_type(DType dtype) noexcept {
    switch (dtype) {
        case DType::boolean: return ColumnType::boolean;
        case DType::int64:
        case DType::uint32:
        case DType::uint64: return ColumnType::int64;
        case DType::float32: return ColumnType::float32;
        case DType::float64: return ColumnType::float64;
        case DType::string: return ColumnType::string;
        default: return ColumnType::int32;
    }
}

std::size_t width_of(ColumnType type) noexcept {
    switch (type) {
        case ColumnType::float32:
        case ColumnType::int32: return 4;
        case ColumnType::boolean: return 1;
        case ColumnType::string:
        case ColumnType::categorical: return 0;
        default: return 8;
    }
}

/// Whether elements lie in a tensor as they are stored.
bool stored_as_it_lies(DType dtype) noexcept {
    return dtype == DType::float32 || dtype == DType::float64 || dtype == DType::int32 || dtype == DType::int64 ||
           dtype == DType::boolean;
}

template <class T>
T element(const std::byte* at) noexcept {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

template <class T>
void put(std::byte* out, T value) noexcept {
    std::memcpy(out, &value, sizeof value);
}

void widen(DType dtype, const std::byte* from, std::byte* out) {
    switch (dtype) {
        case DType::int8: return put(out, std::int32_t{element<std::int8_t>(from)});
        case DType::int16: return put(out, std::int32_t{element<std::int16_t>(from)});
        case DType::uint8: return put(out, std::int32_t{element<std::uint8_t>(from)});
        case DType::uint16: return put(out, std::int32_t{element<std::uint16_t>(from)});
        case DType::uint32: return put(out, std::int64_t{element<std::uint32_t>(from)});
        default: break;
    }
    const auto value = element<std::uint64_t>(from);
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        throw InvalidArgument("features: uint64 " + std::to_string(value) + " given, values below 2^63 wanted");
    put(out, static_cast<std::int64_t>(value));
}

const std::byte* values_of(const Column& column) {
    const auto bytes = [](const auto* values) { return reinterpret_cast<const std::byte*>(values); };
    switch (column.type()) {
        case ColumnType::float32: return bytes(column.values<float>().data());
        case ColumnType::float64: return bytes(column.values<double>().data());
        case ColumnType::int32: return bytes(column.values<std::int32_t>().data());
        case ColumnType::int64:
        case ColumnType::timestamp: return bytes(column.values<std::int64_t>().data());
        case ColumnType::boolean: return bytes(column.values<std::uint8_t>().data());
        default: return nullptr;
    }
}

void append_text(std::vector<std::byte>& out, std::string_view text) {
    if (text.size() > longest_row) {
        throw InvalidArgument("interaction: a text of " + std::to_string(text.size()) + " bytes given, at most " +
                              std::to_string(longest_row) + " wanted");
    }
    const auto size = static_cast<std::uint32_t>(text.size());
    const std::size_t before = out.size();
    out.resize(before + sizeof size + text.size());
    std::memcpy(out.data() + before, &size, sizeof size);
    if (!text.empty()) std::memcpy(out.data() + before + sizeof size, text.data(), text.size());
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

RowPlan::RowPlan(const Served& served, const Batch& batch, const Outputs& outputs, const LoggingOptions& options,
                 std::string salt)
    : version_(served.version), arithmetic_(served.model->arithmetic()), salt_(std::move(salt)) {
    const Signature& signature = served.model->signature();
    std::vector<Field> stored;
    add_features(signature, batch, options, stored);
    features_ = static_cast<std::int64_t>(stored.size());
    const auto written = outputs.names();
    for (const TensorSpec& output : signature.outputs) {
        if (!contains(written, output.name)) continue;
        const std::size_t column = stored.size();
        add_output(outputs.at(output.name), output.name, options, stored);
        const bool label = signature.task == Task::classification && output.name == signature.prediction &&
                           stored.size() == column + 1 && !secret_.contains(stored.back().name);
        if (label) label_ = static_cast<std::int64_t>(column);
    }
    for (const auto* names : {&options.hashed, &options.left_out}) {
        for (const std::string& name : *names) {
            const auto is = [&](const Field& field) { return field.name == name; };
            if (std::none_of(stored.begin(), stored.end(), is) && std::none_of(left_out_.begin(), left_out_.end(), is))
                unknown_.push_back(name);
        }
    }
    if (!options.entity.empty() && !entity_segment_) unknown_.push_back(options.entity);
    schema_ = Schema(std::move(stored));
    lay_out();
}

void RowPlan::add_features(const Signature& signature, const Batch& batch, const LoggingOptions& options,
                           std::vector<Field>& stored) {
    Source source;
    std::vector<std::int64_t> positions;
    std::vector<Field> columns;
    if (const Table* table = batch.table()) {
        source.is_table = true;
        source.columns = table->schema().fields();
        positions = feature_positions(signature, *table);
        for (const std::int64_t at : positions) columns.push_back(source.columns[static_cast<std::size_t>(at)]);
    } else {
        const TensorView matrix = as_matrix(*batch.tensor(), "features");
        source.dtype = matrix.dtype();
        source.width = matrix.extent(1);
        for (auto& name : feature_names(signature, source.width)) {
            positions.push_back(static_cast<std::int64_t>(positions.size()));
            columns.push_back({std::move(name), stored_type(source.dtype)});
        }
    }
    sources_.push_back(std::move(source));
    for (std::size_t i = 0; i < columns.size(); ++i) {
        add_column(0, positions[i], columns[i].name, columns[i].type, options, stored);
        if (columns[i].name != options.entity) continue;
        entity_segment_ = segments_.size() - 1;
        entity_position_ = segments_.back().count - 1;
        if (segments_.back().kept != Kept::left_out) secret_.insert(columns[i].name);
    }
}

void RowPlan::add_output(const TensorView& output, const std::string& name, const LoggingOptions& options,
                         std::vector<Field>& stored) {
    const TensorView matrix = as_matrix(output, name);
    sources_.push_back({name, matrix.dtype(), matrix.extent(1), {}, false});
    std::int64_t position = 0;
    for (std::string& plain : output_names(name, matrix.extent(1))) {
        const auto is = [&](const Field& field) { return field.name == plain; };
        const bool taken = std::any_of(stored.begin(), stored.end(), is);
        add_column(sources_.size() - 1, position++, taken ? "output." + plain : plain, stored_type(matrix.dtype()),
                   options, stored);
    }
}

void RowPlan::add_column(std::size_t source, std::int64_t position, const std::string& name, ColumnType type,
                         const LoggingOptions& options, std::vector<Field>& stored) {
    const Kept kept = contains(options.left_out, name) ? Kept::left_out
                      : contains(options.hashed, name) ? Kept::hashed
                                                       : Kept::plain;
    if (kept == Kept::left_out) {
        left_out_.push_back({name, type});
    } else {
        if (kept == Kept::hashed) secret_.insert(name);
        stored.push_back({name, kept == Kept::hashed ? ColumnType::string : type});
    }
    const bool joins = !segments_.empty() && segments_.back().source == source && segments_.back().kept == kept &&
                       !sources_[source].is_table && segments_.back().first + segments_.back().count == position;
    if (joins) {
        ++segments_.back().count;
    } else {
        segments_.push_back({source, position, 1, kept == Kept::hashed ? ColumnType::string : type, kept, 0, 0});
    }
}

void RowPlan::lay_out() {
    std::size_t column = 0;
    for (Segment& segment : segments_) {
        if (segment.kept == Kept::left_out) continue;
        segment.column = column;
        segment.offset = fixed_bytes_;
        column += static_cast<std::size_t>(segment.count);
        fixed_bytes_ += static_cast<std::size_t>(segment.count) * width_of(segment.type);
    }
    all_valid_.assign((column + 7) / 8, std::byte{0});
    for (std::size_t i = 0; i < column; ++i) all_valid_[i / 8] |= std::byte{1} << (i % 8);
}

bool RowPlan::fits(const Served& served, const Batch& batch, const Outputs& outputs) const {
    if (served.version != version_) return false;
    const auto same = [](const Source& source, const TensorView& tensor, std::string_view what) {
        const TensorView matrix = as_matrix(tensor, what);
        return !source.is_table && matrix.dtype() == source.dtype && matrix.extent(1) == source.width;
    };
    const Source& features = sources_.front();
    if (const Table* table = batch.table()) {
        if (!features.is_table || table->width() != static_cast<std::int64_t>(features.columns.size())) return false;
        for (std::size_t i = 0; i < features.columns.size(); ++i) {
            if (table->column(static_cast<std::int64_t>(i)).type() != features.columns[i].type ||
                table->names()[i] != features.columns[i].name)
                return false;
        }
    } else if (!same(features, *batch.tensor(), "features")) {
        return false;
    }
    // A model writes the same outputs each time; whose shape is open may be wider than before.
    return std::all_of(sources_.begin() + 1, sources_.end(),
                       [&](const Source& source) { return same(source, outputs.at(source.output), source.output); });
}

void RowPlan::locate(const Batch& batch, const Outputs& outputs, Places& places) const {
    places.clear();
    for (const Segment& segment : segments_) {
        const Source& source = sources_[segment.source];
        if (source.is_table) {
            const Column& column = batch.table()->column(segment.first);
            const auto step = static_cast<std::int64_t>(width_of(column.type()));
            places.push_back({values_of(column), step, step, &column});
            continue;
        }
        const bool features = segment.source == 0;
        const TensorView matrix = as_matrix(features ? *batch.tensor() : outputs.at(source.output), "features");
        const std::int64_t size = size_of(source.dtype);
        places.push_back({static_cast<const std::byte*>(matrix.data()) + segment.first * matrix.stride(1) * size,
                          matrix.stride(0) * size, matrix.stride(1) * size, nullptr});
    }
}

void RowPlan::copy(const Segment& segment, const Place& place, std::int64_t row, std::byte* out) const {
    const std::size_t size = width_of(segment.type);
    const std::byte* from = place.first + row * place.row_step;
    if (place.column != nullptr) {
        if (place.column->is_valid(row)) std::memcpy(out, from, size);
        return;
    }
    const DType dtype = sources_[segment.source].dtype;
    if (!stored_as_it_lies(dtype)) {
        for (std::int64_t i = 0; i < segment.count; ++i, out += size) widen(dtype, from + i * place.column_step, out);
    } else if (place.column_step == static_cast<std::int64_t>(size)) {
        std::memcpy(out, from, static_cast<std::size_t>(segment.count) * size);
    } else {
        for (std::int64_t i = 0; i < segment.count; ++i, out += size)
            std::memcpy(out, from + i * place.column_step, size);
    }
}

bool RowPlan::missing(const Segment& segment, const Place& place, std::int64_t row, std::int64_t column) const {
    if (place.column != nullptr) {
        return !place.column->is_valid(row) ||
               (is_numeric(place.column->type()) && std::isnan(place.column->number(row)));
    }
    const std::byte* at = place.first + row * place.row_step + column * place.column_step;
    switch (sources_[segment.source].dtype) {
        case DType::float32: return std::isnan(element<float>(at));
        case DType::float64: return std::isnan(element<double>(at));
        default: return false;
    }
}

std::string RowPlan::text(const Segment& segment, const Place& place, std::int64_t row, std::int64_t column) const {
    if (place.column != nullptr) return place.column->value_text(row);
    const std::array<std::int64_t, 2> one{1, 1};
    const TensorView cell(place.first + row * place.row_step + column * place.column_step,
                          sources_[segment.source].dtype, one);
    const std::vector<std::string> name{"value"};
    return Table::from_matrix(cell, name).column(0).value_text(0);
}

std::size_t RowPlan::encode(const Places& places, std::int64_t row, std::vector<std::byte>& out) const {
    const std::size_t begin = out.size();
    const std::size_t validity = begin + fixed_bytes_;
    out.resize(validity + all_valid_.size());
    if (!all_valid_.empty()) std::memcpy(out.data() + validity, all_valid_.data(), all_valid_.size());
    bool texts = false;
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        const Segment& segment = segments_[i];
        if (segment.kept == Kept::left_out) continue;
        const Column* column = places[i].column;
        if (column != nullptr && !column->is_valid(row))
            out[validity + segment.column / 8] &= ~(std::byte{1} << (segment.column % 8));
        texts = texts || is_text(segment.type);
        if (!is_text(segment.type)) copy(segment, places[i], row, out.data() + begin + segment.offset);
    }
    for (std::size_t i = 0; texts && i < segments_.size(); ++i) {
        const Segment& segment = segments_[i];
        if (segment.kept == Kept::left_out || !is_text(segment.type)) continue;
        for (std::int64_t column = 0; column < segment.count; ++column) {
            if (segment.kept == Kept::hashed) {
                const bool null = places[i].column != nullptr && !places[i].column->is_valid(row);
                append_text(out, null ? std::string() : hashed_text(salt_, text(segment, places[i], row, column)));
            } else if (places[i].column != nullptr) {
                append_text(out, places[i].column->text(row));
            } else {
                append_text(out, element<std::string_view>(places[i].first + row * places[i].row_step +
                                                           column * places[i].column_step));
            }
        }
    }
    const std::size_t size = out.size() - begin;
    if (size > longest_row) {
        throw InvalidArgument("interaction: a row of " + std::to_string(size) + " bytes given, at most " +
                              std::to_string(longest_row) + " wanted");
    }
    if (!left_out_.empty()) {
        const std::size_t bits = out.size();
        out.resize(bits + (left_out_.size() + 7) / 8);
        std::size_t bit = 0;
        for (std::size_t i = 0; i < segments_.size(); ++i) {
            if (segments_[i].kept != Kept::left_out) continue;
            for (std::int64_t column = 0; column < segments_[i].count; ++column, ++bit) {
                if (!missing(segments_[i], places[i], row, column)) out[bits + bit / 8] |= std::byte{1} << (bit % 8);
            }
        }
    }
    return size;
}

std::optional<std::string> RowPlan::entity(const Places& places, std::int64_t row) const {
    if (!entity_segment_) return std::nullopt;
    const Segment& segment = segments_[*entity_segment_];
    const Place& place = places[*entity_segment_];
    if (missing(segment, place, row, entity_position_)) return std::nullopt;
    std::string whom = text(segment, place, row, entity_position_);
    return segment.kept == Kept::hashed ? hashed_text(salt_, whom) : whom;
}

}  // namespace holdfast::detail
