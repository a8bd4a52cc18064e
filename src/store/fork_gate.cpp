#include "store/fork_gate.hpp"

#include <pthread.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <new>
#include <shared_mutex>

#include <holdfast/base/error.hpp>

namespace holdfast::store::detail {
namespace {

using Gate = std::shared_timed_mutex;

// Never destroyed: threads may still be inside SQLite while the process ends.
alignas(Gate) unsigned char gate_memory[sizeof(Gate)];
Gate& gate() noexcept { return *std::launder(reinterpret_cast<Gate*>(gate_memory)); }

thread_local int depth = 0;
bool closed_for_fork = false;  // written by the forking thread alone; forks exclude each other
std::atomic<unsigned> forks{0};

void mark(struct stat& status) noexcept { status.st_dev += static_cast<dev_t>(forks.load()) << 32; }

int marked_stat(const char* path, struct stat* status) {
    const int code = ::stat(path, status);
    if (code == 0) mark(*status);
    return code;
}

int marked_fstat(int file, struct stat* status) {
    const int code = ::fstat(file, status);
    if (code == 0) mark(*status);
    return code;
}

// A thread that forks from inside a transaction cannot wait for itself; another that waits for what the forking one
// holds (Python's lock) must not be waited for without end.
void before_fork() { closed_for_fork = depth == 0 && gate().try_lock_for(std::chrono::seconds(2)); }

void after_fork_in_parent() {
    if (closed_for_fork) gate().unlock();
}

void after_fork_in_child() {
    forks.fetch_add(1);
    depth = 0;
    new (gate_memory) Gate();
}

void set_system_calls(sqlite3_syscall_ptr stat_call, sqlite3_syscall_ptr fstat_call) {
    sqlite3_vfs* vfs = sqlite3_vfs_find("unix");
    if (vfs == nullptr || vfs->iVersion < 3) throw InternalError("SQLite: no \"unix\" file system layer");
    vfs->xSetSystemCall(vfs, "stat", stat_call);
    vfs->xSetSystemCall(vfs, "fstat", fstat_call);
}

struct Installed {
    Installed() {
        new (gate_memory) Gate();
        if (sqlite3_initialize() != SQLITE_OK) throw InternalError("SQLite: cannot be initialised");
        set_system_calls(reinterpret_cast<sqlite3_syscall_ptr>(marked_stat),
                         reinterpret_cast<sqlite3_syscall_ptr>(marked_fstat));
        if (::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) != 0) {
            throw InternalError("store: the fork handler could not be registered");
        }
    }
    // The library may be unloaded before SQLite is.
    ~Installed() { set_system_calls(nullptr, nullptr); }
};

}  // namespace

InSqlite::InSqlite() {
    static const Installed once;
    gate().lock_shared();
    ++depth;
}

InSqlite::~InSqlite() {
    --depth;
    gate().unlock_shared();
}

}  // namespace holdfast::store::detail
