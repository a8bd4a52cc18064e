#include <holdfast/loop/trainer.hpp>

#include <utility>

#include <holdfast/base/error.hpp>

namespace holdfast {

namespace {

class FunctionTrainer final : public Trainer {
  public:
    FunctionTrainer(std::string name, std::function<Package(const TrainingJob&)> function)
        : name_(std::move(name)), function_(std::move(function)) {}

    Package train(const TrainingJob& job) override { return function_(job); }

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

Trainer::~Trainer() = default;

std::shared_ptr<Trainer> function_trainer(std::string name, std::function<Package(const TrainingJob&)> function) {
    if (!function)
        throw InvalidArgument("trainer \"" + name + "\": an empty function given, one that can be called wanted");
    return std::make_shared<FunctionTrainer>(std::move(name), std::move(function));
}

}  // namespace holdfast
