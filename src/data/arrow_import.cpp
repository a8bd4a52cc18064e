#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/data/arrow.hpp>

#include "arrow_column.hpp"
#include "arrow_holder.hpp"

namespace holdfast {
namespace {

using SchemaHolder = detail::ArrowHolder<ArrowSchema>;
using ArrayHolder = detail::ArrowHolder<ArrowArray>;
using StreamHolder = detail::ArrowHolder<ArrowArrayStream>;

constexpr std::string_view unnamed_column = "value";  // an Arrow array need have no name, a column must

bool is_struct(const ArrowSchema& schema) { return schema.format != nullptr && std::strcmp(schema.format, "+s") == 0; }

std::string name_of(const ArrowSchema& schema) { return schema.name == nullptr ? "" : schema.name; }

std::string single_name(const ArrowSchema& schema) {
    const std::string name = name_of(schema);
    return name.empty() ? std::string(unnamed_column) : name;
}

const ArrowSchema& child_schema(const ArrowSchema& schema, std::int64_t position) {
    if (schema.children == nullptr || schema.children[position] == nullptr) {
        throw InvalidArgument("Arrow schema: child " + std::to_string(position) + " is null, a schema wanted");
    }
    return *schema.children[position];
}

void check_struct(const ArrowSchema& schema, const ArrowArray& array) {
    if (array.n_children != schema.n_children || (array.n_children > 0 && array.children == nullptr)) {
        throw InvalidArgument("Arrow struct: " + std::to_string(array.n_children) + " children given, " +
                              std::to_string(schema.n_children) + " wanted by its schema");
    }
    if (array.null_count > 0) {
        throw Unsupported("Arrow struct: " + std::to_string(array.null_count) +
                          " rows that are null as a whole given, nulls in columns wanted");
    }
    if (array.null_count < 0 && array.n_buffers > 0 && array.buffers != nullptr && array.buffers[0] != nullptr) {
        const Validity validity{static_cast<const std::uint8_t*>(array.buffers[0]), array.offset};
        for (std::int64_t row = 0; row < array.length; ++row) {
            if (!validity.at(row)) {
                throw Unsupported("Arrow struct: row " + std::to_string(row) +
                                  " null as a whole given, nulls in columns wanted");
            }
        }
    }
}

Table import_array(const ArrowSchema& schema, std::shared_ptr<ArrayHolder> holder) {
    const ArrowArray& array = **holder;
    const Owner owner = std::move(holder);
    Table table;
    if (!is_struct(schema)) {
        const std::string name = single_name(schema);
        return table.add(name, detail::import_column(schema, array, 0, array.length, name, owner)), table;
    }
    check_struct(schema, array);
    for (std::int64_t i = 0; i < array.n_children; ++i) {
        const ArrowSchema& field = child_schema(schema, i);
        const std::string name = name_of(field);
        if (array.children[i] == nullptr) throw InvalidArgument("column \"" + name + "\": a null Arrow array given");
        table.add(name, detail::import_column(field, *array.children[i], array.offset, array.length, name, owner));
    }
    return table;
}

Table empty_table(const ArrowSchema& schema) {
    Table table;
    if (!is_struct(schema))
        return table.add(single_name(schema), detail::empty_column(schema, single_name(schema))), table;
    for (std::int64_t i = 0; i < schema.n_children; ++i) {
        const ArrowSchema& field = child_schema(schema, i);
        table.add(name_of(field), detail::empty_column(field, name_of(field)));
    }
    return table;
}

void check_stream(int status, StreamHolder& stream, const char* call) {
    if (status == 0) return;
    const char* reason = stream->get_last_error != nullptr ? stream->get_last_error(&*stream) : nullptr;
    const std::string message =
        std::string("Arrow stream: ") + call + " failed: " + (reason != nullptr ? reason : std::strerror(status));
    switch (status) {
        case EINVAL: throw InvalidArgument(message);
        case ENOSYS:
        case ENOTSUP: throw Unsupported(message);
        case ENOMEM:
        case ECANCELED: throw Unavailable(message);
        default: throw IoError(message);
    }
}

}  // namespace

Table import_arrow(ArrowSchema* schema, ArrowArray* array) {
    // Both are taken before anything can throw, so that neither leaks when the other is refused.
    struct Taken {
        ArrowArray* array;
        ~Taken() {
            if (array != nullptr && array->release != nullptr) array->release(array);
        }
    } taken{array};
    const SchemaHolder schema_holder(schema);
    auto array_holder = std::make_shared<ArrayHolder>(array);
    return import_array(*schema_holder, std::move(array_holder));
}

Table import_arrow(ArrowArrayStream* stream_struct) {
    StreamHolder stream(stream_struct);
    ArrowSchema schema_struct{};
    check_stream(stream->get_schema(&*stream, &schema_struct), stream, "get_schema");
    const SchemaHolder schema(&schema_struct);
    std::vector<Table> batches;
    while (true) {
        ArrowArray array{};
        check_stream(stream->get_next(&*stream, &array), stream, "get_next");
        if (array.release == nullptr) break;
        batches.push_back(import_array(*schema, std::make_shared<ArrayHolder>(&array)));
    }
    if (batches.empty()) return empty_table(*schema);
    return batches.size() == 1 ? std::move(batches.front()) : Table::concat(batches);
}

}  // namespace holdfast
