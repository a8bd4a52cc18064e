// What makes SQLite safe to open again in a forked child.
//
// SQLite keeps its POSIX locks in a list of its own, by device and inode, that a child inherits without the locks: a
// database opened there anew would believe that it holds its parent's. Here the child's files are given another device
// number, so that it begins a list of its own, and fork waits until no thread is inside SQLite, whose mutexes would
// otherwise be inherited locked.
#pragma once

namespace holdfast::store::detail {

/// Held around every call into SQLite. May be nested.
class InSqlite {
  public:
    InSqlite();
    ~InSqlite();
    InSqlite(const InSqlite&) = delete;
    InSqlite& operator=(const InSqlite&) = delete;
};

}  // namespace holdfast::store::detail
