/// What something says when it throws.
#pragma once

#include <gtest/gtest.h>

#include <string>

namespace holdfast::testing {

/// The message of the `E` that `body` throws.
template <class E, class Body>
std::string message_of(Body&& body) {
    try {
        body();
    } catch (const E& error) {
        return error.what();
    }
    ADD_FAILURE() << "nothing of that type was thrown";
    return {};
}

}  // namespace holdfast::testing
