/// TorchModel: what both kinds of file share once they are open.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <holdfast/base/fork.hpp>
#include <holdfast/models/load.hpp>
#include <holdfast/models/model.hpp>

#include "torch/derive.hpp"
#include "torch/kept_tensor.hpp"

namespace holdfast::torch_backend {

/// `model file "net.pt"`: begins every message about it.
[[nodiscard]] std::string name_of(const ModelFile& file);
/// InvalidArgument for text that is no device or for a number of threads below 1; Unavailable where it cannot be used.
[[nodiscard]] c10::Device check_options(const LoadOptions& options);

class TorchModel : public Model {
  public:
    [[nodiscard]] std::string_view backend() const noexcept override { return "torch"; }
    [[nodiscard]] std::string arithmetic() const override;

  protected:
    TorchModel(Chosen chosen, const LoadOptions& options, std::string what);

    /// Arguments in the order of the call, on the model's device; results in the order of signature().outputs.
    [[nodiscard]] virtual std::vector<at::Tensor> forward(std::vector<at::Tensor> arguments) const = 0;

    [[nodiscard]] const Chosen& chosen() const noexcept { return chosen_; }
    [[nodiscard]] const std::string& what() const noexcept { return what_; }

  private:
    void do_run(const Batch& batch, Outputs& out) const final;
    [[nodiscard]] bool do_run_into(std::int64_t i, const Batch& batch, const TensorView& out) const final;
    [[nodiscard]] std::vector<at::Tensor> results(const Batch& batch, LentTensor& lent) const;
    /// Calls `f` with the number of threads and without gradients; errors are of this model.
    template <class F>
    void guarded(F&& f) const;

    Chosen chosen_;
    std::string what_;
    ForkGuard guard_;
    c10::Device device_;
    int threads_;
    mutable KeptTensor kept_;
};

}  // namespace holdfast::torch_backend
