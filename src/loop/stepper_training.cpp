// The stepper's part that trains: inside this process, or by looking after work outside of it.
#include <exception>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/fail_point.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/base/rng.hpp>
#include <holdfast/loop/jobs.hpp>
#include <holdfast/workspace/logged.hpp>

#include "backoff.hpp"
#include "process.hpp"
#include "progress.hpp"
#include "stepper.hpp"
#include "supervisor.hpp"
#include "words.hpp"

namespace holdfast::detail {

namespace {

/// What callers feed an endpoint must go on to fit: whoever trains may change what comes out of a model, not what goes
/// in.
void check_package(const Package& made, const std::string& model, const std::optional<Version>& previous,
                   bool trusted) {
    if (made.manifest().name != model) {
        throw InvalidArgument("trainer's package: named \"" + made.manifest().name + "\", \"" + model + "\" wanted");
    }
    if (previous) {
        const Signature& seen = made.manifest().signature;
        const Signature& wanted = previous->manifest.signature;
        if (seen.task != wanted.task || seen.inputs != wanted.inputs || seen.features != wanted.features) {
            throw InvalidArgument("trainer's package: signature " + seen.to_json().canonical() +
                                  " seen, task, inputs and features of version " + std::to_string(previous->number) +
                                  " wanted: " + wanted.to_json().canonical());
        }
    }
    LoadOptions options;
    options.trusted = trusted;
    (void)made.load(options);
}

void keep_output(const Workspace& workspace, const std::string& output, store::JobRow& row) {
    row.log.reset();
    if (output.empty()) return;
    row.log = sha256(output);
    workspace.store().put_artifact(*row.log, job_output_ending, as_bytes(output));
}

}  // namespace

Stepper::Transition Stepper::train(const Standing& now) {
    if (auto* detached = dynamic_cast<DetachedTrainer*>(options_.trainer.get())) return train_detached(now, *detached);
    return train_here(now);
}

Stepper::Transition Stepper::train_here(const Standing& now) {
    TrainingJob work = training_job(*now.job);
    store::JobRow row = job_row(*now.job);
    row.state = "running";
    row.attempt = work.attempt;
    row.progress = 0.0;
    row.note.clear();
    row.process = owner_;
    row.exit_code.reset();
    row.started = now_;
    workspace_.store().write([&](store::Session& session) {
        // Only a leader may begin; the state stays, which somebody may have paused meanwhile.
        session.put_controller_state(options_.endpoint, fence_, standing_of(session, options_.endpoint).to_json());
        put_unless_cancelled(session, row);
    });
    stop_work(*now.job);  // that an earlier configuration of this loop may have begun
    const auto progress = std::make_shared<ProgressWriter>(workspace_, row, owner_, fence_, options_.lease);
    work.progress = [progress](double share, std::string_view note) { progress->write(share, note); };
    std::filesystem::remove_all(work.workdir);
    make_directories(work.workdir);
    fail_point("loop.training.begin");
    std::optional<Package> made;
    std::string failure, words;
    try {
        made = options_.trainer->train(work);
    } catch (const TrainerRaised& raised) {
        failure = raised.what();
        words = raised.words();
    } catch (const std::exception& error) {
        failure = kind_of(error) + " raised";
        words = error.what();
    }
    row = progress->row();
    if (row.state == "cancelled") return cancelled(now, row);
    fence_ = progress->fence();
    keep_output(workspace_, words, row);
    if (!made) return attempt_failed(now, row, failure);
    try {
        return trained(now, row, *made);
    } catch (const std::exception& error) {
        return attempt_failed(now, row, error.what());
    }
}

Stepper::Transition Stepper::train_detached(const Standing& now, DetachedTrainer& trainer) {
    const Job& job = *now.job;
    const std::filesystem::path folder = attempt_folder(workspace_, job.id, job.attempts + 1);
    const store::JobRow before = job_row(job);
    store::JobRow row = before;
    try {
        WorkStatus work = trainer.look(folder);
        if (!work.begun) {
            make_directories(folder.parent_path());
            trainer.start(training_job(job));
            fail_point("loop.training.started");
            work = trainer.look(folder);
        }
        const bool begins = row.state != "running" || row.attempt != job.attempts + 1;
        // Where the clock was set back, max_wait begins anew.
        if (begins || !row.started || now_ < *row.started) row.started = now_;
        row.state = "running";
        row.attempt = job.attempts + 1;
        row.process = work.process;
        row.progress = work.progress;
        row.note = work.note;
        row.exit_code = work.exit_code;
        if (!work.ended && now_ - *row.started < trainer.max_wait()) {
            Transition result{.next = now};
            const bool news = begins || row.started != before.started || row.process != before.process ||
                              row.progress != before.progress || row.note != before.note;
            if (news) result.job = row;
            return result;
        }
        // Also where its supervisor was killed alone.
        if (!work.ended || !work.exit_code) trainer.stop(folder);
        if (!work.ended) {
            work.failure = "no end within max_wait " + format_duration(trainer.max_wait()) + "; it was killed";
        }
        keep_output(workspace_, trainer.output(folder), row);
        if (!work.failure.empty()) return attempt_failed(now, row, work.failure);
        return trained(now, row, trainer.result(folder));
    } catch (const std::exception& error) {
        trainer.stop(folder);  // what may have begun is not left behind
        return attempt_failed(now, row, error.what());
    }
}

void Stepper::stop_work(const Job& job) {
    if (auto* detached = dynamic_cast<DetachedTrainer*>(options_.trainer.get()))
        detached->stop(attempt_folder(workspace_, job.id, job.attempts + 1));
    stop_programs(workspace_, job.id);
}

Stepper::Transition Stepper::trained(const Standing& now, store::JobRow row, const Package& made) {
    const auto previous = champion();
    check_package(made, model(), previous, options_.trainer->trusted());
    const Package package = with_lineage(made, *now.job, previous);
    workspace_.registry().store_package(package);
    fail_point("loop.training.stored");

    Transition result{.next = moved_to(now, LoopState::evaluating)};
    result.next.job->champion = previous ? previous->number : 0;
    result.decision = note("train", {}, now.job->transaction);
    result.also = [this, package](store::Session& session, Transition& transition) {
        const Version version = workspace_.registry().register_package(session, package);
        transition.next.job->challenger = version.number;
        transition.decision->sentence =
            "trained " + version_text(version.model, version.number) + " as job " + transition.next.job->id;
    };
    row.state = "succeeded";
    row.progress = 1.0;
    row.process.clear();
    row.error.clear();
    row.ended = now_;
    result.job = std::move(row);
    return result;
}

Package Stepper::with_lineage(const Package& made, const Job& job, const std::optional<Version>& previous) const {
    Json lineage = Json::object(
        {{"job", job.id}, {"samples", job.samples}, {"parent", previous ? Json(previous->package.hex()) : Json()}});
    // What a trainer says of itself counts.
    const Json& said = made.manifest().lineage;
    if (said.find("trainer") == nullptr) lineage["trainer"] = options_.trainer->name();
    if (said.find("seed") == nullptr) lineage["seed"] = static_cast<std::int64_t>(seed_of(job));
    return made.with_lineage(lineage);
}

std::uint64_t Stepper::seed_of(const Job& job) const {
    return Rng(options_.seed, "training", job.id)() >>
           11;  // exact as a double, for trainers that know no wider integers
}

Stepper::Transition Stepper::attempt_failed(const Standing& now, store::JobRow row, const std::string& why) {
    const std::int64_t attempts = now.job->attempts + 1;
    Transition result{.next = moved_to(now, LoopState::failed)};
    result.next.job->attempts = attempts;
    const bool last = attempts >= options_.max_attempts;
    if (!last) result.next.until = now_ + backed_off(options_.backoff, attempts);
    const std::string kept = row.log ? "; what it said is kept as the output of job \"" + row.id + "\"" : std::string();
    row.state = last ? "failed" : "queued";
    row.attempt = attempts;
    row.process.clear();
    row.error = why + kept;
    if (last) row.ended = now_;
    result.job = std::move(row);
    result.decision = note("train",
                           "training of job " + now.job->id + " failed (attempt " + std::to_string(attempts) + " of " +
                               std::to_string(options_.max_attempts) + "): " + result.job->error,
                           now.job->transaction);
    return result;
}

Stepper::Transition Stepper::retry(const Standing& now) {
    const Job& job = *now.job;
    if (job.attempts >= options_.max_attempts) {
        Transition result{.next = back_to_monitoring(now, "failed")};
        result.next.until = now_ + options_.cooldown;
        result.decision = note("train",
                               "gave up job " + job.id + " after " + std::to_string(job.attempts) +
                                   " failed attempts; no retraining before " + format_time(*result.next.until),
                               job.transaction);
        return result;
    }
    if (now.until && still_waits(*now.until, backed_off(options_.backoff, job.attempts))) return {.next = now};
    Transition result{.next = moved_to(now, LoopState::training)};
    result.decision = note("train",
                           "tries job " + job.id + " again, attempt " + std::to_string(job.attempts + 1) + " of " +
                               std::to_string(options_.max_attempts),
                           job.transaction);
    return result;
}

Stepper::Transition Stepper::cancelled(const Standing& now, const store::JobRow& row) {
    Transition result{.next = back_to_monitoring(now, "cancelled")};
    result.decision = note("person", "job " + row.id + " was " + row.error, now.job->transaction);
    result.job = row;
    result.job->process.clear();
    return result;
}

TrainingJob Stepper::training_job(const Job& job) const {
    const SampleManifest manifest = load_samples(workspace_, job.samples);
    store::InteractionTable table = labelled_rows(workspace_, options_.endpoint, job.transaction, manifest.samples);

    TrainingJob work;
    work.id = job.id;
    work.endpoint = options_.endpoint;
    work.model = model();
    work.features = table.features;
    std::vector<std::string> kept{"id", "time"};
    kept.insert(kept.end(), table.features.begin(), table.features.end());
    kept.insert(kept.end(), {"label", "label_time"});
    work.samples = table.rows.select(kept);
    work.previous = champion();
    if (work.previous) work.previous_package = workspace_.store().artifact_path(work.previous->package, package_ending);
    work.attempt = job.attempts + 1;
    work.workdir = attempt_folder(workspace_, job.id, work.attempt);
    work.seed = seed_of(job);
    work.time = job.time;
    return work;
}

store::JobRow Stepper::job_row(const Job& job) const {
    std::optional<store::JobRow> row;
    workspace_.store().read([&](const store::Session& session) { row = session.job(job.id); });
    if (row) return *row;
    // Begun by an earlier version of Holdfast, which kept no rows of jobs.
    return {.id = job.id, .endpoint = options_.endpoint, .state = "queued", .queued = job.time};
}

}  // namespace holdfast::detail
