/// Verification: what checking a workspace came to. A finding is damage; a note is not.
///
/// Thread safety: a value.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <holdfast/export.hpp>

namespace holdfast::store {

struct Finding {
    std::string thing;  ///< which row, file or database
    std::string seen;
    std::string wanted;
    bool operator==(const Finding&) const = default;
};

struct HOLDFAST_EXPORT Verification {
    static constexpr std::size_t most_findings = 1000;

    std::vector<Finding> findings;                ///< at most `most_findings`
    std::int64_t more_findings = 0;               ///< found beyond those
    std::vector<std::string> notes;               ///< such as files that nothing names
    std::map<std::string, std::int64_t> checked;  ///< how many, by kind: "interactions", "packages", ...

    void find(std::string thing, std::string seen, std::string wanted);
    [[nodiscard]] bool ok() const noexcept { return findings.empty(); }
    /// The whole in plain words: one line a finding, one a note, one of counts.
    [[nodiscard]] std::string text() const;
};

}  // namespace holdfast::store
