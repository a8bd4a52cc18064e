/// Builder: the graph that a file is translated into, and what is known of each of its values.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include <holdfast/models/graph.hpp>

namespace holdfast::onnx {

/// What a value stands for, so that the signature can say which output is which.
enum class Meaning : std::uint8_t { other, label, probability, decision };

struct Value {
    std::string name;  ///< in the graph
    DType dtype = DType::float32;
    std::int64_t width = 0;
    Meaning meaning = Meaning::other;
};

class Builder {
  public:
    Value add_input(std::string name, DType dtype, std::int64_t width);
    /// Adds a node; what it gives has that dtype and width.
    Value add(Form form, const std::vector<Value>& inputs, DType dtype, std::int64_t width);

    // The commonest nodes.
    Value cast(const Value& x, DType to);  ///< x itself where it has that dtype
    Value arg_max(const Value& x);
    Value transform(const Value& x, forms::Transform transform, DType compute);
    Value lookup(const Value& positions, const ClassLabels& labels);  ///< a label
    Value scaled(const Value& x, double factor);
    /// The label of the greatest score; notes the classes.
    Value label_of(const Value& scores, const ClassLabels& labels);

    /// Counts what is made of nothing in the file: CorruptArtifact where a small file asks for gigabytes.
    void spend(std::int64_t elements);
    /// The value is called `name` from now on, as an output of the graph.
    void name_output(const Value& value, const std::string& name);

    [[nodiscard]] const ClassLabels& classes() const noexcept { return classes_; }
    [[nodiscard]] Graph& graph() noexcept { return graph_; }

  private:
    Graph graph_;
    ClassLabels classes_;
    std::unordered_map<std::string, std::string> output_of_;  // value to the output that it became
    std::int64_t spent_ = 0;
};

}  // namespace holdfast::onnx
