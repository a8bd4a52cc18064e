#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/models/graph.hpp>
#include <holdfast/package/package.hpp>
#include <holdfast/stats/quality.hpp>

#include "package/layout.hpp"

namespace holdfast {
namespace {

void check_name(const std::string& what, std::string_view name) {
    if (const std::string why = detail::refused_name(name); !why.empty())
        throw InvalidArgument("package: " + what + " \"" + std::string(name) + "\": " + why);
}

void score_into(std::map<std::string, stats::MetricValue>& metrics, const Model& model, const Evaluation& evaluation) {
    const Judged judged = judge(model, evaluation.features, evaluation.truth);
    const stats::ScoredRows rows{judged.truth, judged.prediction, judged.probability, judged.classes};
    for (const std::string& metric : evaluation.metrics)
        if (!metrics.emplace(metric, stats::score(metric, rows)).second)
            throw InvalidArgument("package: metric \"" + metric + "\" is asked for twice");
}

}  // namespace

PackageBuilder::PackageBuilder(std::string name) : name_(std::move(name)) { check_name("name", name_); }

PackageBuilder& PackageBuilder::model_file(std::string file_name, std::vector<std::byte> bytes) {
    if (!model_file_.empty())
        throw InvalidArgument("package \"" + name_ + "\": a second model file, \"" + file_name + "\"");
    file(file_name, std::move(bytes));
    model_file_ = std::move(file_name);
    return *this;
}

PackageBuilder& PackageBuilder::model(const Model& model) {
    if (model.graph() == nullptr)
        throw Unsupported("package \"" + name_ + "\": a model of backend \"" + std::string(model.backend()) +
                          "\" cannot be written as .hfm; give its file");
    return model_file("model.hfm", encode_hfm(*model.graph()));
}

PackageBuilder& PackageBuilder::reference(stats::Profile profile) {
    reference_ = std::move(profile);
    return *this;
}

PackageBuilder& PackageBuilder::lineage(Json lineage) {
    if (!lineage.is_object()) throw InvalidArgument("package \"" + name_ + "\": lineage: a JSON object wanted");
    lineage_ = std::move(lineage);
    return *this;
}

PackageBuilder& PackageBuilder::evaluate(Evaluation evaluation) {
    evaluations_.push_back(std::move(evaluation));
    return *this;
}

PackageBuilder& PackageBuilder::load_options(LoadOptions options) {
    options_ = std::move(options);
    return *this;
}

PackageBuilder& PackageBuilder::file(std::string name, std::vector<std::byte> bytes) {
    check_name("file", name);
    if (name == detail::manifest_name || name == detail::reference_name || name == detail::signatures_name)
        throw InvalidArgument("package \"" + name_ + "\": file \"" + name + "\" is the package's own");
    if (files_.size() + 2 > detail::max_package_files)
        throw InvalidArgument("package \"" + name_ + "\": over " + std::to_string(detail::max_package_files) +
                              " files");
    if (!files_.emplace(name, std::move(bytes)).second)
        throw InvalidArgument("package \"" + name_ + "\": file \"" + name + "\" is given twice");
    return *this;
}

Package PackageBuilder::build() const {
    if (model_file_.empty()) throw InvalidArgument("package \"" + name_ + "\": no model given, one wanted");
    Package::Files files = files_;
    const auto model = load_model_bytes(files.find(model_file_)->second, model_file_, options_);
    if (reference_) files.emplace(detail::reference_name, reference_->without_rare_items().encode());

    Manifest manifest;
    manifest.name = name_;
    manifest.signature = model->signature();
    manifest.model_file = model_file_;
    manifest.lineage = lineage_;
    for (const Evaluation& evaluation : evaluations_) score_into(manifest.metrics, *model, evaluation);
    for (const auto& [name, bytes] : files)
        manifest.files.emplace(name, FileEntry{static_cast<std::int64_t>(bytes.size()), sha256(bytes)});

    // What cannot be read back must not be written: a file in a folder that is a file, numbers no text can hold.
    const std::string text = manifest.to_json().canonical();
    try {
        manifest = Manifest::from_json(Json::parse(text));
    } catch (const CorruptArtifact& error) {
        throw InvalidArgument("package \"" + name_ + "\": " + error.what());
    }
    const auto bytes = as_bytes(text);
    files.emplace(detail::manifest_name, std::vector<std::byte>(bytes.begin(), bytes.end()));
    return {std::move(manifest), std::move(files)};
}

}  // namespace holdfast
