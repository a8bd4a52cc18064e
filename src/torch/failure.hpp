/// What LibTorch throws, as Holdfast's errors: one line, without its stack traces.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <string_view>

#include <c10/util/Exception.h>

#include <holdfast/base/error.hpp>

namespace holdfast::torch_backend {

/// The first line of a message; of TorchScript's traceback, the error that ended it.
[[nodiscard]] std::string brief(std::string_view message);

/// Calls `f`; what LibTorch throws becomes an error of `code` that begins with `what`. Holdfast's own errors and
/// std::bad_alloc pass.
template <class F>
auto translated(ErrorCode code, std::string_view what, F&& f) {
    const auto fail = [&](std::string_view message) { throw_error(code, std::string(what) + ": " + brief(message)); };
    try {
        return f();
    } catch (const Error&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const c10::Error& error) {
        fail(error.what_without_backtrace());
    } catch (const std::exception& error) {
        fail(error.what());
    }
    throw InternalError("unreachable");
}

}  // namespace holdfast::torch_backend
