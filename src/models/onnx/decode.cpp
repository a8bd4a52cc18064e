// onnx.proto's messages out of bytes. Nothing recurses: the messages that are read nest to a fixed depth, and what is
// built is a small multiple of the bytes it is built from.
#include <algorithm>
#include <bit>
#include <limits>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>

#include "models/onnx/builder.hpp"
#include "models/onnx/fields.hpp"
#include "models/onnx/onnx.hpp"
#include "models/onnx/proto.hpp"

namespace holdfast::onnx {
namespace {

static_assert(std::endian::native == std::endian::little, "ONNX keeps numbers in little-endian order");

std::string in_quotes(std::string_view name) { return '"' + std::string(name.substr(0, 200)) + '"'; }

constexpr std::int64_t greatest_size = std::numeric_limits<std::int32_t>::max();

std::int64_t elements_of(const TensorProto& tensor) {
    std::int64_t count = 1;
    for (const std::int64_t dim : tensor.dims) {
        if (dim < 0 || dim > greatest_size || (dim > 0 && count > greatest_size / dim))
            throw Malformed("tensor " + in_quotes(tensor.name) + " has a dimension of " + std::to_string(dim) +
                            ", which no file holds");
        count *= dim;
    }
    return count;
}

void read_raw(std::string_view raw, TensorProto& tensor) {
    switch (tensor.type) {
        case ElementType::float32: return Fields::append_raw<float>(raw, tensor.floats);
        case ElementType::float64: return Fields::append_raw<double>(raw, tensor.floats);
        case ElementType::int32: return Fields::append_raw<std::int32_t>(raw, tensor.integers);
        case ElementType::int64: return Fields::append_raw<std::int64_t>(raw, tensor.integers);
        case ElementType::uint8:
        case ElementType::boolean: return Fields::append_raw<std::uint8_t>(raw, tensor.integers);
        default: throw Malformed("tensor " + in_quotes(tensor.name) + " has raw bytes for data that is not numeric");
    }
}

void check_element_type(const TensorProto& tensor) {
    switch (tensor.type) {
        case ElementType::float32:
        case ElementType::float64:
        case ElementType::uint8:
        case ElementType::int32:
        case ElementType::int64:
        case ElementType::boolean:
        case ElementType::string: return;
        case ElementType::undefined: throw Malformed("tensor " + in_quotes(tensor.name) + " has no element type");
    }
    throw NotCovered("tensor " + in_quotes(tensor.name) + " has elements of type " +
                     std::to_string(static_cast<std::int32_t>(tensor.type)) +
                     "; float, double, int32, int64, bool and string are covered");
}

TensorProto read_tensor(std::string_view message) {
    TensorProto tensor;
    std::string_view raw;
    std::vector<double> singles, doubles;
    Fields fields(message);
    while (fields.next()) {
        switch (fields.number()) {
            case 1: fields.append_integers(tensor.dims); break;
            case 2: tensor.type = static_cast<ElementType>(fields.integer()); break;
            case 4: fields.append_floats(singles); break;
            case 5:
            case 7: fields.append_integers(tensor.integers); break;
            case 6: tensor.strings.push_back(fields.bytes()); break;
            case 8: tensor.name = fields.bytes(); break;
            case 9: raw = fields.bytes(); break;
            case 10: fields.append_doubles(doubles); break;
            case 13: throw NotCovered("a tensor's data lies in another file; one self-contained file is covered");
            case 14:
                if (fields.integer() != 0)
                    throw NotCovered("a tensor's data lies in another file; one self-contained file is covered");
                break;
            default: fields.skip();
        }
    }
    check_element_type(tensor);
    tensor.floats = tensor.type == ElementType::float64 ? std::move(doubles) : std::move(singles);
    if (!raw.empty()) read_raw(raw, tensor);
    const std::int64_t wanted = elements_of(tensor);
    if (tensor.size() != wanted)
        throw Malformed("tensor " + in_quotes(tensor.name) + " has " + std::to_string(tensor.size()) +
                        " elements where its shape wants " + std::to_string(wanted));
    return tensor;
}

AttributeType type_of_value(std::uint32_t field) {
    switch (field) {
        case 2: return AttributeType::number;
        case 3: return AttributeType::integer;
        case 4: return AttributeType::text;
        case 5: return AttributeType::tensor;
        case 7: return AttributeType::numbers;
        case 8: return AttributeType::integers;
        case 9: return AttributeType::texts;
        default: return AttributeType::undefined;
    }
}

/// Calls `read(fields)` at each field of that number.
template <class Read>
void read_list(const AttributeProto& attribute, std::uint32_t number, const Read& read) {
    try {
        Fields fields(attribute.message);
        while (fields.next()) {
            if (fields.number() == number) {
                read(fields);
            } else if (fields.number() != 20) {
                fields.skip();
            } else if (static_cast<AttributeType>(fields.integer()) != attribute.type) {
                throw Malformed("attribute " + in_quotes(attribute.name) + " has a type that its values are not of");
            }
        }
    } catch (const protozero::exception& error) {
        throw Malformed("attribute " + in_quotes(attribute.name) + " is damaged: " + error.what());
    }
}

/// `least`: bytes that an item takes in a field of its own.
template <class T, class Read>
std::vector<T> list_of(const AttributeProto& attribute, std::uint32_t number, std::size_t least, const Read& read) {
    std::vector<T> list;
    list.reserve(attribute.message.size() / least);  // to count them first takes as long as to read them
    read_list(attribute, number, [&](Fields& fields) { read(fields, list); });
    return list;
}

AttributeProto read_attribute(std::string_view message) {
    AttributeProto attribute;
    attribute.message = message;
    AttributeType seen = AttributeType::undefined;
    Fields fields(message);
    while (fields.next()) {
        const AttributeType value = type_of_value(fields.number());
        if (value != AttributeType::undefined) seen = value;
        switch (fields.number()) {
            case 1: attribute.name = fields.bytes(); break;
            case 2: attribute.number = fields.float32(); break;
            case 3: attribute.integer = fields.integer(); break;
            case 4: attribute.text = fields.bytes(); break;
            case 5: attribute.tensor = read_tensor(fields.bytes()); break;
            case 7:
            case 8:
            case 9:  // of a list; what stands behind it is looked at when it is read
                if (attribute.name.empty()) {
                    fields.skip();
                    break;
                }
                if (attribute.type == AttributeType::undefined) attribute.type = seen;
                return attribute;
            case 20: attribute.type = static_cast<AttributeType>(fields.integer()); break;
            default: fields.skip();
        }
    }
    if (attribute.type == AttributeType::undefined) attribute.type = seen;
    return attribute;
}

/// ONNX's own operators have two names for their domain.
std::string_view plain_domain(std::string_view domain) { return domain == "ai.onnx" ? std::string_view{} : domain; }

OperatorSet read_operator_set(std::string_view message) {
    OperatorSet set;
    Fields fields(message);
    while (fields.next()) {
        switch (fields.number()) {
            case 1: set.domain = fields.bytes(); break;
            case 2: set.version = fields.integer(); break;
            default: fields.skip();
        }
    }
    set.domain = plain_domain(set.domain);
    return set;
}

NodeProto read_node(std::string_view message) {
    NodeProto node;
    Fields fields(message);
    while (fields.next()) {
        switch (fields.number()) {
            case 1: node.inputs.push_back(fields.bytes()); break;
            case 2: node.outputs.push_back(fields.bytes()); break;
            case 4: node.type = fields.bytes(); break;
            case 5: node.attributes.push_back(read_attribute(fields.bytes())); break;
            case 7: node.domain = fields.bytes(); break;
            default: fields.skip();
        }
    }
    node.domain = plain_domain(node.domain);
    return node;
}

std::int64_t read_dimension(std::string_view message) {
    std::int64_t extent = -1;
    Fields fields(message);
    while (fields.next()) {
        if (fields.number() == 1) {
            extent = fields.integer();
        } else {
            fields.skip();
        }
    }
    return extent > 0 ? extent : -1;
}

void read_tensor_type(std::string_view message, ValueInfoProto& value) {
    Fields fields(message);
    while (fields.next()) {
        if (fields.number() == 1) {
            value.type = static_cast<ElementType>(fields.integer());
        } else if (fields.number() == 2) {
            value.has_shape = true;
            Fields shape(fields.bytes());
            while (shape.next()) {
                if (shape.number() == 1) {
                    value.shape.push_back(read_dimension(shape.bytes()));
                } else {
                    shape.skip();
                }
            }
        } else {
            fields.skip();
        }
    }
}

/// The parts of a message that stand in field `number`.
template <class F>
void for_each_part(std::string_view message, std::uint32_t number, F&& f) {
    Fields fields(message);
    while (fields.next()) {
        if (fields.number() == number) {
            f(fields.bytes());
        } else {
            fields.skip();
        }
    }
}

void read_map_type(std::string_view message, ValueInfoProto& value) {
    value.is_map = true;
    for_each_part(message, 2, [&](std::string_view type) {
        for_each_part(type, 1, [&](std::string_view tensor) { read_tensor_type(tensor, value); });
    });
}

void read_type(std::string_view message, ValueInfoProto& value) {
    Fields fields(message);
    while (fields.next()) {
        switch (fields.number()) {
            case 1:
                value.is_tensor = true;
                read_tensor_type(fields.bytes(), value);
                break;
            case 4:
                for_each_part(fields.bytes(), 1, [&](std::string_view element) {
                    for_each_part(element, 5, [&](std::string_view map) { read_map_type(map, value); });
                });
                break;
            case 5: read_map_type(fields.bytes(), value); break;
            default: fields.skip();
        }
    }
}

ValueInfoProto read_value_info(std::string_view message) {
    ValueInfoProto value;
    Fields fields(message);
    while (fields.next()) {
        if (fields.number() == 1) {
            value.name = fields.bytes();
        } else if (fields.number() == 2) {
            read_type(fields.bytes(), value);
        } else {
            fields.skip();
        }
    }
    return value;
}

void read_graph_fields(std::string_view message, ModelProto& model) {
    Fields fields(message);
    while (fields.next()) {
        switch (fields.number()) {
            case 1: model.nodes.push_back(read_node(fields.bytes())); break;
            case 5: model.initializers.push_back(read_tensor(fields.bytes())); break;
            case 11: model.inputs.push_back(read_value_info(fields.bytes())); break;
            case 12: model.outputs.push_back(read_value_info(fields.bytes())); break;
            case 15: throw NotCovered("sparse initializers are not covered");
            default: fields.skip();
        }
    }
}

void read_metadata(std::string_view message, ModelProto& model) {
    std::string_view key, value;
    Fields fields(message);
    while (fields.next()) {
        switch (fields.number()) {
            case 1: key = fields.bytes(); break;
            case 2: value = fields.bytes(); break;
            default: fields.skip();
        }
    }
    if (key == signature_key) model.signature = value;
}

ModelProto read_model(std::string_view message) {
    ModelProto model;
    bool has_graph = false;
    Fields fields(message);
    while (fields.next()) {
        switch (fields.number()) {
            case 1: model.ir_version = fields.integer(); break;
            case 2: model.producer = fields.bytes(); break;
            case 3: model.producer_version = fields.bytes(); break;
            case 7:
                if (has_graph) throw Malformed("it holds two graphs");
                has_graph = true;
                read_graph_fields(fields.bytes(), model);
                break;
            case 8: model.operator_sets.push_back(read_operator_set(fields.bytes())); break;
            case 14: read_metadata(fields.bytes(), model); break;
            default: fields.skip();
        }
    }
    if (!has_graph) throw Malformed("it holds no graph");
    if (model.ir_version < 1)
        throw Malformed("its ir_version is " + std::to_string(model.ir_version) + ", 1 or more wanted");
    return model;
}

}  // namespace

std::vector<float> AttributeProto::numbers() const {
    return list_of<float>(*this, 7, 5, [](Fields& fields, std::vector<float>& to) { fields.append_floats(to); });
}

std::vector<double> AttributeProto::numbers_as_doubles() const {
    return list_of<double>(*this, 7, 5, [](Fields& fields, std::vector<double>& to) { fields.append_floats(to); });
}

std::vector<std::int64_t> AttributeProto::integers() const {
    return list_of<std::int64_t>(*this, 8, 2,
                                 [](Fields& fields, std::vector<std::int64_t>& to) { fields.append_integers(to); });
}

std::vector<std::int32_t> AttributeProto::integers_of_32_bits() const {
    return list_of<std::int32_t>(*this, 8, 2, [&](Fields& fields, std::vector<std::int32_t>& to) {
        fields.for_each_integer([&](std::int64_t value) {
            if (!std::in_range<std::int32_t>(value))
                throw Malformed("attribute " + in_quotes(name) + " holds " + std::to_string(value) +
                                ", 32 bits wanted");
            to.push_back(static_cast<std::int32_t>(value));
        });
    });
}

std::vector<std::string_view> AttributeProto::texts() const {
    std::vector<std::string_view> list;
    for_each_text([&list](std::string_view item) { list.push_back(item); });
    return list;
}

void AttributeProto::for_each_text(const std::function<void(std::string_view)>& f) const {
    read_list(*this, 9, [&](Fields& fields) { f(fields.bytes()); });
}

ModelProto decode(std::span<const std::byte> bytes) {
    try {
        return read_model({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    } catch (const NotCovered& error) {
        throw Unsupported(error.what());
    } catch (const Malformed& error) {
        throw CorruptArtifact(std::string("not an ONNX model, or a damaged one: ") + error.what());
    } catch (const protozero::exception& error) {
        throw CorruptArtifact(std::string("not an ONNX model, or a truncated one (") + error.what() + ")");
    }
}

}  // namespace holdfast::onnx
