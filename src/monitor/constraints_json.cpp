#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/monitor/constraints.hpp>

namespace holdfast {
namespace {

constexpr std::array<std::string_view, 5> types{"number", "integer", "boolean", "text", "time"};

Json to_json(const ColumnConstraints& column) {
    Json json = Json::object({});
    if (!column.type.empty()) json["type"] = column.type;
    if (!column.required) json["required"] = false;
    if (column.missing) json["missing"] = *column.missing;
    if (column.finite) json["finite"] = true;
    if (column.least) json["least"] = *column.least;
    if (column.most) json["most"] = *column.most;
    if (column.categories) {
        std::vector<std::string> names(column.categories->begin(), column.categories->end());
        std::sort(names.begin(), names.end());
        json["categories"] = Json::array(Json::Array(names.begin(), names.end()));
    }
    if (column.unique) json["unique"] = true;
    if (column.increasing) json["increasing"] = true;
    if (column.is_private) json["private"] = true;
    if (!column.tolerated.empty()) {
        json["tolerated"] = Json::object({});
        for (const auto& [rule, share] : column.tolerated) json["tolerated"][to_string(rule)] = share;
    }
    return json;
}

double share_of(const Json& json) {
    const double share = json.as_double();
    if (share >= 0.0 && share <= 1.0) return share;
    throw InvalidArgument(json.canonical() + ", a share from 0 to 1 wanted");
}

void read(ColumnConstraints& column, std::string_view member, const Json& json) {
    if (member == "type") {
        column.type = json.as_string();
        if (std::find(types.begin(), types.end(), column.type) == types.end()) {
            throw InvalidArgument("\"" + column.type + "\"; number, integer, boolean, text or time wanted");
        }
    } else if (member == "required") {
        column.required = json.as_bool();
    } else if (member == "missing") {
        column.missing = share_of(json);
    } else if (member == "finite") {
        column.finite = json.as_bool();
    } else if (member == "least") {
        column.least = json.as_double();
    } else if (member == "most") {
        column.most = json.as_double();
    } else if (member == "categories") {
        column.categories.emplace();
        for (const Json& category : json.as_array()) column.categories->insert(category.as_string());
    } else if (member == "unique") {
        column.unique = json.as_bool();
    } else if (member == "increasing") {
        column.increasing = json.as_bool();
    } else if (member == "private") {
        column.is_private = json.as_bool();
    } else if (member == "tolerated") {
        for (const auto& [rule, share] : json.as_object())
            column.tolerated[parse_constraint_rule(rule)] = share_of(share);
    } else {
        throw InvalidArgument("no such member");
    }
}

// What a rule of one type of column means nothing for is a mistake, not a rule that never fires.
void check_rules(const ColumnConstraints& column) {
    const bool number = column.type == "number" || column.type == "integer";
    const auto refuse = [](bool wrong, const char* what) {
        if (wrong) throw InvalidArgument(what);
    };
    refuse((column.least || column.most || column.finite) && !number, "least, most and finite are of numbers");
    refuse(column.categories.has_value() && column.type != "text", "categories are of text");
    refuse(column.increasing && column.type != "time", "increasing is of times");
    refuse(column.least && column.most && !(*column.least <= *column.most), "least is above most");
}

}  // namespace

Json Constraints::to_json() const {
    Json columns = Json::array();
    for (const std::string& name : names_) {
        Json column = holdfast::to_json(columns_.find(name)->second);
        column["name"] = name;
        columns.push_back(std::move(column));
    }
    return Json::object({{"columns", std::move(columns)}, {"format", format}, {"rows", rows_}});
}

Constraints Constraints::from_json(const Json& json) {
    Constraints constraints;
    if (json.at("format").as_int() != format) {
        throw InvalidArgument("constraints: format " + json.at("format").canonical() + ", " + std::to_string(format) +
                              " wanted");
    }
    constraints.rows_ = json.at("rows").as_int();
    for (const Json& each : json.at("columns").as_array()) {
        const std::string& name = each.at("name").as_string();
        ColumnConstraints column;
        std::string_view at = "name";
        try {
            for (const auto& [member, value] : each.as_object()) {
                at = member;
                if (member != "name") read(column, member, value);
            }
            at = "rules";
            check_rules(column);
        } catch (const InvalidArgument& error) {
            throw InvalidArgument("constraints: column \"" + name + "\", " + std::string(at) + ": " + error.what());
        }
        if (!constraints.columns_.emplace(name, std::move(column)).second) {
            throw InvalidArgument("constraints: column \"" + name + "\" stands there twice");
        }
        constraints.names_.push_back(name);
    }
    return constraints;
}

Json Violations::to_json() const {
    Json all = Json::array();
    for (const Violation& one : violations) {
        all.push_back(Json::object({{"column", one.column},
                                    {"count", one.count},
                                    {"examples", Json::array(Json::Array(one.examples.begin(), one.examples.end()))},
                                    {"lower", one.lower},
                                    {"rows", one.rows},
                                    {"rule", to_string(one.rule)},
                                    {"share", one.share},
                                    {"tolerated", one.tolerated},
                                    {"violated", one.violated}}));
    }
    return Json::object({{"ok", ok()}, {"rows", rows}, {"violations", std::move(all)}});
}

}  // namespace holdfast
