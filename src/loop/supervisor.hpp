/// Supervisor: runs a program so that its end is known to whoever asks later, also after the one who started it died.
///
/// A shell stays with the program, reads what it prints, writes its exit code to a file, and kills what it left behind.
/// It is nobody's child: the one who starts it need not live, nor wait for it. In the folder:
///
///     claim/      made by whoever was first to start; a second start does nothing
///     supervisor  "process <number> <start>" of the shell, and its group
///     group       "process <number> <start>" of the program; its number is that of its group and session
///     output      the first bytes of what it printed; the rest is read and forgotten
///     status      its exit code, 128 + n where signal n ended it; written last
///
/// Thread safety: free functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::detail {

struct Supervised {
    bool begun = false;
    bool ended = false;
    std::string process;                    ///< of the supervisor; empty while it begins
    std::optional<std::int64_t> exit_code;  ///< none where it ended with its supervisor killed, or the machine off
};

void supervise(const std::filesystem::path& folder, const std::vector<std::string>& argv, std::int64_t max_output);
[[nodiscard]] Supervised look(const std::filesystem::path& folder);
/// Kills the program's group and waits, for up to two seconds, until its output is kept.
void kill(const std::filesystem::path& folder);

/// A small file's text up to its first line feed; empty where there is none.
[[nodiscard]] std::string first_line(const std::filesystem::path& path);

}  // namespace holdfast::detail
