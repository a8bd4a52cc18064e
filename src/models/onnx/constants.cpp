#include "models/onnx/constants.hpp"

#include <memory>

#include <holdfast/base/error.hpp>

#include "models/engine/convert.hpp"
#include "models/engine/step.hpp"

namespace holdfast::onnx {
namespace {

using engine::Block;
using engine::ValueType;

/// Memory of one row of a value.
class Row {
  public:
    explicit Row(std::int64_t bytes)
        : memory_(
              static_cast<std::byte*>(::operator new[](static_cast<std::size_t>(bytes + 64), std::align_val_t{64}))) {}
    [[nodiscard]] std::byte* data() const noexcept { return memory_.get(); }

  private:
    struct Free {
        void operator()(std::byte* bytes) const noexcept { ::operator delete[](bytes, std::align_val_t{64}); }
    };
    std::unique_ptr<std::byte[], Free> memory_;
};

Row row_of(ValueType type) { return Row(type.width * size_of(type.dtype)); }

TensorProto tensor_of(const Block& block, const std::vector<std::int64_t>& dims, std::deque<std::string>& texts) {
    TensorProto tensor;
    tensor.type = element_type_of(block.type.dtype);
    tensor.dims = dims;
    engine::with_any_value(block.type.dtype, [&]<class T>(engine::Tag<T>) {
        const T* values = block.as<T>();
        for (std::int64_t i = 0; i < block.type.width; ++i) {
            if constexpr (std::is_same_v<T, std::string_view>) {
                tensor.strings.push_back(texts.emplace_back(values[i]));
            } else if constexpr (std::is_floating_point_v<T>) {
                tensor.floats.push_back(static_cast<double>(values[i]));
            } else {
                tensor.integers.push_back(static_cast<std::int64_t>(values[i]));
            }
        }
    });
    return tensor;
}

}  // namespace

ElementType element_type_of(DType dtype) {
    switch (dtype) {
        case DType::float32: return ElementType::float32;
        case DType::float64: return ElementType::float64;
        case DType::boolean: return ElementType::boolean;
        case DType::string: return ElementType::string;
        default: return ElementType::int64;
    }
}

forms::Constant constant_form(const TensorProto& tensor) {
    forms::Constant form;
    form.dtype = dtype_of(tensor.type);
    if (tensor.is_float()) {
        form.numbers = tensor.floats;
    } else if (tensor.type == ElementType::string) {
        form.items = std::vector<std::string>(tensor.strings.begin(), tensor.strings.end());
    } else {
        form.items = tensor.integers;
    }
    return form;
}

TensorProto run_once(const Form& form, const std::vector<Value>& inputs, const Value& like,
                     std::deque<std::string>& texts) {
    std::deque<forms::Constant> constants;
    std::deque<Row> rows;
    std::vector<ValueType> types;
    std::vector<Block> blocks;
    Outputs outputs;
    for (const Value& input : inputs) {
        types.push_back({input.dtype, input.width});
        constants.push_back(constant_form(*input.literal));
        rows.push_back(row_of(types.back()));
        blocks.push_back({rows.back().data(), types.back()});
        engine::make_constant(constants.back())->run({1, {}, blocks.back(), nullptr, &outputs});
    }
    const ValueType wanted{like.dtype, like.width};
    if (engine::infer(form, types) != wanted) throw InternalError("a constant of another type than was wanted");
    const auto step = engine::make_step(form, types, wanted);
    const Row result = row_of(wanted), workspace(step->workspace_bytes(1));
    const Block block{result.data(), wanted};
    step->run({1, blocks, block, workspace.data(), &outputs});
    return tensor_of(block, like.dims, texts);
}

}  // namespace holdfast::onnx
