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
    double total = 0.0;
    for (const double part : sum) total += part;
    return total;
}

}  // namespace holdfast::stats::detail
