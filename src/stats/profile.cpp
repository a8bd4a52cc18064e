#include <holdfast/stats/profile.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/base/hash.hpp>

#include "stats/bytes.hpp"
#include "stats/column_profile.hpp"
#include "stats/kernels.hpp"

namespace holdfast::stats {
namespace {

constexpr std::string_view magic = "HFPROF\r\n";
constexpr std::uint32_t format_version = 2;
constexpr std::size_t checksum_bytes = 8;
constexpr std::size_t longest_name = 4096;
constexpr std::uint32_t most_columns = 1U << 20;

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

bool known_bits(int bits) { return bits == 0 || (bits >= Hll::min_bits && bits <= Hll::max_bits); }

void check_options(const ProfileOptions& options) {
    if (options.max_items < 2 || options.max_items > 65536) {
        throw InvalidArgument("profile: max_items is " + std::to_string(options.max_items) + ", 2 to 65536 wanted");
    }
    static_cast<void>(Kll(options.sketch_k));
    if (!known_bits(options.distinct_bits)) {
        throw InvalidArgument("profile: distinct_bits is " + std::to_string(options.distinct_bits) +
                              ", 0 or 4 to 16 wanted");
    }
}

detail::SaltedKey salted_by(const ProfileOptions& options) {
    return options.salt.empty() || options.private_columns.empty() ? detail::SaltedKey() : detail::key_of(options.salt);
}

/// What was written when distinct values were not counted merges with what counts them; then they are not counted.
void require_same(const ProfileOptions& a, const ProfileOptions& b) {
    const bool distinct = a.distinct_bits == b.distinct_bits || a.distinct_bits == 0 || b.distinct_bits == 0;
    if (a.private_columns != b.private_columns || a.max_items != b.max_items || a.sketch_k != b.sketch_k || !distinct)
        throw InvalidArgument("profile: profiles with other options do not merge");
}

void require_kind(std::string_view name, ColumnType wanted, ColumnType seen) {
    if (kind_of(wanted) != kind_of(seen)) {
        throw InvalidArgument("profile: column " + in_quotes(name) + " is " + std::string(to_string(seen)) + ", " +
                              std::string(to_string(kind_of(wanted))) + " wanted");
    }
}

}  // namespace

Profile::Profile(const ProfileOptions& options) : options_(options) { check_options(options); }

Profile Profile::of(const Table& table, const ProfileOptions& options) {
    Profile profile(options);
    profile.add(table);
    return profile;
}

Profile Profile::with_deciles(const Table& table, const ProfileOptions& options) {
    Profile profile = of(table, options);
    profile.count_deciles(table);
    return profile;
}

void Profile::count_deciles(const Table& table) {
    constexpr std::int64_t chunk = 1024;
    for (std::size_t i = 0; i < names_.size(); ++i) {
        ColumnProfile& column = columns_[i];
        if (!column.edges.empty()) continue;
        detail::take_deciles(column);
        if (column.edges.empty()) continue;
        options_.edges[names_[i]] = column.edges;
        const Column& values = table.column(names_[i]);
        for (std::int64_t begin = 0; begin < values.size(); begin += chunk) {
            std::vector<double> finite = values.slice(begin, std::min(chunk, values.size() - begin)).as_doubles();
            if (!detail::all_finite(finite)) std::erase_if(finite, [](double value) { return !std::isfinite(value); });
            detail::count_bins(column, finite);
        }
    }
}

Profile Profile::merged(std::span<const Profile> profiles) {
    Profile all;
    for (const Profile& profile : profiles) all += profile;
    return all;
}

void Profile::begin(const Table& table) {
    for (const std::string& name : options_.private_columns) {
        if (!table.has(name))
            throw InvalidArgument("profile: private column " + in_quotes(name) + " is not in the table");
    }
    for (const auto& [name, edges] : options_.edges) {
        if (!table.has(name))
            throw InvalidArgument("profile: column " + in_quotes(name) +
                                  ", which edges are given for, is not in the table");
    }
    std::vector<ColumnProfile> columns;
    for (std::int64_t i = 0; i < table.width(); ++i)
        columns.push_back(
            detail::empty_column(table.names()[static_cast<std::size_t>(i)], table.column(i).type(), options_));
    names_ = table.names();
    columns_ = std::move(columns);
}

void Profile::add(const Table& table) {
    if (is_empty()) {
        begin(table);
    } else if (table.width() != static_cast<std::int64_t>(names_.size())) {
        throw InvalidArgument("profile: a table of " + std::to_string(table.width()) + " columns, " +
                              std::to_string(names_.size()) + " wanted");
    }
    for (std::size_t i = 0; i < names_.size(); ++i)
        require_kind(names_[i], columns_[i].type, table.column(names_[i]).type());
    const detail::SaltedKey salted = salted_by(options_);
    for (std::size_t i = 0; i < names_.size(); ++i) detail::add_values(columns_[i], table.column(names_[i]), salted);
    rows_ += table.rows();
}

Profile& Profile::operator+=(const Profile& other) {
    if (other.is_empty()) return *this;
    if (is_empty()) return *this = other;
    require_same(options_, other.options_);
    std::vector<const ColumnProfile*> theirs;
    for (std::size_t i = 0; i < names_.size(); ++i) {
        const ColumnProfile* column = other.find(names_[i]);
        if (column == nullptr) throw InvalidArgument("profile: the other profile lacks column " + in_quotes(names_[i]));
        require_kind(names_[i], columns_[i].type, column->type);
        if (columns_[i].edges != column->edges)
            throw InvalidArgument("profile: column " + in_quotes(names_[i]) +
                                  " has a histogram on other edges; the same edges wanted");
        theirs.push_back(column);
    }
    if (other.names_.size() != names_.size()) {
        throw InvalidArgument("profile: the other profile has " + std::to_string(other.names_.size()) + " columns, " +
                              std::to_string(names_.size()) + " wanted");
    }
    if (&other == this) return *this += Profile(other);
    for (std::size_t i = 0; i < names_.size(); ++i) detail::merge_into(columns_[i], *theirs[i]);
    rows_ += other.rows_;
    options_.distinct_bits = std::min(options_.distinct_bits, other.options_.distinct_bits);
    return *this;
}

const ColumnProfile* Profile::find(std::string_view name) const noexcept {
    const auto found = std::find(names_.begin(), names_.end(), name);
    return found == names_.end() ? nullptr : &columns_[static_cast<std::size_t>(found - names_.begin())];
}

// Magic, version, options (not the salt), rows, columns; then the first bytes of the SHA-256 of all that.
std::vector<std::byte> Profile::encode() const {
    std::vector<std::byte> out;
    detail::put_bytes(out, magic.data(), magic.size());
    detail::put(out, format_version);
    detail::put(out, options_.max_items);
    detail::put(out, static_cast<std::int32_t>(options_.sketch_k));
    detail::put(out, static_cast<std::int32_t>(options_.distinct_bits));
    detail::put(out, rows_);
    detail::put(out, static_cast<std::uint32_t>(names_.size()));
    for (std::size_t i = 0; i < names_.size(); ++i) {
        detail::put_text(out, names_[i]);
        detail::encode(columns_[i], out);
    }
    const Digest digest = sha256(out);
    detail::put_bytes(out, digest.bytes.data(), checksum_bytes);
    return out;
}

Profile Profile::decode(std::span<const std::byte> bytes, std::string_view name) {
    const std::string what(name);
    const auto start = bytes.first(std::min(bytes.size(), magic.size()));
    if (as_text(start) != magic) throw CorruptArtifact(what + ": not a Holdfast profile");
    const auto body = bytes.first(bytes.size() - std::min(bytes.size(), checksum_bytes));
    auto rest = body.subspan(std::min(body.size(), magic.size()));
    const auto version = detail::get<std::uint32_t>(rest, what);
    if (version == 0 || version > format_version) {
        throw Unsupported(what + ": profile format " + std::to_string(version) + ", at most " +
                          std::to_string(format_version) + " wanted");
    }
    const Digest digest = sha256(body);
    if (!std::equal(digest.bytes.begin(), digest.bytes.begin() + checksum_bytes, bytes.end() - checksum_bytes)) {
        throw CorruptArtifact(what + ": its checksum does not match; truncated or changed");
    }
    Profile profile;
    profile.options_.max_items = detail::get<std::int64_t>(rest, what);
    profile.options_.sketch_k = detail::get<std::int32_t>(rest, what);
    profile.options_.distinct_bits = version == 1 ? 0 : detail::get<std::int32_t>(rest, what);
    profile.rows_ = detail::get<std::int64_t>(rest, what);
    const auto columns = detail::get<std::uint32_t>(rest, what);
    if (profile.rows_ < 0 || columns > most_columns || profile.options_.max_items < 2 ||
        profile.options_.max_items > 65536 || !known_bits(profile.options_.distinct_bits)) {
        throw CorruptArtifact(what + ": a header that no profile has");
    }
    for (std::uint32_t i = 0; i < columns; ++i) {
        std::string column_name = detail::get_text(rest, longest_name, what);
        ColumnProfile column = detail::decode_column(rest, version);
        column.max_items = profile.options_.max_items;
        if (profile.find(column_name) != nullptr || column.rows != profile.rows_ ||
            column.sketch.k() != profile.options_.sketch_k ||
            (column.distinct.counts() && column.distinct.bits() != profile.options_.distinct_bits) ||
            (column.distinct.key() != 0 && !column.is_private) ||
            static_cast<std::int64_t>(column.items.size()) > column.max_items) {
            throw CorruptArtifact(what + ": column " + in_quotes(column_name) + " is not one of this profile");
        }
        if (column.is_private) profile.options_.private_columns.insert(column_name);
        if (!column.edges.empty()) profile.options_.edges[column_name] = column.edges;
        profile.names_.push_back(std::move(column_name));
        profile.columns_.push_back(std::move(column));
    }
    if (!rest.empty())
        throw CorruptArtifact(what + ": " + std::to_string(rest.size()) + " bytes after the last column");
    return profile;
}

Profile Profile::without_rare_items(std::int64_t min_count) const {
    Profile kept = *this;
    for (ColumnProfile& column : kept.columns_) detail::withhold_items(column, min_count);
    return kept;
}

Json Profile::describe_contents(std::int64_t min_count) const {
    const Profile kept = without_rare_items(min_count);
    Json json = Json::object({});
    for (std::size_t i = 0; i < names_.size(); ++i) json[names_[i]] = detail::contents(kept.columns_[i]);
    return json;
}

void Profile::save(const std::filesystem::path& path, std::int64_t min_count) const {
    write_file_atomically(path, without_rare_items(min_count).encode());
}

Profile Profile::load(const std::filesystem::path& path) {
    constexpr std::int64_t largest = std::int64_t{1} << 30;
    return decode(read_file(path, largest), path.string());
}

Json Profile::to_json() const {
    Json columns = Json::array();
    for (std::size_t i = 0; i < names_.size(); ++i) {
        Json column = detail::to_json(columns_[i]);
        column["name"] = Json(names_[i]);
        columns.push_back(std::move(column));
    }
    return Json::object(
        {{"columns", std::move(columns)}, {"format", static_cast<int>(format_version)}, {"rows", rows_}});
}

}  // namespace holdfast::stats
