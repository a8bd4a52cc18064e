#include "compare.hpp"

#include <utility>

#include <holdfast/loop/observe.hpp>
#include <holdfast/stats/scores.hpp>

namespace holdfast::detail {

namespace {

Judged judge_version(Registry& registry, const Version& version, const store::InteractionTable& holdout, bool trusted) {
    const Package package = registry.package(version);
    LoadOptions options;
    options.trusted = trusted;
    if (version.state == "approved") options.allowed_sha256.push_back(package.manifest().files.at(package.manifest().model_file).sha256);
    return judge(*package.load(options), holdout.rows.select(holdout.features), holdout.rows.column("label"));
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
    return {json.at("model").as_string(), json.at("champion").as_int(), json.at("challenger").as_int(), json.at("samples").as_string(),
            json.at("transaction").as_int(), std::stoull(json.at("seed").as_string()), json.at("trusted").as_bool()};
}

Observation observe_comparison(const Workspace& workspace, std::string_view endpoint, const PromoteIf& promote, const Subject& subject,
                               Time time, std::int64_t transaction) {
    Observation seen = observe(workspace, endpoint, {}, time, transaction);
    seen.subject = subject.to_json();
    Workspace handle = workspace;
    Registry& registry = handle.registry();
    const SampleManifest manifest = load_samples(workspace, subject.samples);
    const auto holdout = labelled_rows(workspace, endpoint, subject.transaction, manifest.holdout);
    if (holdout.rows.rows() == 0 || subject.champion == 0) return seen;

    const Judged champion = judge_version(registry, registry.version(subject.model, subject.champion), holdout, false);
    const Judged challenger = judge_version(registry, registry.version(subject.model, subject.challenger), holdout, subject.trusted);
    const auto rows = [](const Judged& judged) {
        return stats::ScoredRows{judged.truth, judged.prediction, judged.probability, judged.classes};
    };
    for (const std::string& metric : promote.requirements().comparisons) {
        seen.comparisons.push_back(stats::compare(metric, rows(champion), rows(challenger), promote.confidence, subject.seed));
    }
    return seen;
}

}  // namespace holdfast::detail
