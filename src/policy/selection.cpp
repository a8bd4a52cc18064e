#include <holdfast/policy/selection.hpp>

#include <algorithm>
#include <numeric>

#include "policy/members.hpp"
#include "policy/wording.hpp"

namespace holdfast {
namespace {

void check(const Selection& selection) {
    if (selection.latest && *selection.latest < 1)
        throw InvalidArgument("select.labelled: latest " + std::to_string(*selection.latest) +
                              " given, at least 1 wanted");
}

}  // namespace

std::vector<std::int64_t> Selection::choose(std::int64_t labelled) const {
    check(*this);
    if (labelled < 0)
        throw InvalidArgument("select.labelled: " + std::to_string(labelled) + " rows given, at least 0 wanted");
    const std::int64_t count = latest ? std::min(*latest, labelled) : labelled;
    std::vector<std::int64_t> positions(static_cast<std::size_t>(count));
    std::iota(positions.begin(), positions.end(), labelled - count);
    return positions;
}

Json Selection::to_json() const {
    Json json = Json::object({{"select", "labelled"}});
    if (latest) json["latest"] = *latest;
    return json;
}

Selection Selection::from_json(const Json& json) {
    detail::Members members(json, "selection");
    if (const std::string name = members.text("select"); name != "labelled")
        members.refuse("select", detail::quoted_json(name) + " given, \"labelled\" wanted");
    Selection selection;
    if (members.optional("latest") != nullptr) selection.latest = members.integer("latest");
    members.finish();
    check(selection);
    return selection;
}

namespace select {

Selection labelled(std::optional<std::int64_t> latest) {
    Selection selection{latest};
    check(selection);
    return selection;
}

}  // namespace select
}  // namespace holdfast
