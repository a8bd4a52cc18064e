/// Outputs: where a model's answers go.
///
/// An entry is a view over the caller's memory (written in place; a wrong dtype or shape is InvalidArgument) or a
/// buffer of the Outputs' own, grown once and reused by the next run. Only what was asked for is computed; an Outputs
/// that asked for nothing gets every output of the model.
/// String elements are views into the model (class labels) or into these Outputs: both must outlive their use.
///
/// Thread safety: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/data/tensor_view.hpp>
#include <holdfast/export.hpp>

namespace holdfast {

class HOLDFAST_EXPORT Outputs {
  public:
    Outputs();
    ~Outputs();
    Outputs(Outputs&&) noexcept;
    Outputs& operator=(Outputs&&) noexcept;

    /// Asks for an output into a buffer of our own.
    Outputs& want(std::string_view name);
    /// Asks for an output into the caller's memory, which must outlive the run.
    Outputs& into(std::string_view name, const TensorView& view);

    /// Forgets what was asked for and what was written; the buffers' memory stays for the next run.
    void reset() noexcept;

    [[nodiscard]] bool asked_for_nothing() const noexcept;
    [[nodiscard]] bool wants(std::string_view name) const noexcept;  ///< also true where nothing was asked for
    [[nodiscard]] std::vector<std::string> names() const;            ///< after a run: those that were written, in order
    [[nodiscard]] std::string_view asked(
        std::int64_t i) const noexcept;  ///< the i-th name asked for; empty past the last
    /// An output that the last run wrote; InvalidArgument naming those there are.
    [[nodiscard]] const TensorView& at(std::string_view name) const;

    // For models: begins a run, then a writable C-contiguous view for each output it computes.
    void begin_run();
    /// The place to write `name`; empty data where it was not asked for. A caller's view of another dtype or shape is
    /// InvalidArgument. A strided caller's view is returned as it is: writers go through its strides.
    [[nodiscard]] TensorView place(std::string_view name, DType dtype, std::span<const std::int64_t> shape);
    /// Keeps a copy of text as long as these Outputs (until the next run).
    [[nodiscard]] std::string_view keep(std::string_view text);

  private:
    struct Entry;
    /// Memory for texts, which the next run uses again.
    struct Texts {
        std::unique_ptr<char[]> memory;
        std::size_t size = 0;
    };
    [[nodiscard]] Entry* find(std::string_view name) noexcept;
    Entry& ask(std::string_view name);

    std::vector<Entry> entries_;
    bool everything_ = true;
    std::vector<Texts> texts_;
    std::size_t texts_in_use_ = 0;  // the last of them has room behind `text_end_`
    std::size_t text_end_ = 0;
};

}  // namespace holdfast
