#include "words.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <typeinfo>

#include <holdfast/base/error.hpp>
#include <holdfast/base/id.hpp>

namespace holdfast::detail {

std::string kind_of(const std::exception& error) {
    if (const auto* ours = dynamic_cast<const Error*>(&error)) return std::string(traits(ours->code()).exception);
    int status = 0;
    const char* mangled = typeid(error).name();
    const std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(mangled, nullptr, nullptr, &status),
                                                      &std::free);
    return name == nullptr ? mangled : name.get();
}

std::string legible(std::string_view text, std::size_t most) {
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    std::string out;
    while (!text.empty()) {
        std::size_t length = 1;
        while (length < std::min<std::size_t>(4, text.size()) && !is_utf8(text.substr(0, length))) ++length;
        const bool good = is_utf8(text.substr(0, length));
        const std::string_view piece = good ? text.substr(0, length) : replacement;
        if (out.size() + piece.size() > most) break;
        out += piece;
        text.remove_prefix(good ? length : 1);
    }
    return out;
}

}  // namespace holdfast::detail
