// A small layer over SQLite: connections with a cache of statements, and errors as Holdfast's.
// One thread at a time for each connection and its statements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <holdfast/base/hash.hpp>
#include <holdfast/base/time.hpp>

struct sqlite3;
struct sqlite3_stmt;

namespace holdfast::store::detail {

class Connection;

/// A prepared statement on loan from its connection, which gets it back, reset, at the end.
class Statement {
  public:
    Statement(Connection& connection, sqlite3_stmt* handle, std::string_view sql) noexcept
        : connection_(&connection), handle_(handle), sql_(sql) {}
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    /// True where there is a row; false at the end.
    bool step();
    /// Steps once, where no row is wanted, and is ready to be bound and run again; bindings stay.
    void run();

    [[nodiscard]] bool is_null(int column) const noexcept;
    [[nodiscard]] int type(int column) const noexcept;  ///< SQLite's: SQLITE_INTEGER, ...
    [[nodiscard]] std::int64_t integer(int column) const noexcept;
    [[nodiscard]] double real(int column) const noexcept;
    [[nodiscard]] std::string_view text(int column) const noexcept;            ///< valid until the next step
    [[nodiscard]] std::span<const std::byte> blob(int column) const noexcept;  ///< valid until the next step
    [[nodiscard]] Time time(int column) const noexcept { return from_micros(integer(column)); }
    [[nodiscard]] std::string string(int column) const { return std::string(text(column)); }
    [[nodiscard]] std::vector<std::byte> bytes(int column) const {
        const auto data = blob(column);
        return {data.begin(), data.end()};
    }

    void bind(int position, std::int64_t value);
    void bind(int position, double value);
    void bind(int position, std::string_view value);
    void bind(int position, std::span<const std::byte> value);
    void bind(int position, std::nullptr_t);
    void bind(int position, int value) { bind(position, static_cast<std::int64_t>(value)); }
    void bind(int position, bool value) { bind(position, static_cast<std::int64_t>(value)); }
    void bind(int position, const char* value) { bind(position, std::string_view(value)); }
    void bind(int position, const std::string& value) { bind(position, std::string_view(value)); }
    void bind(int position, const std::vector<std::byte>& value) { bind(position, std::span<const std::byte>(value)); }
    void bind(int position, Time value) { bind(position, to_micros(value)); }
    void bind(int position, const Digest& value) { bind(position, std::span<const std::byte>(value.bytes)); }
    // The same without a copy: the bytes must stay until the statement is bound anew or given back.
    void bind_borrowed(int position, std::string_view value);
    void bind_borrowed(int position, std::span<const std::byte> value);
    template <class T>
    void bind(int position, const std::optional<T>& value) {
        value ? bind(position, *value) : bind(position, nullptr);
    }

    /// Begins anew with ?1, ?2, ... as given.
    template <class... Arguments>
    void rebind(const Arguments&... arguments) {
        reset();
        int position = 0;
        (bind(++position, arguments), ...);
    }

  private:
    void reset() noexcept;

    Connection* connection_;
    sqlite3_stmt* handle_;
    std::string_view sql_;  // the connection's own copy
};

class Connection {
  public:
    Connection(std::filesystem::path path, std::int64_t busy_timeout_ms);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    [[nodiscard]] std::int64_t busy_timeout_ms() const noexcept { return busy_timeout_ms_; }

    /// Statements without parameters or rows.
    void execute(const std::string& sql);
    [[nodiscard]] Statement prepare(std::string_view sql);
    /// Arguments are ?1, ?2, ...; they are copied.
    template <class... Arguments>
    [[nodiscard]] Statement query(std::string_view sql, const Arguments&... arguments) {
        Statement statement = prepare(sql);
        statement.rebind(arguments...);
        return statement;
    }
    template <class... Arguments>
    void run(std::string_view sql, const Arguments&... arguments) {
        Statement statement = query(sql, arguments...);
        while (statement.step()) {
        }
    }
    void use_write_ahead_log();
    /// Whether a commit waits until the disk has it; not inside a transaction.
    void sync_commits(bool wanted);
    /// How much of the database is kept in memory at most; SQLite keeps 2 MB by itself.
    void cache(std::int64_t bytes);
    /// Or in files, as SQLite has them by itself: what statements of many rows need to be undone, and temporary tables.
    /// Not inside a transaction; temporary tables go.
    void keep_temporaries_in_memory(bool wanted);
    /// Copies the whole database into another, empty one, as of one moment.
    void copy_to(Connection& other);
    /// Moves the log into the database and empties it; Unavailable where a reader does not let go of it in time.
    void empty_write_ahead_log();
    [[nodiscard]] std::int64_t pragma(const std::string& name);
    [[nodiscard]] std::int64_t changes() const noexcept;
    [[nodiscard]] std::int64_t last_row() const noexcept;
    [[nodiscard]] bool in_transaction() const noexcept;
    void rollback() noexcept;

    /// Throws what `code` means, naming the database; returns where it means success.
    void check(int code, std::string_view doing) const;

  private:
    friend class Statement;
    void give_back(sqlite3_stmt* handle, std::string_view sql) noexcept;

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };

    std::filesystem::path path_;
    std::int64_t busy_timeout_ms_;
    sqlite3* database_ = nullptr;
    bool syncs_commits_ = true;
    std::unordered_map<std::string, sqlite3_stmt*, Hash, std::equal_to<>> idle_;
};

}  // namespace holdfast::store::detail
