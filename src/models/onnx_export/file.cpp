#include "models/onnx_export/file.hpp"

#include <cstring>

#include <protozero/pbf_writer.hpp>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/version.hpp>

#include "models/onnx/onnx.hpp"

namespace holdfast::onnx_export {
namespace {

using protozero::pbf_writer;

// The fields of onnx.proto that are written.
namespace model {
constexpr protozero::pbf_tag_type ir_version = 1, producer_name = 2, producer_version = 3, doc_string = 6, graph = 7,
                                  opset_import = 8, metadata_props = 14;
}
namespace graph {
constexpr protozero::pbf_tag_type node = 1, name = 2, initializer = 5, input = 11, output = 12;
}
namespace node_proto {
constexpr protozero::pbf_tag_type input = 1, output = 2, op_type = 4, attribute = 5, domain = 7;
}
namespace attribute {
constexpr protozero::pbf_tag_type name = 1, f = 2, i = 3, s = 4, t = 5, floats = 7, ints = 8, strings = 9, type = 20;
}
namespace tensor {
constexpr protozero::pbf_tag_type dims = 1, data_type = 2, string_data = 6, name = 8, raw_data = 9;
}

constexpr std::string_view ml = "ai.onnx.ml";

constexpr std::size_t most_bytes = (std::size_t{1} << 31) - (std::size_t{1} << 16);

[[noreturn]] void refuse_size() { throw Unsupported("the file would be beyond 2 GiB, the most that protobuf holds"); }

std::int32_t element_type(DType dtype) {
    switch (dtype) {
        case DType::float32: return 1;
        case DType::int64: return 7;
        case DType::string: return 8;
        case DType::boolean: return 9;
        case DType::float64: return 11;
        default: throw InternalError("ONNX export: a value of dtype " + std::string(to_string(dtype)));
    }
}

template <class To, class From>
void append_raw(const std::vector<From>& values, std::string& bytes) {
    bytes.reserve(values.size() * sizeof(To));
    for (const From& value : values) {
        const To stored = static_cast<To>(value);
        bytes.append(reinterpret_cast<const char*>(&stored), sizeof stored);
    }
}

void write_elements(pbf_writer& to, const Tensor& constant) {
    std::string raw;
    if (constant.dtype == DType::string) {
        if (const auto* texts = std::get_if<1>(&constant.items)) {
            for (const std::string& text : *texts) to.add_bytes(tensor::string_data, text);
        }
        return;
    }
    if (constant.dtype == DType::float32) {
        append_raw<float>(constant.numbers, raw);
    } else if (constant.dtype == DType::float64) {
        append_raw<double>(constant.numbers, raw);
    } else if (const auto* whole = std::get_if<0>(&constant.items)) {
        if (constant.dtype == DType::int64) {
            append_raw<std::int64_t>(*whole, raw);
        } else {
            for (const std::int64_t value : *whole) raw.push_back(value != 0 ? '\1' : '\0');
        }
    }
    to.add_bytes(tensor::raw_data, raw);
}

std::string tensor_bytes(const Tensor& constant, std::string_view name) {
    std::string bytes;
    pbf_writer to(bytes);
    for (const std::int64_t dim : constant.dims) to.add_int64(tensor::dims, dim);
    to.add_int32(tensor::data_type, element_type(constant.dtype));
    to.add_string(tensor::name, name.data(), name.size());
    write_elements(to, constant);
    return bytes;
}

/// The value of an attribute and the number of its type.
struct AttributeWriter {
    pbf_writer& to;

    void operator()(float value) const {
        to.add_float(attribute::f, value);
        to.add_int32(attribute::type, 1);
    }
    void operator()(std::int64_t value) const {
        to.add_int64(attribute::i, value);
        to.add_int32(attribute::type, 2);
    }
    void operator()(const std::string& value) const {
        to.add_bytes(attribute::s, value);
        to.add_int32(attribute::type, 3);
    }
    void operator()(const Tensor& value) const {
        to.add_message(attribute::t, tensor_bytes(value, ""));
        to.add_int32(attribute::type, 4);
    }
    void operator()(const std::vector<float>& values) const {
        to.add_packed_float(attribute::floats, values.begin(), values.end());
        to.add_int32(attribute::type, 6);
    }
    void operator()(const std::vector<std::int64_t>& values) const {
        to.add_packed_int64(attribute::ints, values.begin(), values.end());
        to.add_int32(attribute::type, 7);
    }
    void operator()(const std::vector<std::string>& values) const {
        for (const std::string& value : values) to.add_bytes(attribute::strings, value);
        to.add_int32(attribute::type, 8);
    }
};

/// A ValueInfoProto: a tensor whose first axis counts rows.
std::string value_info(const TensorSpec& spec) {
    std::string bytes;
    pbf_writer info(bytes);
    info.add_string(1, spec.name);
    pbf_writer type(info, 2);
    pbf_writer tensor_type(type, 1);
    tensor_type.add_int32(1, element_type(spec.dtype));
    pbf_writer shape(tensor_type, 2);
    for (std::size_t i = 0; i < spec.shape.size(); ++i) {
        pbf_writer dim(shape, 1);
        if (i == 0) {
            dim.add_string(2, "rows");
        } else {
            dim.add_int64(1, spec.shape[i]);
        }
    }
    return bytes;
}

void add_operator_set(pbf_writer& to, std::string_view domain, std::int64_t version) {
    pbf_writer set(to, model::opset_import);
    set.add_string(1, domain.data(), domain.size());
    set.add_int64(2, version);
}

}  // namespace

File::File(const Signature& signature) : signature_(signature.to_json().canonical()) {
    pbf_writer inputs(inputs_), outputs(outputs_);
    for (const TensorSpec& spec : signature.inputs) {
        inputs.add_message(graph::input, value_info(spec));
        taken_.insert(spec.name);
    }
    for (const TensorSpec& spec : signature.outputs) {
        outputs.add_message(graph::output, value_info(spec));
        taken_.insert(spec.name);
    }
}

std::string File::fresh() {
    for (;;) {
        std::string name = "v" + std::to_string(named_++);
        if (taken_.insert(name).second) return name;
    }
}

void File::check_size() const {
    if (nodes_.size() + initializers_.size() > most_bytes) refuse_size();
}

void File::check_table(std::int64_t rows, std::int64_t columns, DType dtype) {
    if (rows > 0 && columns > static_cast<std::int64_t>(most_bytes) / size_of(dtype) / rows) refuse_size();
}

std::string File::node(std::string_view domain, std::string_view type, const Names& inputs,
                       const Attributes& attributes, int outputs) {
    pbf_writer graph(nodes_);
    std::string last;
    {
        pbf_writer to(graph, graph::node);
        for (const std::string& input : inputs) to.add_string(node_proto::input, input);
        for (int i = 0; i < outputs; ++i) to.add_string(node_proto::output, last = fresh());
        to.add_string(node_proto::op_type, type.data(), type.size());
        for (const auto& [name, value] : attributes) {
            pbf_writer one(to, node_proto::attribute);
            one.add_string(attribute::name, name.data(), name.size());
            std::visit(AttributeWriter{one}, value);
        }
        if (!domain.empty()) to.add_string(node_proto::domain, domain.data(), domain.size());
    }
    check_size();
    return last;
}

std::string File::add(std::string_view type, const Names& inputs, const Attributes& attributes) {
    return node("", type, inputs, attributes, 1);
}

std::string File::add_ml(std::string_view type, const Names& inputs, const Attributes& attributes) {
    uses_ml_ = true;
    return node(ml, type, inputs, attributes, 1);
}

std::string File::add_second(std::string_view type, const Names& inputs, const Attributes& attributes) {
    return node("", type, inputs, attributes, 2);
}

std::string File::add_ml_second(std::string_view type, const Names& inputs, const Attributes& attributes) {
    uses_ml_ = true;
    return node(ml, type, inputs, attributes, 2);
}

void File::name_output(const std::string& value, const std::string& output) {
    pbf_writer graph(nodes_);
    pbf_writer to(graph, graph::node);
    to.add_string(node_proto::input, value);
    to.add_string(node_proto::output, output);
    to.add_string(node_proto::op_type, "Identity");
}

std::string File::constant(const Tensor& tensor) {
    std::string name = fresh();
    pbf_writer(initializers_).add_message(graph::initializer, tensor_bytes(tensor, name));
    check_size();
    return name;
}

std::string File::numbers(std::vector<double> values, std::vector<std::int64_t> dims, DType dtype) {
    return constant({dtype, std::move(dims), std::move(values), {}});
}
std::string File::integers(std::vector<std::int64_t> values, std::vector<std::int64_t> dims) {
    return constant({DType::int64, std::move(dims), {}, std::move(values)});
}
std::string File::integers(std::vector<std::int64_t> values) {
    const auto size = static_cast<std::int64_t>(values.size());
    return integers(std::move(values), {size});
}
std::string File::number(double value) { return numbers({value}, {}); }

std::string File::cast(const std::string& x, DType from, DType to) {
    return from == to ? x : add("Cast", {x}, {{"to", std::int64_t{element_type(to)}}});
}

std::string File::reshape(const std::string& x, std::vector<std::int64_t> shape) {
    return add("Reshape", {x, integers(std::move(shape))});
}

void File::need_set(std::int64_t version) { set_ = version > set_ ? version : set_; }
void File::need_ml_set(std::int64_t version) { ml_set_ = version > ml_set_ ? version : ml_set_; }

std::vector<std::byte> File::finish(std::string_view source) const {
    std::string bytes;
    pbf_writer to(bytes);
    to.add_int64(model::ir_version, set_ > 18 ? 9 : 8);
    to.add_string(model::producer_name, "holdfast");
    to.add_string(model::producer_version, HOLDFAST_VERSION);
    if (!source.empty()) to.add_string(model::doc_string, source.data(), source.size());
    {
        pbf_writer graph_writer(to, model::graph);
        bytes.reserve(bytes.size() + nodes_.size() + initializers_.size() + inputs_.size() + outputs_.size() + 64);
        bytes.append(nodes_);
        graph_writer.add_string(graph::name, "holdfast");
        bytes.append(initializers_).append(inputs_).append(outputs_);
    }
    add_operator_set(to, "", set_);
    if (uses_ml_) add_operator_set(to, ml, ml_set_);
    {
        pbf_writer entry(to, model::metadata_props);
        entry.add_string(1, onnx::signature_key.data(), onnx::signature_key.size());
        entry.add_string(2, signature_);
    }
    const auto view = as_bytes(bytes);
    return {view.begin(), view.end()};
}

}  // namespace holdfast::onnx_export
