#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/id.hpp>
#include <holdfast/base/json.hpp>

#include "json_limits.hpp"

namespace holdfast {
namespace {

using detail::max_exact_int;

/// Whole numbers become ints, except those that a double wrote: beyond 2^53, where its shortest digits are not the
/// number's own, they must read back as that double.
Json whole_number(std::int64_t value) {
    if (value >= -max_exact_int && value <= max_exact_int) return Json(value);
    const auto rounded = static_cast<double>(value);
    if (detail::format_json_double(rounded) == std::to_string(value)) return Json(rounded);
    return Json(value);
}

/// Builds a Json from nlohmann's events. A level's container lives in `levels_` until it is closed.
class Builder {
  public:
    bool null() { return add(Json()); }
    bool boolean(bool value) { return add(Json(value)); }
    bool number_integer(std::int64_t value) { return add(whole_number(value)); }
    bool number_unsigned(std::uint64_t value) {
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return add(Json(static_cast<double>(value)));
        return add(whole_number(static_cast<std::int64_t>(value)));
    }
    bool number_float(double value, const std::string&) { return add(Json(value)); }
    bool string(std::string& value) { return add(Json(std::move(value))); }
    bool binary(nlohmann::json::binary_t&) { return refuse("binary values have no JSON"); }

    bool start_object(std::size_t) { return open(Json::object({})); }
    bool start_array(std::size_t) { return open(Json::array()); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }

    bool key(std::string& name) {
        auto& level = levels_.back();
        if (level.container.find(name) != nullptr) return refuse("key \"" + name + "\" twice in one object");
        level.key = std::move(name);
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& error) {
        position_ = position;
        // nlohmann's text is "[json.exception.parse_error.101] parse error at line ...: what".
        std::string_view text = error.what();
        if (const auto bracket = text.find("] "); bracket != std::string_view::npos) text.remove_prefix(bracket + 2);
        // It quotes what it read last, and may have stopped inside a character.
        return refuse(is_utf8(text) ? std::string(text) : "ill-formed text");
    }

    [[nodiscard]] Json finish(bool parsed) {
        if (parsed) return std::move(root_);
        const std::string where = position_ ? " at byte " + std::to_string(*position_) : "";
        throw InvalidArgument("JSON" + where + ": " + reason_);
    }

  private:
    struct Level {
        Json container;
        std::string key;
    };

    bool refuse(std::string reason) {
        reason_ = std::move(reason);
        return false;
    }

    bool add(Json value) {
        if (levels_.empty()) {
            root_ = std::move(value);
        } else if (auto& level = levels_.back(); level.container.is_object()) {
            level.container.as_object().emplace(std::move(level.key), std::move(value));
        } else {
            level.container.push_back(std::move(value));
        }
        return true;
    }

    bool open(Json container) {
        if (levels_.size() == detail::max_json_depth) return refuse("nesting over 256 levels");
        levels_.push_back({std::move(container), {}});
        return true;
    }

    bool close() {
        Json value = std::move(levels_.back().container);
        levels_.pop_back();
        return add(std::move(value));
    }

    Json root_;
    std::vector<Level> levels_;
    std::optional<std::size_t> position_;
    std::string reason_;
};

}  // namespace

Json Json::parse(std::string_view text) {
    if (text.size() > detail::max_json_bytes)
        throw InvalidArgument("JSON: " + std::to_string(text.size()) + " bytes given, at most 1 GiB wanted");
    Builder builder;
    const bool parsed = nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
    return builder.finish(parsed);
}

}  // namespace holdfast
