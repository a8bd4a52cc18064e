#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/stats/multivariate.hpp>
#include <holdfast/stats/permutations.hpp>
#include <holdfast/stats/tests.hpp>

#include "bindings.hpp"
#include "convert.hpp"
#include "convert_data.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

std::vector<double> numbers(const py::object& values, const char* name) { return to_column(values, name).as_doubles(); }

void bind_permutations(py::module_& module) {
    py::class_<stats::Permutations>(module, "Permutations", "How many splits are drawn, of what, and for which level.")
        .def(py::init([](std::int64_t count, std::int64_t most, double level, std::int64_t block, std::uint64_t seed) {
                 return stats::Permutations{count, most, level, block, seed};
             }),
             py::arg("count"), py::arg("most"), py::arg("level"), py::arg("block"), py::arg("seed"));
    module.def(
        "stats_energy",
        [](const py::object& reference, const py::object& current, const stats::Permutations& permutations) {
            const std::vector<double> a = numbers(reference, "reference"), b = numbers(current, "current");
            const py::gil_scoped_release release;
            return stats::energy(a, b, permutations);
        },
        py::arg("reference"), py::arg("current"), py::arg("permutations"));
    module.def(
        "stats_permutation_test",
        [](const std::string& test, const py::object& reference, const py::object& current,
           const stats::Permutations& permutations) {
            const std::vector<double> a = numbers(reference, "reference"), b = numbers(current, "current");
            const py::gil_scoped_release release;
            return stats::permutation_test(test, a, b, permutations);
        },
        py::arg("test"), py::arg("reference"), py::arg("current"), py::arg("permutations"));
    module.def(
        "stats_block_length",
        [](const py::object& reference, const py::object& current) {
            return stats::block_length(numbers(reference, "reference"), numbers(current, "current"));
        },
        py::arg("reference"), py::arg("current"));
}

void bind_mmd(py::module_& module) {
    module.def(
        "stats_mmd",
        [](const py::object& reference, const py::object& current, bool linear, double bandwidth, bool standardise,
           const stats::Permutations& permutations) {
            const Table a = to_table(reference, {}, "reference"), b = to_table(current, {}, "current");
            const py::gil_scoped_release release;
            const stats::MmdOptions options{bandwidth, standardise, permutations};
            return linear ? stats::mmd_linear(a, b, options) : stats::mmd(a, b, options);
        },
        py::arg("reference"), py::arg("current"), py::arg("linear"), py::arg("bandwidth"), py::arg("standardise"),
        py::arg("permutations"));
}

void bind_domain_classifier(py::module_& module) {
    py::class_<stats::DomainClassification, stats::TestResult>(
        module, "DomainClassification", "How well a classifier tells two samples apart, and by what.")
        .def_property_readonly(
            "features",
            [](const stats::DomainClassification& result) {
                py::typing::Dict<py::str, py::float_> features;
                for (const stats::FeatureGap& one : result.features) features[py::str(one.column)] = one.importance;
                return features;
            },
            "By how much the AUC falls when a column is shuffled; the most important first.");
    module.def(
        "stats_domain_classifier",
        [](const py::object& reference, const py::object& current, const std::string& entity, std::int64_t most_rows,
           std::uint64_t seed) {
            const Table a = to_table(reference, {}, "reference"), b = to_table(current, {}, "current");
            const py::gil_scoped_release release;
            return stats::domain_classifier(a, b, {entity, most_rows, seed});
        },
        py::arg("reference"), py::arg("current"), py::arg("entity"), py::arg("most_rows"), py::arg("seed"));
}

void bind_pca_reconstruction(py::module_& module) {
    py::class_<stats::PcaReconstruction, stats::TestResult>(
        module, "PcaReconstruction", "How well the reference's leading principal components tell rows again.")
        .def_readonly("components", &stats::PcaReconstruction::components, "How many are kept.")
        .def_readonly("chunk", &stats::PcaReconstruction::chunk, "Rows of a chunk; the last has what is left over.")
        .def_readonly("expected", &stats::PcaReconstruction::expected,
                      "Of a chunk's mean error: mean and three standard deviations of the reference's chunks.")
        .def_property_readonly(
            "reference_chunks",
            [](const stats::PcaReconstruction& result) { return to_numpy(std::vector(result.reference_chunks)); },
            "The mean error of each chunk of the reference.")
        .def_property_readonly(
            "current_chunks",
            [](const stats::PcaReconstruction& result) { return to_numpy(std::vector(result.current_chunks)); },
            "The mean error of each chunk of the current rows.");
    module.def(
        "stats_pca_reconstruction",
        [](const py::object& reference, const py::object& current, double variance, std::int64_t chunk) {
            const Table a = to_table(reference, {}, "reference"), b = to_table(current, {}, "current");
            const py::gil_scoped_release release;
            return stats::pca_reconstruction(a, b, variance, chunk);
        },
        py::arg("reference"), py::arg("current"), py::arg("variance"), py::arg("chunk"));
}

}  // namespace

void bind_multivariate(py::module_& module) {
    bind_permutations(module);
    bind_mmd(module);
    bind_domain_classifier(module);
    bind_pca_reconstruction(module);
}

}  // namespace holdfast::bindings
