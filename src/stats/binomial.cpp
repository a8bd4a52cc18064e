#include <holdfast/stats/binomial.hpp>

#include "stats/distributions.hpp"

namespace holdfast::stats {

double share_lower(std::int64_t count, std::int64_t rows, double level) {
    if (count <= 0) return 0.0;
    return detail::beta_quantile(static_cast<double>(count), static_cast<double>(rows - count + 1), 1.0 - level);
}

double share_upper(std::int64_t count, std::int64_t rows, double level) {
    if (count >= rows) return 1.0;
    return detail::beta_quantile(static_cast<double>(count + 1), static_cast<double>(rows - count), level);
}

double share_outside(std::int64_t rows, double level) {
    if (rows < 2) return 1.0;
    return detail::beta_quantile(2.0, static_cast<double>(rows - 1), level);
}

}  // namespace holdfast::stats
