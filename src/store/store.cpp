#include <holdfast/store/store.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <system_error>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/fail_point.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/base/fork.hpp>

#include "store/fork_gate.hpp"
#include "store/log_check.hpp"
#include "store/schema.hpp"
#include "store/session.hpp"
#include "store/verify.hpp"

namespace holdfast::store {
namespace {

namespace fs = std::filesystem;
using detail::Connection;
using detail::InSqlite;

// Holds the index of a million labels, which come in any order: with less, each goes to a page that is read anew.
constexpr std::int64_t writer_cache = std::int64_t{64} << 20;

fs::path checked_folder(const fs::path& folder, const Options& options) {
    if (folder.empty()) throw InvalidArgument("workspace: an empty path given, a folder wanted");
    const fs::path database = folder / "holdfast.db";
    std::error_code error;
    const bool there = fs::exists(database, error);
    if (error == std::errc::permission_denied) detail::refuse_by_header(database);
    if (!there && !error && !options.create) {
        throw NotFound("workspace \"" + folder.string() + "\": no database holdfast.db seen, a workspace wanted");
    }
    if (!there) make_directories(folder);
    // Readers write, too: to the shared memory beside the log.
    if (::access(folder.c_str(), W_OK | X_OK) != 0) throw_system_error(errno, "write in folder", folder);
    return folder;
}

/// Garbage is told by its age.
void make_new(const fs::path& path) {
    if (::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) != 0) throw_system_error(errno, "touch", path);
}

}  // namespace

struct Store::Impl {
    Impl(fs::path folder_, Options options_)
        : folder(checked_folder(folder_, options_)),
          database(folder / "holdfast.db"),
          options(std::move(options_)),
          guard("workspace \"" + folder.string() + "\"") {
        if (options.clock == nullptr) options.clock = system_clock();
        const InSqlite inside;
        detail::refuse_by_header(database);
        // Where transactions are not synced one by one, a power cut leaves what otherwise only damage does.
        unsynced = fs::exists(unsynced_mark());
        if (!unsynced) detail::refuse_damaged_log(fs::path(database).concat("-wal"));
        writer = connect();
        detail::prepare_schema(*writer, database);
        writer->keep_temporaries_in_memory(true);
        writer->cache(writer_cache);
    }

    ~Impl() {
        const InSqlite inside;
        idle.clear();
        watcher.reset();
        writer.reset();
    }

    [[nodiscard]] std::unique_ptr<Connection> connect() const {
        return std::make_unique<Connection>(database, options.busy_timeout_ms);
    }

    [[nodiscard]] fs::path unsynced_mark() const { return fs::path(database).concat("-unsynced"); }

    /// Before the first transaction that is not synced, for good; with `writing` held.
    void mark_unsynced() {
        if (unsynced) return;
        write_file_atomically(unsynced_mark(), std::string_view());
        unsynced = true;
    }

    void check() const {
        guard.check();
        if (closed.load()) throw Unavailable("workspace \"" + folder.string() + "\": closed; open it again");
    }

    fs::path folder;
    fs::path database;
    Options options;
    ForkGuard guard;
    std::atomic<bool> closed{false};

    std::mutex writing;
    bool unsynced = false;
    std::unique_ptr<Connection> writer;
    std::mutex pooling;
    std::vector<std::unique_ptr<Connection>> idle;  // for reading
    std::mutex watching;
    std::unique_ptr<Connection> watcher;
};

Store::Store(fs::path folder, Options options) : impl_(std::make_unique<Impl>(std::move(folder), std::move(options))) {}

Store::~Store() {
    // In a forked child the connections are the parent's: closing one there would drop the parent's log.
    if (impl_ && !impl_->guard.in_owner()) static_cast<void>(impl_.release());
}

std::int64_t Store::write(const std::function<void(Session&)>& body, bool synced) {
    impl_->check();
    const std::lock_guard lock(impl_->writing);
    impl_->check();
    const InSqlite inside;
    Connection& connection = *impl_->writer;
    if (!synced) impl_->mark_unsynced();
    connection.sync_commits(synced);
    connection.execute("BEGIN IMMEDIATE");
    try {
        fail_point("store.write.begin");
        connection.run("UPDATE counter SET txn = txn + 1");
        std::int64_t transaction = 0;
        {
            auto counter = connection.query("SELECT txn FROM counter");
            counter.step();
            transaction = counter.integer(0);
        }
        detail::SqlSession session(connection, impl_->options.name_space, impl_->options.clock->now(), transaction);
        body(session);
        fail_point("store.write.before_commit");
        connection.execute("COMMIT");
        fail_point("store.write.after_commit");
        return transaction;
    } catch (...) {
        connection.rollback();
        throw;
    }
}

void Store::read(const std::function<void(const Session&)>& body) const {
    impl_->check();
    const InSqlite inside;
    std::unique_ptr<Connection> connection;
    {
        const std::lock_guard lock(impl_->pooling);
        if (!impl_->idle.empty()) {
            connection = std::move(impl_->idle.back());
            impl_->idle.pop_back();
        }
    }
    if (connection == nullptr) connection = impl_->connect();
    connection->execute("BEGIN");
    try {
        std::int64_t newest = 0;
        {
            auto counter = connection->query("SELECT txn FROM counter");
            if (counter.step()) newest = counter.integer(0);
        }
        const detail::SqlSession session(*connection, impl_->options.name_space, Time{}, newest);
        body(session);
    } catch (...) {
        connection->rollback();
        throw;
    }
    connection->execute("COMMIT");
    const std::lock_guard lock(impl_->pooling);
    if (!impl_->closed.load()) impl_->idle.push_back(std::move(connection));
}

void Store::verify(Verification& found) const {
    impl_->check();
    const InSqlite inside;
    const auto connection = impl_->connect();
    detail::verify_database(*connection, impl_->options.clock->now(), found);
}

std::vector<std::string> Store::name_spaces() const {
    impl_->check();
    const InSqlite inside;
    const auto connection = impl_->connect();
    auto rows = connection->query("SELECT namespace FROM versions UNION SELECT namespace FROM endpoints ORDER BY 1");
    std::vector<std::string> names;
    while (rows.step()) names.push_back(rows.string(0));
    return names;
}

void Store::copy_database(const fs::path& to) const {
    impl_->check();
    std::error_code ignored;
    if (fs::exists(to, ignored)) throw Conflict("cannot copy the database to \"" + to.string() + "\": it is there");
    const InSqlite inside;
    const auto connection = impl_->connect();
    Connection copy(to, impl_->options.busy_timeout_ms);
    connection->copy_to(copy);
}

void Store::scrub() {
    impl_->check();
    const std::lock_guard lock(impl_->writing);
    impl_->check();
    const InSqlite inside;
    // It makes a copy of the whole database beside it.
    impl_->writer->keep_temporaries_in_memory(false);
    impl_->writer->execute("VACUUM");
    impl_->writer->keep_temporaries_in_memory(true);
    impl_->writer->empty_write_ahead_log();
}

std::int64_t Store::data_version() const {
    impl_->check();
    const std::lock_guard lock(impl_->watching);
    impl_->check();
    const InSqlite inside;
    if (impl_->watcher == nullptr) impl_->watcher = impl_->connect();
    return impl_->watcher->pragma("data_version");
}

fs::path Store::artifact_path(const Digest& name, std::string_view ending) const {
    const std::string hex = name.hex();
    return impl_->folder / "artifacts" / hex.substr(0, 2) / (hex + std::string(ending));
}

void Store::put_artifact(const Digest& name, std::string_view ending, std::span<const std::byte> bytes) {
    impl_->check();
    const fs::path path = artifact_path(name, ending);
    std::error_code missing;
    const auto size = fs::file_size(path, missing);
    if (!missing) {
        if (size == bytes.size()) return make_new(path);
        throw CorruptArtifact("artifact \"" + path.string() + "\": " + std::to_string(size) + " bytes seen, " +
                              std::to_string(bytes.size()) + " wanted");
    }
    fail_point("store.artifact.before_write");
    make_directories(path.parent_path());
    write_file_atomically(path, bytes);
    fail_point("store.artifact.after_write");
}

std::vector<std::byte> Store::artifact(const Digest& name, std::string_view ending) const {
    impl_->check();
    return read_file(artifact_path(name, ending));
}

const fs::path& Store::folder() const noexcept { return impl_->folder; }
const std::string& Store::name_space() const noexcept { return impl_->options.name_space; }
const std::shared_ptr<Clock>& Store::clock() const noexcept { return impl_->options.clock; }

void Store::close() {
    if (!impl_->guard.in_owner()) return;  // the parent's, which goes on with it
    impl_->closed.store(true);
    // In the order in which the others take them.
    const std::scoped_lock lock(impl_->writing, impl_->watching);
    const InSqlite inside;
    const std::lock_guard pool(impl_->pooling);
    impl_->idle.clear();
    impl_->watcher.reset();
    impl_->writer.reset();
}

}  // namespace holdfast::store
