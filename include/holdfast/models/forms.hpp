/// Forms: what a node of a Graph computes, with everything that later engines compile from. Plain data.
///
/// Shapes: a value is (rows, width). Matrices are row-major. Counts and indices are int64 unless said.
///
/// Numbers convert as C does; what is undefined there is fixed: NaN and numbers beyond int64 become its least value.
/// A form with `compute` float32 rounds its operands (constants too) and its results to float32; what is between runs
/// in double, so that its answer is never farther from the exact one than float32 arithmetic's.
///
/// The numbers of the enumerators are stored in `.hfm` files: they never change, new ones come last.
///
/// Thread safety: values.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <holdfast/data/dtype.hpp>
#include <holdfast/models/signature.hpp>

namespace holdfast::forms {

/// x as another dtype: C's conversions between numbers; numbers to text and back as ONNX's Cast does, where text that
/// is no number is refused when it is met.
struct Cast {
    DType to = DType::float64;
    bool operator==(const Cast&) const = default;
};

/// Columns of x, in this order.
struct Select {
    std::vector<std::int64_t> columns;
    bool operator==(const Select&) const = default;
};

/// Its inputs side by side; equal dtypes.
struct Concat {
    bool operator==(const Concat&) const = default;
};

/// (x - offset) / scale, or (x - offset) * scale; empty vectors leave that step out. In `compute`.
struct Scale {
    std::vector<double> offset;
    std::vector<double> scale;
    bool divide = true;
    DType compute = DType::float64;
    bool operator==(const Scale&) const = default;
};

/// Replaces missing values column by column, after dropping the columns not in `kept` (scikit-learn drops a column that
/// was all missing), then appends indicators (1 where missing) for `indicators`, positions in x.
struct Impute {
    bool missing_is_nan = true;
    double missing_value = 0.0;      ///< where not NaN
    std::vector<std::int64_t> kept;  ///< positions in x
    std::vector<double> fill;        ///< one for each of `kept`
    std::vector<std::int64_t> indicators;
    bool operator==(const Impute&) const = default;
};

enum class Norm : std::uint8_t { l1, l2, max };
struct Normalize {
    Norm norm = Norm::l1;
    DType compute = DType::float64;
    bool operator==(const Normalize&) const = default;
};

/// x W^T + b, (rows, outputs). The dot product runs in `compute`, in the eight-lane order of kernels/dot.hpp.
struct Linear {
    std::int64_t features = 0;
    std::int64_t outputs = 0;
    std::vector<double> weights;    ///< (outputs, features)
    std::vector<double> intercept;  ///< (outputs)
    DType compute = DType::float64;
    bool operator==(const Linear&) const = default;
};

enum class Comparison : std::uint8_t {
    less_equal,
    less,
    greater_equal,
    greater,
    equal,
    not_equal,
    in_set,      ///< x, cut to a whole number, is in the set; NaN is not
    not_in_set,  ///< x is negative or NaN, or, cut to a whole number, not in the set (XGBoost's)
};
enum class Missing : std::uint8_t {
    none,         ///< NaN takes the branch of a false comparison
    nan,          ///< NaN goes the node's default way
    zero,         ///< NaN and values within float32's 1e-35 of zero go the default way (LightGBM's zero_as_missing)
    value,        ///< `missing_value` goes the default way
    nan_as_zero,  ///< NaN is compared as zero (LightGBM, where training saw none missing)
};
enum class Aggregate : std::uint8_t { sum, average, minimum, maximum };

/// An ensemble of decision trees, all nodes of all trees in flat arrays. Node i is a leaf where left[i] == -1; else its
/// test is "x[feature[i]] <comparison> threshold[i]", true going left.
struct Trees {
    std::int64_t features = 0;
    std::int64_t outputs = 0;      ///< width of the result
    DType input = DType::float32;  ///< x is cast to this before the comparison, which is made in double
    Comparison comparison =
        Comparison::less_equal;           ///< of every node whose entry in `comparisons` does not say otherwise
    std::vector<Comparison> comparisons;  ///< empty, or one a node
    Missing missing = Missing::none;
    double missing_value = 0.0;
    std::vector<std::int64_t> roots;         ///< first node of each tree
    std::vector<std::int32_t> left, right;   ///< node positions, or -1 for a leaf
    std::vector<std::int32_t> feature;       ///< -1 for a leaf
    std::vector<double> threshold;           ///< for in_set and not_in_set: number of the set
    std::vector<std::uint8_t> default_left;  ///< empty, or one a node
    std::vector<std::int64_t> set_begin;     ///< categorical set k is sets[set_begin[k], set_begin[k + 1])
    std::vector<std::int64_t> sets;          ///< sorted categories
    // Leaves. Leaf of node i holds entries leaf_begin[i] .. leaf_begin[i + 1): (output, value) pairs, so that a leaf
    // may carry one value of one output (boosting) or a whole vector (forests).
    std::vector<std::int64_t> leaf_begin;  ///< one a node, and one past the end
    std::vector<std::int32_t> leaf_output;
    std::vector<double> leaf_value;
    std::vector<double> base;              ///< (outputs) or empty: where a sum starts; added last to other aggregates
    std::vector<double> tree_weight;       ///< empty, or multiplies each tree's leaf (scikit-learn's learning rate)
    Aggregate aggregate = Aggregate::sum;  ///< average divides the sum by the number of trees at the end
    DType accumulate = DType::float64;     ///< sums run in this dtype, tree after tree
    std::vector<Missing> missings;         ///< empty, or one a node: instead of `missing`
    // Linear leaves (LightGBM's linear trees), or all empty. Leaf i, which then has one entry, gives in place of its
    // value linear_constant[i] + the sum of linear_weight[k] * x[linear_feature[k]] over k from linear_begin[i] up to
    // linear_begin[i + 1], in double; its value only where one of these features is NaN.
    std::vector<std::int64_t> linear_begin;  ///< one a node, and one past the end
    std::vector<std::int32_t> linear_feature;
    std::vector<double> linear_weight;
    std::vector<double> linear_constant;  ///< one a node
    bool operator==(const Trees&) const = default;
};

enum class Kernel : std::uint8_t { linear, polynomial, rbf, sigmoid };

/// Kernel machine of libsvm. Regression and one-class: sum_i coefficient_i K(x, sv_i) + intercept, width 1.
/// Classification: the k (k - 1) / 2 one-against-one decision values in libsvm's order (0,1), (0,2), ...
struct Kernels {
    Kernel kernel = Kernel::rbf;
    double gamma = 0.0, coef0 = 0.0, degree = 3.0;  ///< degree is a whole number from 0 to 1000
    std::int64_t features = 0;
    std::vector<double> support_vectors;        ///< (vectors, features)
    std::vector<std::int64_t> vectors_a_class;  ///< empty: regression
    std::vector<double> coefficients;           ///< (classes - 1, vectors), or (1, vectors)
    std::vector<double> intercept;              ///< one a decision value, added (libsvm's -rho)
    DType compute = DType::float64;
    bool operator==(const Kernels&) const = default;
};

/// libsvm's votes over pairwise decision values: (rows, pairs) to (rows, classes) scores whose arg max is the label.
/// `ovr` gives scikit-learn's decision_function_shape="ovr" (votes plus bounded confidence), else the bare votes.
struct PairwiseVotes {
    std::int64_t classes = 0;
    bool ovr = false;
    bool operator==(const PairwiseVotes&) const = default;
};

/// Platt's sigmoid of each decision value (probability A, B), then libsvm's pairwise coupling.
/// Source: Wu, Lin, Weng, "Probability estimates for multi-class classification by pairwise coupling", JMLR 2004,
/// method 2.
struct PairwiseProbability {
    std::int64_t classes = 0;
    std::vector<double> a, b;  ///< one a pair
    bool operator==(const PairwiseProbability&) const = default;
};

enum class Transform : std::uint8_t {
    softmax,
    softmax_zero,  ///< ONNX: softmax that leaves zeros at zero
    logistic,      ///< 1 / (1 + exp(-x)) element by element
    probit,
    complement,      ///< (rows, 1) p to (rows, 2): 1 - p, p
    negate_pair,     ///< (rows, 1) d to (rows, 2): -d, d
    normalize_rows,  ///< divide by the row's sum, as scikit-learn's one-against-rest probabilities (rows of zero sum:
                     ///< uniform)
    exp,
    log,
    absolute,
};
struct PostTransform {
    Transform transform = Transform::softmax;
    DType compute = DType::float64;
    bool operator==(const PostTransform&) const = default;
};

/// Position of each row's greatest value, the first among equals: int64 (rows, 1).
struct ArgMax {
    bool operator==(const ArgMax&) const = default;
};

/// 1 where x > value (or >=), else 0, element by element: int64.
struct Threshold {
    double value = 0.0;
    bool or_equal = false;
    bool operator==(const Threshold&) const = default;
};

/// Positions to labels: int64 or string.
struct Lookup {
    ClassLabels labels;
    bool operator==(const Lookup&) const = default;
};

enum class Operation : std::uint8_t {
    add,
    subtract,
    multiply,
    divide,  ///< int64: towards zero; by zero is refused when it is met
    power,
    minimum,  ///< NaN where either is
    maximum,  ///< NaN where either is
    // These give bool.
    equal,
    less,
    less_equal,
    greater,
    greater_equal,
    both,
    either,
    one_of,
};
/// Two inputs of one shape, or x and a constant of width 1 or of x's width. `compute` may also be int64 (arithmetic
/// wraps around), bool (equal, both, either, one_of) and string (equal); then there are two inputs of that dtype.
struct Elementwise {
    Operation operation = Operation::add;
    std::vector<double> constant;  ///< empty: two inputs
    DType compute = DType::float64;
    bool operator==(const Elementwise&) const = default;
};

/// The same in every row; of its one input only the rows count. `numbers` for float32 and float64; `items` for int64,
/// bool (0 and 1) and string.
struct Constant {
    DType dtype = DType::float64;
    std::vector<double> numbers;
    ClassLabels items;
    bool operator==(const Constant&) const = default;
};

enum class Function : std::uint8_t {
    relu,
    tanh,
    square_root,
    sign,
    floor,
    ceil,
    round_even,  ///< to the nearest whole number, halves to the even one
    erf,         ///< relative error below 2e-15
    softplus,    ///< log(1 + exp(x))
    reciprocal,
    negate,
    absolute,
    is_nan,          ///< gives bool
    exclusive_not,   ///< of bool
    wrap_to_32bits,  ///< of int64: what int32 arithmetic leaves of it
};
/// Element by element. `compute`: float32, float64; int64 for relu, sign, negate, absolute and wrap_to_32bits.
struct Math {
    Function function = Function::relu;
    DType compute = DType::float64;
    bool operator==(const Math&) const = default;
};

enum class Reduction : std::uint8_t {
    sum,
    mean,
    product,
    minimum,  ///< NaN where one is
    maximum,  ///< NaN where one is
    sum_of_squares,
    log_sum_exp,
    sum_of_absolutes,
    length,   ///< square root of the sum of squares
    arg_min,  ///< int64; the first among equals, a NaN before all
    arg_max,
    arg_min_last,
    arg_max_last,
};
/// Each run of `extent` columns becomes one. Sums run from the first column to the last. `compute`: float32, float64,
/// or int64 for sum, product, minimum, maximum, sum_of_squares and sum_of_absolutes.
struct Reduce {
    Reduction reduction = Reduction::sum;
    std::int64_t extent = 1;
    DType compute = DType::float64;
    bool operator==(const Reduce&) const = default;
};

/// Matrix products row by row: (batch, m, k) times (batch, k, n) is (batch, m, n).
struct Product {
    std::int64_t batch = 1, m = 1, k = 1, n = 1;
    DType compute = DType::float64;
    bool operator==(const Product&) const = default;
};

/// Positions of the k greatest (or least) of each run of `extent` columns, best first; the lower position among equals,
/// NaN above all numbers. int64.
struct TopK {
    std::int64_t extent = 1, k = 1;
    bool largest = true;
    bool operator==(const TopK&) const = default;
};

/// From each run of `extent` columns of the first input, those at the second input's positions (int64, as many for each
/// run; from -extent, counted from the end, to extent - 1; others are refused when they are met).
struct Pick {
    std::int64_t extent = 1;
    bool operator==(const Pick&) const = default;
};

/// The second input where the first (bool) is true, else the third.
struct Choose {
    bool operator==(const Choose&) const = default;
};

/// Position of each element among the keys, the first among equals; their number for an element that is none of them,
/// or it is refused when it is met. NaN equals NaN. `keys` is int64, float32, float64 (`numbers`) or string.
struct Encode {
    DType keys = DType::int64;
    std::vector<double> numbers;
    ClassLabels items;
    bool refuse_unknown = false;
    bool operator==(const Encode&) const = default;
};

/// Positions to `count` indicators each, of dtype `to`; a position outside has none.
struct OneHot {
    std::int64_t count = 1;
    DType to = DType::float32;
    bool operator==(const OneHot&) const = default;
};

/// Positions to numbers of dtype `to`.
struct Numbers {
    std::vector<double> values;
    DType to = DType::float64;
    bool operator==(const Numbers&) const = default;
};

}  // namespace holdfast::forms
