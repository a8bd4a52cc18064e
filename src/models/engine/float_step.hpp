/// FloatStep: a step whose arithmetic is in doubles. Operands are rounded to `compute` on the way in, results on the
/// way out; float64 in and out is not copied.
#pragma once

#include <vector>

#include "models/engine/step.hpp"

namespace holdfast::engine {

class FloatStep : public Step {
  public:
    FloatStep(ValueType input, std::int64_t output_width, DType compute)
        : input_(input), output_width_(output_width), compute_(compute) {}

    [[nodiscard]] std::int64_t workspace_bytes(std::int64_t rows) const final;
    void run(const Work& work) const final;

  protected:
    /// x is (rows, width of the input), y is (rows, width of the output), `extra` has `extra_doubles()` places, aligned
    /// to 64 bytes.
    virtual void compute(std::int64_t rows, const double* x, double* y, double* extra) const = 0;
    [[nodiscard]] virtual std::int64_t extra_doubles() const { return 0; }
    [[nodiscard]] std::int64_t width() const noexcept { return input_.width; }
    [[nodiscard]] std::int64_t output_width() const noexcept { return output_width_; }

  private:
    [[nodiscard]] std::int64_t aligned_extra() const { return (extra_doubles() + 7) / 8 * 8; }

    ValueType input_;
    std::int64_t output_width_;
    DType compute_;
};

/// Writes `size` elements of `from`, rounded to `compute`, as doubles.
void read_operand(const Block& from, std::int64_t size, DType compute, double* to);
/// Writes doubles as `compute`, the dtype of `to`.
void write_result(const double* from, std::int64_t size, const Block& to);
/// Constants of a form as `compute` has them.
[[nodiscard]] std::vector<double> rounded(std::vector<double> values, DType compute);

}  // namespace holdfast::engine
