/// Trainer: whatever makes a new package out of selected samples.
///
/// A Trainer works inside the step that calls it. A DetachedTrainer's work goes on outside of this process, and
/// outlives it: a step starts it or looks at it, and returns.
///
/// Thread safety: called by one controller at a time, from the thread that steps it; `stop` from any.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <holdfast/base/error.hpp>
#include <holdfast/base/json.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/data/table.hpp>
#include <holdfast/export.hpp>
#include <holdfast/package/package.hpp>
#include <holdfast/workspace/registry.hpp>

namespace holdfast {

/// One piece of work for a trainer. The same job again (after a crash) has the same id, samples and seed.
struct TrainingJob {
    std::string id;  ///< "housing-3": endpoint and the decision that asked for it
    std::string endpoint;
    std::string model;  ///< the name that the package must have
    Table samples;      ///< labelled rows: id, time, features, label, label_time; the holdout is not among them
    std::vector<std::string> features;       ///< names of the feature columns in `samples`
    std::optional<Version> previous;         ///< the champion
    std::filesystem::path previous_package;  ///< its package, a zip to be read alone; empty where there is none
    std::filesystem::path workdir;           ///< a folder of this attempt's own; removed once the job has ended
    std::int64_t attempt = 1;
    std::uint64_t seed = 0;
    Time time{};  ///< of the decision
    /// Says how far it is: a share in [0, 1]; seen by whoever asks for the job. Conflict once the job was cancelled.
    std::function<void(double share, std::string_view note)> progress;
};

/// A trainer in another language raised something. `what` says what kind, for logs and everybody; the trainer's own
/// `words`, which may hold secrets, are kept as its output alone.
class HOLDFAST_EXPORT TrainerRaised final : public Error {
  public:
    TrainerRaised(const std::string& kind, std::string words);
    ~TrainerRaised() override;
    [[nodiscard]] const std::string& words() const noexcept { return words_; }

  private:
    std::string words_;
};

class HOLDFAST_EXPORT Trainer {
  public:
    virtual ~Trainer();
    /// Makes a package named job.model. An exception is a failed attempt: its kind is told, its message is kept as the
    /// job's output.
    [[nodiscard]] virtual Package train(const TrainingJob& job) = 0;
    /// Who it is, in the lineage of what it makes; without arguments, which may be secret.
    [[nodiscard]] virtual std::string name() const { return "unnamed"; }
    /// What a saved configuration keeps; Unsupported, naming the trainer, where it cannot be kept.
    [[nodiscard]] virtual Json to_json() const = 0;
    /// Packages of it that carry code may be loaded for evaluation before approval.
    [[nodiscard]] virtual bool trusted() const noexcept { return false; }
};

/// Where work outside of this process stands.
struct WorkStatus {
    bool begun = false;
    bool ended = false;
    std::string process;  ///< which does it
    double progress = 0.0;
    std::string note;
    std::optional<std::int64_t> exit_code;
    std::string failure;  ///< in words of Holdfast's, not the program's; empty unless it ended badly
};

class HOLDFAST_EXPORT DetachedTrainer : public Trainer {
  public:
    /// Begins the work in job.workdir; what was begun there before, by whichever process, is not begun again.
    virtual void start(const TrainingJob& job) = 0;
    [[nodiscard]] virtual WorkStatus look(const std::filesystem::path& workdir) const = 0;
    /// What it printed so far, up to a limit.
    [[nodiscard]] virtual std::string output(const std::filesystem::path& workdir) const = 0;
    /// What work that ended well has made; throws where that is no package.
    [[nodiscard]] virtual Package result(const std::filesystem::path& workdir) const = 0;
    /// Ends the work and everything that it began; nothing where there is none.
    virtual void stop(const std::filesystem::path& workdir) = 0;
    [[nodiscard]] virtual Duration max_wait() const noexcept = 0;       ///< an attempt that takes longer has failed
    [[nodiscard]] virtual Duration poll_interval() const noexcept = 0;  ///< between two looks of Controller::run

    /// Starts it and waits, for those who want no controller; Unavailable after max_wait.
    [[nodiscard]] Package train(const TrainingJob& job) final;
};

/// A C++ function as trainer; `name` identifies it in a saved configuration.
[[nodiscard]] HOLDFAST_EXPORT std::shared_ptr<Trainer> function_trainer(
    std::string name, std::function<Package(const TrainingJob&)> function);

}  // namespace holdfast
