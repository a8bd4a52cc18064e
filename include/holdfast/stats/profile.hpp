/// Profile: a small mergeable summary of a table: counts, moments, quantile sketch, frequent items, per column.
///
/// Memory a column is fixed in advance, whatever the number of rows. Merging is associative and commutative (counts, min
/// and max to the bit; sketches within their bound). The bytes carry a format version and a checksum.
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
    std::int64_t max_items = 256;                         ///< frequent items kept a text column
};

/// One column's summary. Numeric (and timestamp, boolean as numbers) or text (string, categorical).
struct HOLDFAST_EXPORT ColumnProfile {
    ColumnType type = ColumnType::float64;
    bool is_private = false;
    std::int64_t rows = 0;         ///< all
    std::int64_t missing = 0;      ///< nulls and NaN
    std::int64_t non_finite = 0;   ///< infinities, left out of the moments
    double min = 0.0, max = 0.0;   ///< of finite values; NaN when there are none
    double mean = 0.0, m2 = 0.0;   ///< and the sum of squared differences from it
    Kll sketch;                    ///< numeric
    std::map<std::string, std::int64_t, std::less<>> items;  ///< text: counts of the values kept
    std::int64_t other = 0;        ///< text: rows whose value was not kept

    [[nodiscard]] std::int64_t present() const noexcept { return rows - missing; }
    [[nodiscard]] double variance() const noexcept;  ///< unbiased; NaN below two values
};

class HOLDFAST_EXPORT Profile {
  public:
    Profile() = default;
    [[nodiscard]] static Profile of(const Table& table, const ProfileOptions& options = {});
    [[nodiscard]] static Profile merged(std::span<const Profile> profiles);

    /// Adds the rows of `table`, whose columns must be the profile's (an empty profile takes any).
    void add(const Table& table);
    Profile& operator+=(const Profile& other);

    [[nodiscard]] std::int64_t rows() const noexcept { return rows_; }
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
    [[nodiscard]] const ColumnProfile* find(std::string_view name) const noexcept;

    [[nodiscard]] std::vector<std::byte> encode() const;
    [[nodiscard]] static Profile decode(std::span<const std::byte> bytes, std::string_view name = "profile");
    void save(const std::filesystem::path& path) const;
    [[nodiscard]] static Profile load(const std::filesystem::path& path);
    [[nodiscard]] Json to_json() const;

  private:
    ProfileOptions options_;
    std::int64_t rows_ = 0;
    std::vector<std::string> names_;
    std::vector<ColumnProfile> columns_;
};

}  // namespace holdfast::stats
