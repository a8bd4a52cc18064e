#include "store/log_check.hpp"

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>

#include "store/big_endian.hpp"

namespace holdfast::store::detail {
namespace {

// SQLite documentation, "WAL-mode File Format".
constexpr std::size_t header_bytes = 32, frame_header_bytes = 24;
constexpr std::uint32_t magic = 0x377f0682;  // the last bit: checksums over big-endian words

using Bytes = std::vector<unsigned char>;

std::uint32_t little_endian(const unsigned char* at) {
    return (std::uint32_t{at[3]} << 24) + (std::uint32_t{at[2]} << 16) + (std::uint32_t{at[1]} << 8) + at[0];
}

struct Sum {
    bool big = false;
    std::uint32_t first = 0, second = 0;

    void add(const unsigned char* bytes, std::size_t size) {
        const auto word = [&](std::size_t at) { return big ? big_endian(bytes + at) : little_endian(bytes + at); };
        for (std::size_t at = 0; at < size; at += 8) {
            first += word(at) + second;
            second += word(at + 4) + first;
        }
    }
    [[nodiscard]] bool is(const unsigned char* stored) const {
        return first == big_endian(stored) && second == big_endian(stored + 4);
    }
};

struct Scan {
    std::int64_t good = 0;    // frames that check
    std::int64_t behind = 0;  // transactions of this log that end behind them
    bool operator==(const Scan&) const = default;
};

Scan scan(const std::filesystem::path& log) {
    Scan result;
    std::ifstream file(log, std::ios::binary);
    Bytes header(header_bytes);
    if (!file.read(reinterpret_cast<char*>(header.data()), header_bytes)) return result;
    Sum sum{(big_endian(header.data()) & 1) != 0};
    const std::uint32_t page = big_endian(&header[8]);
    const bool plausible =
        (big_endian(header.data()) & ~1U) == magic && page >= 512 && page <= 65536 && (page & (page - 1)) == 0;
    if (!plausible) return result;
    sum.add(header.data(), 24);
    bool checks = sum.is(&header[24]);

    Bytes frame(frame_header_bytes + page);
    while (file.read(reinterpret_cast<char*>(frame.data()), static_cast<std::streamsize>(frame.size()))) {
        const bool ours = std::memcmp(&frame[8], &header[16], 8) == 0;  // and not of an earlier round of the log
        if (checks) {
            sum.add(frame.data(), 8);
            sum.add(&frame[frame_header_bytes], page);
            checks = ours && sum.is(&frame[16]);
        }
        if (checks) {
            ++result.good;
        } else if (ours && big_endian(&frame[4]) != 0) {
            ++result.behind;
        }
    }
    return result;
}

}  // namespace

void refuse_damaged_log(const std::filesystem::path& log) {
    const Scan first = scan(log);
    if (first.behind < 2) return;
    // Another process may write to it just now; then it looks different the next time.
    for (int again = 0; again < 3; ++again) {
        if (scan(log) != first) return;
    }
    throw CorruptArtifact("log \"" + log.string() + "\": frame " + std::to_string(first.good + 1) +
                          " is damaged, and " + std::to_string(first.behind) +
                          " transactions end behind it; restore a backup, or remove the log to go on without them");
}

}  // namespace holdfast::store::detail
