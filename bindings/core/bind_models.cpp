#include <pybind11/numpy.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/models/callable.hpp>
#include <holdfast/models/graph.hpp>
#include <holdfast/models/load.hpp>

#include "bindings.hpp"
#include "convert_data.hpp"
#include "models_parts.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

/// Without the GIL where the call may take longer than giving it up and taking it back.
void run(const Model& model, const Batch& batch, Outputs& out) {
    constexpr std::int64_t few_rows = 16;
    std::optional<py::gil_scoped_release> released;
    if (batch.rows() > few_rows || model.backend() == "torch") released.emplace();
    model.run(batch, out);
}

/// A (rows, 1) answer as (rows), the way scikit-learn gives labels and values.
TensorView without_unit_axis(const TensorView& view) {
    if (view.rank() != 2 || view.extent(1) != 1) return view;
    const std::array<std::int64_t, 1> shape{view.extent(0)}, strides{view.stride(0)};
    return TensorView(view.data(), view.dtype(), shape, strides, view.writable());
}

py::dict run_model(const Model& model, const py::object& x, const std::optional<std::vector<std::string>>& outputs) {
    const BatchHolder holder = to_batch(x);
    Outputs out;
    if (outputs) {
        for (const std::string& name : *outputs) out.want(name);
    }
    run(model, holder.batch(), out);
    py::dict answer;
    for (const std::string& name : out.names()) answer[py::str(name)] = to_numpy(out.at(name));
    return answer;
}

/// numpy's memory for an answer whose shape and dtype the signature tells, and the same as the model sees it.
struct Place {
    py::array array;
    TensorView view;
};

std::optional<Place> place_for(const TensorSpec& spec, std::int64_t rows, bool drop_unit_axis) {
    const bool is_fixed = std::all_of(spec.shape.begin() + 1, spec.shape.end(), [](auto size) { return size >= 0; });
    if (spec.dtype == DType::string || !is_fixed) return std::nullopt;
    std::array<std::int64_t, TensorView::max_rank> shape{rows};
    std::copy(spec.shape.begin() + 1, spec.shape.end(), shape.begin() + 1);
    const auto wanted = std::span(shape).first(spec.shape.size());
    const bool is_column = wanted.size() == 2 && wanted[1] == 1;
    const auto shown = drop_unit_axis && is_column ? wanted.first(1) : wanted;
    py::array array(numpy_dtype(spec.dtype), py::array::ShapeContainer(shown.begin(), shown.end()));
    return Place{array, TensorView(array.mutable_data(), spec.dtype, wanted)};
}

py::array answer(const Model& model, const std::string& name, const py::object& x, bool drop_unit_axis) {
    const BatchHolder holder = to_batch(x);
    Outputs out;
    auto place = place_for(model.signature().output(name), holder.rows(), drop_unit_axis);
    if (place) {
        out.into(name, place->view);
    } else {
        out.want(name);
    }
    run(model, holder.batch(), out);
    if (place) return std::move(place->array);
    return to_numpy(drop_unit_axis ? without_unit_axis(out.at(name)) : out.at(name));
}

py::array predict(const Model& model, const py::object& x) {
    const std::string& name = model.signature().prediction;
    if (name.empty()) throw Unsupported("the model names no prediction among its outputs; ask run() for one by name");
    return answer(model, name, x, true);
}

py::array predict_proba(const Model& model, const py::object& x) {
    const std::string& name = model.signature().probability;
    if (name.empty()) throw Unsupported("the model gives no probabilities");
    return answer(model, name, x, false);
}

/// The caller's array as the model's shape: (rows) is taken where (rows, 1) is meant.
TensorView fitted(const Model& model, const TensorView& view) {
    const std::int64_t i = model.signature().find_output(model.signature().prediction);
    if (i < 0) return view;
    const auto& shape = model.signature().outputs[static_cast<std::size_t>(i)].shape;
    if (view.rank() != 1 || shape.size() != 2 || shape[1] != 1) return view;
    const std::array<std::int64_t, 2> wanted{view.extent(0), 1}, strides{view.stride(0), 1};
    return TensorView(view.data(), view.dtype(), wanted, strides, view.writable());
}

void predict_into(const Model& model, const py::object& x, const py::object& out) {
    const BatchHolder holder = to_batch(x);
    const HeldTensor target = to_tensor(out, "out");
    const TensorView view = fitted(model, target.view);
    std::optional<py::gil_scoped_release> released;
    if (holder.rows() > 16) released.emplace();
    model.predict_into(holder.batch(), view);
}

/// What a callable gets: an array, or a dict of columns.
py::object to_python(const Batch& batch) {
    if (batch.tensor() != nullptr) return to_numpy(*batch.tensor());
    py::dict columns;
    for (const std::string& name : batch.table()->names())
        columns[py::str(name)] = to_numpy(batch.table()->column(name));
    return columns;
}

/// Shape of an answer; a vector goes where (rows, 1) is wanted, and back.
std::vector<std::int64_t> answer_shape(const TensorSpec& spec, const py::array& answer, std::int64_t rows) {
    std::vector<std::int64_t> shape = spec.shape;
    shape[0] = rows;
    std::vector<std::int64_t> seen(answer.shape(), answer.shape() + answer.ndim());
    const std::vector<std::int64_t> column{rows, 1}, vector{rows};
    if ((seen == column && shape == vector) || (seen == vector && shape == column)) return shape;
    for (std::size_t i = 1; i < shape.size() && i < seen.size(); ++i) {
        if (shape[i] < 0) shape[i] = seen[i];
    }
    if (seen != shape)
        throw InvalidArgument("callable model: output \"" + spec.name + "\" of shape " +
                              py::str(answer.attr("shape")).cast<std::string>() + " given, " +
                              py::str(py::tuple(py::cast(shape))).cast<std::string>() + " wanted");
    return shape;
}

void take_answer(const TensorSpec& spec, const py::object& value, std::int64_t rows, Outputs& out) {
    const py::module_ numpy = py::module_::import("numpy");
    py::array answer = numpy.attr("asarray")(value);
    const std::vector<std::int64_t> shape = answer_shape(spec, answer, rows);
    const TensorView place = out.place(spec.name, spec.dtype, shape);
    if (place.size() == 0) return;
    if (spec.dtype != DType::string) {
        const py::dtype wanted = numpy_dtype(spec.dtype);
        if (!numpy.attr("can_cast")(answer.dtype(), wanted, "same_kind").cast<bool>())
            throw InvalidArgument("callable model: output \"" + spec.name + "\" of dtype " +
                                  py::str(answer.dtype()).cast<std::string>() + " given, " +
                                  std::string(to_string(spec.dtype)) + " wanted");
        const std::vector<py::ssize_t> extents(place.shape().begin(), place.shape().end());
        std::vector<py::ssize_t> strides;
        for (const std::int64_t stride : place.strides()) strides.push_back(stride * size_of(spec.dtype));
        const py::array target(wanted, extents, strides, place.mutable_data(), py::capsule(&spec, [](void*) {}));
        numpy.attr("copyto")(target, answer.attr("reshape")(py::cast(shape)), py::arg("casting") = "same_kind");
        return;
    }
    if (!place.contiguous())
        throw Unsupported("callable model: output \"" + spec.name + "\": text into strided memory");
    std::int64_t i = 0;
    for (const py::handle item : answer.attr("ravel")())
        place.as_mutable<std::string_view>()[i++] = out.keep(py::str(item).cast<std::string>());
}

void take_answers(const Signature& signature, const py::object& answers, std::int64_t rows, Outputs& out) {
    const bool by_name = py::isinstance<py::dict>(answers);
    for (const TensorSpec& spec : signature.outputs) {
        if (!out.wants(spec.name)) continue;
        if (by_name && answers.contains(spec.name)) {
            take_answer(spec, answers[py::str(spec.name)], rows, out);
        } else if (!by_name && (spec.name == signature.prediction || signature.outputs.size() == 1)) {
            take_answer(spec, answers, rows, out);
        } else if (!out.asked_for_nothing()) {
            throw InvalidArgument("callable model: the function gave no output \"" + spec.name + "\"");
        }
    }
}

std::shared_ptr<const Model> host(const py::function& function, const Signature& signature) {
    const Owner owner = keep_alive(function);
    const py::handle handle = function;
    return callable_model(signature, [owner, handle, signature](const Batch& batch, Outputs& out) {
        const py::gil_scoped_acquire gil;
        take_answers(signature, handle(to_python(batch)), batch.rows(), out);
    });
}

std::shared_ptr<const Model> load(const std::filesystem::path& path, bool trusted,
                                  const std::vector<std::string>& allowed_sha256, std::string device, int threads,
                                  const std::optional<Signature>& signature) {
    LoadOptions options;
    options.trusted = trusted;
    for (const std::string& hex : allowed_sha256) options.allowed_sha256.push_back(Digest::from_hex(hex));
    options.device = std::move(device);
    options.threads = threads;
    if (signature) options.signature = std::make_shared<const Signature>(*signature);
    const py::gil_scoped_release released;
    return load_model_file(path, options);
}

std::shared_ptr<const Model> load_bytes(const py::bytes& bytes, const std::filesystem::path& name) {
    const std::string_view view(bytes);
    const py::gil_scoped_release released;
    return load_model_bytes(as_bytes(view), name);
}

std::string describe_model(const Model& model) {
    return "Model(backend=\"" + std::string(model.backend()) + "\", " + describe(model.signature()) + ")";
}

}  // namespace

void bind_models(py::module_& module) {
    bind_signature(module);
    bind_save(module);

    py::classh<Model>(module, "Model", R"(Maps a batch of inputs to named outputs; immutable, safe from several threads.

X is a numpy array, anything with DLPack, a pandas, polars or pyarrow frame, or a dict of columns. Frames are read by the
names that the signature gives; what else they hold is ignored.
)")
        .def_property_readonly("signature", [](const Model& model) { return model.signature(); })
        .def_property_readonly("backend", [](const Model& model) { return std::string(model.backend()); })
        .def_property_readonly("arithmetic", &Model::arithmetic,
                               "Names the arithmetic: answers compare bit for bit only where it is equal.")
        .def_property_readonly(
            "graph",
            [](const Model& model) {
                return model.graph() != nullptr ? py::cast(*model.graph()) : py::object(py::none());
            },
            "A copy of the graph it was compiled from, or None.")
        .def("run", &run_model, py::arg("X"), py::arg("outputs") = py::none(), "Every output by name, or those named.")
        .def("predict", &predict, py::arg("X"), "The prediction; one value a row comes as one axis.")
        .def("predict_proba", &predict_proba, py::arg("X"), "Probabilities, rows by classes.")
        .def("predict_into", &predict_into, py::arg("X"), py::arg("out"), "The prediction, written into `out`.")
        .def("save", &save, py::arg("path"),
             "Writes .hfm: the model to the bit; or .onnx: an export, in which what is lost is bounded, given back and "
             "warned of.")
        .def("__repr__", &describe_model);

    bind_graph(module);

    module.def("load_model_file", &load, py::arg("path"), py::kw_only(), py::arg("trusted") = false,
               py::arg("allowed_sha256") = std::vector<std::string>{}, py::arg("device") = "cpu",
               py::arg("threads") = 1, py::arg("signature") = py::none());
    module.def("load_model_bytes", &load_bytes, py::arg("bytes"), py::arg("name"),
               "The model of a file's bytes; the name's ending says which backend reads them.");
    module.def("callable_model", &host, py::arg("fn"), py::arg("signature"),
               "A model hosted by a function: it gets an array, or a dict of columns, and gives an array or a dict of "
               "outputs.");
    module.def("backend_names", &backend_names);
}

}  // namespace holdfast::bindings
