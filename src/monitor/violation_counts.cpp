#include <holdfast/monitor/violation_counts.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <mutex>
#include <optional>
#include <utility>

#include <holdfast/base/json.hpp>
#include "monitor/value_rules.hpp"

namespace holdfast {
namespace {

constexpr std::size_t stripe_count = 8;
// What is counted of a column, in the order in which it is told; the first is rows in which it was there.
constexpr std::array<ConstraintRule, 6> counted{ConstraintRule::column,  ConstraintRule::type,
                                                ConstraintRule::missing, ConstraintRule::finite,
                                                ConstraintRule::range,   ConstraintRule::category};
constexpr std::size_t slots = counted.size() + 1;

constexpr std::size_t slot_of(ConstraintRule rule) {
    std::size_t slot = 0;
    while (counted[slot] != rule) ++slot;
    return slot + 1;
}

std::size_t own_stripe() {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t stripe = next.fetch_add(1, std::memory_order_relaxed) % stripe_count;
    return stripe;
}

struct alignas(64) Cell {
    std::array<std::atomic<std::int64_t>, slots> counts{};
};

}  // namespace

struct ViolationCounts::State {
    std::vector<const ColumnConstraints*> columns;  // in the order of the constraints
    std::vector<detail::ValueRules> rules;
    std::vector<std::int64_t> positions;  // in a tensor; -1: not there
    std::int64_t width = 0;               // of a tensor
    std::array<std::vector<Cell>, stripe_count> stripes;
    std::array<std::atomic<std::int64_t>, stripe_count> rows{};
    std::mutex mutex;
    std::vector<std::array<std::vector<std::string>, slots>> examples;
    std::vector<std::array<std::atomic<bool>, slots>> full;

    void count(std::size_t column, std::size_t slot, std::int64_t by = 1) {
        stripes[own_stripe()][column].counts[slot].fetch_add(by, std::memory_order_relaxed);
    }

    template <class Text>
    void broken(std::size_t column, ConstraintRule rule, Text text) {
        const std::size_t slot = slot_of(rule);
        count(column, slot);
        if (columns[column]->is_private || full[column][slot].load(std::memory_order_relaxed)) return;
        const std::unique_lock lock(mutex, std::try_to_lock);
        if (!lock) return;
        auto& kept = examples[column][slot];
        std::string one = text();
        if (std::find(kept.begin(), kept.end(), one) != kept.end()) return;
        kept.push_back(std::move(one));
        if (kept.size() == Constraints::most_examples) full[column][slot].store(true, std::memory_order_relaxed);
    }

    template <class T>
    void add_numbers(std::size_t column, const T* values, std::int64_t stride, std::int64_t count_of) {
        const detail::ValueRules& own = rules[column];
        count(column, 0, count_of);
        const bool takes = own.takes(ColumnType::float64);
        for (std::int64_t row = 0; row < count_of; ++row) {
            const auto value = static_cast<double>(values[row * stride]);
            if (std::isnan(value)) {
                count(column, slot_of(ConstraintRule::missing));
            } else if (const auto rule = takes ? own.broken_by(value) : std::optional(ConstraintRule::type)) {
                broken(column, *rule, [value] { return Json(value).canonical(); });
            }
        }
    }

    void add_column(std::size_t column, const Column& values) {
        const detail::ValueRules& own = rules[column];
        count(column, 0, values.size());
        const bool takes = own.takes(values.type()), text = detail::is_text(values.type());
        for (std::int64_t row = 0; row < values.size(); ++row) {
            const double number = text || !values.is_valid(row) ? 0.0 : values.number(row);
            if (!values.is_valid(row) || std::isnan(number)) {
                count(column, slot_of(ConstraintRule::missing));
                continue;
            }
            const auto rule = !takes ? std::optional(ConstraintRule::type)
                              : text ? own.broken_by(values.text(row))
                                     : own.broken_by(number);
            if (rule) broken(column, *rule, [&] { return values.value_text(row); });
        }
    }

    void add_absent(std::size_t column, std::int64_t rows_of) {
        if (columns[column]->required) count(column, slot_of(ConstraintRule::column), rows_of);
    }

    template <class T>
    void add_matrix(const TensorView& matrix) {
        const T* first = matrix.as<T>();
        for (std::size_t c = 0; c < columns.size(); ++c) {
            if (positions[c] < 0) {
                add_absent(c, matrix.rows());
            } else {
                add_numbers(c, first + positions[c] * matrix.stride(1), matrix.stride(0), matrix.rows());
            }
        }
    }
};

ViolationCounts::ViolationCounts(std::shared_ptr<const Constraints> constraints, const std::vector<std::string>& names)
    : constraints_(std::move(constraints)), state_(std::make_unique<State>()) {
    State& state = *state_;
    for (const std::string& name : constraints_->names()) {
        state.columns.push_back(constraints_->find(name));
        state.rules.emplace_back(*state.columns.back());
        const auto found = std::find(names.begin(), names.end(), name);
        state.positions.push_back(found == names.end() ? -1 : found - names.begin());
    }
    state.width = std::ssize(names);
    for (auto& stripe : state.stripes) stripe = std::vector<Cell>(state.columns.size());
    state.examples.resize(state.columns.size());
    state.full = std::vector<std::array<std::atomic<bool>, slots>>(state.columns.size());
}

ViolationCounts::~ViolationCounts() = default;

void ViolationCounts::add(const Batch& batch) {
    State& state = *state_;
    if (const Table* table = batch.table()) {
        for (std::size_t c = 0; c < state.columns.size(); ++c) {
            const std::int64_t at = table->find(constraints_->names()[c]);
            at < 0 ? state.add_absent(c, batch.rows()) : state.add_column(c, table->column(at));
        }
    } else {
        const TensorView& matrix = *batch.tensor();
        if (matrix.rank() != 2 || matrix.extent(1) != state.width) return;
        switch (matrix.dtype()) {
            case DType::float32: state.add_matrix<float>(matrix); break;
            case DType::float64: state.add_matrix<double>(matrix); break;
            case DType::int32: state.add_matrix<std::int32_t>(matrix); break;
            case DType::int64: state.add_matrix<std::int64_t>(matrix); break;
            default: return;
        }
    }
    state.rows[own_stripe()].fetch_add(batch.rows(), std::memory_order_relaxed);
}

Violations ViolationCounts::violations(double level) const {
    detail::check_level(level);
    State& state = *state_;
    Violations found;
    for (const auto& rows : state.rows) found.rows += rows.load(std::memory_order_relaxed);
    for (std::size_t c = 0; c < state.columns.size(); ++c) {
        std::array<std::int64_t, slots> counts{};
        for (const auto& stripe : state.stripes) {
            for (std::size_t slot = 0; slot < slots; ++slot) {
                counts[slot] += stripe[c].counts[slot].load(std::memory_order_relaxed);
            }
        }
        const std::int64_t missing = counts[slot_of(ConstraintRule::missing)];
        for (const ConstraintRule rule : counted) {
            const std::size_t slot = slot_of(rule);
            if (counts[slot] == 0 || (rule == ConstraintRule::missing && !state.columns[c]->missing)) continue;
            const std::int64_t rows = rule == ConstraintRule::column    ? counts[0] + counts[slot]
                                      : rule == ConstraintRule::missing ? counts[0]
                                                                        : counts[0] - missing;
            std::vector<std::string> examples;
            {
                const std::lock_guard lock(state.mutex);
                examples = state.examples[c][slot];
            }
            found.violations.push_back(detail::judged(constraints_->names()[c], *state.columns[c], rule, counts[slot],
                                                      std::max(rows, counts[slot]), level, std::move(examples)));
        }
    }
    return found;
}

}  // namespace holdfast
