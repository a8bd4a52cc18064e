#include "supervisor.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <sstream>

#include <holdfast/base/clock.hpp>
#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>

#include "process.hpp"

namespace holdfast::detail {

namespace {

// $1: folder, $2: bytes of output to keep, then the program. Two seconds are for a process that left the group and
// still holds the output open: nobody waits longer for its words. The last line takes the shell's own helpers along.
// The program's process says who it is before it becomes the program, so that none runs that nobody knows.
constexpr const char* script = R"sh(
dir=$1 keep=$2
shift 2
begin='
dir=$1
shift
echo "process $$ $(cut -d " " -f 22 "/proc/$$/stat")" >"$dir/group.new"
mv "$dir/group.new" "$dir/group"
exec "$@"
'
mkdir "$dir/claim" 2>/dev/null || exit 0
mkfifo "$dir/pipe"
(
    { head -c "$keep" >"$dir/output"; cat >/dev/null; } <"$dir/pipe" &
    collector=$!
    setsid sh -c "$begin" holdfast-trainer "$dir" "$@" </dev/null >"$dir/pipe" 2>&1 &
    child=$!
    wait "$child"
    code=$?
    kill -s KILL -- "-$child"
    { sleep 2; kill -s KILL "$collector"; } &
    wait "$collector"
    echo "$code" >"$dir/status.new"
    mv "$dir/status.new" "$dir/status"
    kill -s KILL 0
) &
echo "process $! $(cut -d ' ' -f 22 "/proc/$!/stat") $$" >"$dir/supervisor.new"
mv "$dir/supervisor.new" "$dir/supervisor"
)sh";

class SpawnSettings {
  public:
    SpawnSettings() {
        posix_spawnattr_init(&attributes);
        posix_spawn_file_actions_init(&actions);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;
    ~SpawnSettings() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }

    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
};

/// Signals as a fresh login has them (Python ignores SIGPIPE), a session of its own, none of the host's open files.
void detach(SpawnSettings& settings) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&settings.attributes, &none);
    posix_spawnattr_setsigdefault(&settings.attributes, &all);
    posix_spawnattr_setflags(&settings.attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_addopen(&settings.actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&settings.actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&settings.actions, 1, 2);
    posix_spawn_file_actions_addclosefrom_np(&settings.actions, 3);
}

/// The number after so many words; 0 where there is none.
pid_t number(const std::string& text, int words_before) {
    std::istringstream words(text);
    std::string word;
    for (int i = 0; i < words_before; ++i) words >> word;
    pid_t value = 0;
    return words >> value ? value : 0;
}

void kill_group(pid_t group) {
    if (group > 1) ::kill(-group, SIGKILL);
}

/// The program's own group, while its first process lives: later its number may be another's.
void kill_program(const std::filesystem::path& folder) {
    const std::string program = first_line(folder / "group");
    if (!program.empty() && !process_is_gone(program)) kill_group(number(program, 1));
}

}  // namespace

std::string first_line(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

void supervise(const std::filesystem::path& folder, const std::vector<std::string>& argv, std::int64_t max_output) {
    std::vector<std::string> words{"sh", "-c", script, "holdfast-trainer", folder.string(), std::to_string(max_output)};
    words.insert(words.end(), argv.begin(), argv.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);

    SpawnSettings settings;
    detach(settings);
    pid_t shell = 0;
    const int code =
        ::posix_spawn(&shell, "/bin/sh", &settings.actions, &settings.attributes, pointers.data(), environ);
    if (code != 0) throw_system_error(code, "start", "/bin/sh");
    // It leaves the work to a process that is nobody's child, and ends.
    while (::waitpid(shell, nullptr, 0) < 0 && errno == EINTR) {
    }
}

Supervised look(const std::filesystem::path& folder) {
    Supervised seen;
    seen.begun = std::filesystem::exists(folder / "claim");
    seen.process = first_line(folder / "supervisor");
    // In this order: who is gone has written all that it will.
    const bool gone = !seen.process.empty() && process_is_gone(seen.process);
    const std::string status = first_line(folder / "status");
    if (!status.empty()) seen.exit_code = number(status, 0);
    seen.ended = gone || seen.exit_code.has_value();
    return seen;
}

void kill(const std::filesystem::path& folder) {
    const Supervised seen = look(folder);
    if (!seen.begun || seen.exit_code) return;
    kill_program(folder);
    if (seen.ended) return;

    // Killed again and again: it may have only just begun, its group unwritten. It runs in real
    // time, whatever clock its workspace has.
    const auto clock = system_clock();
    std::mutex mutex;
    std::condition_variable nobody;
    std::unique_lock lock(mutex);
    const Duration until = clock->steady_now() + std::chrono::seconds(2);
    while (clock->steady_now() < until && !look(folder).ended) {
        clock->wait_until(lock, nobody, clock->steady_now() + std::chrono::milliseconds(5));
        kill_program(folder);
    }
    if (look(folder).ended) return;
    kill_group(number(seen.process, 3));
}

}  // namespace holdfast::detail
