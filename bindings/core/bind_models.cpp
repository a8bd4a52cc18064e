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

void run(const Model& model, const Batch& batch, Outputs& out) {
    const GilRelease released(model, batch.rows());
    model.run(batch, out);
}

void bind_models(py::module_& module) {
    bind_signature(module);
    bind_save(module);

    py::classh<Model> type(module, "Model",
                           R"(Maps a batch of inputs to named outputs; immutable, safe from several threads.

X is a numpy array, anything with DLPack, a pandas, polars or pyarrow frame, or a dict of columns. Frames are read by the
names that the signature gives; what else they hold is ignored.
)");
    type.def_property_readonly("signature", [](const Model& model) { return model.signature(); })
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
        .def("save", &save, py::arg("path"),
             "Writes .hfm: the model to the bit; or .onnx: an export, in which what is lost is bounded, given back and "
             "warned of.")
        .def("__repr__", &describe_model);
    bind_predict(type);

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
