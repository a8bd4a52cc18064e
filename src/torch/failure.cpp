#include "torch/failure.hpp"

namespace holdfast::torch_backend {
namespace {

constexpr std::string_view traceback = "Traceback of TorchScript";

std::string_view line_at(std::string_view text, std::size_t begin) {
    return text.substr(begin, text.find('\n', begin) - begin);
}

/// The last line that reads "<Some>Error: ...".
std::string_view last_error(std::string_view text) {
    std::string_view found;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::string_view line = line_at(text, begin);
        const std::size_t colon = line.find("Error: ");
        if (colon != std::string_view::npos && line.find(' ') > colon) found = line;
        begin += line.size() + 1;
    }
    return found;
}

}  // namespace

std::string brief(std::string_view message) {
    if (message.find(traceback) != std::string_view::npos) {
        const std::string_view error = last_error(message);
        if (!error.empty()) return std::string(error);
    }
    const std::size_t begin = message.find_first_not_of(" \n\t");
    return begin == std::string_view::npos ? "no reason given" : std::string(line_at(message, begin));
}

}  // namespace holdfast::torch_backend
