/// Arrow C Data Interface and C stream interface, in and out, without Arrow's library.
///
/// In: the consumer takes the structs over (their release is called when the last column that borrows from them goes).
/// Primitive, string (u, U, vu), boolean, date, timestamp, null and dictionary arrays; others are Unsupported, by
/// column and format. A dictionary of strings is a categorical, of anything else a plain column. Copied: booleans (bits
/// to bytes), string views, dictionary indices and integers of other widths, times that are not microseconds, and a
/// stream of several batches; the rest is borrowed.
///
/// Structs are checked (lengths, offsets, null buffers, indices) before use: InvalidArgument; that pointers lead to the
/// memory they promise cannot be checked. A stream's own error is InvalidArgument, Unsupported, Unavailable or IoError,
/// by its errno.
///
/// Out: buffers are borrowed from the table's columns, which the exported structs keep alive.
///
/// Source: Arrow Columnar Format, "The Arrow C data interface" and "The Arrow C stream interface".
///
/// Thread safety: free functions.
#pragma once

#include <cstdint>

#include <holdfast/data/table.hpp>
#include <holdfast/export.hpp>

extern "C" {
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE
struct ArrowSchema {
    const char* format;
    const char* name;
    const char* metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema** children;
    struct ArrowSchema* dictionary;
    void (*release)(struct ArrowSchema*);
    void* private_data;
};
struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void** buffers;
    struct ArrowArray** children;
    struct ArrowArray* dictionary;
    void (*release)(struct ArrowArray*);
    void* private_data;
};
#endif
#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE
struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
    int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
    const char* (*get_last_error)(struct ArrowArrayStream*);
    void (*release)(struct ArrowArrayStream*);
    void* private_data;
};
#endif
}

namespace holdfast {

/// A struct array is a table; any other array is a table of one column named by the schema.
[[nodiscard]] HOLDFAST_EXPORT Table import_arrow(ArrowSchema* schema, ArrowArray* array);
[[nodiscard]] HOLDFAST_EXPORT Table import_arrow(ArrowArrayStream* stream);
HOLDFAST_EXPORT void export_arrow(const Table& table, ArrowSchema* schema, ArrowArray* array);
HOLDFAST_EXPORT void export_arrow(const Table& table, ArrowArrayStream* stream);

}  // namespace holdfast
