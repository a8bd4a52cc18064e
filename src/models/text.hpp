/// Pieces of error messages, and the width of a spec.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/models/signature.hpp>

namespace holdfast::detail {

[[nodiscard]] std::string quoted(std::string_view text);
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
/// "a", "b"; the first ten of a longer list.
[[nodiscard]] std::string listed(const std::vector<std::string>& names);
[[nodiscard]] std::vector<std::string> names_of(const std::vector<TensorSpec>& specs);
/// "[rows, 8]"
[[nodiscard]] std::string describe_shape(const std::vector<std::int64_t>& shape);
/// Elements a row; -1 where the shape leaves it open (or it is beyond 2^40).
[[nodiscard]] std::int64_t width_of(const TensorSpec& spec) noexcept;

}  // namespace holdfast::detail
