#include <pybind11/stl.h>

#include <array>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <holdfast/base/error.hpp>

#include "bindings.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

constexpr std::size_t code_count = static_cast<std::size_t>(ErrorCode::internal) + 1;

// By code. Never released: an exception may be on its way while the interpreter ends.
std::array<PyObject*, code_count> classes{};

py::object make_class(const std::string& name, const char* doc, const py::tuple& bases, const py::dict& members) {
    const std::string full = "holdfast._core." + name;  // where the stubs find it
    PyObject* made = PyErr_NewExceptionWithDoc(full.c_str(), doc, bases.ptr(), members.ptr());
    if (made == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(made);
}

const char* describe(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid_argument: return "The caller gave something that can never work.";
        case ErrorCode::not_found: return "No such model, version, endpoint, file or column.";
        case ErrorCode::conflict:
            return "The state of things forbids it: same id with other features, already decided.";
        case ErrorCode::corrupt_artifact: return "Bytes that are not what they claim: truncated, foreign, wrong hash.";
        case ErrorCode::unsupported:
            return "Understood and refused by name: an operator, a newer format, an untrusted file.";
        case ErrorCode::unavailable: return "Cannot be done now: backend absent, database locked for too long, closed.";
        case ErrorCode::permission_denied: return "The file system or a right forbids it.";
        case ErrorCode::queue_full: return "More requests than the endpoint accepts.";
        case ErrorCode::deadline_exceeded: return "The answer would have come too late.";
        case ErrorCode::lease_lost: return "Another controller leads now; nothing was committed.";
        case ErrorCode::used_after_fork: return "The object's threads or connections stayed in the parent process.";
        case ErrorCode::io_error: return "The operating system failed a read or a write.";
        case ErrorCode::internal: break;
    }
    return "A broken invariant of Holdfast; please report it.";
}

void translate(std::exception_ptr pending) {
    try {
        if (pending) std::rethrow_exception(pending);
    } catch (const Error& error) {
        // A message may quote a path or a byte that is not UTF-8.
        const std::string_view text = error.what();
        const auto message = py::reinterpret_steal<py::object>(
            PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
        if (message) PyErr_SetObject(classes[static_cast<std::size_t>(error.code())], message.ptr());
    }
}

}  // namespace

void bind_errors(py::module_& module) {
    const auto builtins = py::module_::import("builtins");
    py::dict base_members;
    base_members["code"] = traits(ErrorCode::internal).name;
    base_members["http_status"] = traits(ErrorCode::internal).http_status;
    const py::object base = make_class("Error",
                                       "What every Holdfast call raises; `code` is its stable name and `http_status` "
                                       "what a server answers.\n\nEach subclass also derives from the built-in that "
                                       "a caller would catch:\n\n"
                                       ">>> issubclass(NotFound, LookupError), NotFound.code\n(True, 'not_found')",
                                       py::make_tuple(builtins.attr("Exception")), base_members);
    module.attr("Error") = base;
    for (const auto& row : error_table()) {
        py::dict members;
        members["code"] = row.name;
        members["http_status"] = row.http_status;
        const std::string name(row.exception);
        const py::object made =
            make_class(name, describe(row.code),
                       py::make_tuple(base, builtins.attr(std::string(row.python_builtin).c_str())), members);
        module.attr(name.c_str()) = made;
        classes[static_cast<std::size_t>(row.code)] = made.inc_ref().ptr();
    }
    py::register_exception_translator(&translate);

    module.def(
        "_error_table",
        [] {
            std::vector<std::tuple<std::string, std::string, std::string, int>> rows;
            for (const auto& row : error_table())
                rows.emplace_back(row.name, row.exception, row.python_builtin, row.http_status);
            return rows;
        },
        "Rows of (code, class, built-in, HTTP status): the table the exception classes are made from.");
    module.def(
        "_raise_error",
        [](const std::string& code, const std::string& message) {
            for (const auto& row : error_table())
                if (row.name == code) throw_error(row.code, message);
            throw InvalidArgument("error code \"" + code + "\": no such code");
        },
        py::arg("code"), py::arg("message"), "Raises the error of a code from C++; for tests.");
}

}  // namespace holdfast::bindings
