/// Profile: a small mergeable summary of a table: counts, moments, quantile sketch, frequent items, per column.
///
/// Memory a column is fixed in advance, whatever the number of rows: at most 24 KiB a numeric column (sketch_k = 800)
/// and 96 KiB a text column (256 values of 256 bytes). Merging is associative and commutative (counts, min and max to
/// the bit; sketches within their bound). The bytes carry a format version and a checksum.
///
/// Errors: InvalidArgument (columns that do not match), CorruptArtifact, Unsupported (a newer format).
///
/// Thread safety: const calls are safe from several threads; others one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/data/table.hpp>
#include <holdfast/export.hpp>
#include <holdfast/stats/kll.hpp>

namespace holdfast::stats {

struct ProfileOptions {
    std::set<std::string, std::less<>> private_columns;  ///< counts and missing share only: no value leaves
    std::int64_t max_items = 256;  ///< distinct values kept a text column, 2 to 65536; profiles merge only if equal
    int sketch_k = 800;  ///< of the quantile sketches: rank error 0.35 % at a point, 0.45 % everywhere, at 99 %
    bool operator==(const ProfileOptions&) const = default;
};

/// Values of text columns are kept to this many bytes; of a longer one its beginning and the start of its SHA-256.
inline constexpr std::int64_t max_item_bytes = 256;

/// What a column's values can be compared as.
enum class ColumnKind : std::uint8_t { numeric, boolean, text, timestamp };
[[nodiscard]] HOLDFAST_EXPORT ColumnKind kind_of(ColumnType type) noexcept;
[[nodiscard]] HOLDFAST_EXPORT std::string_view to_string(ColumnKind kind) noexcept;

/// One column's summary. Numeric and timestamp columns have a sketch, text (string, categorical) and boolean columns
/// items (a boolean's are "false" and "true"); booleans have moments, too.
///
/// Items are exact, and `other` is 0, while a column has had at most max_items distinct values. After that they are
/// Misra-Gries counts: each at most `item_error()` too low, what was subtracted in `other`, the values not kept as
/// rare. Source: Agarwal, Cormode, Huang, Phillips, Wei, Yi, "Mergeable summaries", PODS 2012, section 4.
struct HOLDFAST_EXPORT ColumnProfile {
    ColumnType type = ColumnType::float64;
    bool is_private = false;
    std::int64_t rows = 0;                                   ///< all
    std::int64_t missing = 0;                                ///< nulls and NaN
    std::int64_t non_finite = 0;                             ///< infinities, left out of the moments
    double min = 0.0, max = 0.0;                             ///< of finite values; NaN when there are none
    double mean = 0.0, m2 = 0.0;                             ///< and the sum of squared differences from it
    Kll sketch;                                              ///< numeric and timestamp: of finite values
    std::map<std::string, std::int64_t, std::less<>> items;  ///< text and boolean: counts of the values kept
    std::int64_t other = 0;                                  ///< text: rows that no kept count holds
    std::int64_t max_items = 256;

    [[nodiscard]] std::int64_t present() const noexcept { return rows - missing; }
    [[nodiscard]] std::int64_t finite() const noexcept { return rows - missing - non_finite; }
    [[nodiscard]] double variance() const noexcept;  ///< unbiased; NaN below two values
    [[nodiscard]] std::int64_t item_error() const noexcept { return other / (max_items / 2 + 1); }
    /// Almost only distinct values, as ids and free text have: no distribution to compare.
    [[nodiscard]] bool almost_distinct() const;
};

class HOLDFAST_EXPORT Profile {
  public:
    Profile() = default;
    [[nodiscard]] static Profile of(const Table& table, const ProfileOptions& options = {});
    [[nodiscard]] static Profile merged(std::span<const Profile> profiles);

    explicit Profile(const ProfileOptions& options);  ///< empty; InvalidArgument for options out of range

    /// Adds the rows of `table`, whose columns must be the profile's (an empty profile takes any).
    void add(const Table& table);
    Profile& operator+=(const Profile& other);  ///< an empty side takes the other's columns and options

    [[nodiscard]] std::int64_t rows() const noexcept { return rows_; }
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
    [[nodiscard]] const ColumnProfile* find(std::string_view name) const noexcept;

    [[nodiscard]] std::vector<std::byte> encode() const;
    [[nodiscard]] static Profile decode(std::span<const std::byte> bytes, std::string_view name = "profile");
    void save(const std::filesystem::path& path) const;
    [[nodiscard]] static Profile load(const std::filesystem::path& path);
    [[nodiscard]] Json to_json() const;
    [[nodiscard]] const ProfileOptions& options() const noexcept { return options_; }

  private:
    void begin(const Table& table);
    [[nodiscard]] bool is_empty() const noexcept { return names_.empty(); }

    ProfileOptions options_;
    std::int64_t rows_ = 0;
    std::vector<std::string> names_;
    std::vector<ColumnProfile> columns_;
};

}  // namespace holdfast::stats
