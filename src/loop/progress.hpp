/// Progress of a training inside this process, for others to see: at most a transaction a second. It also keeps the
/// lease, so that a long training is not taken over while it lives.
///
/// Thread safety: safe from several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <holdfast/workspace/workspace.hpp>

namespace holdfast::detail {

inline constexpr std::size_t longest_note = 200;  // bytes

class ProgressWriter {
  public:
    ProgressWriter(Workspace workspace, const store::JobRow& row, std::string owner, std::int64_t fence,
                   Duration lease);

    /// InvalidArgument for a share outside of [0, 1]; Conflict once the job was cancelled.
    void write(double share, std::string_view note);
    [[nodiscard]] store::JobRow row() const;  ///< as committed
    [[nodiscard]] std::int64_t fence() const;

  private:
    Workspace workspace_;
    std::string id_, endpoint_, owner_;
    Duration lease_;
    mutable std::mutex mutex_;
    std::int64_t fence_;
    std::optional<Duration> written_;  // when, in steady time
};

}  // namespace holdfast::detail
