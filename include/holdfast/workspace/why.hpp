/// why: everything that led to one answer, and whether it would be given again.
///
/// Errors: NotFound (no such interaction), InvalidArgument (several endpoints have one of that id and none is named).
///
/// Thread safety: a value and a free function.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/export.hpp>
#include <holdfast/store/interactions.hpp>
#include <holdfast/store/rows.hpp>
#include <holdfast/workspace/registry.hpp>
#include <holdfast/workspace/workspace.hpp>

namespace holdfast {

struct Why {
    /// What predicting again from the logged features came to.
    enum class Verdict : std::uint8_t {
        same_bits,
        other_arithmetic,  ///< the bits differ, and so they may: other arithmetic, or one that promises none
        different,         ///< the bits differ, and should not
        missing,           ///< it cannot be done: see `notes`
    };

    std::string endpoint;
    std::string id;
    store::InteractionTable interaction;  ///< its one row, as the log shows it
    Table features;                       ///< of that row, under their own names
    Table outputs;
    std::string arithmetic;  ///< that computed the outputs, as recorded (Model::arithmetic); empty: not recorded
    Version version;         ///< that answered; its package's hash
    std::optional<store::DeploymentRow> deployment;  ///< that made the version live, before the answer
    std::vector<store::ApprovalRow> approvals;       ///< of the version, oldest first
    std::vector<store::DecisionRow> decisions;  ///< from the one to retrain to the one to deploy, where a loop made it
    Verdict verdict = Verdict::missing;
    std::vector<std::string> notes;
    std::string text;  ///< the whole in plain words
};
[[nodiscard]] HOLDFAST_EXPORT std::string_view to_string(Why::Verdict verdict) noexcept;

/// Of a live interaction; `endpoint` may be left out where one endpoint alone has one of that id.
[[nodiscard]] HOLDFAST_EXPORT Why why(const Workspace& workspace, std::string_view id, std::string_view endpoint = {});

}  // namespace holdfast
