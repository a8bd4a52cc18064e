/// The backends that are there from the start.
#pragma once

#include <string>
#include <string_view>

#include <holdfast/base/error.hpp>

#include "models/text.hpp"

namespace holdfast {
namespace detail {

/// What `read` gives; its errors name the file, and but for Unsupported say that it is corrupt.
template <class Read>
auto naming(std::string_view file, const Read& read) {
    const std::string name = "model file " + quoted(file) + ": ";
    try {
        return read();
    } catch (const Unsupported& error) {
        throw Unsupported(name + error.what());
    } catch (const Error& error) {
        throw CorruptArtifact(name + error.what());
    }
}

}  // namespace detail

void register_hfm_backend();
void register_onnx_backend();
void register_catboost_backend();
void register_xgboost_backend();
void register_lightgbm_backend();

}  // namespace holdfast
