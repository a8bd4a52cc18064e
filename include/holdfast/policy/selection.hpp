/// Selection: which logged interactions a challenger is trained on.
///
/// Works on columns, never on models: the loop supplies what models predicted.
///
/// Thread safety: values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/data/table.hpp>
#include <holdfast/export.hpp>

namespace holdfast {

/// Every labelled row, or the newest `latest` of them.
struct HOLDFAST_EXPORT Selection {
    std::optional<std::int64_t> latest{};

    /// Positions, ascending, of the rows chosen out of `labelled` rows in order of time.
    [[nodiscard]] std::vector<std::int64_t> choose(std::int64_t labelled) const;
    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static Selection from_json(const Json& json);
    bool operator==(const Selection&) const = default;
};

namespace select {
[[nodiscard]] HOLDFAST_EXPORT Selection labelled(std::optional<std::int64_t> latest = {});
}

}  // namespace holdfast
