#include "torch/derive.hpp"

#include <algorithm>

#include <holdfast/base/error.hpp>
#include <holdfast/base/json.hpp>

#include "torch/text.hpp"

namespace holdfast::torch_backend {
namespace {

std::string listed(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : ", ") + in_quotes(name);
    return out;
}

Signature derive(const Description& description, const std::string& what) {
    if (!description.results)
        throw InvalidArgument(what + ": returns a dict or a list, whose names the file does not say; give a signature");
    const DType dtype = description.dtype.value_or(DType::float32);
    const std::int64_t width = description.arguments.size() == 1 ? -1 : 1;
    Signature signature;
    for (const std::string& name : description.arguments) signature.inputs.push_back({name, dtype, {-1, width}, {}});
    for (const std::string& name : *description.results) signature.outputs.push_back({name, dtype, {-1, -1}, {}});
    if (!signature.outputs.empty()) signature.prediction = signature.outputs[0].name;
    return signature;
}

Signature read_own(const Description& description, const std::string& what) {
    try {
        return Signature::from_json(Json::parse(description.signature));
    } catch (const Error& error) {
        throw CorruptArtifact(what + ": its entry " + in_quotes(signature_key) + " is no signature: " + error.what());
    }
}

/// Position in `wanted` of each name of `names`, where they are the same names; else 0, 1, 2, ...
std::vector<std::size_t> match(const std::vector<std::string>& names, const std::vector<std::string>& wanted) {
    std::vector<std::size_t> order;
    for (const std::string& name : names)
        order.push_back(static_cast<std::size_t>(std::ranges::find(wanted, name) - wanted.begin()));
    if (std::ranges::find(order, wanted.size()) == order.end()) return order;
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    return order;
}

std::vector<std::string> names_of(const std::vector<TensorSpec>& specs) {
    std::vector<std::string> names;
    for (const TensorSpec& spec : specs) names.push_back(spec.name);
    return names;
}

void check_count(const std::string& what, std::string_view kind, const std::vector<std::string>& given,
                 const std::vector<std::string>& has) {
    if (given.size() == has.size()) return;
    throw InvalidArgument(what + ": a signature with the " + std::string(kind) + "s " + listed(given) +
                          " given, the model has " + std::to_string(has.size()) + ": " + listed(has));
}

void check_numeric(const std::string& what, const std::vector<TensorSpec>& specs) {
    for (const TensorSpec& spec : specs) {
        if (spec.dtype == DType::string)
            throw InvalidArgument(what + ": " + in_quotes(spec.name) +
                                  " has dtype string, a numeric dtype wanted: LibTorch holds no text");
    }
}

}  // namespace

Chosen choose_signature(const Description& description, const LoadOptions& options, const std::string& what) {
    Chosen chosen;
    if (options.signature != nullptr) {
        chosen.signature = *options.signature;
    } else if (!description.signature.empty()) {
        chosen.signature = read_own(description, what);
    } else {
        chosen.signature = derive(description, what);
        chosen.derived = true;
    }
    const Signature& signature = chosen.signature;
    check_numeric(what, signature.inputs);
    check_numeric(what, signature.outputs);
    const std::vector<std::string> inputs = names_of(signature.inputs);
    check_count(what, "input", inputs, description.arguments);
    chosen.inputs = match(description.arguments, inputs);
    if (description.results) {
        const std::vector<std::string> outputs = names_of(signature.outputs);
        check_count(what, "output", outputs, *description.results);
        chosen.outputs = match(outputs, *description.results);
    }
    return chosen;
}

}  // namespace holdfast::torch_backend
