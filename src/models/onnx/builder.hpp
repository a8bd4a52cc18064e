/// Builder: the graph that a file is translated into, and what is known of each of its values.
#pragma once

#include <cstdint>
#include <deque>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include <holdfast/models/graph.hpp>

#include "models/onnx/proto.hpp"

namespace holdfast::onnx {

/// Understood, and not covered; the operator that met it adds its name.
class NotCovered : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};
/// What one row gives would depend on other rows.
class MixesRows : public NotCovered {
  public:
    MixesRows() : NotCovered("mixes rows: it is not covered along the axis that counts them") {}
};

/// What a value stands for, so that the signature can say which output is which.
enum class Meaning : std::uint8_t { other, label, probability, decision };

/// What one row holds of a tensor, flat and in C order. The axis that counts rows has extent 1 in `dims`. A tensor
/// without such an axis is the same in every row, or the file is about one row.
struct Value {
    std::string name;  ///< in the graph; empty for a constant
    DType dtype = DType::float32;
    std::int64_t width = 0;
    Meaning meaning = Meaning::other;
    std::vector<std::int64_t> dims;
    std::int64_t rows = -1;                ///< the axis that counts rows
    bool whole32 = false;                  ///< int32 in the file, int64 here
    const TensorProto* literal = nullptr;  ///< a constant's elements
    bool is_map = false;                   ///< in the file; here the columns of its keys
    bool counts_rows = false;              ///< a constant with `rows_marker` among its elements
};

/// Stands for the number of rows in a constant that a shape is computed of.
inline constexpr std::int64_t rows_marker = INT64_MIN + 20260;

[[nodiscard]] std::int64_t size_of_dims(const std::vector<std::int64_t>& dims);
[[nodiscard]] DType dtype_of(ElementType type);

class Builder {
  public:
    Value add_input(std::string name, DType dtype, std::vector<std::int64_t> dims, std::int64_t rows);
    /// Adds a node; what it gives has that dtype and width, and the first input's shape where the width is equal, else
    /// (rows, width).
    Value add(Form form, const std::vector<Value>& inputs, DType dtype, std::int64_t width);
    /// Adds a node that gives `like.dtype`, `like.dims` and `like.rows`. What is made of constants alone is computed.
    Value add_like(Form form, const std::vector<Value>& inputs, Value like);

    // Constants.
    [[nodiscard]] Value constant(const TensorProto& tensor) const;
    Value kept(TensorProto tensor);           ///< a constant of our own
    Value number(double value, DType dtype);  ///< of no axes

    // The commonest nodes.
    Value cast(const Value& x, DType to);  ///< x itself where it has that dtype
    Value arg_max(const Value& x);
    Value transform(const Value& x, forms::Transform transform, DType compute);
    Value lookup(const Value& positions, const ClassLabels& labels);  ///< a label
    Value scaled(const Value& x, double factor);
    /// The label of the greatest score; notes the classes.
    Value label_of(const Value& scores, const ClassLabels& labels);
    void note_classes(const ClassLabels& labels) { classes_ = labels; }

    /// Counts what is made of nothing in the file: CorruptArtifact where a small file asks for gigabytes.
    void spend(std::int64_t elements);
    /// The value is called `name` from now on, as an output of the graph.
    void name_output(const Value& value, const std::string& name);

    [[nodiscard]] const ClassLabels& classes() const noexcept { return classes_; }
    [[nodiscard]] Graph& graph() noexcept { return graph_; }

  private:
    [[nodiscard]] std::string name_of(const Value& value);
    [[nodiscard]] Value computed(const Form& form, const std::vector<Value>& inputs, Value like);

    Graph graph_;
    ClassLabels classes_;
    std::unordered_map<std::string, std::string> output_of_;  // value to the output that it became
    std::unordered_map<const TensorProto*, std::string> name_of_constant_;
    std::deque<TensorProto> made_;
    std::deque<std::string> texts_;
    std::int64_t spent_ = 0;
};

}  // namespace holdfast::onnx
