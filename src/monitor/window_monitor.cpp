#include <holdfast/monitor/window_monitor.hpp>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include <holdfast/base/error.hpp>

namespace holdfast {
namespace {

constexpr std::int64_t small_piece = 256;  // single rows are gathered into pieces of about this many

std::string text(std::int64_t value) { return std::to_string(value); }

Table own_copy(const Table& table) {
    std::vector<std::int64_t> rows(static_cast<std::size_t>(table.rows()));
    std::iota(rows.begin(), rows.end(), std::int64_t{0});
    return table.take(rows);
}

void keep_newest(std::deque<double>& values, std::int64_t most) {
    while (static_cast<std::int64_t>(values.size()) > most) values.pop_front();
}

std::vector<double> newest(const std::deque<double>& values, std::int64_t count) {
    return {values.end() - static_cast<std::ptrdiff_t>(count), values.end()};
}

}  // namespace

WindowMonitor::WindowMonitor(const WindowLimits& limits) : limits_(limits) {
    if (limits.rows < 1 || limits.labelled < 1 || limits.points < 1) {
        throw InvalidArgument("WindowMonitor: limits of " + text(limits.rows) + " rows, " + text(limits.labelled) +
                              " labelled and " + text(limits.points) + " points; at least 1 each wanted");
    }
}

void WindowMonitor::add(const Table& rows) {
    if (rows.rows() == 0) return;
    const std::int64_t surplus = std::max<std::int64_t>(0, rows.rows() - limits_.rows);
    Table piece = own_copy(rows.slice(surplus, rows.rows() - surplus));
    const std::lock_guard lock(mutex_);
    const std::int64_t added = piece.rows();
    if (!pieces_.empty()) {
        if (!(pieces_.back().schema() == piece.schema())) {
            throw InvalidArgument("WindowMonitor: rows with other columns than those before");
        }
        if (pieces_.back().rows() + added <= small_piece) {
            piece = Table::concat(std::array{pieces_.back(), piece});
            pieces_.pop_back();
        }
    }
    pieces_.push_back(std::move(piece));
    rows_ += added;
    drop_old_rows();
}

void WindowMonitor::drop_old_rows() {
    while (rows_ - pieces_.front().rows() >= limits_.rows) {
        rows_ -= pieces_.front().rows();
        pieces_.pop_front();
    }
}

void WindowMonitor::add_labelled(const stats::ScoredRows& rows) {
    const auto n = static_cast<std::int64_t>(rows.truth.size());
    const auto scores = static_cast<std::int64_t>(rows.probability.size());
    if (static_cast<std::int64_t>(rows.prediction.size()) != n || (scores != 0 && scores != n * rows.classes)) {
        throw InvalidArgument("WindowMonitor: " + text(static_cast<std::int64_t>(rows.prediction.size())) +
                              " predictions and " + text(scores) + " probabilities of " + text(rows.classes) +
                              " classes for " + text(n) + " labels");
    }
    if (n == 0) return;
    const std::lock_guard lock(mutex_);
    const std::int64_t scored_classes = scores == 0 ? 0 : rows.classes;
    if (!truth_.empty() && (classes_ != rows.classes || scored_classes_ != scored_classes)) {
        throw InvalidArgument("WindowMonitor: rows of " + text(rows.classes) + " classes and probabilities of " +
                              text(scored_classes) + ", " + text(classes_) + " and " + text(scored_classes_) +
                              " wanted as before");
    }
    classes_ = rows.classes;
    scored_classes_ = scored_classes;
    truth_.insert(truth_.end(), rows.truth.begin(), rows.truth.end());
    prediction_.insert(prediction_.end(), rows.prediction.begin(), rows.prediction.end());
    probability_.insert(probability_.end(), rows.probability.begin(), rows.probability.end());
    keep_newest(truth_, limits_.labelled);
    keep_newest(prediction_, limits_.labelled);
    keep_newest(probability_, limits_.labelled * scored_classes_);
}

void WindowMonitor::record(std::string_view series, Time time, double value) {
    const std::lock_guard lock(mutex_);
    auto found = series_.find(series);
    if (found == series_.end()) found = series_.emplace(std::string(series), std::deque<SeriesPoint>()).first;
    found->second.push_back({time, value});
    if (static_cast<std::int64_t>(found->second.size()) > limits_.points) found->second.pop_front();
}

std::int64_t WindowMonitor::rows() const {
    const std::lock_guard lock(mutex_);
    return std::min(rows_, limits_.rows);
}

std::int64_t WindowMonitor::labelled() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::int64_t>(truth_.size());
}

Table WindowMonitor::last(std::int64_t n) const {
    if (n < 0) throw InvalidArgument("WindowMonitor::last: " + text(n) + " rows, 0 or more wanted");
    std::vector<Table> pieces;
    {
        const std::lock_guard lock(mutex_);
        pieces.assign(pieces_.begin(), pieces_.end());  // shares the columns' memory
    }
    if (pieces.empty()) return {};
    const Table all = Table::concat(pieces);
    const std::int64_t wanted = std::min({n, limits_.rows, all.rows()});
    return all.slice(all.rows() - wanted, wanted);
}

DriftReport WindowMonitor::drift(const stats::Profile& reference, std::int64_t last_rows,
                                 const DriftOptions& options) const {
    const Table rows = last(last_rows);
    return holdfast::drift(reference, rows, options);
}

stats::QualityValue WindowMonitor::metric(std::string_view name, std::int64_t last_rows) const {
    if (last_rows < 0) throw InvalidArgument("WindowMonitor::metric: " + text(last_rows) + " rows, 0 or more wanted");
    std::vector<double> truth, prediction, probability;
    std::int64_t classes = 0;
    {
        const std::lock_guard lock(mutex_);
        const std::int64_t n = std::min(last_rows, static_cast<std::int64_t>(truth_.size()));
        classes = classes_;
        truth = newest(truth_, n);
        prediction = newest(prediction_, n);
        probability = newest(probability_, n * scored_classes_);
    }
    return stats::score(name, {truth, prediction, probability, classes});
}

std::vector<SeriesPoint> WindowMonitor::series(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = series_.find(name);
    if (found == series_.end()) return {};
    return {found->second.begin(), found->second.end()};
}

}  // namespace holdfast
