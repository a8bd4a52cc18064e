/// Errors: what every Holdfast call throws, and the one table that gives each code its names.
///
/// A message names the thing, the value seen and the value wanted:
/// `input "X": dtype float32 given, float64 wanted`.
///
/// Thread safety: values; safe as any std::runtime_error.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include <holdfast/export.hpp>

namespace holdfast {

enum class HOLDFAST_EXPORT ErrorCode {
    invalid_argument,   ///< the caller gave something that can never work
    not_found,          ///< no such model, version, endpoint, file, column
    conflict,           ///< the state of things forbids it: same id with other features, already decided
    corrupt_artifact,   ///< bytes that are not what they claim: truncated, foreign, wrong hash
    unsupported,        ///< understood and refused by name: an operator, a newer format, an untrusted file
    unavailable,        ///< cannot be done now: backend absent, database locked for too long, closed
    permission_denied,  ///< the file system or a right forbids it
    queue_full,         ///< more requests than the endpoint accepts
    deadline_exceeded,  ///< the answer would have come too late
    lease_lost,         ///< another controller leads now; nothing was committed
    used_after_fork,    ///< the object's threads or connections stayed in the parent process
    io_error,           ///< the operating system failed a read or a write
    internal,           ///< a broken invariant of Holdfast; please report
};

/// One row a code. The bindings build Python's exception classes from it and the server its statuses.
struct ErrorTraits {
    ErrorCode code;
    std::string_view name;            ///< stable snake_case name, as in logs and HTTP bodies
    std::string_view exception;       ///< C++ and Python class name
    std::string_view python_builtin;  ///< the built-in that the Python class also derives from
    int http_status;
};

[[nodiscard]] HOLDFAST_EXPORT std::span<const ErrorTraits> error_table() noexcept;
[[nodiscard]] HOLDFAST_EXPORT const ErrorTraits& traits(ErrorCode code) noexcept;

class HOLDFAST_EXPORT Error : public std::runtime_error {
  public:
    Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
    ~Error() override;

    [[nodiscard]] ErrorCode code() const noexcept { return code_; }

  private:
    ErrorCode code_;
};

/// One type a code, so that C++ hosts catch what they can act on.
template <ErrorCode Code>
class HOLDFAST_EXPORT ErrorOf final : public Error {
  public:
    explicit ErrorOf(const std::string& message) : Error(Code, message) {}
    ~ErrorOf() override;
};

// Defined once, in the library: a type that several shared objects throw and catch needs one typeinfo.
extern template class ErrorOf<ErrorCode::invalid_argument>;
extern template class ErrorOf<ErrorCode::not_found>;
extern template class ErrorOf<ErrorCode::conflict>;
extern template class ErrorOf<ErrorCode::corrupt_artifact>;
extern template class ErrorOf<ErrorCode::unsupported>;
extern template class ErrorOf<ErrorCode::unavailable>;
extern template class ErrorOf<ErrorCode::permission_denied>;
extern template class ErrorOf<ErrorCode::queue_full>;
extern template class ErrorOf<ErrorCode::deadline_exceeded>;
extern template class ErrorOf<ErrorCode::lease_lost>;
extern template class ErrorOf<ErrorCode::used_after_fork>;
extern template class ErrorOf<ErrorCode::io_error>;
extern template class ErrorOf<ErrorCode::internal>;

using InvalidArgument = ErrorOf<ErrorCode::invalid_argument>;
using NotFound = ErrorOf<ErrorCode::not_found>;
using Conflict = ErrorOf<ErrorCode::conflict>;
using CorruptArtifact = ErrorOf<ErrorCode::corrupt_artifact>;
using Unsupported = ErrorOf<ErrorCode::unsupported>;
using Unavailable = ErrorOf<ErrorCode::unavailable>;
using PermissionDenied = ErrorOf<ErrorCode::permission_denied>;
using QueueFull = ErrorOf<ErrorCode::queue_full>;
using DeadlineExceeded = ErrorOf<ErrorCode::deadline_exceeded>;
using LeaseLost = ErrorOf<ErrorCode::lease_lost>;
using UsedAfterFork = ErrorOf<ErrorCode::used_after_fork>;
using IoError = ErrorOf<ErrorCode::io_error>;
using InternalError = ErrorOf<ErrorCode::internal>;

/// Throws the type that belongs to `code`.
[[noreturn]] HOLDFAST_EXPORT void throw_error(ErrorCode code, const std::string& message);

}  // namespace holdfast
