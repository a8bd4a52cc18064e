#include <array>
#include <cerrno>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/data/arrow.hpp>

#include "arrow_holder.hpp"
#include "bitmap.hpp"

namespace holdfast {
namespace {

constexpr std::int64_t arrow_flag_nullable = 2;
constexpr std::array<std::int64_t, 1> zero_offset{0};  // what the offsets of no strings are

/// What an exported ArrowSchema points to. Children may be moved away by the consumer before the parent is released.
struct ExportedSchema {
    std::string format;
    std::string name;
    std::vector<std::unique_ptr<ArrowSchema>> children;
    std::vector<ArrowSchema*> child_pointers;
    std::unique_ptr<ArrowSchema> dictionary;
};

struct ExportedArray {
    Column column;
    std::vector<std::uint8_t> validity;
    std::vector<std::uint8_t> bits;
    std::vector<const void*> buffers;
    std::vector<std::unique_ptr<ArrowArray>> children;
    std::vector<ArrowArray*> child_pointers;
    std::unique_ptr<ArrowArray> dictionary;
};

template <class Struct>
void release_if_live(Struct* part) {
    if (part != nullptr && part->release != nullptr) part->release(part);
}

template <class Struct, class Exported>
void release_exported(Struct* self) {
    auto* exported = static_cast<Exported*>(self->private_data);
    for (const auto& child : exported->children) release_if_live(child.get());
    release_if_live(exported->dictionary.get());
    delete exported;
    self->release = nullptr;
}

template <class Struct, class Exported>
void fill_struct(Struct* out, std::unique_ptr<Exported> exported) {
    for (const auto& child : exported->children) exported->child_pointers.push_back(child.get());
    out->n_children = static_cast<std::int64_t>(exported->children.size());
    out->children = exported->child_pointers.empty() ? nullptr : exported->child_pointers.data();
    out->dictionary = exported->dictionary.get();
    out->release = &release_exported<Struct, Exported>;
    out->private_data = exported.release();
}

/// Adds an empty struct that the parent's destructor path knows of before it is filled.
template <class Struct>
Struct* add_child(std::vector<std::unique_ptr<Struct>>& children) {
    children.push_back(std::make_unique<Struct>());
    return children.back().get();
}

/// Releases the children of a half-made parent when making the rest of it throws.
template <class Exported>
class Building {
  public:
    Building() : exported_(std::make_unique<Exported>()) {}
    Building(const Building&) = delete;
    Building& operator=(const Building&) = delete;
    ~Building() {
        if (exported_ == nullptr) return;
        for (const auto& child : exported_->children) release_if_live(child.get());
        release_if_live(exported_->dictionary.get());
    }
    Exported* operator->() noexcept { return exported_.get(); }
    template <class Struct>
    void finish(Struct* out) {
        fill_struct(out, std::move(exported_));
    }

  private:
    std::unique_ptr<Exported> exported_;
};

bool wide_strings(const Column& column) { return column.offsets32() == nullptr && column.offsets64() != nullptr; }

std::string format_of(const Column& column) {
    switch (column.type()) {
        case ColumnType::float32: return "f";
        case ColumnType::float64: return "g";
        case ColumnType::int32:
        case ColumnType::categorical: return "i";
        case ColumnType::int64: return "l";
        case ColumnType::boolean: return "b";
        case ColumnType::string: return wide_strings(column) ? "U" : "u";
        case ColumnType::timestamp: return "tsu:UTC";
    }
    throw InternalError("Arrow export: a column of unknown type");
}

void export_schema(const std::string& format, const std::string& name, std::int64_t flags,
                   Building<ExportedSchema>& building, ArrowSchema* out) {
    building->format = format;
    building->name = name;
    *out = ArrowSchema{};
    out->format = building->format.c_str();
    out->name = building->name.c_str();
    out->flags = flags;
    building.finish(out);
}

void export_field(const Column& column, const std::string& name, ArrowSchema* out) {
    Building<ExportedSchema> building;
    if (column.type() == ColumnType::categorical) {
        building->dictionary = std::make_unique<ArrowSchema>();
        export_field(Column::strings(std::span<const std::string>()), "", building->dictionary.get());
    }
    export_schema(format_of(column), name, arrow_flag_nullable, building, out);
}

/// The interface has one offset for all buffers; the values begin at 0, so the bitmap must too.
const void* validity_buffer(const Column& column, std::int64_t nulls, std::vector<std::uint8_t>& storage) {
    if (nulls == 0) return nullptr;
    const Validity validity = column.validity();
    if (validity.offset % 8 == 0) return validity.bits + validity.offset / 8;
    storage = detail::packed(validity, column.size());
    return storage.data();
}

const void* value_buffer(const Column& column, std::vector<std::uint8_t>& bits) {
    switch (column.type()) {
        case ColumnType::float32: return column.values<float>().data();
        case ColumnType::float64: return column.values<double>().data();
        case ColumnType::int32:
        case ColumnType::categorical: return column.values<std::int32_t>().data();
        case ColumnType::int64:
        case ColumnType::timestamp: return column.values<std::int64_t>().data();
        case ColumnType::boolean: break;
        case ColumnType::string: throw InternalError("Arrow export: strings have offsets, not values");
    }
    bits.assign(static_cast<std::size_t>((column.size() + 7) / 8), 0);
    const auto values = column.values<std::uint8_t>();
    for (std::size_t row = 0; row < values.size(); ++row) {
        if (values[row] != 0) bits[row / 8] |= static_cast<std::uint8_t>(1U << (row % 8));
    }
    return bits.data();
}

void export_column(const Column& column, ArrowArray* out) {
    Building<ExportedArray> building;
    building->column = column;
    const std::int64_t nulls = column.null_count();
    building->buffers.push_back(validity_buffer(column, nulls, building->validity));
    if (column.type() == ColumnType::string) {
        const void* offsets = wide_strings(column) ? static_cast<const void*>(column.offsets64()) : column.offsets32();
        building->buffers.push_back(offsets != nullptr ? offsets : zero_offset.data());
        building->buffers.push_back(column.string_bytes() != nullptr ? column.string_bytes() : "");
    } else {
        building->buffers.push_back(value_buffer(column, building->bits));
    }
    if (column.type() == ColumnType::categorical) {
        building->dictionary = std::make_unique<ArrowArray>();
        export_column(Column::strings(std::span<const std::string>(column.categories())), building->dictionary.get());
    }
    *out = ArrowArray{};
    out->length = column.size();
    out->null_count = nulls;
    out->n_buffers = static_cast<std::int64_t>(building->buffers.size());
    out->buffers = building->buffers.data();
    building.finish(out);
}

void export_schema(const Table& table, ArrowSchema* out) {
    Building<ExportedSchema> building;
    for (std::int64_t i = 0; i < table.width(); ++i) {
        export_field(table.column(i), table.names()[static_cast<std::size_t>(i)], add_child(building->children));
    }
    export_schema("+s", "", 0, building, out);
}

void export_array(const Table& table, ArrowArray* out) {
    Building<ExportedArray> building;
    building->buffers.push_back(nullptr);
    for (std::int64_t i = 0; i < table.width(); ++i) export_column(table.column(i), add_child(building->children));
    *out = ArrowArray{};
    out->length = table.rows();
    out->n_buffers = 1;
    out->buffers = building->buffers.data();
    building.finish(out);
}

struct ExportedStream {
    Table table;
    bool done = false;
    std::string last_error;
};

/// Runs `body`; C callers get an errno and may ask for the text.
template <class Body>
int guarded(ArrowArrayStream* stream, Body body) noexcept {
    auto* exported = static_cast<ExportedStream*>(stream->private_data);
    try {
        body(*exported);
        return 0;
    } catch (const std::bad_alloc&) {
        return ENOMEM;
    } catch (const std::exception& error) {
        try {
            exported->last_error = error.what();
        } catch (const std::bad_alloc&) {
            exported->last_error.clear();
        }
        return EINVAL;
    }
}

int stream_schema(ArrowArrayStream* stream, ArrowSchema* out) {
    return guarded(stream, [out](ExportedStream& exported) { export_schema(exported.table, out); });
}

int stream_next(ArrowArrayStream* stream, ArrowArray* out) {
    return guarded(stream, [out](ExportedStream& exported) {
        *out = ArrowArray{};
        if (exported.done) return;
        export_array(exported.table, out);
        exported.done = true;
    });
}

const char* stream_error(ArrowArrayStream* stream) {
    const auto& text = static_cast<ExportedStream*>(stream->private_data)->last_error;
    return text.empty() ? nullptr : text.c_str();
}

void stream_release(ArrowArrayStream* stream) {
    delete static_cast<ExportedStream*>(stream->private_data);
    stream->release = nullptr;
}

}  // namespace

void export_arrow(const Table& table, ArrowSchema* schema, ArrowArray* array) {
    ArrowSchema made{};
    export_schema(table, &made);
    detail::ArrowHolder<ArrowSchema> holder(&made);
    export_array(table, array);
    *schema = *holder;
    holder->release = nullptr;
}

void export_arrow(const Table& table, ArrowArrayStream* stream) {
    auto exported = std::make_unique<ExportedStream>();
    exported->table = table;
    *stream = ArrowArrayStream{&stream_schema, &stream_next, &stream_error, &stream_release, nullptr};
    stream->private_data = exported.release();
}

}  // namespace holdfast
