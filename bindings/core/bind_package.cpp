#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <pybind11/stl/filesystem.h>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/data/columns.hpp>
#include <holdfast/monitor/constraints.hpp>
#include <holdfast/package/package.hpp>

#include "bindings.hpp"
#include "convert.hpp"
#include "convert_data.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

using Path = std::filesystem::path;
using Names = std::vector<std::string>;
using MaybeSignature = std::optional<std::shared_ptr<const Signature>>;
using ReleaseGil = py::gil_scoped_release;

LoadOptions load_options(bool trusted, const Names& allowed_sha256, std::string device, int threads,
                         MaybeSignature signature) {
    LoadOptions options;
    options.trusted = trusted;
    for (const std::string& hex : allowed_sha256) options.allowed_sha256.push_back(Digest::from_hex(hex));
    options.device = std::move(device);
    options.threads = threads;
    options.signature = std::move(signature).value_or(nullptr);
    return options;
}

py::bytes to_bytes(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::byte> from_bytes(const py::bytes& bytes) {
    const auto held = as_bytes(static_cast<std::string_view>(bytes));
    return {held.begin(), held.end()};
}

/// Features by the model's names, and the truth beside them.
struct Labelled {
    Table features;
    Column truth;
};

std::optional<Names> feature_names(const Signature& signature) {
    if (signature.inputs.size() > 1) {
        Names names;
        for (const TensorSpec& input : signature.inputs) names.push_back(input.name);
        return names;
    }
    return signature.features.empty() ? std::nullopt : std::optional(signature.features);
}

Labelled labelled_rows(const py::tuple& pair, const Signature& signature, const char* what) {
    if (pair.size() != 2) throw InvalidArgument(std::string(what) + ": a pair (features, truth) wanted");
    Labelled rows{to_table(pair[0], feature_names(signature), what), to_column(pair[1], std::string(what) + " truth")};
    if (rows.features.rows() != rows.truth.size())
        throw InvalidArgument(std::string(what) + ": " + std::to_string(rows.features.rows()) +
                              " rows of features given and " + std::to_string(rows.truth.size()) + " true values");
    return rows;
}

Json sample_lineage(const Labelled& rows) {
    std::string name = "target";
    while (rows.features.has(name)) name += "_";
    Table whole = rows.features;
    whole.add(name, rows.truth);
    return Json::object({{"samples", whole.rows()}, {"sha256", table_sha256(whole).hex()}});
}

using PrivateNames = std::set<std::string, std::less<>>;

/// Those that are said to be private, and the id and the entity.
PrivateNames private_names(const Table& features, const Names& said, const std::optional<Columns>& columns) {
    PrivateNames names(said.begin(), said.end());
    if (columns) {
        for (const std::string& name : {columns->id, columns->entity})
            if (features.has(name)) names.insert(name);
    }
    return names;
}

/// What is private has the hash of all rows as its salt: whoever has the rows makes the same package.
stats::Profile reference_profile(const Table& features, PrivateNames private_columns) {
    stats::ProfileOptions options;
    options.private_columns = std::move(private_columns);
    if (!options.private_columns.empty()) options.salt = "package " + table_sha256(features).hex();
    return stats::Profile::with_deciles(features, options);
}

/// hf.package: everything that needs Python first, then the work without the GIL.
Package build(const std::shared_ptr<const Model>& model, const std::string& name, const std::string& file_name,
              const std::optional<py::bytes>& file, const std::optional<py::tuple>& train,
              const std::optional<py::tuple>& reference, const Names& evaluate, Json lineage,
              const Names& private_columns, const std::optional<Columns>& columns,
              std::optional<Constraints> constraints, const LoadOptions& options) {
    PackageBuilder builder(name);
    builder.load_options(options);
    if (file) builder.model_file(file_name, from_bytes(*file));
    const Signature& signature = model->signature();
    std::optional<Labelled> trained;
    std::optional<Labelled> held_out;
    if (train) trained = labelled_rows(*train, signature, "train");
    if (reference) held_out = labelled_rows(*reference, signature, "reference");
    if (!evaluate.empty() && !held_out)
        throw InvalidArgument("package \"" + name +
                              "\": evaluate= needs reference=, the rows that metrics are computed on");

    const ReleaseGil release;
    if (!file) builder.model(*model);
    if (trained) lineage["train"] = sample_lineage(*trained);
    builder.lineage(std::move(lineage));
    if (held_out) {
        const auto hidden = private_names(held_out->features, private_columns, columns);
        builder.reference(reference_profile(held_out->features, hidden));
        if (!evaluate.empty()) builder.evaluate({held_out->features, held_out->truth, evaluate});
        if (!constraints && held_out->features.rows() > 0) {
            constraints = Constraints::of(held_out->features,
                                          {.private_columns = {hidden.begin(), hidden.end()}, .min_count = 10});
        }
    }
    if (constraints) {
        const std::string text = constraints->to_json().canonical();
        const auto bytes = std::as_bytes(std::span(text));
        builder.file(std::string(constraints_file), {bytes.begin(), bytes.end()});
    }
    return builder.build();
}

void save(const Package& package, const Path& path) {
    if (path.extension() == ".zip") return package.save_zip(path);
    package.save_directory(path);
}

py::dict metrics_of(const Package& package) {
    py::dict metrics;
    for (const auto& [name, value] : package.manifest().metrics) metrics[py::str(name)] = py::cast(value);
    return metrics;
}

void bind_class(py::module_& module) {
    py::classh<Package>(module, "Package",
                        R"doc(A model with its manifest, reference profile and metrics; a directory or a zip.

Immutable, and safe from any thread. Its identity is the SHA-256 of the canonical manifest, the same for both forms.)doc")
        .def_static(
            "open", &Package::open, py::arg("path"), py::kw_only(), py::arg("max_bytes") = Package::default_max_bytes,
            py::call_guard<ReleaseGil>(),
            "Opens and verifies a directory or a zip. Raises CorruptArtifact naming the file and what is wrong.")
        .def_static(
            "from_bytes",
            [](const py::bytes& zip, const std::string& name) {
                auto bytes = from_bytes(zip);
                const ReleaseGil release;
                return Package::from_zip_bytes(std::move(bytes), name);
            },
            py::arg("zip"), py::arg("name") = "package.zip", "Opens and verifies the bytes of a zip.")
        .def_property_readonly("name", [](const Package& package) { return package.manifest().name; })
        .def_property_readonly(
            "identity", [](const Package& package) { return package.identity().hex(); },
            "SHA-256 of the canonical manifest, 64 hexadecimal digits.")
        .def_property_readonly(
            "manifest", [](const Package& package) { return package.manifest().to_json(); }, "The manifest, as a dict.")
        .def_property_readonly(
            "signature", [](const Package& package) { return package.manifest().signature; }, "The model's Signature.")
        .def_property_readonly(
            "lineage", [](const Package& package) { return package.manifest().lineage; },
            "What is known of where the model came from, as a dict.")
        .def_property_readonly("metrics", &metrics_of, "Metrics by name, computed on the model as it was packaged.")
        .def_property_readonly(
            "reference",
            [](const Package& package) {
                return package.has_reference() ? std::optional(package.reference()) : std::nullopt;
            },
            "The Profile of the reference rows, or None.")
        .def_property_readonly(
            "constraints",
            [](const Package& package) -> std::optional<Constraints> {
                if (!package.manifest().files.contains(std::string(constraints_file))) return std::nullopt;
                const auto bytes = package.file(constraints_file);
                return Constraints::from_json(Json::parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
            },
            "The Constraints of the reference rows, or None.")
        .def_property_readonly(
            "files",
            [](const Package& package) {
                Names names;
                for (const auto& [name, entry] : package.manifest().files) names.push_back(name);
                return names;
            },
            "Names of the files, without the manifest.")
        .def(
            "file", [](const Package& package, const std::string& name) { return to_bytes(package.file(name)); },
            py::arg("name"), "Bytes of a file. Raises NotFound.")
        .def(
            "load",
            [](const Package& package, bool trusted, const Names& allowed_sha256, std::string device, int threads) {
                const LoadOptions options = load_options(trusted, allowed_sha256, std::move(device), threads, nullptr);
                const ReleaseGil release;
                return package.load(options);
            },
            py::kw_only(), py::arg("trusted") = false, py::arg("allowed_sha256") = Names{}, py::arg("device") = "cpu",
            py::arg("threads") = 1, "Loads the model from the bytes that were verified.")
        .def("save", &save, py::arg("path"), py::call_guard<ReleaseGil>(),
             "Writes a zip where the path ends in .zip, else a new directory; all of it or nothing.")
        .def(
            "to_bytes",
            [](const Package& package) {
                std::vector<std::byte> bytes;
                {
                    const ReleaseGil release;
                    bytes = package.zip_bytes();
                }
                return to_bytes(bytes);
            },
            "The bytes of the zip: a function of the files alone.")
        .def("sign", &Package::sign, py::arg("private_key_pem"),
             R"doc(The same package, signed too with an Ed25519 private key (PEM); its identity stays the same.

The signature travels with the package as `signatures.json`. Raises InvalidArgument for any other key.)doc")
        .def_property_readonly(
            "signed_by",
            [](const Package& package) {
                Names keys;
                for (const KeySignature& signature : package.signatures()) keys.push_back(signature.key.hex());
                return keys;
            },
            "Public keys, in hex, that signed it; each signature was checked when it was opened.")
        .def_property_readonly(
            "claimed",
            [](const Package& package) {
                const Json* claimed = package.manifest().lineage.find("claimed");
                return claimed != nullptr ? *claimed : Json::object({});
            },
            "Metrics by name as its trainer claims them; `metrics` are those that Holdfast computed.")
        .def("with_lineage", &Package::with_lineage, py::arg("members"),
             "The same files under a manifest whose lineage has these members too: another identity.")
        .def(
            "__eq__", [](const Package& a, const Package& b) { return a.identity() == b.identity(); },
            py::is_operator())
        .def("__hash__", [](const Package& package) { return py::hash(py::str(package.identity().hex())); })
        .def("__repr__", [](const Package& package) {
            return "<Package \"" + package.manifest().name + "\" " + package.identity().hex().substr(0, 12) + ", " +
                   package.manifest().model_file + ">";
        });
}

}  // namespace

void bind_package(py::module_& module) {
    bind_class(module);
    module.def(
        "load_model",
        [](const Path& path, bool trusted, const Names& allowed_sha256, std::string device, int threads,
           MaybeSignature signature) {
            const LoadOptions options =
                load_options(trusted, allowed_sha256, std::move(device), threads, std::move(signature));
            const ReleaseGil release;
            return load_model(path, options);
        },
        py::arg("path"), py::arg("trusted"), py::arg("allowed_sha256"), py::arg("device"), py::arg("threads"),
        py::arg("signature"));
    module.def(
        "package_build",
        [](const std::shared_ptr<const Model>& model, const std::string& name, const std::string& file_name,
           const std::optional<py::bytes>& file, const std::optional<py::tuple>& train,
           const std::optional<py::tuple>& reference, const Names& evaluate, Json lineage, const Names& private_columns,
           const std::optional<Columns>& columns, std::optional<Constraints> constraints, bool trusted,
           const Names& allowed_sha256, MaybeSignature signature) {
            return build(model, name, file_name, file, train, reference, evaluate, std::move(lineage), private_columns,
                         columns, std::move(constraints),
                         load_options(trusted, allowed_sha256, "cpu", 1, std::move(signature)));
        },
        py::arg("model"), py::arg("name"), py::arg("file_name"), py::arg("file"), py::arg("train"),
        py::arg("reference"), py::arg("evaluate"), py::arg("lineage"), py::arg("private_columns"), py::arg("columns"),
        py::arg("constraints"), py::arg("trusted"), py::arg("allowed_sha256"), py::arg("signature"));
}

}  // namespace holdfast::bindings
