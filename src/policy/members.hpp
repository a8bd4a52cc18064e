/// Members: reads a JSON object member by member, and says which one is wrong.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/json.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/base/window.hpp>

namespace holdfast::detail {

/// `what` begins every message, as in `rule "metric"`. The JSON must outlive this.
class Members {
  public:
    Members(const Json& json, std::string what);

    [[nodiscard]] const std::string& what() const noexcept { return what_; }
    /// The member, or nullptr where it is missing or null.
    [[nodiscard]] const Json* optional(std::string_view key);
    [[nodiscard]] const Json& required(std::string_view key);

    [[nodiscard]] std::string text(std::string_view key);
    [[nodiscard]] std::int64_t integer(std::string_view key);
    [[nodiscard]] double number(std::string_view key);
    [[nodiscard]] bool boolean(std::string_view key);
    [[nodiscard]] Time time(std::string_view key);
    [[nodiscard]] Duration duration(std::string_view key);
    [[nodiscard]] Window window(std::string_view key);
    [[nodiscard]] std::vector<std::string> texts(std::string_view key);
    [[nodiscard]] const Json::Array& array(std::string_view key);

    /// Runs `read(member)`, and names the member in what it refuses.
    template <class Read>
    auto get(std::string_view key, Read&& read) {
        const Json& member = required(key);
        try {
            return read(member);
        } catch (const InvalidArgument& error) {
            refuse(key, error.what());
        }
    }

    /// Refuses members that nobody asked for.
    void finish() const;
    [[noreturn]] void refuse(std::string_view key, std::string_view why) const;

  private:
    const Json::Object& object_;
    std::string what_;
    std::set<std::string, std::less<>> seen_;
};

}  // namespace holdfast::detail
