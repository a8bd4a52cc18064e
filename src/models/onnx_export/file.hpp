/// File: an ONNX file while it is written. Nodes are appended in their order; it makes up the names of what they give.
///
/// The operator sets are the oldest that have all that was asked for. What would make it larger than protobuf holds is
/// Unsupported.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <holdfast/data/dtype.hpp>
#include <holdfast/models/signature.hpp>

namespace holdfast::onnx_export {

/// A constant: `numbers` of float32 and float64, `items` of int64, bool and string.
struct Tensor {
    DType dtype = DType::float64;
    std::vector<std::int64_t> dims;
    std::vector<double> numbers;
    ClassLabels items;
};

using Attribute = std::variant<std::int64_t, float, std::string, std::vector<float>, std::vector<std::int64_t>,
                               std::vector<std::string>, Tensor>;
using Attributes = std::vector<std::pair<std::string_view, Attribute>>;
using Names = std::vector<std::string>;

class File {
  public:
    /// Names of the inputs and outputs are the signature's.
    explicit File(const Signature& signature);

    /// A node of ONNX's own operators; the name of what it gives.
    std::string add(std::string_view type, const Names& inputs, const Attributes& attributes = {});
    /// A node of `ai.onnx.ml`.
    std::string add_ml(std::string_view type, const Names& inputs, const Attributes& attributes);
    /// The same of nodes that give two values: the name of the second.
    std::string add_second(std::string_view type, const Names& inputs, const Attributes& attributes);
    std::string add_ml_second(std::string_view type, const Names& inputs, const Attributes& attributes);
    void name_output(const std::string& value, const std::string& output);

    std::string constant(const Tensor& tensor);
    std::string numbers(std::vector<double> values, std::vector<std::int64_t> dims, DType dtype = DType::float64);
    std::string integers(std::vector<std::int64_t> values, std::vector<std::int64_t> dims);
    std::string integers(std::vector<std::int64_t> values);  ///< of one axis
    std::string number(double value);                        ///< float64, of no axes

    std::string cast(const std::string& x, DType from, DType to);  ///< x itself where the dtypes are equal
    std::string reshape(const std::string& x, std::vector<std::int64_t> shape);

    /// Unsupported where a table of so many numbers of that dtype would be beyond what protobuf holds.
    static void check_table(std::int64_t rows, std::int64_t columns, DType dtype = DType::float64);

    void need_set(std::int64_t version);
    void need_ml_set(std::int64_t version);

    /// `source` becomes the file's doc_string, the signature's JSON its metadata.
    [[nodiscard]] std::vector<std::byte> finish(std::string_view source) const;

  private:
    std::string node(std::string_view domain, std::string_view type, const Names& inputs, const Attributes& attributes,
                     int outputs);
    std::string fresh();
    void check_size() const;

    std::string inputs_, outputs_, nodes_, initializers_;  // fields of GraphProto
    std::string signature_;
    std::unordered_set<std::string> taken_;
    std::int64_t named_ = 0, set_ = 18, ml_set_ = 3;
    bool uses_ml_ = false;
};

}  // namespace holdfast::onnx_export
