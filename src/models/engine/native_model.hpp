/// NativeModel: a compiled graph. Rows go through all steps block by block, on one thread or, if so loaded, several.
#pragma once

#include <memory>
#include <span>
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
    NativeModel(Graph graph, std::string backend, int threads = 1);

    [[nodiscard]] std::string_view backend() const noexcept override { return backend_; }
    [[nodiscard]] std::string arithmetic() const override;
    [[nodiscard]] const Graph* graph() const noexcept override { return &graph_; }

  private:
    /// Where each value of a block of at most `rows` rows lies in one piece of memory.
    struct Layout {
        std::int64_t rows = 0;
        std::vector<std::int64_t> offsets;
        std::int64_t workspace = 0;  // offset of the steps' own
        std::int64_t bytes = 0;
    };
    /// The memory of one run.
    struct Frame {
        const Layout& layout;
        std::byte* memory;
        Block* blocks;                                              // one a value
        Block* arguments;                                           // of the step that runs
        std::vector<std::vector<std::int64_t>>* columns = nullptr;  // of each input, where a table is fed
    };
    /// What one run is asked for.
    struct Request {
        const Batch& batch;
        const Needs& needs;
        std::span<const Place> places;
        Outputs* texts = nullptr;
    };

    void do_run(const Batch& batch, Outputs& out) const override;
    [[nodiscard]] bool do_run_into(std::int64_t i, const Batch& batch, const TensorView& out) const override;

    [[nodiscard]] Layout layout(std::int64_t rows) const;
    [[nodiscard]] Layout small_layout() const;
    [[nodiscard]] bool makes_text(const Needs& needs) const;
    [[nodiscard]] bool fits(std::size_t output, std::int64_t rows, const TensorView& out) const;
    void start(const Frame& frame) const;
    [[nodiscard]] Frame prepare(Scratch& scratch) const;
    [[nodiscard]] const Needs& ask(Scratch& scratch, Outputs& out, std::int64_t rows) const;
    void run_small(const Needs& needs, const Batch& batch, const Place& place) const;
    [[nodiscard]] bool needs_one_thread(const Request& request) const;
    void run(const Frame& frame, const Request& request) const;
    void run_blocks(const Frame& frame, const Request& request) const;
    void run_block(const Frame& frame, const Request& request, std::int64_t begin, std::int64_t rows) const;
    void find(const Frame& frame, const Needs& needs, const Batch& batch) const;
    void feed(const Frame& frame, std::size_t input, const Batch& batch, std::int64_t begin, std::int64_t rows) const;

    Graph graph_;
    std::string backend_;
    int threads_;
    Plan plan_;
    std::vector<std::unique_ptr<Step>> steps_;
    std::size_t most_arguments_ = 0;
    std::vector<Needs> needs_;              // of each output alone
    std::vector<std::uint8_t> makes_text_;  // one an output: text that needs an Outputs to live in
    Needs needs_of_all_;
    Layout small_, large_;
    mutable std::unique_ptr<ScratchPool> pool_;
};

}  // namespace holdfast::engine
