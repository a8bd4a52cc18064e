#include <holdfast/models/callable.hpp>

#include <utility>

#include <holdfast/base/error.hpp>

namespace holdfast {
namespace {

class CallableModel final : public Model {
  public:
    CallableModel(Signature signature, ModelFunction function)
        : Model(std::move(signature)), function_(std::move(function)) {}

    [[nodiscard]] std::string_view backend() const noexcept override { return "callable"; }
    [[nodiscard]] std::string arithmetic() const override { return "callable"; }

  private:
    void do_run(const Batch& batch, Outputs& out) const override { function_(batch, out); }

    ModelFunction function_;
};

}  // namespace

std::shared_ptr<const Model> callable_model(Signature signature, ModelFunction function) {
    if (!function) throw InvalidArgument("callable model: an empty function given");
    return std::make_shared<const CallableModel>(std::move(signature), std::move(function));
}

}  // namespace holdfast
