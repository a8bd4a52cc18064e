/// ForkGuard: remembers which process an object belongs to.
///
/// An object that holds threads or a database connection keeps a guard and calls `check` first; in a forked child that
/// throws UsedAfterFork, naming the object, instead of hanging or corrupting the parent's file.
///
/// Thread safety: safe from several threads.
#pragma once

#include <string>
#include <string_view>

#include <holdfast/export.hpp>

namespace holdfast {

class HOLDFAST_EXPORT ForkGuard {
  public:
    explicit ForkGuard(std::string what);
    /// Throws UsedAfterFork in any process but the one that made the guard.
    void check() const;
    [[nodiscard]] bool in_owner() const noexcept;

  private:
    std::string what_;
    int pid_;
    int generation_;
};

}  // namespace holdfast
