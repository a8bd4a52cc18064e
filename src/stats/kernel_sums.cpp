#include "stats/kernel_sums.hpp"

#include <algorithm>
#include <functional>

#include "stats/kernel_tiles.hpp"

namespace holdfast::stats::detail {
namespace {

struct Stretch {
    std::int64_t begin, end;
    [[nodiscard]] std::int64_t rows() const { return end - begin; }
};

// The pooled rows in stretches of at most a tile's side, none with rows of both samples.
std::vector<Stretch> stretches(const PooledColumns& pooled) {
    std::vector<Stretch> found;
    for (std::int64_t row = 0; row < pooled.rows();) {
        const std::int64_t end = row < pooled.n ? pooled.n : pooled.rows();
        found.push_back({row, std::min(end, row + tile_side)});
        row = found.back().end;
    }
    return found;
}

void pack(const PooledColumns& pooled, Stretch stretch, std::vector<double>& packed) {
    packed.assign(pooled.columns.size() * tile_side, 0.0);
    for (std::size_t c = 0; c < pooled.columns.size(); ++c) {
        const double* column = pooled.columns[c].data();
        std::copy(column + stretch.begin, column + stretch.end,
                  packed.begin() + static_cast<std::ptrdiff_t>(c * tile_side));
    }
}

// 0 where there is no row, and at and below the diagonal: each pair of different rows once.
void cut(Stretch rows, Stretch columns, std::vector<double>& tile) {
    for (std::int64_t i = 0; i < tile_side; ++i) {
        double* row = tile.data() + i * tile_side;
        const bool diagonal = rows.begin == columns.begin;
        std::fill(row, row + (i >= rows.rows() ? tile_side : diagonal ? i + 1 : 0), 0.0);
        std::fill(row + columns.rows(), row + tile_side, 0.0);
    }
}

// Every tile on and above the diagonal, row of tiles by row of tiles; `after` each row.
void for_each_tile(const PooledColumns& pooled, double rate,
                   const std::function<void(Stretch rows, Stretch columns, const std::vector<double>& tile)>& each,
                   const std::function<void(Stretch rows)>& after) {
    const std::vector<Stretch> all = stretches(pooled);
    std::vector<double> a, b, tile(tile_side * tile_side);
    for (std::size_t i = 0; i < all.size(); ++i) {
        pack(pooled, all[i], a);
        for (std::size_t j = i; j < all.size(); ++j) {
            pack(pooled, all[j], b);
            kernel_tile(a.data(), b.data(), std::ssize(pooled.columns), rate, tile.data());
            cut(all[i], all[j], tile);
            each(all[i], all[j], tile);
        }
        after(all[i]);
    }
}

void add_to(RowSums& sums, const PooledColumns& pooled, Stretch rows, Stretch columns,
            const std::vector<double>& tile) {
    const bool from = rows.begin < pooled.n, to = columns.begin < pooled.n;  // the reference
    std::vector<double> of_rows(tile_side);
    auto& of_columns = from ? sums.with_reference : sums.with_current;
    const double squares = add_sums(tile.data(), of_rows.data(), of_columns.data() + columns.begin);
    auto& into = to ? sums.with_reference : sums.with_current;
    for (std::int64_t i = 0; i < rows.rows(); ++i) {
        into[static_cast<std::size_t>(rows.begin + i)] += of_rows[static_cast<std::size_t>(i)];
    }
    (from != to ? sums.squares_across : from ? sums.squares_reference : sums.squares_current) += squares;
}

}  // namespace

SplitFlags::SplitFlags(std::int64_t rows, std::int64_t splits)
    : splits_(splits),
      stride_((splits + panel_columns) / panel_columns * panel_columns),
      flags_(static_cast<std::size_t>(rows * stride_)) {
    for (std::int64_t row = 0; row < rows; ++row) flags_[static_cast<std::size_t>(row * stride_ + splits)] = 1;
}

void SplitFlags::set(std::int64_t split, std::span<const std::uint8_t> of_reference) {
    for (std::size_t row = 0; row < of_reference.size(); ++row) {
        flags_[row * static_cast<std::size_t>(stride_) + static_cast<std::size_t>(split)] = of_reference[row];
    }
}

KernelSums kernel_sums(const PooledColumns& pooled, double rate, const SplitFlags& splits, RowSums* rows) {
    const auto count = static_cast<std::size_t>(splits.splits());
    const auto stride = static_cast<std::size_t>(splits.stride());
    const auto padded = static_cast<std::size_t>(pooled.rows() + tile_side);  // a tile may reach beyond the last row
    if (rows != nullptr) *rows = {std::vector<double>(padded), std::vector<double>(padded)};
    KernelSums sums{std::vector<double>(count), std::vector<double>(count)};
    std::vector<double> out(tile_side * stride, 0.0);  // of each row: with the later rows of each split's reference
    const auto multiply = [&](Stretch tile_rows, Stretch columns, const std::vector<double>& tile) {
        add_products(tile.data(), columns.rows(), splits.row(columns.begin), splits.stride(), out.data());
        if (rows != nullptr) add_to(*rows, pooled, tile_rows, columns, tile);
    };
    const auto add_up = [&](Stretch tile_rows) {
        for (std::int64_t i = 0; i < tile_rows.rows(); ++i) {
            const std::uint8_t* flags = splits.row(tile_rows.begin + i);
            const double* with = out.data() + static_cast<std::size_t>(i) * stride;
            for (std::size_t s = 0; s < count; ++s) {
                sums.both[s] += flags[s] * with[s];
                sums.touched[s] += with[s] + flags[s] * with[count];
            }
            sums.all += with[count];
        }
        std::fill(out.begin(), out.end(), 0.0);
    };
    for_each_tile(pooled, rate, multiply, add_up);
    if (rows != nullptr) {
        rows->with_reference.resize(static_cast<std::size_t>(pooled.rows()));
        rows->with_current.resize(static_cast<std::size_t>(pooled.rows()));
    }
    return sums;
}

}  // namespace holdfast::stats::detail
