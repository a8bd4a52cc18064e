#include <holdfast/stats/profile_feed.hpp>

#include <array>
#include <atomic>
#include <mutex>
#include <utility>

#include <holdfast/base/error.hpp>

#include "stats/column_profile.hpp"

namespace holdfast::stats {
namespace {

constexpr std::size_t buffers = 16, rows_held = 128;

/// Which buffer this thread writes to: the same one all its life, in every feed.
std::size_t own_buffer() {
    static std::atomic<std::size_t> threads{0};
    thread_local const std::size_t number = threads.fetch_add(1, std::memory_order_relaxed);
    return number % buffers;
}

Table no_rows(const std::vector<std::string>& names) {
    Table table;
    for (const std::string& name : names) table.add(name, Column::of(std::vector<double>()));
    return table;
}

}  // namespace

struct ProfileFeed::Parts {
    struct alignas(64) Buffer {
        std::mutex mutex;
        std::size_t rows = 0;
        std::vector<double> values;  // a column's one after another
    };

    Parts(const std::vector<std::string>& names, const ProfileOptions& options)
        : empty(Profile::of(no_rows(names), options)), profile(empty), columns(names.size()), locks(names.size()) {
        if (!options.salt.empty() && !options.private_columns.empty()) salted = detail::key_of(options.salt);
    }

    template <class T>
    void add(std::span<const T> row) {
        if (row.size() != columns) {
            throw InvalidArgument("profile feed: a row of " + std::to_string(row.size()) + " values, " +
                                  std::to_string(columns) + " wanted");
        }
        const std::size_t own = own_buffer();
        Buffer& buffer = held[own];
        const std::lock_guard lock(buffer.mutex);
        if (buffer.values.empty()) buffer.values.resize(columns * rows_held);
        double* to = buffer.values.data() + buffer.rows;
        for (std::size_t i = 0; i < columns; ++i) to[i * rows_held] = static_cast<double>(row[i]);
        if (++buffer.rows == rows_held) flush(buffer, own * columns / buffers);
    }

    /// The buffer's lock is held. `first`: where this thread begins, so that others are at other columns.
    void flush(Buffer& buffer, std::size_t first) {
        for (std::size_t i = 0; i < columns; ++i) {
            const std::size_t column = (first + i) % columns;
            const std::lock_guard lock(locks[column]);
            detail::add_numbers(profile.columns_[column],
                                std::span(buffer.values).subspan(column * rows_held, buffer.rows), salted);
        }
        buffer.rows = 0;
    }

    const Profile empty;
    Profile profile;
    const std::size_t columns;
    detail::SaltedKey salted;
    std::vector<std::mutex> locks;  // of the profile's columns
    std::array<Buffer, buffers> held{};
};

ProfileFeed::ProfileFeed(const std::vector<std::string>& names, const ProfileOptions& options)
    : parts_(std::make_unique<Parts>(names, options)) {}

ProfileFeed::~ProfileFeed() = default;

void ProfileFeed::add(std::span<const double> row) { parts_->add(row); }
void ProfileFeed::add(std::span<const float> row) { parts_->add(row); }

void ProfileFeed::add(const TensorView& rows) {
    const Table table = Table::from_matrix(rows, parts_->profile.names());
    std::vector<std::vector<double>> columns;
    for (std::int64_t column = 0; column < table.width(); ++column)
        columns.push_back(table.column(column).as_doubles());
    std::vector<double> row(columns.size());
    for (std::int64_t i = 0; i < table.rows(); ++i) {
        for (std::size_t column = 0; column < columns.size(); ++column)
            row[column] = columns[column][static_cast<std::size_t>(i)];
        parts_->add(std::span<const double>(row));
    }
}

Profile ProfileFeed::take() {
    std::vector<std::unique_lock<std::mutex>> locks;
    for (Parts::Buffer& buffer : parts_->held) locks.emplace_back(buffer.mutex);
    for (Parts::Buffer& buffer : parts_->held) {
        if (buffer.rows > 0) parts_->flush(buffer, 0);
    }
    Profile taken = std::exchange(parts_->profile, parts_->empty);
    if (!taken.columns_.empty()) taken.rows_ = taken.columns_.front().rows;
    return taken;
}

}  // namespace holdfast::stats
