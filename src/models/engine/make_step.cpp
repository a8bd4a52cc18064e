#include "models/engine/step.hpp"

namespace holdfast::engine {
namespace {

struct Maker {
    std::span<const ValueType> in;
    ValueType out;

    using Made = std::unique_ptr<Step>;
    Made operator()(const forms::Cast&) const { return make_cast(in[0], out); }
    Made operator()(const forms::Select& form) const { return make_select(form, in[0]); }
    Made operator()(const forms::Concat&) const { return make_concat(); }
    Made operator()(const forms::Scale& form) const { return make_scale(form, in[0]); }
    Made operator()(const forms::Impute& form) const { return make_impute(form, in[0]); }
    Made operator()(const forms::Normalize& form) const { return make_normalize(form, in[0]); }
    Made operator()(const forms::Linear& form) const { return make_linear(form, in[0]); }
    Made operator()(const forms::Trees& form) const { return make_trees(form, in[0]); }
    Made operator()(const forms::Kernels& form) const { return make_kernels(form, in[0]); }
    Made operator()(const forms::PairwiseVotes& form) const { return make_votes(form, in[0]); }
    Made operator()(const forms::PairwiseProbability& form) const { return make_probability(form, in[0]); }
    Made operator()(const forms::PostTransform& form) const { return make_post_transform(form, in[0], out); }
    Made operator()(const forms::ArgMax&) const { return make_arg_max(in[0]); }
    Made operator()(const forms::Threshold& form) const { return make_threshold(form, in[0]); }
    Made operator()(const forms::Lookup& form) const { return make_lookup(form); }
    Made operator()(const forms::Elementwise& form) const { return make_elementwise(form, in); }
    Made operator()(const forms::Constant& form) const { return make_constant(form); }
    Made operator()(const forms::Math& form) const { return make_math(form, in[0]); }
    Made operator()(const forms::Reduce& form) const { return make_reduce(form, in[0]); }
    Made operator()(const forms::Product& form) const { return make_product(form); }
    Made operator()(const forms::TopK& form) const { return make_top_k(form, in[0]); }
    Made operator()(const forms::Pick& form) const { return make_pick(form, in); }
    Made operator()(const forms::Choose&) const { return make_choose(); }
    Made operator()(const forms::Encode& form) const { return make_encode(form, in[0]); }
    Made operator()(const forms::OneHot& form) const { return make_one_hot(form, in[0]); }
    Made operator()(const forms::Numbers& form) const { return make_numbers(form); }
};

}  // namespace

std::unique_ptr<Step> make_step(const Form& form, std::span<const ValueType> inputs, ValueType output) {
    return std::visit(Maker{inputs, output}, form);
}

}  // namespace holdfast::engine
