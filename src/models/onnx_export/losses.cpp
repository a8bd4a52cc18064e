#include "models/onnx_export/losses.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/engine/float_step.hpp"
#include "models/onnx_export/machines.hpp"
#include "models/onnx_export/trees.hpp"

namespace holdfast::onnx_export {
namespace {

using forms::Aggregate;
using forms::Function;
using forms::Operation;
using forms::Reduction;
using forms::Transform;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double half_ulp32 = 0x1p-24, half_ulp64 = 0x1p-53;

double greatest_size(const std::vector<double>& values) {
    double most = 0.0;
    for (const double value : values) most = std::max(most, std::fabs(value));
    return most;
}

Error own(double absolute, std::string reason) { return {absolute, 0.0, {std::move(reason)}}; }

/// float32 sums of n terms, of absolute sum s, are within n u / (1 - n u) s of the exact one (Higham, "Accuracy and
/// Stability of Numerical Algorithms", 2nd edition, section 4.2); the file's is rounded to float32 once. Two float32
/// numbers added in float64 and rounded are their float32 sum: sums of no more than two terms lose nothing.
Error own_error(const forms::Trees& form) {
    const bool sums = form.aggregate == Aggregate::sum || form.aggregate == Aggregate::average;
    if (form.accumulate != DType::float32 || !sums) return {};
    const std::vector<Walked> trees = walked(form);
    const bool average = form.aggregate == Aggregate::average;
    double most = 0.0;
    std::int64_t most_terms = 0;
    for (std::int64_t output = 0; output < form.outputs; ++output) {
        const LeafTable table = leaf_table(form, trees, output);
        if (table.most_terms <= 2 && !average) continue;
        double size = table.most_size;
        double roundings = static_cast<double>(table.most_terms);
        if (average) {
            size /= static_cast<double>(trees.size());
            if (!form.base.empty()) size += std::fabs(form.base[static_cast<std::size_t>(output)]);
            roundings += 3.0;
        }
        const double share = roundings * half_ulp32;
        most = std::max(most, (share / (1.0 - share) + half_ulp32) * size * (1.0 + 0x1p-20));
        most_terms = std::max(most_terms, table.most_terms);
    }
    return most == 0.0 ? Error{}
                       : own(most, "sums of " + std::to_string(most_terms) + " float32 leaves in another order");
}

/// With |x|, |v| from the centre, R the greatest |v| and u float64's unit: the distance d is computed within
/// e = (2 F + 12) u (|x| + R)^2. Where |x| <= 2 R, exp(-g d) is off by g e <= 9 (2 F + 12) u g R^2; beyond, d >= |x|^2
/// / 4 and (|x| + R)^2 <= 9/4 |x|^2, so that it is off by g e exp(-g d) <= 9/4 (2 F + 12) u max(t exp(-t / 4)) <= 9/e
/// of that factor. Each decision sums coefficients times these, and rounds.
Error own_error(const forms::Kernels& form) {
    if (form.kernel != forms::Kernel::rbf) return {};
    const Centred machine = centred(form);
    const double radius_squared = machine.lengths.empty() ? 0.0 : *std::ranges::max_element(machine.lengths);
    const double kernel = (2.0 * static_cast<double>(form.features) + 12.0) * half_ulp64 *
                          std::max(9.0 * form.gamma * radius_squared, 9.0 / std::exp(1.0));
    const auto vectors = static_cast<std::int64_t>(machine.lengths.size());
    const std::vector<double> weights = decision_weights(form, vectors);
    const std::size_t decisions = form.intercept.size();
    double most = 0.0;
    for (std::size_t decision = 0; decision < decisions; ++decision) {
        double size = 0.0;
        for (std::size_t at = decision; at < weights.size(); at += decisions) size += std::fabs(weights[at]);
        const double rounding = 2.0 * static_cast<double>(vectors + 4) * half_ulp64;
        most = std::max(most, kernel * size + rounding * (size + std::fabs(form.intercept[decision])));
    }
    Error error = own(form.gamma < 0.0 ? infinity : most, "squared distances by products");
    if (form.compute == DType::float32) error.relative = 2.0 * half_ulp32;
    return error;
}

/// libsvm's iteration stops where the residual is below 0.005 / k. For p with sum 1, e = p - p* has
/// e'Qe <= |e|_1 residual, and a pair of classes of which one gains and one loses has (|e|_1 / (2 (k - 1)))^2 <= e'Qe:
/// so |e|_1 <= 4 (k - 1)^2 residual. Both ends are within that of the exact answer, which float32 moves by as much of
/// (2 k - 1) 2^-22. A class has half of |e|_1 at most.
Error own_error(const forms::PairwiseProbability& form) {
    const auto k = static_cast<double>(form.classes);
    const double residual = 2.0 * 0.005 / k + 4.0 * k * 0x1p-22;
    return own(std::min(1.0, 2.0 * (k - 1.0) * (k - 1.0) * residual), "libsvm's coupling in float32");
}

/// ONNX Runtime's is within a unit of float32 of the exact one, of x rounded to float32: |x| erf'(x) <= 0.49.
Error own_error(const forms::Math& form) {
    if (form.function != Function::erf) return {};
    return own(2.0 * half_ulp32 + 0.49 * half_ulp32 + 2.0 * half_ulp32, "erf in float32");
}

template <class Form>
Error own_error(const Form&) {
    return {};
}

Error unbounded() { return {infinity, 0.0, {}}; }
Error scaled(const Error& x, double factor) { return {x.absolute * factor, x.relative, {}}; }
Error greatest_of(std::span<const Error> inputs) {
    Error most;
    for (const Error& input : inputs) {
        most.absolute = std::max(most.absolute, input.absolute);
        most.relative = std::max(most.relative, input.relative);
    }
    return most;
}
/// Of a function that changes by at most `slope` times its argument's change.
Error smooth(const Error& x, double slope) {
    return x.relative == 0.0 ? Error{slope * x.absolute, 0.0, {}} : unbounded();
}

/// Where two numbers this close are rounded to float32, they may part by a unit more.
Error rounded_to(Error error, DType compute) {
    if (compute == DType::float32 && !error.is_none()) error.relative += 2.0 * half_ulp32;
    return error;
}

// What the errors of the inputs become. Steps (labels, votes, comparisons, trees) have none: rows whose comparisons are
// closer than their errors are excepted.
template <class Form>
Error carried(const Form&, std::span<const Error>) {
    return {};
}
Error carried(const forms::Cast& form, std::span<const Error> in) {
    const bool floats = form.to == DType::float32 || form.to == DType::float64;
    return floats ? rounded_to(in[0], form.to) : Error{};
}
Error carried(const forms::Select&, std::span<const Error> in) { return in[0]; }
Error carried(const forms::Concat&, std::span<const Error> in) { return greatest_of(in); }
Error carried(const forms::Choose&, std::span<const Error> in) { return greatest_of(in.subspan(1)); }
Error carried(const forms::Pick&, std::span<const Error> in) { return in[0]; }
Error carried(const forms::Impute&, std::span<const Error> in) { return in[0]; }

Error carried(const forms::Scale& form, std::span<const Error> in) {
    double factor = form.scale.empty() ? 1.0 : 0.0;
    for (const double scale : form.scale) factor = std::max(factor, std::fabs(form.divide ? 1.0 / scale : scale));
    const Error shifted{in[0].absolute + in[0].relative * greatest_size(form.offset), in[0].relative, {}};
    return rounded_to(scaled(shifted, factor), form.compute);
}

Error carried(const forms::Linear& form, std::span<const Error> in) {
    double most = 0.0;
    for (std::int64_t i = 0; i < form.outputs; ++i) {
        double sum = 0.0;
        for (std::int64_t j = 0; j < form.features; ++j)
            sum += std::fabs(form.weights[static_cast<std::size_t>(i * form.features + j)]);
        most = std::max(most, sum);
    }
    return rounded_to(smooth(in[0], most), form.compute);
}

Error of_operation(const forms::Elementwise& form, std::span<const Error> in) {
    const Error& x = in[0];
    const double most = greatest_size(form.constant);
    switch (form.operation) {
        case Operation::add:
        case Operation::subtract:
            if (!form.constant.empty()) return {x.absolute + x.relative * most, x.relative, {}};
            return x.relative == 0.0 && in[1].relative == 0.0 ? Error{x.absolute + in[1].absolute, 0.0, {}}
                                                              : unbounded();
        case Operation::multiply: return form.constant.empty() ? unbounded() : scaled(x, most);
        case Operation::divide: {
            double least = infinity;
            for (const double divisor : form.constant) least = std::min(least, std::fabs(divisor));
            return form.constant.empty() ? unbounded() : scaled(x, 1.0 / least);
        }
        case Operation::minimum:
        case Operation::maximum: {
            const Error both = greatest_of(in);
            return both.relative == 0.0 ? both : unbounded();
        }
        case Operation::power: return unbounded();
        default: return {};
    }
}
Error carried(const forms::Elementwise& form, std::span<const Error> in) {
    return rounded_to(of_operation(form, in), form.compute);
}

Error carried(const forms::Math& form, std::span<const Error> in) {
    switch (form.function) {
        case Function::negate:
        case Function::absolute:
        case Function::relu: return rounded_to(in[0], form.compute);
        case Function::tanh: return rounded_to({in[0].absolute + 0.5 * in[0].relative, 0.0, {}}, form.compute);
        case Function::erf: return rounded_to({1.13 * in[0].absolute + 0.5 * in[0].relative, 0.0, {}}, form.compute);
        case Function::softplus: return rounded_to(smooth(in[0], 1.0), form.compute);
        case Function::square_root:
        case Function::reciprocal: return unbounded();
        default: return {};
    }
}

/// A softmax of arguments that are off by d changes by at most d / 2.
Error of_transform(Transform transform, const Error& x) {
    switch (transform) {
        case Transform::softmax: return smooth(x, 0.5);
        case Transform::logistic: return {0.25 * x.absolute + 0.25 * x.relative, 0.0, {}};  // |x| slope(x) < 0.25
        case Transform::complement: return {x.absolute, 0.0, {}};
        case Transform::negate_pair:
        case Transform::absolute: return x;
        case Transform::exp: return x.relative == 0.0 ? Error{0.0, std::expm1(x.absolute), {}} : unbounded();
        default: return unbounded();
    }
}
Error carried(const forms::PostTransform& form, std::span<const Error> in) {
    Error out = of_transform(form.transform, in[0]);
    // Of a probability p, relative * p and relative * (1 - p) are at most relative.
    if (form.transform == Transform::complement) out.absolute += in[0].relative;
    return rounded_to(out, form.compute);
}

Error carried(const forms::Reduce& form, std::span<const Error> in) {
    switch (form.reduction) {
        case Reduction::sum: return rounded_to(smooth(in[0], static_cast<double>(form.extent)), form.compute);
        case Reduction::mean:
        case Reduction::log_sum_exp: return rounded_to(smooth(in[0], 1.0), form.compute);
        case Reduction::minimum:
        case Reduction::maximum: return rounded_to(smooth(in[0], 1.0), form.compute);
        case Reduction::arg_min:
        case Reduction::arg_max:
        case Reduction::arg_min_last:
        case Reduction::arg_max_last: return {};
        default: return unbounded();
    }
}

Error carried(const forms::Normalize&, std::span<const Error>) { return unbounded(); }
Error carried(const forms::Kernels&, std::span<const Error>) { return unbounded(); }
Error carried(const forms::Product&, std::span<const Error>) { return unbounded(); }
Error carried(const forms::PairwiseProbability&, std::span<const Error>) { return {}; }

/// Votes have steps; the confidence that is added has a slope of a third in each of a class's pairs.
Error carried(const forms::PairwiseVotes& form, std::span<const Error> in) {
    if (!form.ovr) return {};
    return smooth(in[0], static_cast<double>(form.classes - 1) / 3.0);
}

void add_reasons(const Error& from, std::vector<std::string>& to) {
    for (const std::string& reason : from.reasons) {
        if (std::ranges::find(to, reason) == to.end()) to.push_back(reason);
    }
}

}  // namespace

Error error_of(const Form& form, std::span<const Error> inputs) {
    const bool exact = std::ranges::all_of(inputs, &Error::is_none);
    Error mine = std::visit([](const auto& one) { return own_error(one); }, form);
    if (exact) return mine;
    Error out = std::visit([&](const auto& one) { return carried(one, inputs); }, form);
    out.absolute += mine.absolute;
    out.relative += mine.relative;
    if (out.is_none()) return {};
    out.reasons.clear();
    for (const Error& input : inputs) add_reasons(input, out.reasons);
    add_reasons(mine, out.reasons);
    return out;
}

}  // namespace holdfast::onnx_export
