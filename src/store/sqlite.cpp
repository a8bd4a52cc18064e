#include "store/sqlite.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <new>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>

#include "store/checksum_vfs.hpp"

namespace holdfast::store::detail {
namespace {

[[noreturn]] void throw_cannot_open(sqlite3* database, const std::filesystem::path& path) {
    const int system_error = database != nullptr ? sqlite3_system_errno(database) : 0;
    if (system_error != 0) throw_system_error(system_error, "open", path);
    throw IoError("cannot open \"" + path.string() + "\": SQLite gives no reason");
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_), handle_(std::exchange(other.handle_, nullptr)), sql_(other.sql_) {}

Statement::~Statement() {
    if (handle_ != nullptr) connection_->give_back(handle_, sql_);
}

void Statement::reset() noexcept { sqlite3_reset(handle_); }

bool Statement::step() {
    const int code = sqlite3_step(handle_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    connection_->check(code, sql_);
    return false;
}

void Statement::run() {
    const int code = sqlite3_step(handle_);
    sqlite3_reset(handle_);
    connection_->check(code, sql_);
}

bool Statement::is_null(int column) const noexcept { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }
int Statement::type(int column) const noexcept { return sqlite3_column_type(handle_, column); }
std::int64_t Statement::integer(int column) const noexcept { return sqlite3_column_int64(handle_, column); }
double Statement::real(int column) const noexcept { return sqlite3_column_double(handle_, column); }

std::string_view Statement::text(int column) const noexcept {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    return bytes == nullptr ? std::string_view{}
                            : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column)));
}

std::span<const std::byte> Statement::blob(int column) const noexcept {
    const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(handle_, column));
    return {bytes, bytes == nullptr ? 0 : static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

void Statement::bind(int position, std::int64_t value) {
    connection_->check(sqlite3_bind_int64(handle_, position, value), sql_);
}

void Statement::bind(int position, double value) {
    connection_->check(sqlite3_bind_double(handle_, position, value), sql_);
}

void Statement::bind(int position, std::string_view value) {
    const char* bytes = value.data() == nullptr ? "" : value.data();
    connection_->check(sqlite3_bind_text64(handle_, position, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8),
                       sql_);
}

void Statement::bind(int position, std::span<const std::byte> value) {
    const void* bytes = value.data() == nullptr ? static_cast<const void*>("") : value.data();
    connection_->check(sqlite3_bind_blob64(handle_, position, bytes, value.size(), SQLITE_TRANSIENT), sql_);
}

void Statement::bind_borrowed(int position, std::string_view value) {
    const char* bytes = value.data() == nullptr ? "" : value.data();
    connection_->check(sqlite3_bind_text64(handle_, position, bytes, value.size(), SQLITE_STATIC, SQLITE_UTF8), sql_);
}

void Statement::bind_borrowed(int position, std::span<const std::byte> value) {
    const void* bytes = value.data() == nullptr ? static_cast<const void*>("") : value.data();
    connection_->check(sqlite3_bind_blob64(handle_, position, bytes, value.size(), SQLITE_STATIC), sql_);
}

void Statement::bind(int position, std::nullptr_t) { connection_->check(sqlite3_bind_null(handle_, position), sql_); }

namespace {

/// Asks again every millisecond. SQLite's own handler soon waits 100 ms between two looks, and so never finds the
/// moment in which a busy writer is between two transactions.
int wait_for_lock(void* connection, int waited_ms) {
    if (waited_ms >= static_cast<const Connection*>(connection)->busy_timeout_ms()) return 0;
    sqlite3_sleep(1);
    return 1;
}

}  // namespace

Connection::Connection(std::filesystem::path path, std::int64_t busy_timeout_ms)
    : path_(std::move(path)), busy_timeout_ms_(busy_timeout_ms) {
    // NOMUTEX: the store's own mutexes say which thread may use a connection.
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(path_.c_str(), &database_, flags, checksum_vfs());
    try {
        if (code == SQLITE_CANTOPEN) throw_cannot_open(database_, path_);
        check(code, "open");
        sqlite3_extended_result_codes(database_, 1);
        sqlite3_busy_handler(database_, wait_for_lock, this);
        int reserved = checksum_bytes;  // in every page of a database made from here on
        sqlite3_file_control(database_, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
        // Hostile files: no functions with side effects in a schema, and pages checked as they are read.
        execute(
            "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON;"
            // What a call acknowledged survives a power cut, not only the death of the process.
            "PRAGMA synchronous = FULL;"
            // What is removed is overwritten.
            "PRAGMA secure_delete = ON;");
    } catch (...) {
        sqlite3_close_v2(database_);
        throw;
    }
}

void Connection::use_write_ahead_log() {
    // Several processes may make the database at once. Each holds a shared lock that the other's exclusive one waits
    // for, so SQLite asks no busy handler and refuses one of them at once: that one lets go and tries again.
    for (int waited_ms = 0;; ++waited_ms) {
        const int code = sqlite3_exec(database_, "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
        if ((code & 0xff) != SQLITE_BUSY || wait_for_lock(this, waited_ms) == 0)
            return check(code, "PRAGMA journal_mode");
    }
}

void Connection::sync_commits(bool wanted) {
    if (wanted == syncs_commits_) return;
    execute(wanted ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    syncs_commits_ = wanted;
}

void Connection::cache(std::int64_t bytes) { execute("PRAGMA cache_size = -" + std::to_string(bytes / 1024)); }

void Connection::keep_temporaries_in_memory(bool wanted) {
    execute(wanted ? "PRAGMA temp_store = MEMORY" : "PRAGMA temp_store = DEFAULT");
}

void Connection::copy_to(Connection& other) {
    sqlite3_backup* copying = sqlite3_backup_init(other.database_, "main", database_, "main");
    if (copying == nullptr) return other.check(sqlite3_errcode(other.database_), "copy");
    // All pages in one step: a read transaction of this connection, so that writers are neither stopped nor seen.
    const int stepped = sqlite3_backup_step(copying, -1);
    const int finished = sqlite3_backup_finish(copying);
    other.check(stepped == SQLITE_DONE ? finished : stepped, "copy");
}

void Connection::empty_write_ahead_log() {
    check(sqlite3_wal_checkpoint_v2(database_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr), "checkpoint");
}

Connection::~Connection() {
    for (const auto& [sql, handle] : idle_) sqlite3_finalize(handle);
    sqlite3_close_v2(database_);
}

void Connection::execute(const std::string& sql) {
    check(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr), sql);
}

Statement Connection::prepare(std::string_view sql) {
    auto found = idle_.find(sql);
    if (found == idle_.end()) found = idle_.emplace(std::string(sql), nullptr).first;
    sqlite3_stmt* handle = std::exchange(found->second, nullptr);
    if (handle == nullptr) {
        check(sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                 &handle, nullptr),
              sql);
    }
    return Statement(*this, handle, found->first);
}

void Connection::give_back(sqlite3_stmt* handle, std::string_view sql) noexcept {
    sqlite3_reset(handle);
    sqlite3_clear_bindings(handle);
    // Another of the same text may have come back meanwhile.
    sqlite3_stmt*& idle = idle_.find(sql)->second;
    if (idle == nullptr) std::swap(idle, handle);
    sqlite3_finalize(handle);
}

std::int64_t Connection::pragma(const std::string& name) {
    const std::string sql = "PRAGMA " + name;
    Statement statement = prepare(sql);
    return statement.step() ? statement.integer(0) : 0;
}

std::int64_t Connection::changes() const noexcept { return sqlite3_changes64(database_); }
std::int64_t Connection::last_row() const noexcept { return sqlite3_last_insert_rowid(database_); }
bool Connection::in_transaction() const noexcept { return sqlite3_get_autocommit(database_) == 0; }

void Connection::rollback() noexcept {
    if (in_transaction()) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
}

void Connection::check(int code, std::string_view doing) const {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    const std::string reason = database_ != nullptr ? sqlite3_errmsg(database_) : sqlite3_errstr(code);
    const std::string name = "database \"" + path_.string() + "\": ";
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            throw Unavailable(name + "locked by another writer for longer than " + std::to_string(busy_timeout_ms_) +
                              " ms");
        case SQLITE_CANTOPEN: throw_cannot_open(database_, path_);
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH: throw PermissionDenied(name + "cannot be written: " + reason);
        case SQLITE_NOTADB: throw CorruptArtifact(name + "not a Holdfast database: " + reason);
        case SQLITE_CORRUPT: throw CorruptArtifact(name + "damaged: " + reason);
        case SQLITE_FULL: throw IoError(name + "the disk is full");
        case SQLITE_IOERR:
            if (code == SQLITE_IOERR_DATA) {
                throw CorruptArtifact(name + "damaged: the checksum of page " + std::to_string(damaged_page()) +
                                      " is not that of its bytes");
            }
            throw IoError(name + reason + ", system error " + std::to_string(sqlite3_system_errno(database_)));
        case SQLITE_NOMEM: throw std::bad_alloc();
        default:
            throw InternalError(name + reason + " (code " + std::to_string(code) + ") in " +
                                std::string(doing.substr(0, 200)));
    }
}

}  // namespace holdfast::store::detail
