#include <holdfast/data/arrow.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <holdfast/base/error.hpp>

namespace holdfast {
namespace {

/// A hand-made array whose release is counted.
struct Made {
    ArrowSchema schema{};
    ArrowArray array{};
    std::vector<const void*> buffers;
    std::vector<ArrowSchema*> child_schemas;
    std::vector<ArrowArray*> child_arrays;
    int schema_releases = 0;
    int array_releases = 0;

    Made(const char* format, const char* name, std::int64_t length, std::vector<const void*> given)
        : buffers(std::move(given)) {
        schema.format = format;
        schema.name = name;
        schema.private_data = this;
        schema.release = [](ArrowSchema* self) {
            ++static_cast<Made*>(self->private_data)->schema_releases;
            self->release = nullptr;
        };
        array.length = length;
        array.n_buffers = static_cast<std::int64_t>(buffers.size());
        array.buffers = buffers.data();
        array.private_data = this;
        array.release = [](ArrowArray* self) {
            ++static_cast<Made*>(self->private_data)->array_releases;
            self->release = nullptr;
        };
    }
    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;

    void adopt(std::vector<Made*> children) {
        for (Made* child : children) {
            child_schemas.push_back(&child->schema);
            child_arrays.push_back(&child->array);
        }
        schema.n_children = array.n_children = static_cast<std::int64_t>(children.size());
        schema.children = child_schemas.data();
        array.children = child_arrays.data();
    }
    Table import() { return import_arrow(&schema, &array); }
};

std::vector<std::string> texts(const Column& column) {
    std::vector<std::string> out;
    for (std::int64_t row = 0; row < column.size(); ++row) {
        out.push_back(column.is_valid(row) ? column.value_text(row) : "-");
    }
    return out;
}

Table every_type() {
    const std::vector<std::string> words{"one", "", "three", "four"};
    const std::vector<bool> valid{true, false, true, true};
    Table table;
    table.add("f", Column::of(std::vector<float>{1, 2, 3, 4}, valid))
        .add("d", Column::of(std::vector<double>{1, 2, 3, 4}))
        .add("i", Column::of(std::vector<std::int32_t>{1, 2, 3, 4}, valid))
        .add("l", Column::of(std::vector<std::int64_t>{1, 2, 3, 4}, valid))
        .add("b", Column::booleans({true, false, false, true}, valid))
        .add("s", Column::strings(std::span<const std::string>(words), valid))
        .add("c", Column::categorical({1, 0, -1, 1}, {"u", "v"}))
        .add("t", Column::timestamps({-1, 0, 1, 2'000'000}, valid));
    return table;
}

void expect_same(const Table& a, const Table& b) {
    ASSERT_EQ(a.names(), b.names());
    for (const std::string& name : a.names()) {
        EXPECT_EQ(a.column(name).type(), b.column(name).type()) << name;
        EXPECT_EQ(texts(a.column(name)), texts(b.column(name))) << name;
    }
}

TEST(Arrow, RoundTripsEveryTypeAndSlice) {
    const Table whole = every_type();
    for (const Table& table : {whole, whole.slice(1, 3), whole.slice(2, 1), whole.slice(0, 0)}) {
        ArrowSchema schema{};
        ArrowArray array{};
        export_arrow(table, &schema, &array);
        expect_same(import_arrow(&schema, &array), table);
        EXPECT_EQ(schema.release, nullptr);
        EXPECT_EQ(array.release, nullptr);
        ArrowArrayStream stream{};
        export_arrow(table, &stream);
        expect_same(import_arrow(&stream), table);
    }
}

TEST(Arrow, ExportBorrowsAndKeepsAlive) {
    ArrowSchema schema{};
    ArrowArray array{};
    const void* values = nullptr;
    {
        const Table table = every_type();
        values = table.column("d").values<double>().data();
        export_arrow(table, &schema, &array);
    }
    EXPECT_EQ(array.children[1]->buffers[1], values);
    EXPECT_EQ(static_cast<const double*>(array.children[1]->buffers[1])[3], 4.0);
    // A consumer may move a child away and release the parent first.
    ArrowArray moved = *array.children[1];
    array.children[1]->release = nullptr;
    array.release(&array);
    EXPECT_EQ(static_cast<const double*>(moved.buffers[1])[0], 1.0);
    moved.release(&moved);
    schema.release(&schema);
}

TEST(Arrow, ReleasesOnceWithTheLastColumn) {
    const std::array<double, 3> values{1, 2, 3};
    Made made("g", "x", 3, {nullptr, values.data()});
    Column kept;
    {
        const Table table = made.import();
        EXPECT_EQ(made.schema_releases, 1);
        kept = table.column("x").slice(1, 2);
        EXPECT_EQ(kept.values<double>().data(), values.data() + 1);
    }
    EXPECT_EQ(made.array_releases, 0);
    kept = Column();
    EXPECT_EQ(made.array_releases, 1);
}

TEST(Arrow, ReleasesOnceWhenRefused) {
    Made made("+l", "x", 0, {nullptr, nullptr});
    EXPECT_THROW(static_cast<void>(made.import()), Unsupported);
    EXPECT_EQ(made.schema_releases, 1);
    EXPECT_EQ(made.array_releases, 1);
    EXPECT_THROW(static_cast<void>(made.import()), InvalidArgument);  // released structs
    EXPECT_EQ(made.array_releases, 1);
}

TEST(Arrow, OffsetsOfStructAndChildAdd) {
    const std::array<std::int32_t, 6> values{0, 1, 2, 3, 4, 5};
    const std::array<std::uint8_t, 1> bits{0b101111};
    Made child("i", "x", 5, {bits.data(), values.data()});
    child.array.offset = 1;
    child.array.null_count = -1;
    Made parent("+s", "", 3, {nullptr});
    parent.array.offset = 2;
    parent.adopt({&child});
    EXPECT_EQ(texts(parent.import().column("x")), (std::vector<std::string>{"3", "-", "5"}));
}

TEST(Arrow, NarrowIntegersAndTimesAreConverted) {
    const std::array<std::uint16_t, 2> shorts{1, 65535};
    EXPECT_EQ(texts(Made("S", "x", 2, {nullptr, shorts.data()}).import().column("x")),
              (std::vector<std::string>{"1", "65535"}));
    const std::array<std::int64_t, 2> nanos{-1, 1999};
    const Table times = Made("tsn:Europe/Riga", "t", 2, {nullptr, nanos.data()}).import();
    EXPECT_EQ(times.column("t").values<std::int64_t>()[0], -1);
    EXPECT_EQ(times.column("t").values<std::int64_t>()[1], 1);
    const std::array<std::int32_t, 1> days{1};
    EXPECT_EQ(Made("tdD", "t", 1, {nullptr, days.data()}).import().column("t").value_text(0), "1970-01-02T00:00:00Z");
    const std::array<std::int64_t, 1> far{INT64_MAX};
    EXPECT_THROW(static_cast<void>(Made("tss:", "t", 1, {nullptr, far.data()}).import()), InvalidArgument);
    const std::array<std::uint64_t, 1> beyond{UINT64_MAX};
    EXPECT_THROW(static_cast<void>(Made("L", "x", 1, {nullptr, beyond.data()}).import()), InvalidArgument);
    EXPECT_EQ(Made("n", "x", 3, {}).import().column("x").null_count(), 3);
}

TEST(Arrow, MisalignedValuesAreCopied) {
    std::array<char, 17> bytes{};
    const std::array<double, 2> values{1.5, 2.5};
    std::memcpy(bytes.data() + 1, values.data(), 16);
    EXPECT_EQ(Made("g", "x", 2, {nullptr, bytes.data() + 1}).import().column("x").as_doubles(),
              (std::vector<double>{1.5, 2.5}));
}

TEST(Arrow, StringViews) {
    const std::string data = "a string longer than twelve bytes";
    const std::array<std::int64_t, 1> sizes{static_cast<std::int64_t>(data.size())};
    std::array<char, 32> views{};
    const std::int32_t short_length = 2;
    std::memcpy(views.data(), &short_length, 4);
    std::memcpy(views.data() + 4, "hi", 2);
    std::array<std::int32_t, 4> large{33, 0, 0, 0};
    std::memcpy(views.data() + 16, large.data(), 16);
    EXPECT_EQ(texts(Made("vu", "s", 2, {nullptr, views.data(), data.data(), sizes.data()}).import().column("s")),
              (std::vector<std::string>{"hi", data}));
    for (const std::array<std::int32_t, 4>& bad : {std::array<std::int32_t, 4>{34, 0, 0, 0},
                                                   {33, 0, 1, 0},
                                                   {33, 0, 0, 1},
                                                   {-1, 0, 0, 0},
                                                   {33, 0, -1, 0},
                                                   {33, 0, 0, -1}}) {
        std::memcpy(views.data() + 16, bad.data(), 16);
        Made made("vu", "s", 2, {nullptr, views.data(), data.data(), sizes.data()});
        EXPECT_THROW(static_cast<void>(made.import()), InvalidArgument);
    }
}

TEST(Arrow, DictionariesWithNullsAndRepeats) {
    const std::array<std::int32_t, 5> offsets{0, 1, 1, 2, 3};
    const std::array<std::uint8_t, 1> entry_bits{0b1101};
    const std::array<std::uint8_t, 5> indices{0, 1, 2, 3, 0};
    Made entries("u", "", 4, {entry_bits.data(), offsets.data(), "aba"});
    entries.array.null_count = 1;
    Made made("C", "c", 5, {nullptr, indices.data()});
    made.schema.dictionary = &entries.schema;
    made.array.dictionary = &entries.array;
    const Table table = made.import();
    EXPECT_EQ(table.column("c").categories(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(texts(table.column("c")), (std::vector<std::string>{"a", "-", "b", "a", "a"}));

    const std::array<std::int64_t, 1> beyond{4};
    Made bad("l", "c", 1, {nullptr, beyond.data()});
    bad.schema.dictionary = &entries.schema;
    bad.array.dictionary = &entries.array;
    EXPECT_THROW(static_cast<void>(bad.import()), InvalidArgument);
}

TEST(Arrow, DictionaryOfNumbersIsAPlainColumn) {
    const std::array<double, 2> values{0.5, 1.5};
    const std::array<std::int32_t, 3> indices{1, 0, 1};
    Made entries("g", "", 2, {nullptr, values.data()});
    Made made("i", "x", 3, {nullptr, indices.data()});
    made.schema.dictionary = &entries.schema;
    made.array.dictionary = &entries.array;
    EXPECT_EQ(made.import().column("x").as_doubles(), (std::vector<double>{1.5, 0.5, 1.5}));
}

TEST(Arrow, MalformedStructsAreRefused) {
    const std::array<std::int32_t, 3> falling{0, 3, 1};
    const std::array<std::int32_t, 3> negative{-1, 0, 1};
    const std::array<double, 2> values{1, 2};
    const auto refused = [](const char* format, std::int64_t length, std::vector<const void*> buffers,
                            std::int64_t null_count = 0, std::int64_t offset = 0) {
        Made made(format, "x", length, std::move(buffers));
        made.array.null_count = null_count;
        made.array.offset = offset;
        EXPECT_THROW(static_cast<void>(made.import()), InvalidArgument) << format;
        EXPECT_EQ(made.array_releases, 1);
    };
    refused("u", 2, {nullptr, falling.data(), "abc"});
    refused("u", 2, {nullptr, negative.data(), "abc"});
    refused("u", 2, {nullptr, values.data()});
    refused("g", 2, {nullptr});
    refused("g", 2, {nullptr, nullptr});
    refused("g", -1, {nullptr, values.data()});
    refused("g", 2, {nullptr, values.data()}, 1);
    refused("g", 2, {nullptr, values.data()}, 0, -1);
    refused("g", 2, {nullptr, values.data()}, 0, INT64_MAX);
    refused("b", 2, {nullptr, nullptr});
    refused("vu", 2, {nullptr, nullptr, nullptr});
    for (const char* format : {"e", "z", "d:10,2", "tts", "+r", "", "tsx:", "vz"}) {
        Made made(format, "x", 0, {nullptr, nullptr, nullptr});
        EXPECT_THROW(static_cast<void>(made.import()), Unsupported) << format;
    }
}

TEST(Arrow, MalformedTablesAreRefused) {
    const std::array<double, 2> values{1, 2};
    Made child("g", "x", 1, {nullptr, values.data()});
    Made parent("+s", "", 2, {nullptr});
    parent.adopt({&child});
    EXPECT_THROW(static_cast<void>(parent.import()), InvalidArgument);  // the child is shorter than its parent

    const std::array<std::uint8_t, 1> bits{1};
    Made whole("g", "x", 2, {nullptr, values.data()});
    Made with_nulls("+s", "", 2, {bits.data()});
    with_nulls.array.null_count = -1;
    with_nulls.adopt({&whole});
    EXPECT_THROW(static_cast<void>(with_nulls.import()), Unsupported);
}

/// A stream that fails as it is told.
struct Failing {
    int status = EIO;
    bool schema_fails = false;
    int releases = 0;
    ArrowArrayStream stream{};

    Failing() {
        stream.private_data = this;
        stream.get_schema = [](ArrowArrayStream* self, ArrowSchema* out) {
            const auto* failing = static_cast<Failing*>(self->private_data);
            if (failing->schema_fails) return failing->status;
            Table table;
            ArrowArray array{};
            export_arrow(table.add("x", Column()), out, &array);
            array.release(&array);
            return 0;
        };
        stream.get_next = [](ArrowArrayStream* self, ArrowArray*) {
            return static_cast<Failing*>(self->private_data)->status;
        };
        stream.get_last_error = [](ArrowArrayStream*) { return "the disk is gone"; };
        stream.release = [](ArrowArrayStream* self) {
            ++static_cast<Failing*>(self->private_data)->releases;
            self->release = nullptr;
        };
    }
    Failing(const Failing&) = delete;
    Failing& operator=(const Failing&) = delete;
};

template <class Expected>
void expect_failure(int status, bool schema_fails) {
    Failing failing;
    failing.status = status;
    failing.schema_fails = schema_fails;
    try {
        static_cast<void>(import_arrow(&failing.stream));
        ADD_FAILURE() << "no error for " << status;
    } catch (const Expected& error) {
        EXPECT_NE(std::string(error.what()).find("the disk is gone"), std::string::npos);
    }
    EXPECT_EQ(failing.releases, 1);
}

TEST(Arrow, StreamErrorsAreTyped) {
    expect_failure<IoError>(EIO, false);
    expect_failure<IoError>(EIO, true);
    expect_failure<InvalidArgument>(EINVAL, false);
    expect_failure<Unsupported>(ENOSYS, true);
    expect_failure<Unavailable>(ENOMEM, false);
}

TEST(Arrow, StreamWithoutBatchesIsAnEmptyTable) {
    Failing ending;
    ending.status = 0;
    const Table table = import_arrow(&ending.stream);
    EXPECT_EQ(table.names(), std::vector<std::string>{"x"});
    EXPECT_EQ(table.rows(), 0);
}

}  // namespace
}  // namespace holdfast
