/// Trainer: whatever makes a new package out of selected samples.
///
/// Thread safety: `train` is called by one controller at a time, from the thread that steps it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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
    std::vector<std::string> features;  ///< names of the feature columns in `samples`
    std::optional<Version> previous;    ///< the champion
    std::filesystem::path workdir;      ///< an empty folder of the job's own; removed once the job has ended
    std::uint64_t seed = 0;
    Time time{};                                                        ///< of the decision
    std::function<void(double share, std::string_view note)> progress;  ///< share done in [0, 1]
};

class HOLDFAST_EXPORT Trainer {
  public:
    virtual ~Trainer();
    /// Makes a package named job.model. An exception fails the job, with its message kept.
    [[nodiscard]] virtual Package train(const TrainingJob& job) = 0;
    /// What a saved configuration keeps; Unsupported, naming the trainer, where it cannot be kept.
    [[nodiscard]] virtual Json to_json() const = 0;
    /// Packages of it that carry code may be loaded for evaluation before approval.
    [[nodiscard]] virtual bool trusted() const noexcept { return false; }
};

/// A C++ function as trainer; `name` identifies it in a saved configuration.
[[nodiscard]] HOLDFAST_EXPORT std::shared_ptr<Trainer> function_trainer(
    std::string name, std::function<Package(const TrainingJob&)> function);

}  // namespace holdfast
