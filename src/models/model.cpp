#include <holdfast/models/model.hpp>

#include <memory>
#include <utility>
#include <vector>

#include <holdfast/base/error.hpp>

#include "models/text.hpp"

namespace holdfast {
namespace {

/// Outputs that `predict_into` reuses: one for each level of models that call models, a thread.
class Reused {
  public:
    Reused() {
        if (idle().empty()) {
            outputs_ = std::make_unique<Outputs>();
            idle().reserve(idle().size() + 4);
        } else {
            outputs_ = std::move(idle().back());
            idle().pop_back();
        }
    }
    ~Reused() {
        outputs_->reset();  // its view is over memory that the caller may free now
        if (idle().size() < idle().capacity()) idle().push_back(std::move(outputs_));
    }
    Reused(const Reused&) = delete;
    Reused& operator=(const Reused&) = delete;
    [[nodiscard]] Outputs& operator*() const noexcept { return *outputs_; }

  private:
    static std::vector<std::unique_ptr<Outputs>>& idle() {
        thread_local std::vector<std::unique_ptr<Outputs>> list;
        return list;
    }
    std::unique_ptr<Outputs> outputs_;
};

const std::string& prediction_of(const Signature& signature) {
    if (signature.prediction.empty())
        throw Unsupported("the model names no prediction among its outputs " +
                          detail::listed(detail::names_of(signature.outputs)) + "; ask for one by name");
    return signature.prediction;
}

}  // namespace

Model::Model(Signature signature)
    : signature_(std::move(signature)), prediction_(signature_.find_output(signature_.prediction)) {
    signature_.check();
}
Model::~Model() = default;

bool Model::do_run_into(std::int64_t, const Batch&, const TensorView&) const { return false; }

void Model::run(const Batch& batch, Outputs& out) const {
    check_batch(signature_, batch);
    for (std::int64_t i = 0; !out.asked(i).empty(); ++i) static_cast<void>(signature_.output(out.asked(i)));
    out.begin_run();
    do_run(batch, out);
}

Outputs Model::run(const Batch& batch) const {
    Outputs out;
    run(batch, out);
    return out;
}

Outputs Model::predict(const Batch& batch) const {
    Outputs out;
    out.want(prediction_of(signature_));
    run(batch, out);
    return out;
}

Outputs Model::predict_proba(const Batch& batch) const {
    if (signature_.probability.empty())
        throw Unsupported("the model gives no probabilities; its outputs are " +
                          detail::listed(detail::names_of(signature_.outputs)));
    Outputs out;
    out.want(signature_.probability);
    run(batch, out);
    return out;
}

void Model::predict_into(const Batch& batch, const TensorView& out) const {
    if (prediction_ < 0) static_cast<void>(prediction_of(signature_));  // throws
    run_into(prediction_, batch, out);
}

void Model::run_into(std::int64_t i, const Batch& batch, const TensorView& out) const {
    check_batch(signature_, batch);
    if (do_run_into(i, batch, out)) return;
    const Reused reused;
    (*reused).into(signature_.outputs.at(static_cast<std::size_t>(i)).name, out);
    (*reused).begin_run();
    do_run(batch, *reused);
}

}  // namespace holdfast
