#include "process.hpp"

#include <unistd.h>

#include <fstream>
#include <optional>
#include <sstream>

namespace holdfast::detail {

namespace {

struct Seen {
    std::string state;
    std::string start;
};

/// State and start (fields 3 and 22 of proc_pid_stat(5)); nothing where there is no such process.
std::optional<Seen> seen(const std::string& pid) {
    std::ifstream file("/proc/" + pid + "/stat");
    std::string line;
    if (!std::getline(file, line)) return {};
    // The second field, the program's name in parentheses, may hold anything.
    std::istringstream fields(line.substr(line.rfind(')') + 1));
    Seen process;
    fields >> process.state;
    for (int i = 4; i <= 22; ++i) fields >> process.start;
    return process;
}

}  // namespace

std::string process_name(int pid) {
    const auto process = seen(std::to_string(pid));
    return "process " + std::to_string(pid) + " " + (process ? process->start : "?");
}

bool process_is_gone(std::string_view name) {
    std::istringstream fields{std::string(name)};
    std::string word, pid, start;
    if (!(fields >> word >> pid >> start) || word != "process" || start == "?") return false;
    if (!seen(std::to_string(::getpid()))) return false;  // no /proc: nothing can be told
    const auto process = seen(pid);
    return !process || process->start != start || process->state == "Z" || process->state == "X";
}

}  // namespace holdfast::detail
