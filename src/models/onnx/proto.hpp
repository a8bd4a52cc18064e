/// The parts of onnx.proto that are read, as plain structs. Text is a view into the file's bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::onnx {

/// TensorProto.DataType
enum class ElementType : std::int32_t {
    undefined = 0,
    float32 = 1,
    uint8 = 2,  // in attributes alone
    int32 = 6,
    int64 = 7,
    string = 8,
    boolean = 9,
    float64 = 11
};

struct TensorProto {
    std::string_view name;
    ElementType type = ElementType::undefined;
    std::vector<std::int64_t> dims;
    // One of these, as `type` says; as many as the dims multiply to.
    std::vector<double> floats;
    std::vector<std::int64_t> integers;
    std::vector<std::string_view> strings;

    [[nodiscard]] bool is_float() const noexcept {
        return type == ElementType::float32 || type == ElementType::float64;
    }
    [[nodiscard]] std::int64_t size() const noexcept {
        return static_cast<std::int64_t>(is_float()                    ? floats.size()
                                         : type == ElementType::string ? strings.size()
                                                                       : integers.size());
    }
};

/// AttributeProto.AttributeType
enum class AttributeType : std::int32_t {
    undefined = 0,
    number = 1,
    integer = 2,
    text = 3,
    tensor = 4,
    graph = 5,
    numbers = 6,
    integers = 7,
    texts = 8
};

struct AttributeProto {
    std::string_view name;
    AttributeType type = AttributeType::undefined;
    float number = 0.0F;
    std::int64_t integer = 0;
    std::string_view text;
    TensorProto tensor;
    // A list stays in the file's bytes until it is read.
    std::string_view message;

    // Malformed where the bytes are not of such a list.
    [[nodiscard]] std::vector<float> numbers() const;
    [[nodiscard]] std::vector<double> numbers_as_doubles() const;
    [[nodiscard]] std::vector<std::int64_t> integers() const;
    [[nodiscard]] std::vector<std::int32_t> integers_of_32_bits() const;  ///< Malformed where one has more
    [[nodiscard]] std::vector<std::string_view> texts() const;
    void for_each_text(const std::function<void(std::string_view)>& f) const;
};

struct NodeProto {
    std::string_view domain, type;
    std::vector<std::string_view> inputs, outputs;
    std::vector<AttributeProto> attributes;
};

struct ValueInfoProto {
    std::string_view name;
    bool is_tensor = false;
    bool is_map = false;  ///< from text or whole numbers to `type`, or a sequence of such maps
    ElementType type = ElementType::undefined;
    bool has_shape = false;
    std::vector<std::int64_t> shape;  ///< -1 where any extent goes
};

/// A set of operators that a model imports.
struct OperatorSet {
    std::string_view domain;  ///< "" is ONNX's own
    std::int64_t version = 0;
};

struct ModelProto {
    std::int64_t ir_version = 0;
    std::string_view producer, producer_version;
    std::string_view signature;  ///< JSON, of a file that Holdfast has written
    std::vector<OperatorSet> operator_sets;
    std::vector<NodeProto> nodes;
    std::vector<TensorProto> initializers;
    std::vector<ValueInfoProto> inputs, outputs;
};

/// CorruptArtifact where the bytes are not an ONNX model, Unsupported for data that is kept in other files and the
/// like; messages begin with `name`. The result borrows `bytes`.
[[nodiscard]] ModelProto decode(std::span<const std::byte> bytes);

}  // namespace holdfast::onnx
