#include "compare.hpp"

#include <utility>

#include <holdfast/loop/observe.hpp>
#include <holdfast/stats/scores.hpp>

namespace holdfast::detail {

namespace {

std::shared_ptr<const Model> load_version(Registry& registry, const Version& version, bool trusted) {
    const Package package = registry.package(version);
    LoadOptions options;
    options.trusted = trusted;
    if (version.state == "approved") options.allowed_sha256.push_back(version.package);
    return package.load(options);
}

}  // namespace

Json Subject::to_json() const {
    return Json::object({{"model", model},
                         {"champion", champion},
                         {"challenger", challenger},
                         {"samples", samples},
                         {"transaction", transaction},
                         {"seed", std::to_string(seed)},
                         {"trusted", trusted}});
}

Subject Subject::from_json(const Json& json) {
    return {json.at("model").as_string(),   json.at("champion").as_int(),    json.at("challenger").as_int(),
            json.at("samples").as_string(), json.at("transaction").as_int(), std::stoull(json.at("seed").as_string()),
            json.at("trusted").as_bool()};
}

Compared observe_comparison(const Workspace& workspace, std::string_view endpoint, const PromoteIf& promote,
                            const Subject& subject, Time time, std::int64_t transaction, std::int64_t format) {
    Requirements nothing;
    nothing.format = format;
    Compared result{observe(workspace, endpoint, nothing, time, transaction), {}};
    Observation& seen = result.seen;
    seen.subject = subject.to_json();
    Workspace handle = workspace;
    Registry& registry = handle.registry();
    const SampleManifest manifest = load_samples(workspace, subject.samples);
    const auto holdout = labelled_rows(workspace, endpoint, subject.transaction, manifest.holdout);
    if (holdout.rows.rows() == 0 || subject.champion == 0) return result;

    const auto old_model = load_version(registry, registry.version(subject.model, subject.champion), false);
    const auto new_model = load_version(registry, registry.version(subject.model, subject.challenger), subject.trusted);
    result.arithmetic = old_model->arithmetic();
    if (new_model->arithmetic() != result.arithmetic) result.arithmetic += ", " + new_model->arithmetic();
    const Table features = holdout.rows.select(holdout.features);
    const Judged champion = judge(*old_model, features, holdout.rows.column("label"));
    const Judged challenger = judge(*new_model, features, holdout.rows.column("label"));
    const auto rows = [](const Judged& judged) {
        return stats::ScoredRows{judged.truth, judged.prediction, judged.probability, judged.classes};
    };
    for (const std::string& metric : promote.requirements().comparisons) {
        seen.comparisons.push_back(
            stats::compare(metric, rows(champion), rows(challenger), promote.confidence, subject.seed));
    }
    return result;
}

}  // namespace holdfast::detail
