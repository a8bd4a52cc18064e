/// explain: runs a stored decision again, from the store.
///
/// Thread safety: a free function.
#pragma once

#include <string>
#include <vector>

#include <holdfast/export.hpp>
#include <holdfast/policy/decision.hpp>
#include <holdfast/workspace/workspace.hpp>

namespace holdfast {

struct Explanation {
    enum class Verdict : std::uint8_t {
        reproduced,        ///< the same observation and the same decision, to the bit
        different,         ///< rows are all there, and yet the bits differ: see `notes`
        missing,           ///< rows or artifacts that the decision saw are gone
        other_arithmetic,  ///< decided on arithmetic that is outside the promise of equal bits
        not_reproducible,  ///< a policy written in Python, or a person, decided
    };
    Verdict verdict = Verdict::missing;
    Decision decision;  ///< as stored
    std::vector<std::string> notes;
    std::string text;  ///< the whole in plain words
};

[[nodiscard]] HOLDFAST_EXPORT Explanation explain(const Workspace& workspace, const Decision& decision);

}  // namespace holdfast
