#include "stats/ties.hpp"

#include <algorithm>

namespace holdfast::stats::detail {
namespace {

constexpr double most_splits = 20'000.0;
constexpr std::int64_t most_rows = 1'000;  // of which the walk goes as deep
constexpr double rounding = 1e-12;         // relative: splits that tie with the one seen count as such

struct Splits {
    const std::vector<Tie>& ties;
    std::int64_t n;
    const Part& part;
    double wanted;
    std::vector<std::int64_t> above;  // rows in this tie and those above it
    double reached = 0.0, all = 0.0;

    void walk(std::size_t tie, std::int64_t before, double sum, double ways) {
        if (tie == ties.size()) {
            all += ways;
            if (sum >= wanted) reached += ways;
            return;
        }
        const std::int64_t size = ties[tie].size();
        const std::int64_t least = std::max<std::int64_t>(0, n - before - above[tie + 1]);
        const std::int64_t most = std::min(size, n - before);
        double choices = 1.0;  // size over taken
        for (std::int64_t taken = 0; taken <= most; ++taken) {
            if (taken >= least) walk(tie + 1, before + taken, sum + part(tie, before, taken), ways * choices);
            choices *= static_cast<double>(size - taken) / static_cast<double>(taken + 1);
        }
    }
};

}  // namespace

std::vector<Tie> ties_of(const SamplePair& samples) {
    const auto &a = samples.reference, &b = samples.current;
    std::vector<Tie> ties;
    std::size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
        Tie tie;
        tie.value = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
        for (; i < a.size() && a[i] == tie.value; ++i) ++tie.reference;
        for (; j < b.size() && b[j] == tie.value; ++j) ++tie.current;
        ties.push_back(tie);
    }
    return ties;
}

bool has_ties(const std::vector<Tie>& ties) {
    return std::any_of(ties.begin(), ties.end(), [](const Tie& tie) { return tie.size() > 1; });
}

double statistic_of(const std::vector<Tie>& ties, const Part& part) {
    double sum = 0.0;
    std::int64_t before = 0;
    for (std::size_t tie = 0; tie < ties.size(); ++tie) {
        sum += part(tie, before, ties[tie].reference);
        before += ties[tie].reference;
    }
    return sum;
}

bool can_enumerate(std::int64_t rows, std::int64_t n) {
    if (rows > most_rows) return false;
    double splits = 1.0;
    for (std::int64_t i = 1; i <= std::min(n, rows - n); ++i) {
        splits *= static_cast<double>(rows - i + 1) / static_cast<double>(i);
        if (splits > most_splits + 0.5) return false;
    }
    return true;
}

double share_of_splits(const std::vector<Tie>& ties, std::int64_t n, const Part& part) {
    Splits splits{ties, n, part, statistic_of(ties, part) * (1.0 - rounding), {}};
    splits.above.resize(ties.size() + 1);
    for (std::size_t tie = ties.size(); tie-- > 0;) splits.above[tie] = splits.above[tie + 1] + ties[tie].size();
    splits.walk(0, 0, 0.0, 1.0);
    return splits.reached / splits.all;
}

}  // namespace holdfast::stats::detail
