/// Result<T>: the value of a per-request call, or why there is none. Only what depends on a request
/// (bad shape, queue full, deadline passed) travels this way; everything else throws.
///
/// Thread safety: a value.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include <holdfast/base/error.hpp>

namespace holdfast {

struct Failure {
    ErrorCode code = ErrorCode::internal;
    std::string message;
};

template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
    Result(Failure failure)
        : state_(std::in_place_index<1>, std::move(failure)) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// The value; throws the failure as its exception when there is none.
    [[nodiscard]] T& value() & { return require(), std::get<0>(state_); }
    [[nodiscard]] const T& value() const& { return require(), std::get<0>(state_); }
    [[nodiscard]] T&& value() && { return require(), std::move(std::get<0>(state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    /// Why there is no value. Only meaningful when `!has_value()`.
    [[nodiscard]] const Failure& error() const noexcept { return *std::get_if<1>(&state_); }

  private:
    void require() const {
        if (const auto* failure = std::get_if<1>(&state_)) throw_error(failure->code, failure->message);
    }
    std::variant<T, Failure> state_;
};

/// A call that has nothing to return but its success.
using Status = Result<std::monostate>;

/// Runs `body` and turns a thrown Error into a Failure.
template <class Body>
[[nodiscard]] auto capture(Body&& body) -> Result<decltype(body())> {
    try {
        return std::forward<Body>(body)();
    } catch (const Error& error) {
        return Failure{error.code(), error.what()};
    }
}

}  // namespace holdfast
