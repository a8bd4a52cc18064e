#include <holdfast/stats/hll.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include <holdfast/base/error.hpp>

#include "stats/bytes.hpp"

namespace holdfast::stats {
namespace {

constexpr const char* what = "distinct counts";

// Ertl's series for registers that are empty, and for those that are full.
double sigma(double x) {
    if (x == 1.0) return std::numeric_limits<double>::infinity();
    double y = 1.0, z = x, before = -1.0;
    while (z != before) {
        x *= x;
        before = z;
        z += x * y;
        y += y;
    }
    return z;
}

double tau(double x) {
    if (x == 0.0 || x == 1.0) return 0.0;
    double y = 1.0, z = 1.0 - x, before = -1.0;
    while (z != before) {
        x = std::sqrt(x);
        before = z;
        y *= 0.5;
        z -= (1.0 - x) * (1.0 - x) * y;
    }
    return z / 3.0;
}

bool is_sparse(std::size_t used, std::size_t registers) { return 3 * used < registers; }

}  // namespace

Hll::Hll(int bits, std::uint64_t key) : bits_(bits), key_(key) {
    if (bits < min_bits || bits > max_bits)
        throw InvalidArgument("Hll: bits is " + std::to_string(bits) + ", 4 to 16 wanted");
    registers_.resize(std::size_t{1} << bits);
}

void Hll::merge(const Hll& other) {
    if (bits_ != other.bits_ || key_ != other.key_) {
        *this = Hll();
        return;
    }
    for (std::size_t i = 0; i < registers_.size(); ++i) registers_[i] = std::max(registers_[i], other.registers_[i]);
}

double Hll::estimate() const {
    if (!counts()) return std::numeric_limits<double>::quiet_NaN();
    std::array<double, 66> with{};  // registers by what they hold
    for (const std::uint8_t rank : registers_) with[rank] += 1.0;
    const auto m = static_cast<double>(registers_.size());
    const auto last = static_cast<std::size_t>(64 - bits_);
    double z = m * tau(1.0 - with[last + 1] / m);
    for (std::size_t k = last; k >= 1; --k) z = 0.5 * (z + with[k]);
    z += m * sigma(with[0] / m);
    return m * m / (2.0 * std::numbers::ln2 * z);
}

double Hll::standard_error() const noexcept { return 1.04 / std::sqrt(static_cast<double>(registers_.size())); }

// Bits, key, how many registers are not 0; then those with their places where that is shorter, or all.
void Hll::encode(std::vector<std::byte>& out) const {
    using detail::put;
    put(out, static_cast<std::uint8_t>(bits_));
    if (!counts()) return;
    put(out, key_);
    const auto used = static_cast<std::size_t>(
        std::count_if(registers_.begin(), registers_.end(), [](auto rank) { return rank != 0; }));
    put(out, static_cast<std::uint32_t>(used));
    if (!is_sparse(used, registers_.size())) return detail::put_bytes(out, registers_.data(), registers_.size());
    for (std::size_t i = 0; i < registers_.size(); ++i) {
        if (registers_[i] == 0) continue;
        put(out, static_cast<std::uint16_t>(i));
        put(out, registers_[i]);
    }
}

Hll Hll::decode(std::span<const std::byte>& bytes) {
    using detail::get;
    const auto refuse = [](const char* why) { throw CorruptArtifact(std::string(what) + ": " + why); };
    const int bits = get<std::uint8_t>(bytes, what);
    if (bits == 0) return {};
    if (bits < min_bits || bits > max_bits) refuse("registers of no known number");
    Hll sketch(bits, get<std::uint64_t>(bytes, what));
    const std::size_t used = get<std::uint32_t>(bytes, what);
    auto& registers = sketch.registers_;
    if (used > registers.size()) refuse("more registers than there are");
    if (is_sparse(used, registers.size())) {
        std::size_t from = 0;
        for (std::size_t i = 0; i < used; ++i) {
            const std::size_t at = get<std::uint16_t>(bytes, what);
            if (at < from || at >= registers.size()) refuse("registers out of order");
            registers[at] = get<std::uint8_t>(bytes, what);
            from = at + 1;
        }
    } else {
        const auto stored = detail::take(bytes, registers.size(), what);
        std::transform(stored.begin(), stored.end(), registers.begin(),
                       [](std::byte byte) { return static_cast<std::uint8_t>(byte); });
    }
    const auto filled = static_cast<std::size_t>(
        std::count_if(registers.begin(), registers.end(), [](auto rank) { return rank != 0; }));
    if (filled != used || *std::max_element(registers.begin(), registers.end()) > 65 - bits)
        refuse("a register that no value leaves");
    return sketch;
}

}  // namespace holdfast::stats
