#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/rng.hpp>
#include <holdfast/stats/multivariate.hpp>

#include "stats/auc.hpp"
#include "stats/binned_rows.hpp"
#include "stats/boosted_trees.hpp"
#include "stats/distributions.hpp"
#include "stats/pooled_columns.hpp"
#include "stats/samples.hpp"

namespace holdfast::stats {
namespace {

constexpr std::size_t folds = 5;
constexpr std::int64_t least_groups = 20;      // of a sample
constexpr std::int64_t least_different = 100;  // rows, for equal ones to stay together
// Two folds meet twice: each is scored by what was learned from the other. Where nothing tells the samples apart, that
// doubles the variance of the sum over the folds, as it does Sum_f <m_f, Sum_g m_g> of independent m_f, f != g.
constexpr double meetings = 2.0;

using Rows = std::vector<std::int64_t>;

// Pooled rows, the reference's first.
struct Pool {
    std::int64_t n = 0, m = 0;
    std::vector<std::string> names;
    detail::BinnedRows rows;
    std::vector<std::uint8_t> is_current;
    Rows group;  // of a row: what stays in one fold
};

void shuffle(Rows& rows, Rng& rng) {
    for (std::int64_t i = std::ssize(rows) - 1; i > 0; --i) {
        std::swap(rows[static_cast<std::size_t>(i)], rows[static_cast<std::size_t>(rng.below(i + 1))]);
    }
}

Table drawn(const Table& sample, const DomainOptions& options, std::string_view side) {
    if (sample.rows() <= options.most_rows) return sample;
    Rows rows(static_cast<std::size_t>(sample.rows()));
    std::iota(rows.begin(), rows.end(), 0);
    Rng rng(options.seed, "stats.domain_classifier.rows", side);
    shuffle(rows, rng);
    rows.resize(static_cast<std::size_t>(options.most_rows));
    std::sort(rows.begin(), rows.end());
    return sample.take(rows);
}

detail::Codes pooled_codes(const Table& reference, const Table& current, const std::string& name) {
    const auto is_text = [](const Column& column) {
        return column.type() == ColumnType::string || column.type() == ColumnType::categorical;
    };
    const auto strings = [](const Column& column) {
        std::vector<std::string_view> values;
        std::vector<bool> valid;
        for (std::int64_t row = 0; row < column.size(); ++row) {
            values.push_back(column.text(row));
            valid.push_back(column.is_valid(row));
        }
        return Column::strings(values, valid);
    };
    const Column &a = reference.column(name), &b = current.column(name);
    if (is_text(a) != is_text(b)) {
        throw InvalidArgument("domain_classifier: column \"" + name + "\" is text in one sample alone");
    }
    const std::array<Column, 2> both{is_text(a) ? strings(a) : Column::of(a.as_doubles()),
                                     is_text(b) ? strings(b) : Column::of(b.as_doubles())};
    return detail::codes_of(Column::concat(both));
}

// Rows of one entity, or equal rows; where few rows differ, being equal says nothing.
Rows groups_of(const std::vector<detail::Codes>& features, const detail::Codes* entity) {
    if (entity == nullptr) {
        Rows groups = detail::equal_rows(features);
        if (*std::max_element(groups.begin(), groups.end()) + 1 < least_different) {
            std::iota(groups.begin(), groups.end(), 0);
        }
        return groups;
    }
    Rows groups = entity->of_row;
    std::int64_t alone = std::ssize(entity->counts);  // rows without an entity
    for (std::int64_t& group : groups) group = group == 0 ? alone++ : group;
    return groups;
}

Pool pool_of(const Table& reference, const Table& current, const std::string& entity) {
    Pool pool;
    pool.n = reference.rows();
    pool.m = current.rows();
    pool.is_current.assign(static_cast<std::size_t>(pool.n + pool.m), 0);
    std::fill(pool.is_current.begin() + pool.n, pool.is_current.end(), std::uint8_t{1});
    std::vector<detail::Codes> features, entities;
    for (const std::string& name : reference.names()) {
        if (name != entity) pool.names.push_back(name);
        (name != entity ? features : entities).push_back(pooled_codes(reference, current, name));
    }
    if (features.empty()) throw InvalidArgument("domain_classifier: no column besides the entity's; one wanted");
    pool.group = groups_of(features, entities.empty() ? nullptr : &entities.front());
    pool.rows = detail::binned(features);
    return pool;
}

// The fold of each row: groups at random, each to where its samples have the fewest rows yet.
std::vector<std::size_t> folds_of(const Pool& pool, std::uint64_t seed) {
    struct Size {
        double reference = 0.0, current = 0.0;
    };
    std::vector<Size> sizes(static_cast<std::size_t>(*std::max_element(pool.group.begin(), pool.group.end()) + 1));
    for (std::size_t row = 0; row < pool.group.size(); ++row) {
        Size& size = sizes[static_cast<std::size_t>(pool.group[row])];
        (pool.is_current[row] != 0 ? size.current : size.reference) += 1.0;
    }
    Rows order(sizes.size());
    std::iota(order.begin(), order.end(), 0);
    Rng rng(seed, "stats.domain_classifier.folds", "");
    shuffle(order, rng);
    std::array<Size, folds> filled{};
    std::vector<std::size_t> of_group(sizes.size());
    for (const std::int64_t group : order) {
        const Size& size = sizes[static_cast<std::size_t>(group)];
        const auto load = [&](const Size& fold) {
            return size.reference * fold.reference / static_cast<double>(pool.n) +
                   size.current * fold.current / static_cast<double>(pool.m);
        };
        const auto least = std::min_element(filled.begin(), filled.end(),
                                            [&](const Size& a, const Size& b) { return load(a) < load(b); });
        least->reference += size.reference;
        least->current += size.current;
        of_group[static_cast<std::size_t>(group)] = static_cast<std::size_t>(least - filled.begin());
    }
    std::vector<std::size_t> of_row;
    for (const std::int64_t group : pool.group) of_row.push_back(of_group[static_cast<std::size_t>(group)]);
    return of_row;
}

detail::Auc auc_of(const Pool& pool, const Rows& rows, const std::vector<double>& scores) {
    detail::CleanRows scored;
    scored.classes = 2;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        scored.truth.push_back(pool.is_current[static_cast<std::size_t>(rows[i])]);
        scored.probability.insert(scored.probability.end(), 2, scores[i]);
    }
    return detail::auc_of(scored);
}

struct Fold {
    Rows seen, unseen;
    double pairs = 0.0;  // of a reference row and a current one that are unseen
};

// The variance of a fold's AUC where rows of both samples are alike, ties included (Lehmann 1975, ch. 1.4).
double variance_alike(const Fold& fold, std::vector<double> scores) {
    std::sort(scores.begin(), scores.end());
    const auto rows = static_cast<double>(scores.size());
    double tied = 0.0;
    for (auto first = scores.begin(); first != scores.end();) {
        const auto last = std::upper_bound(first, scores.end(), *first);
        const auto size = static_cast<double>(last - first);
        tied += size * (size * size - 1.0);
        first = last;
    }
    return (rows + 1.0 - tied / (rows * (rows - 1.0))) / (12.0 * fold.pairs);
}

std::vector<Fold> split(const Pool& pool, std::uint64_t seed) {
    const std::vector<std::size_t> of_row = folds_of(pool, seed);
    std::vector<Fold> all(folds);
    for (std::size_t f = 0; f < folds; ++f) {
        double current = 0.0;
        for (std::size_t row = 0; row < of_row.size(); ++row) {
            (of_row[row] == f ? all[f].unseen : all[f].seen).push_back(static_cast<std::int64_t>(row));
            if (of_row[row] == f) current += pool.is_current[row];
        }
        all[f].pairs = current * (static_cast<double>(all[f].unseen.size()) - current);
    }
    return all;
}

// The fold's AUC less what it is with a column's values in another order.
double fall(const Pool& pool, const Fold& fold, const detail::BoostedTrees& trees, double auc, std::size_t column,
            std::uint64_t seed) {
    Rows donors = fold.unseen;
    Rng rng(seed, "stats.domain_classifier.importance", pool.names[column]);
    shuffle(donors, rng);
    std::vector<double> scores;
    std::vector<std::uint8_t> row(static_cast<std::size_t>(pool.rows.columns));
    for (std::size_t i = 0; i < donors.size(); ++i) {
        std::copy_n(pool.rows.row(fold.unseen[i]), row.size(), row.begin());
        row[column] = pool.rows.row(donors[i])[column];
        scores.push_back(trees.score(row.data()));
    }
    return auc - auc_of(pool, fold.unseen, scores).value;
}

void learn(DomainClassification& result, const Pool& pool, const std::vector<Fold>& all, std::uint64_t seed) {
    double pairs = 0.0;
    for (const Fold& fold : all) pairs += fold.pairs;
    std::vector<double> influence(
        static_cast<std::size_t>(*std::max_element(pool.group.begin(), pool.group.end()) + 1));
    for (const std::string& name : pool.names) result.features.push_back({name, 0.0});
    detail::Auc auc;
    double alike = 0.0;
    for (const Fold& fold : all) {
        if (fold.pairs == 0.0) continue;
        const detail::BoostedTrees trees(pool.rows, fold.seen, pool.is_current);
        std::vector<double> scores;
        for (const std::int64_t row : fold.unseen) scores.push_back(trees.score(pool.rows.row(row)));
        const detail::Auc part = auc_of(pool, fold.unseen, scores);
        const double weight = fold.pairs / pairs;
        auc.value += weight * part.value;
        alike += weight * weight * variance_alike(fold, scores);
        for (std::size_t i = 0; i < fold.unseen.size(); ++i) {
            const auto group = static_cast<std::size_t>(pool.group[static_cast<std::size_t>(fold.unseen[i])]);
            influence[group] += weight * part.influence[i] / static_cast<double>(fold.unseen.size());
        }
        for (std::size_t c = 0; c < pool.names.size(); ++c) {
            if (!trees.uses(static_cast<std::int64_t>(c))) continue;
            result.features[c].importance += weight * fall(pool, fold, trees, part.value, c, seed);
        }
    }
    auc.influence = std::move(influence);
    for (double& each : auc.influence) each *= std::sqrt(meetings) * static_cast<double>(auc.influence.size());
    auc.rarest = static_cast<double>(std::min(pool.n, pool.m));
    result.statistic = result.effect = auc.value;
    result.interval = detail::delong(auc, result.interval.level);
    const double error = std::sqrt(std::max(meetings * alike, auc.variance()));
    result.p_value = error > 0.0 ? detail::normal_sf((auc.value - 0.5) / error) : 1.0;
    std::stable_sort(result.features.begin(), result.features.end(),
                     [](const FeatureGap& a, const FeatureGap& b) { return a.importance > b.importance; });
}

}  // namespace

DomainClassification domain_classifier(const Table& reference, const Table& current, const DomainOptions& options) {
    detail::check_columns("domain_classifier", reference, current);
    if (!options.entity.empty() && !reference.has(options.entity)) {
        throw InvalidArgument("domain_classifier: no entity column \"" + options.entity + "\"");
    }
    if (options.most_rows < 1) {
        throw InvalidArgument("domain_classifier: most_rows is " + std::to_string(options.most_rows) +
                              ", at least 1 wanted");
    }
    for (const Table* table : {&reference, &current}) {
        if (table->rows() > 0) continue;
        throw InvalidArgument(std::string("domain_classifier: the ") + (table == &reference ? "reference" : "current") +
                              " sample has no rows; at least one wanted");
    }
    const Table a = drawn(reference, options, "reference"), b = drawn(current, options, "current");
    const Pool pool = pool_of(a, b, options.entity);
    DomainClassification result;
    static_cast<TestResult&>(result) = detail::result_of("domain_classifier", pool.n, pool.m);
    if (pool.n + pool.m < reference.rows() + current.rows()) {
        result.note =
            "drawn from " + std::to_string(reference.rows()) + " and " + std::to_string(current.rows()) + " rows";
    }
    std::array<std::set<std::int64_t>, 2> groups;
    for (std::size_t row = 0; row < pool.group.size(); ++row) groups.at(pool.is_current[row]).insert(pool.group[row]);
    if (std::ssize(groups[0]) < least_groups || std::ssize(groups[1]) < least_groups) {
        detail::remark(result.note, "fewer than " + std::to_string(least_groups) +
                                        (options.entity.empty() ? " different rows" : " entities") + " in a sample");
        return result;
    }
    learn(result, pool, split(pool, options.seed), options.seed);
    return result;
}

}  // namespace holdfast::stats
