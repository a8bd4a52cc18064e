#include <bit>
#include <cmath>
#include <limits>

#include <holdfast/base/hash.hpp>
#include <holdfast/package/package.hpp>

namespace holdfast {
namespace {

/// Gathers little-endian bytes and hashes them by the block.
class Hasher {
  public:
    void add(std::uint64_t value) {
        for (int shift = 0; shift < 64; shift += 8) buffer_.push_back(static_cast<char>((value >> shift) & 0xff));
        if (buffer_.size() >= block) flush();
    }
    void add(std::string_view text) {
        add(static_cast<std::uint64_t>(text.size()));
        buffer_.append(text);
        if (buffer_.size() >= block) flush();
    }
    [[nodiscard]] Digest finish() {
        flush();
        return hash_.finish();
    }

  private:
    static constexpr std::size_t block = std::size_t{1} << 16;
    void flush() {
        hash_.update(std::string_view(buffer_));
        buffer_.clear();
    }
    std::string buffer_;
    Sha256 hash_;
};

std::uint64_t number_bits(double value) {
    return std::bit_cast<std::uint64_t>(std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value);
}

void add_value(Hasher& hasher, const Column& column, std::int64_t row) {
    const auto at = static_cast<std::size_t>(row);
    switch (column.type()) {
        case ColumnType::int64:
        case ColumnType::timestamp: return hasher.add(static_cast<std::uint64_t>(column.values<std::int64_t>()[at]));
        case ColumnType::int32: return hasher.add(static_cast<std::uint64_t>(column.values<std::int32_t>()[at]));
        case ColumnType::boolean: return hasher.add(std::uint64_t{column.values<std::uint8_t>()[at] != 0});
        case ColumnType::float32:
        case ColumnType::float64: return hasher.add(number_bits(column.number(row)));
        case ColumnType::string:
        case ColumnType::categorical: return hasher.add(column.text(row));
    }
}

}  // namespace

Digest table_sha256(const Table& table) {
    Hasher hasher;
    hasher.add("holdfast.table/1");
    hasher.add(static_cast<std::uint64_t>(table.rows()));
    for (std::int64_t position = 0; position < table.width(); ++position) {
        const Column& column = table.column(position);
        hasher.add(table.names()[static_cast<std::size_t>(position)]);
        hasher.add(to_string(column.type()));
        for (std::int64_t row = 0; row < column.size(); ++row) {
            hasher.add(std::uint64_t{column.is_valid(row)});
            if (column.is_valid(row)) add_value(hasher, column, row);
        }
    }
    return hasher.finish();
}

}  // namespace holdfast
