#include <holdfast/store/verification.hpp>

namespace holdfast::store {

void Verification::find(std::string thing, std::string seen, std::string wanted) {
    if (findings.size() == most_findings) {
        ++more_findings;
    } else {
        findings.push_back({std::move(thing), std::move(seen), std::move(wanted)});
    }
}

std::string Verification::text() const {
    std::string text;
    for (const Finding& finding : findings)
        text += "FOUND " + finding.thing + ": " + finding.seen + " seen, " + finding.wanted + " wanted\n";
    if (more_findings > 0) text += "FOUND " + std::to_string(more_findings) + " more\n";
    for (const std::string& note : notes) text += "note: " + note + "\n";
    std::string counts;
    for (const auto& [kind, count] : checked)
        counts += (counts.empty() ? "" : ", ") + std::to_string(count) + " " + kind;
    return text + (ok() ? "sound: " : "damaged: ") + counts;
}

}  // namespace holdfast::store
