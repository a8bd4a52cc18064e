#include <holdfast/loop/trainer.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <holdfast/base/clock.hpp>
#include <holdfast/base/error.hpp>

namespace holdfast {

namespace {

class FunctionTrainer final : public Trainer {
  public:
    FunctionTrainer(std::string name, std::function<Package(const TrainingJob&)> function)
        : name_(std::move(name)), function_(std::move(function)) {}

    Package train(const TrainingJob& job) override { return function_(job); }
    std::string name() const override { return name_; }

    Json to_json() const override {
        throw Unsupported(
            "trainer \"" + name_ +
            "\": a C++ function was given, a saved configuration wants one that can be found again by name");
    }

  private:
    std::string name_;
    std::function<Package(const TrainingJob&)> function_;
};

}  // namespace

TrainerRaised::TrainerRaised(const std::string& kind, std::string words)
    : Error(ErrorCode::unavailable, kind + " raised"), words_(std::move(words)) {}

TrainerRaised::~TrainerRaised() = default;

Trainer::~Trainer() = default;

Package DetachedTrainer::train(const TrainingJob& job) {
    const auto clock = system_clock();
    std::mutex mutex;
    std::condition_variable nobody;
    std::unique_lock lock(mutex);
    const Duration until = clock->steady_now() + max_wait();
    start(job);
    for (WorkStatus work = look(job.workdir);; work = look(job.workdir)) {
        if (work.ended && work.failure.empty()) return result(job.workdir);
        if (work.ended) throw Unavailable(work.failure);
        if (clock->steady_now() >= until) break;
        clock->wait_until(lock, nobody, std::min(until, clock->steady_now() + poll_interval()));
    }
    stop(job.workdir);
    throw Unavailable("job \"" + job.id + "\": no end within max_wait " + format_duration(max_wait()));
}

std::shared_ptr<Trainer> function_trainer(std::string name, std::function<Package(const TrainingJob&)> function) {
    if (!function)
        throw InvalidArgument("trainer \"" + name + "\": an empty function given, one that can be called wanted");
    return std::make_shared<FunctionTrainer>(std::move(name), std::move(function));
}

}  // namespace holdfast
