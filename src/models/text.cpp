#include "models/text.hpp"

namespace holdfast::detail {

std::string quoted(std::string_view text) {
    std::string out = "\"";
    out += text;
    out += '"';
    return out;
}

std::string listed(const std::vector<std::string>& names) {
    constexpr std::size_t most = 10;
    std::string out;
    for (std::size_t i = 0; i < names.size() && i < most; ++i) out += (i == 0 ? "" : ", ") + detail::quoted(names[i]);
    if (names.size() > most) out += " and " + std::to_string(names.size() - most) + " more";
    return names.empty() ? "none" : out;
}

std::vector<std::string> names_of(const std::vector<TensorSpec>& specs) {
    std::vector<std::string> names;
    names.reserve(specs.size());
    for (const TensorSpec& spec : specs) names.push_back(spec.name);
    return names;
}

std::string describe_shape(const std::vector<std::int64_t>& shape) {
    std::string out = "[rows";
    for (std::size_t i = 1; i < shape.size(); ++i)
        out += ", " + (shape[i] < 0 ? std::string("any") : std::to_string(shape[i]));
    return out + "]";
}

std::int64_t width_of(const TensorSpec& spec) noexcept {
    constexpr std::int64_t most = std::int64_t{1} << 40;
    std::int64_t width = 1;
    for (std::size_t i = 1; i < spec.shape.size(); ++i) {
        if (spec.shape[i] < 0 || (spec.shape[i] > 0 && width > most / spec.shape[i])) return -1;
        width *= spec.shape[i];
    }
    return width;
}

}  // namespace holdfast::detail
