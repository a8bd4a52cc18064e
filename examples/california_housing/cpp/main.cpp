// The demo's loop once more, in C++ and with no Python in the process.
//
//   california_housing [build/demo/workspace]
//
// Opens the workspace that run.py left, and streams the rows that are logged there through the same packages, in a
// namespace of its own: the same first version, the same rules, labels a week late. Its trainer picks, for each
// retraining that the rules ask for, the next package that the Python run registered; whether that is better, the loop
// finds out for itself. Ends with how far its answers are those of the Python run, to the bit.
#include <algorithm>
#include <bit>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/holdfast.hpp>
#include <holdfast/workspace/logged.hpp>

namespace hf = holdfast;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t day = 24;  // rows: one an hour
constexpr std::int64_t label_delay = 7 * day;

/// Rows of an endpoint's log, in order of time.
hf::store::InteractionTable logged_rows(hf::Workspace& workspace) {
    hf::store::InteractionQuery query;
    query.endpoint = "housing";
    return workspace.interactions().query(query);
}

/// The workspace again, in the first namespace that nobody has used yet.
hf::Workspace open_beside(const hf::Workspace& python, const std::shared_ptr<hf::Clock>& clock) {
    for (int number = 1;; ++number) {
        hf::WorkspaceOptions options;
        options.name_space = "cpp-" + std::to_string(number);
        options.clock = clock;
        hf::Workspace workspace(python.folder(), options);
        if (workspace.endpoints().empty()) return workspace;
    }
}

/// Trains nothing: offers one after the other the versions that the Python run registered after its first.
std::shared_ptr<hf::Trainer> trainer_from(hf::Workspace& python) {
    auto next = std::make_shared<std::size_t>(1);
    return hf::function_trainer("from the registry", [&python, next](const hf::TrainingJob& job) {
        const auto versions = python.registry().versions(job.model);
        if (*next >= versions.size()) {
            throw hf::NotFound("model \"" + job.model + "\": " + std::to_string(versions.size()) +
                               " versions registered, one more wanted");
        }
        return python.registry().package(versions[(*next)++]);
    });
}

hf::ControllerOptions rules(std::shared_ptr<hf::Trainer> trainer) {
    namespace when = hf::when;
    return hf::ControllerOptions{
        .endpoint = "housing",
        .retrain =
            when::any_of(when::metric("accuracy", {.over = 14 * 24h, .min_labels = 200}).below(0.70).held_for(48h),
                         when::drift({.share = 0.5, .over = hf::rows(28 * day), .alpha = 0.05}))
                .cooldown(21 * 24h),
        .select = hf::select::labelled(),
        .trainer = std::move(trainer),
        .promote = hf::promote_if("brier", 0.005, 0.95),
        .approve = hf::Approve::rule,
        .rollback = {},
        .holdout = 0.2,
        .seed = 1,
    };
}

std::vector<hf::Id> ids_of(const hf::Table& rows) {
    std::vector<hf::Id> ids;
    for (std::int64_t row = 0; row < rows.rows(); ++row) ids.emplace_back(rows.column("id").text(row));
    return ids;
}

std::vector<hf::Time> times_of(const hf::Table& rows) {
    std::vector<hf::Time> times;
    for (const std::int64_t micros : rows.column("time").values<std::int64_t>())
        times.push_back(hf::from_micros(micros));
    return times;
}

/// One simulated day: its rows are answered, those of a week ago get their labels, and the loop takes its steps.
void live_a_day(hf::Workspace& workspace, hf::Endpoint& endpoint, hf::Controller& loop,
                const hf::store::InteractionTable& log, std::int64_t begin) {
    const hf::Table today = log.rows.slice(begin, std::min(day, log.rows.rows() - begin));
    const auto ids = ids_of(today);
    const auto times = times_of(today);
    static_cast<hf::SimulatedClock&>(*workspace.clock()).set(times.back());
    const hf::Table features = today.select(log.features);
    static_cast<void>(endpoint.predict(features, {.ids = ids, .times = times}).value());

    if (begin >= label_delay) {
        const hf::Table due = log.rows.slice(begin - label_delay, day);
        workspace.interactions().label(ids_of(due), due.column("label"), times_of(due).back());
    }
    while (true) {
        const hf::StepResult step = loop.step();
        if (!step.decision && step.before == step.after) break;
        if (!step.decision) continue;
        std::printf("%s  %s\n", hf::format_time(step.decision->time).c_str(), step.decision->sentence.c_str());
        for (const hf::Reason& reason : step.decision->reasons) {
            if (reason.truth == hf::Truth::yes) std::printf("    because %s\n", reason.sentence.c_str());
        }
    }
}

bool same_bits(const hf::Column& a, const hf::Column& b, std::int64_t row) {
    if (a.type() == hf::ColumnType::string) return b.type() == a.type() && a.text(row) == b.text(row);
    return a.type() == b.type() &&
           std::bit_cast<std::uint64_t>(a.number(row)) == std::bit_cast<std::uint64_t>(b.number(row));
}

/// How many of the answers are those of the Python run, in every output.
std::int64_t count_same(const hf::store::InteractionTable& ours, const hf::store::InteractionTable& theirs) {
    std::int64_t same = 0;
    for (std::int64_t row = 0; row < ours.rows.rows(); ++row) {
        bool equal = ours.rows.column("id").text(row) == theirs.rows.column("id").text(row);
        for (const std::string& output : ours.outputs) {
            equal = equal && same_bits(ours.rows.column(output), theirs.rows.column(output), row);
        }
        same += equal ? 1 : 0;
    }
    return same;
}

void tell_end(hf::Workspace& workspace, hf::Workspace& python, const hf::store::InteractionTable& log) {
    const auto ours = logged_rows(workspace);
    hf::store::InteractionQuery labelled;
    labelled.endpoint = "housing";
    labelled.labelled = true;
    const auto versions = workspace.registry().versions("housing");
    const hf::Judged judged =
        hf::judge_logged(versions.front().manifest.signature, workspace.interactions().query(labelled));
    const auto accuracy =
        hf::stats::score("accuracy", {judged.truth, judged.prediction, judged.probability, judged.classes});

    std::printf("\n");
    for (const hf::Version& version : versions) {
        const auto theirs = python.registry().version("housing", version.number);
        std::printf("v%lld %s; %s as in the Python run\n", static_cast<long long>(version.number),
                    version.state.c_str(),
                    version.package == theirs.package ? "the same package" : "not the same package");
    }
    std::printf("accuracy %.4f on %lld labels\n", accuracy.value, static_cast<long long>(accuracy.rows));
    std::printf("%lld of %lld answers have the same bits as in the Python run\n",
                static_cast<long long>(count_same(ours, log)), static_cast<long long>(log.rows.rows()));
}

void run(const std::filesystem::path& folder) {
    hf::WorkspaceOptions there;
    there.create = false;
    hf::Workspace python(folder, there);
    const auto log = logged_rows(python);
    const auto first = python.registry().version("housing", 1);
    const auto began = python.endpoint("housing").ledger().front().stamp.recorded_time;

    auto workspace = open_beside(python, std::make_shared<hf::SimulatedClock>(began));
    const auto version = workspace.registry().register_package(python.registry().package(first));
    workspace.registry().approve("housing", version.number, "demo", "trained on the first part of the reference");
    auto endpoint = workspace.create_endpoint("housing", {.good = {"1"}});
    endpoint.deploy(version, "demo", "the first version");

    hf::Controller loop(workspace, rules(trainer_from(python)));
    for (std::int64_t begin = 0; begin < log.rows.rows(); begin += day)
        live_a_day(workspace, endpoint, loop, log, begin);
    tell_end(workspace, python, log);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        run(argc > 1 ? argv[1] : "build/demo/workspace");
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "california_housing: %s\n", error.what());
        return 1;
    }
}
