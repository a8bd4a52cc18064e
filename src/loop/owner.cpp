#include "owner.hpp"

#include <unistd.h>

#include <fstream>
#include <optional>
#include <sstream>

#include <holdfast/base/rng.hpp>

namespace holdfast::detail {

namespace {

/// Start of a process in clock ticks since boot (field 22 of proc_pid_stat(5)); nothing where there is no such process.
std::optional<std::string> began(const std::string& pid) {
    std::ifstream file("/proc/" + pid + "/stat");
    std::string line;
    if (!std::getline(file, line)) return {};
    // The second field, the program's name in parentheses, may hold anything.
    std::istringstream fields(line.substr(line.rfind(')') + 1));
    std::string field;
    for (int i = 3; i <= 22; ++i) fields >> field;
    return field;
}

}  // namespace

std::string new_owner() {
    const std::string pid = std::to_string(::getpid());
    return "process " + pid + " " + began(pid).value_or("?") + " " + std::to_string(Rng::from_system()());
}

bool owner_is_gone(std::string_view owner) {
    std::istringstream fields{std::string(owner)};
    std::string word, pid, start;
    if (!(fields >> word >> pid >> start) || word != "process" || start == "?") return false;
    if (!began(std::to_string(::getpid()))) return false;  // no /proc: nothing can be told
    return began(pid) != start;
}

}  // namespace holdfast::detail
