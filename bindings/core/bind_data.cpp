#include <pybind11/stl.h>

#include <holdfast/base/error.hpp>
#include <holdfast/data/arrow.hpp>

#include "bindings.hpp"
#include "convert.hpp"
#include "convert_data.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

using Names = std::vector<std::string>;

/// A capsule over a struct that its consumer may have moved away.
template <class Struct>
py::capsule arrow_capsule(std::unique_ptr<Struct> made, const char* name) {
    PyObject* capsule = PyCapsule_New(made.get(), name, [](PyObject* self) {
        auto* held = static_cast<Struct*>(PyCapsule_GetPointer(self, PyCapsule_GetName(self)));
        if (held->release != nullptr) held->release(held);
        delete held;
    });
    if (capsule == nullptr) {
        made->release(made.get());
        throw py::error_already_set();
    }
    made.release();
    return py::reinterpret_steal<py::capsule>(capsule);
}

py::capsule export_stream(const Table& table, const py::object& /*requested_schema*/) {
    auto stream = std::make_unique<ArrowArrayStream>();
    export_arrow(table, stream.get());
    return arrow_capsule(std::move(stream), "arrow_array_stream");
}

py::capsule export_schema(const Table& table) {
    auto schema = std::make_unique<ArrowSchema>();
    ArrowArray array{};
    export_arrow(table.slice(0, 0), schema.get(), &array);
    array.release(&array);
    return arrow_capsule(std::move(schema), "arrow_schema");
}

py::dict to_dict(const Table& table) {
    py::dict columns;
    for (const std::string& name : table.names()) columns[py::str(name)] = to_numpy(table.column(name));
    return columns;
}

py::object pandas_column(const py::module_& pandas, const Column& column) {
    const bool nulls = column.null_count() > 0;
    const auto masked = [&](const char* array_class, const py::array& values) {
        py::array_t<bool> mask(column.size());
        for (std::int64_t row = 0; row < column.size(); ++row) mask.mutable_data()[row] = !column.is_valid(row);
        return py::object(pandas.attr("arrays").attr(array_class)(values, mask));
    };
    const auto copied = [](auto values) { return py::array(to_numpy(std::vector(values.begin(), values.end()))); };
    switch (column.type()) {
        case ColumnType::int32:
            if (nulls) return masked("IntegerArray", copied(column.values<std::int32_t>()));
            break;
        case ColumnType::int64:
            if (nulls) return masked("IntegerArray", copied(column.values<std::int64_t>()));
            break;
        case ColumnType::boolean:
            if (nulls) return masked("BooleanArray", copied(column.values<std::uint8_t>()).attr("astype")("bool"));
            break;
        case ColumnType::timestamp:
            return pandas.attr("Series")(to_numpy(column)).attr("dt").attr("tz_localize")("UTC");
        case ColumnType::categorical: {
            std::vector<std::int32_t> codes;
            const auto values = column.values<std::int32_t>();
            for (std::int64_t row = 0; row < column.size(); ++row) {
                codes.push_back(column.is_valid(row) ? values[static_cast<std::size_t>(row)] : -1);
            }
            return pandas.attr("Categorical")
                .attr("from_codes")(to_numpy(std::move(codes)), py::cast(column.categories()));
        }
        default: break;
    }
    return to_numpy(column);
}

py::object to_pandas(const Table& table) {
    py::module_ pandas;
    try {
        pandas = py::module_::import("pandas");
    } catch (const py::error_already_set& error) {
        if (!error.matches(PyExc_ImportError)) throw;
        throw py::import_error("Table.to_pandas needs pandas: pip install \"holdfast[frames]\"");
    }
    py::dict columns;
    for (const std::string& name : table.names()) {
        columns[py::str(name)] = pandas_column(pandas, table.column(name));
    }
    return pandas.attr("DataFrame")(columns, py::arg("columns") = py::cast(table.names()));
}

Table sliced(const Table& table, const py::slice& rows) {
    py::ssize_t begin = 0;
    py::ssize_t stop = 0;
    py::ssize_t step = 0;
    py::ssize_t count = 0;
    if (!rows.compute(table.rows(), &begin, &stop, &step, &count)) throw py::error_already_set();
    if (step == 1) return table.slice(begin, count);
    std::vector<std::int64_t> wanted;
    for (py::ssize_t i = 0; i < count; ++i) wanted.push_back(begin + i * step);
    return table.take(wanted);
}

std::string schema_text(const Schema& schema) {
    std::string text = "Schema(";
    for (const Field& field : schema.fields()) {
        text += (text.back() == '(' ? "" : ", ") + field.name + ": " + std::string(to_string(field.type));
    }
    return text + ")";
}

std::string table_text(const Table& table) {
    const std::string schema = schema_text(table.schema());
    return "Table(" + std::to_string(table.rows()) + " rows; " + schema.substr(schema.find('(') + 1);
}

Names names_or_one(const py::object& value, const char* part) {
    if (value.is_none()) return {};
    if (py::isinstance<py::str>(value)) return {value.cast<std::string>()};
    try {
        return value.cast<Names>();
    } catch (const py::cast_error&) {
        throw InvalidArgument(std::string("columns.") + part + ": " + py::str(value).cast<std::string>() +
                              " given, a name or a list of names wanted");
    }
}

py::object name_or_none(const std::string& name) { return name.empty() ? py::object(py::none()) : py::str(name); }

py::dict columns_dict(const Columns& columns) {
    py::dict parts;
    const auto single = [&](const char* part, const std::string& name) {
        if (!name.empty()) parts[part] = name;
    };
    if (!columns.features.empty()) parts["features"] = columns.features;
    single("target", columns.target);
    single("prediction", columns.prediction);
    if (!columns.probability.empty()) parts["probability"] = columns.probability;
    single("id", columns.id);
    single("time", columns.time);
    single("label_time", columns.label_time);
    single("entity", columns.entity);
    return parts;
}

std::string columns_text(const Columns& columns) {
    std::string text = "Columns(";
    for (const auto& [part, value] : columns_dict(columns)) {
        text += (text.back() == '(' ? "" : ", ") + part.cast<std::string>() + "=" + py::repr(value).cast<std::string>();
    }
    return text + ")";
}

Columns make_columns(const py::object& features, const std::optional<std::string>& target,
                     const std::optional<std::string>& prediction, const py::object& probability,
                     const std::optional<std::string>& id, const std::optional<std::string>& time,
                     const std::optional<std::string>& label_time, const std::optional<std::string>& entity) {
    Columns columns;
    columns.features = names_or_one(features, "features");
    columns.target = target.value_or("");
    columns.prediction = prediction.value_or("");
    columns.probability = names_or_one(probability, "probability");
    columns.id = id.value_or("");
    columns.time = time.value_or("");
    columns.label_time = label_time.value_or("");
    columns.entity = entity.value_or("");
    return columns;
}

void bind_schema(py::module_& module) {
    py::class_<Schema>(module, "Schema",
                       "Names and types of a table's columns, in order; immutable.\n\n"
                       "Types: float32, float64, int32, int64, boolean, string, categorical, timestamp.")
        .def(py::init([](const std::vector<std::pair<std::string, std::string>>& fields) {
                 std::vector<Field> made;
                 for (const auto& [name, type] : fields) made.push_back({name, parse_column_type(type)});
                 return Schema(std::move(made));
             }),
             py::arg("fields"), "From (name, type) pairs.")
        .def_property_readonly(
            "fields",
            [](const Schema& schema) {
                std::vector<std::pair<std::string, std::string>> fields;
                for (const Field& field : schema.fields()) {
                    fields.emplace_back(field.name, to_string(field.type));
                }
                return fields;
            },
            "(name, type) pairs, in order.")
        .def_property_readonly("names",
                               [](const Schema& schema) {
                                   Names names;
                                   for (const Field& field : schema.fields()) names.push_back(field.name);
                                   return names;
                               })
        .def_property_readonly(
            "hash", [](const Schema& schema) { return schema.hash().hex(); },
            "SHA-256 of the canonical JSON, in hexadecimal.")
        .def("to_json", &Schema::to_json)
        .def_static("from_json", &Schema::from_json, py::arg("json"))
        .def("__len__", &Schema::size)
        .def(
            "__eq__", [](const Schema& a, const Schema& b) { return a == b; }, py::is_operator())
        .def("__hash__", [](const Schema& schema) { return py::hash(py::str(schema.hash().hex())); })
        .def("__repr__", &schema_text);
}

void bind_table(py::module_& module) {
    py::class_<Table>(
        module, "Table",
        "Named columns of equal length, with nulls; immutable.\n\n"
        "Made of a pandas, polars or pyarrow frame, a dict of columns, or a matrix (then `names` name its "
        "columns). Memory is shared where it can be, so the source must not be written to afterwards. "
        "Arrow libraries read it through the PyCapsule protocol: `pyarrow.table(t)`, `polars.DataFrame(t)`.\n\n"
        ">>> t = Table({\"x\": [1.5, None], \"city\": [\"Riga\", \"Oslo\"]})\n"
        ">>> t.columns, len(t)\n(['x', 'city'], 2)")
        .def(py::init([](const py::object& data, const std::optional<Names>& names) { return to_table(data, names); }),
             py::arg("data"), py::kw_only(), py::arg("names") = py::none(),
             "InvalidArgument or Unsupported, naming the column, what was seen and what is wanted.")
        .def_property_readonly("columns", &Table::names, "The columns' names, in order.")
        .def_property_readonly("schema", &Table::schema)
        .def("__len__", &Table::rows)
        .def("__contains__", [](const Table& table, const std::string& name) { return table.has(name); })
        .def("__iter__", [](const Table& table) { return py::iter(py::cast(table.names())); })
        .def(
            "__getitem__", [](const Table& table, const std::string& name) { return to_numpy(table.column(name)); },
            py::arg("name"), "One column as numpy: nulls are NaN, NaT, or None in an object array.")
        .def(
            "__getitem__", [](const Table& table, const Names& names) { return table.select(names); }, py::arg("names"))
        .def("__getitem__", &sliced, py::arg("rows"))
        .def(
            "null_count", [](const Table& table, const std::string& name) { return table.column(name).null_count(); },
            py::arg("name"))
        .def("to_dict", &to_dict, "The columns as numpy arrays that own their memory, by name.")
        .def("to_pandas", &to_pandas, "A pandas.DataFrame; times are in UTC, integers with nulls are Int64 or Int32.")
        .def("__arrow_c_schema__", &export_schema)
        .def("__arrow_c_stream__", &export_stream, py::arg("requested_schema") = py::none())
        .def("__repr__", &table_text);
}

void bind_columns(py::module_& module) {
    py::class_<Columns> columns(
        module, "Columns",
        "Which column of a table plays which part.\n\n"
        "No features: every column that plays no other part. Several probabilities: one a class, "
        "in the order of the classes; one alone: of the second of two classes.\n\n"
        ">>> Columns(target=\"rating\", probability=[\"p0\", \"p1\"])\n"
        "Columns(target='rating', probability=['p0', 'p1'])");
    columns
        .def(py::init(&make_columns), py::kw_only(), py::arg("features") = py::none(), py::arg("target") = py::none(),
             py::arg("prediction") = py::none(), py::arg("probability") = py::none(), py::arg("id") = py::none(),
             py::arg("time") = py::none(), py::arg("label_time") = py::none(), py::arg("entity") = py::none())
        .def_property_readonly("features", [](const Columns& self) { return self.features; })
        .def_property_readonly("probability", [](const Columns& self) { return self.probability; })
        .def(
            "feature_names",
            [](const Columns& self, const py::object& data) { return self.feature_names(to_table(data)); },
            py::arg("data"), "The features' names in a table or frame; InvalidArgument where a part names no column.")
        .def("to_dict", &columns_dict, "The parts that are named.")
        .def("to_json", &Columns::to_json)
        .def_static("from_json", &Columns::from_json, py::arg("json"))
        .def(
            "__eq__", [](const Columns& a, const Columns& b) { return a == b; }, py::is_operator())
        .def("__hash__", [](const Columns& self) { return py::hash(py::str(self.to_json().canonical())); })
        .def("__repr__", &columns_text)
        .def(py::pickle([](const Columns& self) { return py::str(self.to_json().canonical()); },
                        [](const py::str& text) { return Columns::from_json(Json::parse(text.cast<std::string>())); }));
    const auto part = [&](const char* name, std::string Columns::* member) {
        columns.def_property_readonly(name, [member](const Columns& self) { return name_or_none(self.*member); });
    };
    part("target", &Columns::target);
    part("prediction", &Columns::prediction);
    part("id", &Columns::id);
    part("time", &Columns::time);
    part("label_time", &Columns::label_time);
    part("entity", &Columns::entity);
}

/// What tests look at: where memory lies, and what a batch became.
void bind_probes(py::module_& module) {
    module.def(
        "_batch_probe",
        [](const py::object& data) {
            const BatchHolder holder = to_batch(data);
            py::dict seen;
            seen["rows"] = holder.rows();
            if (const TensorView* tensor = holder.tensor()) {
                seen["tensor"] = tensor->describe();
                seen["address"] = reinterpret_cast<std::uintptr_t>(tensor->data());
                seen["strides"] = std::vector<std::int64_t>(tensor->strides().begin(), tensor->strides().end());
                seen["values"] = to_numpy(*tensor);
            } else {
                seen["table"] = *holder.table();
            }
            return seen;
        },
        py::arg("data"));
    module.def(
        "_address",
        [](const Table& table, const std::string& name) {
            const Column& column = table.column(name);
            const void* first = nullptr;
            switch (column.type()) {
                case ColumnType::float32: first = column.values<float>().data(); break;
                case ColumnType::float64: first = column.values<double>().data(); break;
                case ColumnType::int32:
                case ColumnType::categorical: first = column.values<std::int32_t>().data(); break;
                case ColumnType::int64:
                case ColumnType::timestamp: first = column.values<std::int64_t>().data(); break;
                case ColumnType::boolean: first = column.values<std::uint8_t>().data(); break;
                case ColumnType::string: first = column.string_bytes(); break;
            }
            return reinterpret_cast<std::uintptr_t>(first);
        },
        py::arg("table"), py::arg("name"));
}

}  // namespace

void bind_data(py::module_& module) {
    bind_schema(module);
    bind_table(module);
    bind_columns(module);
    bind_probes(module);
}

}  // namespace holdfast::bindings
