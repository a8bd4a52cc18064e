#include <holdfast/base/error.hpp>

#include <array>

namespace holdfast {
namespace {

using enum ErrorCode;

// In the order of ErrorCode, which `traits` relies on and a test checks.
constexpr std::array<ErrorTraits, 13> table{{
    {invalid_argument, "invalid_argument", "InvalidArgument", "ValueError", 400},
    {not_found, "not_found", "NotFound", "LookupError", 404},
    {conflict, "conflict", "Conflict", "RuntimeError", 409},
    {corrupt_artifact, "corrupt_artifact", "CorruptArtifact", "ValueError", 422},
    {unsupported, "unsupported", "Unsupported", "NotImplementedError", 501},
    {unavailable, "unavailable", "Unavailable", "RuntimeError", 503},
    {permission_denied, "permission_denied", "PermissionDenied", "PermissionError", 403},
    {queue_full, "queue_full", "QueueFull", "RuntimeError", 429},
    {deadline_exceeded, "deadline_exceeded", "DeadlineExceeded", "TimeoutError", 504},
    {lease_lost, "lease_lost", "LeaseLost", "RuntimeError", 409},
    {used_after_fork, "used_after_fork", "UsedAfterFork", "RuntimeError", 500},
    {io_error, "io_error", "IoError", "OSError", 500},
    {internal, "internal", "InternalError", "RuntimeError", 500},
}};
static_assert(table.size() == static_cast<std::size_t>(internal) + 1, "internal is the last code");

}  // namespace

std::span<const ErrorTraits> error_table() noexcept { return table; }

const ErrorTraits& traits(ErrorCode code) noexcept {
    const auto index = static_cast<std::size_t>(code);
    return index < table.size() ? table[index] : table.back();
}

Error::~Error() = default;

template <ErrorCode Code>
ErrorOf<Code>::~ErrorOf() = default;

template class ErrorOf<invalid_argument>;
template class ErrorOf<not_found>;
template class ErrorOf<conflict>;
template class ErrorOf<corrupt_artifact>;
template class ErrorOf<unsupported>;
template class ErrorOf<unavailable>;
template class ErrorOf<permission_denied>;
template class ErrorOf<queue_full>;
template class ErrorOf<deadline_exceeded>;
template class ErrorOf<lease_lost>;
template class ErrorOf<used_after_fork>;
template class ErrorOf<io_error>;
template class ErrorOf<internal>;

void throw_error(ErrorCode code, const std::string& message) {
    // No default: the compiler names a code that is missing here.
    switch (code) {
        case invalid_argument: throw InvalidArgument(message);
        case not_found: throw NotFound(message);
        case conflict: throw Conflict(message);
        case corrupt_artifact: throw CorruptArtifact(message);
        case unsupported: throw Unsupported(message);
        case unavailable: throw Unavailable(message);
        case permission_denied: throw PermissionDenied(message);
        case queue_full: throw QueueFull(message);
        case deadline_exceeded: throw DeadlineExceeded(message);
        case lease_lost: throw LeaseLost(message);
        case used_after_fork: throw UsedAfterFork(message);
        case io_error: throw IoError(message);
        case internal: break;
    }
    throw InternalError(message);
}

}  // namespace holdfast
