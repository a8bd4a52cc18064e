/// Step: one node of a graph, compiled. It reads blocks of rows of its inputs and writes one block.
///
/// Every row is computed by itself, so that the answer does not depend on how rows fall into blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <holdfast/data/dtype.hpp>
#include <holdfast/models/graph.hpp>
#include <holdfast/models/outputs.hpp>

namespace holdfast::engine {

/// What a value of the graph is.
struct ValueType {
    DType dtype = DType::float64;
    std::int64_t width = 0;
    bool operator==(const ValueType&) const = default;
};

/// Some rows of a value, C-contiguous.
struct Block {
    void* data = nullptr;
    ValueType type;

    template <class T>
    [[nodiscard]] T* as() const noexcept {
        return static_cast<T*>(data);
    }
};

struct Work {
    std::int64_t rows = 0;
    std::span<const Block> inputs;
    Block output;
    std::byte* workspace = nullptr;  // `workspace_bytes` of the step, aligned to 64
    Outputs* texts = nullptr;        // keeps text that a step makes
};

class Step {
  public:
    virtual ~Step() = default;
    [[nodiscard]] virtual std::int64_t workspace_bytes(std::int64_t rows) const {
        static_cast<void>(rows);
        return 0;
    }
    virtual void run(const Work& work) const = 0;
};

/// The type of a node's output; InvalidArgument where the form and its inputs do not fit. Checks every field.
[[nodiscard]] ValueType infer(const Form& form, std::span<const ValueType> inputs);

// The step of a form that `infer` has passed; `inputs` as there. The form outlives the step: the model owns both.
[[nodiscard]] std::unique_ptr<Step> make_step(const Form& form, std::span<const ValueType> inputs, ValueType output);
[[nodiscard]] std::unique_ptr<Step> make_cast(ValueType input, ValueType output);
[[nodiscard]] std::unique_ptr<Step> make_select(const forms::Select& form, ValueType input);
[[nodiscard]] std::unique_ptr<Step> make_concat();
[[nodiscard]] std::unique_ptr<Step> make_scale(const forms::Scale& form, ValueType input);
[[nodiscard]] std::unique_ptr<Step> make_impute(const forms::Impute& form, ValueType input);
[[nodiscard]] std::unique_ptr<Step> make_normalize(const forms::Normalize& form, ValueType input);
[[nodiscard]] std::unique_ptr<Step> make_linear(const forms::Linear& form, ValueType input);
[[nodiscard]] std::unique_ptr<Step> make_trees(const forms::Trees& form, ValueType input);
[[nodiscard]] std::unique_ptr<Step> make_kernels(const forms::Kernels& form, ValueType input);
[[nodiscard]] std::unique_ptr<Step> make_votes(const forms::PairwiseVotes& form, ValueType input);
[[nodiscard]] std::unique_ptr<Step> make_probability(const forms::PairwiseProbability& form, ValueType input);
[[nodiscard]] std::unique_ptr<Step> make_post_transform(const forms::PostTransform& form, ValueType input,
                                                        ValueType output);
[[nodiscard]] std::unique_ptr<Step> make_arg_max(ValueType input);
[[nodiscard]] std::unique_ptr<Step> make_threshold(const forms::Threshold& form, ValueType input);
[[nodiscard]] std::unique_ptr<Step> make_lookup(const forms::Lookup& form);
[[nodiscard]] std::unique_ptr<Step> make_elementwise(const forms::Elementwise& form, std::span<const ValueType> inputs);
[[nodiscard]] std::unique_ptr<Step> make_constant(const forms::Constant& form);
[[nodiscard]] std::unique_ptr<Step> make_math(const forms::Math& form, ValueType input);
[[nodiscard]] std::unique_ptr<Step> make_reduce(const forms::Reduce& form, ValueType input);
[[nodiscard]] std::unique_ptr<Step> make_product(const forms::Product& form);
[[nodiscard]] std::unique_ptr<Step> make_top_k(const forms::TopK& form, ValueType input);
[[nodiscard]] std::unique_ptr<Step> make_pick(const forms::Pick& form, std::span<const ValueType> inputs);
[[nodiscard]] std::unique_ptr<Step> make_choose();
[[nodiscard]] std::unique_ptr<Step> make_encode(const forms::Encode& form, ValueType input);
[[nodiscard]] std::unique_ptr<Step> make_one_hot(const forms::OneHot& form, ValueType input);
[[nodiscard]] std::unique_ptr<Step> make_numbers(const forms::Numbers& form);

}  // namespace holdfast::engine
