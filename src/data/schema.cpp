#include <holdfast/data/schema.hpp>

#include <set>

#include <holdfast/base/error.hpp>

namespace holdfast {
namespace {

constexpr std::int64_t schema_format = 1;

}  // namespace

Schema::Schema(std::vector<Field> fields) : fields_(std::move(fields)) {
    std::set<std::string_view> seen;
    for (const Field& field : fields_) {
        if (field.name.empty()) throw InvalidArgument("schema: an empty field name given, a name wanted");
        if (!seen.insert(field.name).second) {
            throw InvalidArgument("schema: field \"" + field.name + "\" given twice, distinct names wanted");
        }
    }
}

std::int64_t Schema::find(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (fields_[i].name == name) return static_cast<std::int64_t>(i);
    }
    return -1;
}

Json Schema::to_json() const {
    Json fields = Json::array();
    for (const Field& field : fields_)
        fields.push_back(Json::object({{"name", field.name}, {"type", to_string(field.type)}}));
    return Json::object({{"fields", std::move(fields)}, {"format", schema_format}});
}

Schema Schema::from_json(const Json& json) {
    const std::int64_t format = json.at("format").as_int();
    if (format != schema_format) {
        throw Unsupported("schema: format " + std::to_string(format) + " given, " + std::to_string(schema_format) +
                          " wanted");
    }
    std::vector<Field> fields;
    for (const Json& field : json.at("fields").as_array()) {
        fields.push_back({field.at("name").as_string(), parse_column_type(field.at("type").as_string())});
    }
    return Schema(std::move(fields));
}

Digest Schema::hash() const { return sha256(to_json().canonical()); }

}  // namespace holdfast
