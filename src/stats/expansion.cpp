#include "stats/expansion.hpp"

#include <cmath>
#include <cstddef>

namespace holdfast::stats::detail {

void add(Expansion& sum, double value) {
    std::size_t kept = 0;
    for (const double part : sum) {
        const double total = value + part;
        const double of_part = total - value;
        const double lost = (value - (total - of_part)) + (part - of_part);
        if (lost != 0.0) sum[kept++] = lost;
        value = total;
    }
    sum.resize(kept);
    if (value != 0.0) sum.push_back(value);
}

void add(Expansion& sum, const Expansion& more, double sign) {
    for (const double part : more) add(sum, sign * part);
}

void add_square(Expansion& sum, double value, double sign) {
    const double rounded = value * value;
    add(sum, sign * std::fma(value, value, -rounded));
    add(sum, sign * rounded);
}

Expansion times(const Expansion& a, const Expansion& b) {
    Expansion product;
    for (const double x : a) {
        for (const double y : b) {
            const double rounded = x * y;
            add(product, std::fma(x, y, -rounded));
            add(product, rounded);
        }
    }
    return product;
}

Expansion minus(Expansion a, const Expansion& b) {
    add(a, b, -1.0);
    return a;
}

double value(const Expansion& sum) {
    if (sum.empty()) return 0.0;
    std::size_t left = sum.size() - 1;
    double total = sum[left], rest = 0.0;
    while (left > 0 && rest == 0.0) {  // parts do not overlap: the first that does not fit in is all that is rounded
        const double before = total, part = sum[--left];
        total = before + part;
        rest = part - (total - before);
    }
    // Half of the last place was rounded to even; what comes below it says to which side it had to go.
    if (left > 0 && ((rest < 0.0 && sum[left - 1] < 0.0) || (rest > 0.0 && sum[left - 1] > 0.0))) {
        const double twice = 2.0 * rest, other = total + twice;
        if (other - total == twice) total = other;
    }
    return total;
}

}  // namespace holdfast::stats::detail
