// UBJSON, draft 12, as XGBoost writes it: big-endian numbers, counted arrays, typed ones of numbers.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>

#include <holdfast/base/error.hpp>

#include "models/boosters/document.hpp"

namespace holdfast::boosters {
namespace {

template <class T>
T from_big_endian(const std::byte* bytes) {
    using Bits =
        std::conditional_t<sizeof(T) == 8, std::uint64_t,
                           std::conditional_t<sizeof(T) == 4, std::uint32_t,
                                              std::conditional_t<sizeof(T) == 2, std::uint16_t, std::uint8_t>>>;
    Bits bits;
    std::memcpy(&bits, bytes, sizeof(T));
    if constexpr (sizeof(T) == 8) bits = __builtin_bswap64(bits);
    if constexpr (sizeof(T) == 4) bits = __builtin_bswap32(bits);
    if constexpr (sizeof(T) == 2) bits = __builtin_bswap16(bits);
    return std::bit_cast<T>(bits);
}

/// Bytes of a number of that type; 0 where the marker is not one of a number.
std::size_t size_of(char type) {
    switch (type) {
        case 'i':
        case 'U': return 1;
        case 'I': return 2;
        case 'l':
        case 'd': return 4;
        case 'L':
        case 'D': return 8;
        default: return 0;
    }
}

/// Calls f(T{}), T being the type of numbers of that marker.
template <class F>
auto with_type(char type, const F& f) {
    switch (type) {
        case 'i': return f(std::int8_t{});
        case 'U': return f(std::uint8_t{});
        case 'I': return f(std::int16_t{});
        case 'l': return f(std::int32_t{});
        case 'L': return f(std::int64_t{});
        case 'd': return f(float{});
        default: return f(double{});
    }
}

double number_of(char type, const std::byte* bytes) {
    return with_type(type, [bytes]<class T>(T) { return static_cast<double>(from_big_endian<T>(bytes)); });
}

class Reader {
  public:
    Reader(std::span<const std::byte> bytes, std::span<const std::string_view> ignored)
        : bytes_(bytes), ignored_(ignored) {}

    [[nodiscard]] Value document() {
        Value root = value(marker(), 1);
        if (!bytes_.empty()) throw CorruptArtifact(std::to_string(bytes_.size()) + " bytes after the document");
        return root;
    }

  private:
    std::span<const std::byte> take(std::size_t size) {
        if (size > bytes_.size())
            throw CorruptArtifact("ends after " + std::to_string(bytes_.size()) + " of " + std::to_string(size) +
                                  " bytes wanted");
        const auto taken = bytes_.first(size);
        bytes_ = bytes_.subspan(size);
        return taken;
    }

    char marker() { return static_cast<char>(take(1)[0]); }

    [[nodiscard]] char next() const { return bytes_.empty() ? '\0' : static_cast<char>(bytes_[0]); }

    bool skip(char wanted) {
        if (next() != wanted) return false;
        bytes_ = bytes_.subspan(1);
        return true;
    }

    /// A count of things of at least `least` bytes each.
    std::size_t count(std::size_t least) {
        const char type = marker();
        if (size_of(type) == 0 || type == 'd' || type == 'D')
            throw CorruptArtifact(std::string("type '") + type + "' of a count given, an integer wanted");
        const double seen = number_of(type, take(size_of(type)).data());
        if (!(seen >= 0 && seen <= static_cast<double>(bytes_.size() / least)))
            throw CorruptArtifact("a count of " + std::to_string(seen) + " with " + std::to_string(bytes_.size()) +
                                  " bytes left");
        return static_cast<std::size_t>(seen);
    }

    std::string text() {
        const auto from = take(count(1));
        return {reinterpret_cast<const char*>(from.data()), from.size()};
    }

    Value value(char type, int depth) {
        if (depth > max_depth)
            throw CorruptArtifact("containers nested more than " + std::to_string(max_depth) + " deep");
        Value to;
        switch (type) {
            case '{': read_object(to, depth); return to;
            case '[': read_array(to, depth); return to;
            case 'S': to.content = text(); return to;
            case 'C': to.content = std::string(1, marker()); return to;
            case 'T': to.content = 1.0; return to;
            case 'F': to.content = 0.0; return to;
            case 'Z': return to;
            default: break;
        }
        if (size_of(type) == 0)
            throw CorruptArtifact("type " + std::to_string(static_cast<unsigned char>(type)) + " is not known");
        to.content = number_of(type, take(size_of(type)).data());
        return to;
    }

    void read_object(Value& to, int depth) {
        auto& members = to.content.emplace<Value::Members>();
        std::optional<std::size_t> left;
        if (skip('#')) left = count(2);
        while (left ? (*left)-- > 0 : !skip('}')) {
            std::string key = text();
            Value member = value(marker(), depth + 1);
            if (std::ranges::find(ignored_, key) == ignored_.end()) members.add(std::move(key), std::move(member));
        }
    }

    void read_array(Value& to, int depth) {
        if (skip('$')) return read_typed(to, marker());
        std::optional<std::size_t> left;
        if (skip('#')) left = count(1);
        std::vector<double> numbers;
        Value::Items items;
        while (left ? (*left)-- > 0 : !skip(']')) {
            Value item = value(marker(), depth + 1);
            if (const auto* number = std::get_if<double>(&item.content)) {
                numbers.push_back(*number);
            } else {
                items.push_back(std::move(item));
            }
            if (!numbers.empty() && !items.empty()) throw CorruptArtifact("an array mixes numbers with other values");
        }
        if (items.empty()) {
            to.content = Numbers(std::move(numbers));
        } else {
            to.content = std::move(items);
        }
    }

    void read_typed(Value& to, char type) {
        const std::size_t size = size_of(type);
        if (size == 0 || !skip('#'))
            throw CorruptArtifact("type " + std::to_string(static_cast<unsigned char>(type)) +
                                  " of an array given, one of numbers and a count wanted");
        const std::size_t length = count(size);
        const auto from = take(length * size);
        to.content = Numbers(Numbers::Typed{type, length, from.data()});
    }

    std::span<const std::byte> bytes_;
    std::span<const std::string_view> ignored_;
};

}  // namespace

std::vector<double> values_of(const Numbers::Typed& numbers) {
    std::vector<double> all(numbers.size);
    with_type(numbers.type, [&]<class T>(T) {
        for (std::size_t i = 0; i < all.size(); ++i)
            all[i] = static_cast<double>(from_big_endian<T>(numbers.bytes + i * sizeof(T)));
    });
    return all;
}

Value read_ubjson(std::span<const std::byte> bytes, std::span<const std::string_view> ignored) {
    return Reader(bytes, ignored).document();
}

}  // namespace holdfast::boosters
