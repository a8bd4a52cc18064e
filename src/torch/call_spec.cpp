#include "torch/call_spec.hpp"

#include <algorithm>

#include <holdfast/base/error.hpp>
#include <holdfast/base/json.hpp>

namespace holdfast::torch_backend {
namespace {

constexpr int max_depth = 32;

/// The keys of a dict, or nothing: keys that are no text, and other containers.
std::vector<std::string> keys_of(const Json& node) {
    if (node.at("type").as_string() != "builtins.dict" || !node.at("context").is_string()) return {};
    std::vector<std::string> keys;
    const Json context = Json::parse(node.at("context").as_string());
    if (!context.is_array()) return {};
    for (const Json& key : context.as_array()) {
        if (!key.is_string()) return {};
        keys.push_back(key.as_string());
    }
    return keys;
}

class Leaves {
  public:
    explicit Leaves(const std::string& prefix) : prefix_(prefix) {}

    void visit(const Json& node, const std::string& key, int depth) {
        if (depth > max_depth) throw CorruptArtifact("call specification: deeper than " + std::to_string(max_depth));
        const Json* type = node.find("type");
        if (type == nullptr || type->is_null()) return add(key);
        const std::vector<std::string> keys = keys_of(node);
        const Json::Array& children = node.at("children_spec").as_array();
        for (std::size_t i = 0; i < children.size(); ++i)
            visit(children[i], keys.size() == children.size() ? keys[i] : "", depth + 1);
    }

    std::vector<std::string> names;

  private:
    void add(const std::string& key) {
        const bool taken = key.empty() || std::ranges::find(names, key) != names.end();
        names.push_back(taken ? prefix_ + std::to_string(names.size()) : key);
    }

    const std::string& prefix_;
};

}  // namespace

std::vector<std::string> leaf_names(const std::string& specification, const std::string& prefix) {
    try {
        const Json json = Json::parse(specification);
        const Json::Array& parts = json.as_array();  // [version, root]
        if (parts.size() != 2) throw CorruptArtifact("two members wanted");
        Leaves leaves(prefix);
        leaves.visit(parts[1], "", 0);
        return std::move(leaves.names);
    } catch (const Error& error) {
        throw CorruptArtifact(std::string("call specification: ") + error.what());
    }
}

}  // namespace holdfast::torch_backend
