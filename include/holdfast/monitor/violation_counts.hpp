/// ViolationCounts: constraints on a serving path, counted row by row from many threads.
///
/// A row costs a few comparisons a column, and a value of text a look-up. Memory is fixed: counters for each column in
/// eight stripes, so that threads seldom share one, and at most three examples of each rule. What a row alone does not
/// tell (unique, increasing, unexpected) is not counted.
///
/// Thread safety: all calls are safe from several threads. `add` waits for nothing; it takes a lock, if that is free,
/// to keep an example.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/data/batch.hpp>
#include <holdfast/export.hpp>
#include <holdfast/monitor/constraints.hpp>

namespace holdfast {

class HOLDFAST_EXPORT ViolationCounts {
  public:
    /// `names`: of a tensor's columns, in order.
    ViolationCounts(std::shared_ptr<const Constraints> constraints, const std::vector<std::string>& names);
    ~ViolationCounts();
    ViolationCounts(const ViolationCounts&) = delete;
    ViolationCounts& operator=(const ViolationCounts&) = delete;

    /// A request's rows. A tensor is looked at where it has rank 2, numbers of 32 or 64 bits, and as many columns as
    /// there are names.
    void add(const Batch& batch);

    /// Of all rows until now, each bound at `level`. InvalidArgument: a level outside (0, 1).
    [[nodiscard]] Violations violations(double level = 0.99) const;
    [[nodiscard]] const Constraints& constraints() const noexcept { return *constraints_; }

  private:
    struct State;
    std::shared_ptr<const Constraints> constraints_;
    std::unique_ptr<State> state_;
};

}  // namespace holdfast
