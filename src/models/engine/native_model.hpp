/// NativeModel: a compiled graph. Rows go through all steps block by block.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/models/graph.hpp>
#include <holdfast/models/model.hpp>

#include "models/engine/plan.hpp"
#include "models/engine/scratch.hpp"
#include "models/engine/step.hpp"

namespace holdfast::engine {

class NativeModel final : public Model {
  public:
    NativeModel(Graph graph, std::string backend);

    [[nodiscard]] std::string_view backend() const noexcept override { return backend_; }
    [[nodiscard]] std::string arithmetic() const override;
    [[nodiscard]] const Graph* graph() const noexcept override { return &graph_; }

  private:
    void do_run(const Batch& batch, Outputs& out) const override;

    void layout();
    void prepare(Scratch& scratch) const;
    void ask(Scratch& scratch, Outputs& out, std::int64_t rows) const;
    void feed(Scratch& scratch, const Batch& batch, std::int64_t begin, std::int64_t rows) const;
    void run_steps(Scratch& scratch, Outputs& out, std::int64_t rows) const;

    Graph graph_;
    std::string backend_;
    Plan plan_;
    std::vector<std::unique_ptr<Step>> steps_;
    std::int64_t block_rows_ = 0;
    std::vector<std::int64_t> offsets_;  // of each value in the scratch
    std::int64_t workspace_offset_ = 0;
    std::int64_t scratch_bytes_ = 0;
    mutable std::unique_ptr<ScratchPool> pool_;
};

}  // namespace holdfast::engine
