/// Profile: a small mergeable summary of a table: counts, moments, quantile sketch, distinct and frequent values, and a
/// histogram on given edges, per column.
///
/// Memory a column is fixed in advance, whatever the number of rows: below 64 KiB a numeric column and 256 KiB a text
/// column with the options as they are. Merging is associative and commutative: counts, min, max, distinct counts and
/// histograms to the bit, moments within rounding, sketches and frequent items within their bounds. The bytes carry a
/// format version and a checksum. Formulas, bounds and the format: docs/profiles.md.
///
/// Errors: InvalidArgument (columns, edges or options that do not match), CorruptArtifact, Unsupported (a newer
/// format).
///
/// Thread safety: const calls are safe from several threads; others one at a time. From many threads: ProfileFeed.
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
#include <holdfast/stats/hll.hpp>
#include <holdfast/stats/kll.hpp>

namespace holdfast::stats {

struct ProfileOptions {
    /// Of these: counts and the missing share, and with a salt how many distinct values; no value leaves.
    std::set<std::string, std::less<>> private_columns{};
    std::int64_t max_items = 256;  ///< distinct values kept a text column, 2 to 65536; profiles merge only if equal
    int sketch_k = 800;      ///< of the quantile sketches: rank error 0.35 % at a point, 0.45 % everywhere, at 99 %
    int distinct_bits = 12;  ///< distinct values within 1.04 / sqrt(2^bits), 4 to 16; 0: they are not counted
    /// A secret, hashed with private columns' values before they are counted; never stored. Profiles of one salt merge
    /// their counts of distinct private values; of others, or without one, there are none.
    std::string salt{};
    /// Of histograms, by numeric or timestamp column: finite, ascending. Profiles merge only if equal.
    std::map<std::string, std::vector<double>, std::less<>> edges{};
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
    std::int64_t withheld = 0;        ///< of `other`: rows of items that were not written, being few
    std::int64_t withheld_error = 0;  ///< what a count is too low for that, at most
    Hll distinct;                     ///< of finite values, or texts
    std::vector<double> edges;        ///< of the histogram; empty: none
    std::vector<std::int64_t> bins;   ///< finite values up to the first edge, above it up to the second, ...

    [[nodiscard]] std::int64_t present() const noexcept { return rows - missing; }
    [[nodiscard]] std::int64_t finite() const noexcept { return rows - missing - non_finite; }
    [[nodiscard]] double variance() const noexcept;  ///< unbiased; NaN below two values
    [[nodiscard]] std::int64_t item_error() const noexcept {
        return (other - withheld) / (max_items / 2 + 1) + withheld_error;
    }
};

class HOLDFAST_EXPORT Profile {
  public:
    Profile() = default;
    [[nodiscard]] static Profile of(const Table& table, const ProfileOptions& options = {});
    /// And a histogram of each numeric column that has no edges, on its own deciles: what a reference is.
    [[nodiscard]] static Profile with_deciles(const Table& table, const ProfileOptions& options = {});
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
    /// Text values counted in fewer rows than this are not written to files.
    static constexpr std::int64_t default_min_count = 10;
    [[nodiscard]] Profile without_rare_items(std::int64_t min_count = default_min_count) const;
    /// The raw values that a file of this profile reveals, by column: of text, those frequent enough; of numbers, the
    /// sketch's, the extremes and the edges.
    [[nodiscard]] Json describe_contents(std::int64_t min_count = default_min_count) const;
    /// encode() without rare items, atomically.
    void save(const std::filesystem::path& path, std::int64_t min_count = default_min_count) const;
    [[nodiscard]] static Profile load(const std::filesystem::path& path);
    [[nodiscard]] Json to_json() const;
    /// Profile(profile.options()) is an empty one that merges with it. Decoded ones know no salt.
    [[nodiscard]] const ProfileOptions& options() const noexcept { return options_; }

  private:
    friend class ProfileFeed;
    void begin(const Table& table);
    void count_deciles(const Table& table);
    [[nodiscard]] bool is_empty() const noexcept { return names_.empty(); }

    ProfileOptions options_;
    std::int64_t rows_ = 0;
    std::vector<std::string> names_;
    std::vector<ColumnProfile> columns_;
};

}  // namespace holdfast::stats
