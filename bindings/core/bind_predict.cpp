// Model.predict, predict_proba, predict_into: methods of Python's own kind. pybind11's dispatcher takes longer than a
// small model, and so does an array that is looked at through its attributes.
#include <pybind11/numpy.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/models/model.hpp>

#include "convert_data.hpp"
#include "models_parts.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

/// A (rows, 1) answer as (rows), the way scikit-learn gives labels and values.
TensorView without_unit_axis(const TensorView& view) {
    if (view.rank() != 2 || view.extent(1) != 1) return view;
    const std::array<std::int64_t, 1> shape{view.extent(0)}, strides{view.stride(0)};
    return TensorView(view.data(), view.dtype(), shape, strides, view.writable());
}

/// numpy's memory for an answer whose shape and dtype the signature tells, and the same as the model sees it.
struct Place {
    py::object array;
    TensorView view;
};

std::optional<Place> place_for(const TensorSpec& spec, std::int64_t rows, bool drop_unit_axis) {
    const bool is_fixed = std::all_of(spec.shape.begin() + 1, spec.shape.end(), [](auto size) { return size >= 0; });
    if (spec.dtype == DType::string || !is_fixed) return std::nullopt;
    std::array<std::int64_t, TensorView::max_rank> shape{rows};
    std::copy(spec.shape.begin() + 1, spec.shape.end(), shape.begin() + 1);
    const auto wanted = std::span(shape).first(spec.shape.size());
    const bool is_column = wanted.size() == 2 && wanted[1] == 1;
    py::object array = new_array(spec.dtype, drop_unit_axis && is_column ? wanted.first(1) : wanted);
    void* memory = py::detail::array_proxy(array.ptr())->data;
    return Place{std::move(array), TensorView(memory, spec.dtype, wanted)};
}

py::object answer(const Model& model, std::int64_t output, const Batch& batch, bool drop_unit_axis) {
    const TensorSpec& spec = model.signature().outputs[static_cast<std::size_t>(output)];
    if (auto place = place_for(spec, batch.rows(), drop_unit_axis)) {
        const GilRelease released(model, batch.rows());
        model.run_into(output, batch, place->view);
        return std::move(place->array);
    }
    Outputs out;
    out.want(spec.name);
    run(model, batch, out);
    return to_numpy(drop_unit_axis ? without_unit_axis(out.at(spec.name)) : out.at(spec.name));
}

/// `use(batch)` of what a caller gave for X; a plain array's memory, which the caller holds, as it lies.
template <class Use>
auto with_batch(py::handle x, Use use) {
    if (const auto view = plain_array(x); view && view->rank() >= 2) return use(Batch(*view));
    const BatchHolder holder = to_batch(x);
    return use(holder.batch());
}

std::int64_t prediction_of(const Model& model) {
    const std::int64_t i = model.prediction();
    if (i < 0) throw Unsupported("the model names no prediction among its outputs; ask run() for one by name");
    return i;
}

std::int64_t probability_of(const Model& model) {
    const Signature& signature = model.signature();
    if (signature.probability.empty()) throw Unsupported("the model gives no probabilities");
    return signature.find_output(signature.probability);
}

/// The caller's array as the model's shape: (rows) is taken where (rows, 1) is meant.
TensorView fitted(const Model& model, const TensorView& view) {
    if (model.prediction() < 0) return view;
    const auto& shape = model.signature().outputs[static_cast<std::size_t>(model.prediction())].shape;
    if (view.rank() != 1 || shape.size() != 2 || shape[1] != 1) return view;
    const std::array<std::int64_t, 2> wanted{view.extent(0), 1}, strides{view.stride(0), 1};
    return TensorView(view.data(), view.dtype(), wanted, strides, view.writable());
}

py::object predict(const Model& model, std::span<PyObject* const, 1> given) {
    return with_batch(given[0], [&](const Batch& batch) { return answer(model, prediction_of(model), batch, true); });
}

py::object predict_proba(const Model& model, std::span<PyObject* const, 1> given) {
    return with_batch(given[0], [&](const Batch& batch) { return answer(model, probability_of(model), batch, false); });
}

py::object predict_into(const Model& model, std::span<PyObject* const, 2> given) {
    return with_batch(given[0], [&](const Batch& batch) -> py::object {
        const auto plain = plain_array(given[1]);
        const HeldTensor target = plain ? HeldTensor{*plain, {}} : to_tensor(given[1], "out");
        const TensorView view = fitted(model, target.view);
        const GilRelease released(model, batch.rows());
        model.predict_into(batch, view);
        return py::none();
    });
}

const Model& model_of(PyObject* self) {
    static const PyTypeObject* const type = reinterpret_cast<PyTypeObject*>(py::type::of<Model>().ptr());
    if (Py_TYPE(self) == type) {
        const auto* held = reinterpret_cast<py::detail::instance*>(self)->get_value_and_holder().value_ptr<Model>();
        if (held != nullptr) return *held;
    }
    return *py::handle(self).cast<const Model*>();
}

/// The arguments in the order of `names`; TypeError where one is missing, unknown or given twice.
template <std::size_t N>
std::array<PyObject*, N> sorted_arguments(const char* method, const std::array<const char*, N>& names,
                                          PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
    std::array<PyObject*, N> sorted{};
    const auto refuse = [&](const std::string& what) {
        std::string wanted;
        for (const char* name : names) wanted += std::string(wanted.empty() ? "" : ", ") + name;
        throw py::type_error(std::string(method) + "(" + wanted + "): " + what);
    };
    if (static_cast<std::size_t>(count) > N) refuse(std::to_string(count) + " arguments given");
    std::copy_n(given, count, sorted.begin());
    const Py_ssize_t named = keywords == nullptr ? 0 : PyTuple_GET_SIZE(keywords);
    for (Py_ssize_t i = 0; i < named; ++i) {
        const auto name = py::handle(PyTuple_GET_ITEM(keywords, i)).cast<std::string>();
        const auto at = static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
        if (at == N) refuse("no argument is named \"" + name + "\"");
        if (sorted[at] != nullptr) refuse("\"" + name + "\" given twice");
        sorted[at] = given[count + i];
    }
    for (std::size_t i = 0; i < N; ++i) {
        if (sorted[i] == nullptr) refuse(std::string("\"") + names[i] + "\" is missing");
    }
    return sorted;
}

template <std::size_t N>
struct Method {
    const char* name;
    std::array<const char*, N> arguments;
    py::object (*call)(const Model&, std::span<PyObject* const, N>);
    const char* documentation;
};

/// What Python calls: errors leave as pybind11's own functions let them out.
template <const auto& method>
PyObject* called(PyObject* self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
    constexpr std::size_t wanted = method.arguments.size();
    try {
        if (static_cast<std::size_t>(count) == wanted && keywords == nullptr)
            return method.call(model_of(self), std::span<PyObject* const, wanted>(given, wanted)).release().ptr();
        const auto sorted = sorted_arguments(method.name, method.arguments, given, count, keywords);
        return method.call(model_of(self), std::span<PyObject* const, wanted>(sorted)).release().ptr();
    } catch (py::error_already_set& error) {
        error.restore();
    } catch (...) {
        py::detail::try_translate_exceptions();
    }
    return nullptr;
}

// The first line is what tools/stubs.py reads, as pybind11 would have written it.
constexpr Method<1> predict_method{"predict",
                                   {"X"},
                                   &predict,
                                   "predict(self: holdfast._core.Model, X: object) -> numpy.ndarray\n\n"
                                   "The prediction; one value a row comes as one axis.\n"};
constexpr Method<1> predict_proba_method{"predict_proba",
                                         {"X"},
                                         &predict_proba,
                                         "predict_proba(self: holdfast._core.Model, X: object) -> numpy.ndarray\n\n"
                                         "Probabilities, rows by classes.\n"};
constexpr Method<2> predict_into_method{"predict_into",
                                        {"X", "out"},
                                        &predict_into,
                                        "predict_into(self: holdfast._core.Model, X: object, out: object) -> None\n\n"
                                        "The prediction, written into `out`.\n"};

template <const auto& method>
void add(py::handle type) {
    static PyMethodDef definition{method.name,
                                  reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&called<method>)),
                                  METH_FASTCALL | METH_KEYWORDS, method.documentation};
    type.attr(method.name) =
        py::reinterpret_steal<py::object>(PyDescr_NewMethod(reinterpret_cast<PyTypeObject*>(type.ptr()), &definition));
}

}  // namespace

void bind_predict(py::handle type) {
    add<predict_method>(type);
    add<predict_proba_method>(type);
    add<predict_into_method>(type);
}

}  // namespace holdfast::bindings
