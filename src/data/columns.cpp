#include <holdfast/data/columns.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include <holdfast/base/error.hpp>

namespace holdfast {
namespace {

using Part = std::pair<std::string_view, std::string Columns::*>;
constexpr std::array<Part, 6> single_parts{{{"target", &Columns::target},
                                            {"prediction", &Columns::prediction},
                                            {"id", &Columns::id},
                                            {"time", &Columns::time},
                                            {"label_time", &Columns::label_time},
                                            {"entity", &Columns::entity}}};

/// Calls `visit(part, column)` for every column that plays a part.
template <class Visit>
void for_each_part(const Columns& columns, Visit visit) {
    for (const std::string& name : columns.features) visit("features", name);
    for (const auto& [part, member] : single_parts) {
        if (!(columns.*member).empty()) visit(part, columns.*member);
    }
    for (const std::string& name : columns.probability) visit("probability", name);
}

Json names_json(const std::vector<std::string>& names) {
    Json list = Json::array();
    for (const std::string& name : names) list.push_back(name);
    return list;
}

std::vector<std::string> names_from(const Json& json) {
    std::vector<std::string> names;
    for (const Json& name : json.as_array()) names.push_back(name.as_string());
    return names;
}

}  // namespace

void Columns::check(const Table& table) const {
    std::map<std::string_view, std::string_view> part_of;
    for_each_part(*this, [&](std::string_view part, const std::string& name) {
        if (!table.has(name)) {
            try {
                static_cast<void>(table.column(name));
            } catch (const InvalidArgument& error) {
                throw InvalidArgument("columns." + std::string(part) + ": " + error.what());
            }
        }
        const auto [found, fresh] = part_of.try_emplace(name, part);
        if (!fresh) {
            throw InvalidArgument("columns: \"" + name + "\" given as " + std::string(found->second) + " and as " +
                                  std::string(part) + ", one part for each column wanted");
        }
    });
}

std::vector<std::string> Columns::feature_names(const Table& table) const {
    check(table);
    if (!features.empty()) return features;
    std::vector<std::string> others;
    for_each_part(*this, [&](std::string_view, const std::string& name) { others.push_back(name); });
    std::vector<std::string> names;
    for (const std::string& name : table.names()) {
        if (std::find(others.begin(), others.end(), name) == others.end()) names.push_back(name);
    }
    return names;
}

Json Columns::to_json() const {
    Json json = Json::object({{"features", names_json(features)}, {"probability", names_json(probability)}});
    for (const auto& [part, member] : single_parts) json[part] = this->*member;
    return json;
}

Columns Columns::from_json(const Json& json) {
    Columns columns;
    for (const auto& [key, value] : json.as_object()) {
        const auto single = std::find_if(single_parts.begin(), single_parts.end(),
                                         [&k = key](const Part& part) { return part.first == k; });
        if (single != single_parts.end()) {
            columns.*(single->second) = value.as_string();
        } else if (key == "features") {
            columns.features = names_from(value);
        } else if (key == "probability") {
            columns.probability = names_from(value);
        } else {
            throw InvalidArgument("columns: part \"" + key +
                                  "\" given, one of features, target, prediction, probability, id, time, "
                                  "label_time, entity wanted");
        }
    }
    return columns;
}

}  // namespace holdfast
