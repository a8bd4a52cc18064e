// A host of the installed core: converts nothing, trains nothing; makes a model in memory, saves it as `.hfm` and as a
// package, loads both, and compares bits. Exits with 0, or with the line of what went wrong.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/hash.hpp>
#include <holdfast/models/graph.hpp>
#include <holdfast/models/load.hpp>
#include <holdfast/package/package.hpp>
#include <holdfast/version.hpp>

namespace {

#define WANT(condition)                                         \
    do {                                                        \
        if (!(condition)) {                                     \
            std::printf("line %d: %s\n", __LINE__, #condition); \
            std::exit(1);                                       \
        }                                                       \
    } while (false)

const std::array<double, 6> rows{1, 2, 3, 4, 5, 6};

/// y = 2 a + 0.5 b + 1
holdfast::Graph line() {
    holdfast::Graph graph;
    graph.signature.task = holdfast::Task::regression;
    graph.signature.inputs = {{"X", holdfast::DType::float64, {-1, 2}, ""}};
    graph.signature.features = {"a", "b"};
    graph.signature.outputs = {{"y", holdfast::DType::float64, {-1, 1}, ""}};
    graph.signature.prediction = "y";
    graph.nodes.push_back({holdfast::forms::Linear{2, 1, {2.0, 0.5}, {1.0}, holdfast::DType::float64}, {"X"}, {"y"}});
    graph.source = "test";
    return graph;
}

std::vector<double> answers(const holdfast::Model& model) {
    const holdfast::Outputs out = model.predict(holdfast::TensorView::matrix(rows.data(), 3, 2));
    const double* values = out.at("y").as<double>();
    return {values, values + 3};
}

void errors_cross_the_boundary() {
    WANT(holdfast::sha256("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    try {
        (void)holdfast::Digest::from_hex("not a digest");
        WANT(false);
    } catch (const holdfast::InvalidArgument& error) {
        std::printf("holdfast %s refuses: %s\n", HOLDFAST_VERSION, error.what());
    }
}

void models_and_packages_come_back(const std::filesystem::path& folder) {
    const auto model = holdfast::compile(line());
    const std::vector<double> wanted{4, 9, 14};
    WANT(answers(*model) == wanted);

    holdfast::save_hfm(*model, folder / "line.hfm");
    WANT(answers(*holdfast::load_model_file(folder / "line.hfm")) == wanted);

    const holdfast::Package package = holdfast::PackageBuilder("line").model(*model).build();
    package.save_zip(folder / "line.zip");
    package.save_directory(folder / "line");
    WANT(holdfast::Package::open(folder / "line.zip").identity() == package.identity());
    WANT(answers(*holdfast::load_model(folder / "line.zip")) == wanted);
    WANT(answers(*holdfast::load_model(folder / "line")) == wanted);
}

void bad_files_are_refused(const std::filesystem::path& folder) {
    std::filesystem::resize_file(folder / "line.hfm", 20);
    try {
        (void)holdfast::load_model_file(folder / "line.hfm");
        WANT(false);
    } catch (const holdfast::CorruptArtifact&) {
    }
    try {
        (void)holdfast::load_model(folder / "nothing.onnx");
        WANT(false);
    } catch (const holdfast::NotFound&) {
    }
}

}  // namespace

int main() {
    std::string name = (std::filesystem::temp_directory_path() / "holdfast-host-XXXXXX").string();
    WANT(::mkdtemp(name.data()) != nullptr);
    errors_cross_the_boundary();
    models_and_packages_come_back(name);
    bad_files_are_refused(name);
    std::filesystem::remove_all(name);
    return 0;
}
