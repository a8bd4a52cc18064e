/// Decision: what a policy said, why, and what reproduces it.
///
/// Thread safety: a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/export.hpp>

namespace holdfast {

enum class Action : std::uint8_t { none, retrain, select, promote, reject, roll_back };
[[nodiscard]] HOLDFAST_EXPORT std::string_view to_string(Action action) noexcept;
[[nodiscard]] HOLDFAST_EXPORT Action parse_action(std::string_view name);

/// Kleene's strong three values; unknown never acts.
enum class Truth : std::uint8_t { no, yes, unknown };
[[nodiscard]] HOLDFAST_EXPORT std::string_view to_string(Truth truth) noexcept;
[[nodiscard]] HOLDFAST_EXPORT Truth parse_truth(std::string_view name);

struct Reason {
    std::string rule;  ///< canonical short text of the rule: metric("mae", over="1h") above 0.45
    Truth truth = Truth::unknown;
    std::string sentence;  ///< mae over 1h was 0.52 on 340 labels, above 0.45
    Json numbers = Json::object({});
};

struct HOLDFAST_EXPORT Decision {
    std::int64_t sequence = 0;  ///< position in the endpoint's history; 0 before it is stored
    Action action = Action::none;
    Time time{};
    std::string endpoint;
    std::vector<Reason> reasons;
    std::string sentence;          ///< the whole, for people
    std::string policy;            ///< which of the controller's: "retrain", "select", "promote", "rollback", "person"
    Json policy_json;              ///< as evaluated
    std::string observation_hash;  ///< SHA-256 of the observation's canonical JSON
    std::int64_t transaction = 0;  ///< rows up to this one were looked at
    Json state_before, state_after;
    std::string arithmetic;    ///< "native/1": where another machine must agree to the bit
    bool reproducible = true;  ///< false where a policy written in Python decided

    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static Decision from_json(const Json& json);
};

}  // namespace holdfast
