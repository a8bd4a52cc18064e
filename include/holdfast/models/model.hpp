/// Model: maps a batch of inputs to named outputs; immutable once loaded.
///
/// `run` is the one primitive: each entry of `out` is a view over the caller's memory or a buffer of its own (see
/// Outputs). The rest is sugar. After a warm-up call native engines allocate nothing.
///
/// Errors: InvalidArgument (wrong shape, dtype or column, by name), Unsupported (no probabilities).
///
/// Thread safety: every call is safe from several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <holdfast/data/batch.hpp>
#include <holdfast/export.hpp>
#include <holdfast/models/outputs.hpp>
#include <holdfast/models/signature.hpp>

namespace holdfast {

struct Graph;

class HOLDFAST_EXPORT Model {
  public:
    virtual ~Model();
    Model(const Model&) = delete;
    Model& operator=(const Model&) = delete;

    [[nodiscard]] const Signature& signature() const noexcept { return signature_; }
    /// The place of signature().prediction among the outputs; -1 where there is none.
    [[nodiscard]] std::int64_t prediction() const noexcept { return prediction_; }

    /// Computes what `out` asks for, for every row of `batch`.
    void run(const Batch& batch, Outputs& out) const;
    [[nodiscard]] Outputs run(const Batch& batch) const;
    /// The output named by signature().prediction.
    [[nodiscard]] Outputs predict(const Batch& batch) const;
    /// The output named by signature().probability; Unsupported where there is none.
    [[nodiscard]] Outputs predict_proba(const Batch& batch) const;
    void predict_into(const Batch& batch, const TensorView& out) const;
    /// Output `i` of the signature, of every row, into `out`: memory of its dtype and shape.
    void run_into(std::int64_t i, const Batch& batch, const TensorView& out) const;

    /// "native", "onnx", "torch", "callable": the backend that loaded it.
    [[nodiscard]] virtual std::string_view backend() const noexcept = 0;
    /// Names the arithmetic: two answers can be compared bit for bit only where it is equal.
    [[nodiscard]] virtual std::string arithmetic() const = 0;
    /// The form the model was compiled from, or nullptr where there is none (torch, callable).
    [[nodiscard]] virtual const Graph* graph() const noexcept { return nullptr; }

  protected:
    explicit Model(Signature signature);
    /// `batch` has passed `check_batch`; outputs through `out.place`.
    virtual void do_run(const Batch& batch, Outputs& out) const = 0;
    /// Output `i` alone, straight into `out`; false, with nothing done, where `do_run` shall do it, or refuse it.
    [[nodiscard]] virtual bool do_run_into(std::int64_t i, const Batch& batch, const TensorView& out) const;

  private:
    Signature signature_;
    std::int64_t prediction_;
};

/// InvalidArgument unless `batch` is what `signature` takes: rank, width, dtype kind (a numeric tensor of any numeric
/// dtype goes where a numeric input is wanted when the model can convert it without loss of its own rule; text only
/// where text is wanted), every named column present.
HOLDFAST_EXPORT void check_batch(const Signature& signature, const Batch& batch);

}  // namespace holdfast
