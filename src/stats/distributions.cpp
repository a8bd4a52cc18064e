#include "stats/distributions.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/non_central_chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/log1p.hpp>
#include <boost/math/tools/toms748_solve.hpp>

namespace holdfast::stats::detail {
namespace {

// No promotion to long double: plain doubles give the same bits with every compiler, and are precise enough.
using Policy =
    boost::math::policies::policy<boost::math::policies::promote_double<false>,
                                  boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::underflow_error<boost::math::policies::ignore_error>>;

// Beyond this the root of a noncentral chi-square is normal with variance 1 for all that matters here.
constexpr double normal_from = 500.0;

double root_excess(double degrees, double noncentrality, double x) {
    return std::sqrt(x) - std::sqrt(noncentrality + degrees - 0.5);
}

// The x in [low, high] at which a falling function crosses `wanted`.
template <class Function>
double crossing(double low, double high, double wanted, Function falling) {
    std::uintmax_t steps = 100;
    const auto above = [&](double x) { return falling(x) - wanted; };
    const auto close = [](double a, double b) { return b - a <= 1e-10 * std::max(1.0, b); };
    const auto [from, to] =
        boost::math::tools::toms748_solve(above, low, high, above(low), above(high), close, steps, Policy());
    return 0.5 * (from + to);
}

}  // namespace

double normal_quantile(double p) {
    return boost::math::quantile(boost::math::normal_distribution<double, Policy>(), p);
}

double t_quantile(double degrees, double p) {
    if (degrees > 1e7) return normal_quantile(p);
    return boost::math::quantile(boost::math::students_t_distribution<double, Policy>(std::max(degrees, 1.0)), p);
}

double normal_sf(double x) {
    return boost::math::cdf(boost::math::complement(boost::math::normal_distribution<double, Policy>(), x));
}

double t_sf(double degrees, double x) {
    return boost::math::cdf(boost::math::complement(boost::math::students_t_distribution<double, Policy>(degrees), x));
}

double chi2_sf(double degrees, double x) { return boost::math::gamma_q(degrees / 2, x / 2, Policy()); }

double chi2_quantile(double degrees, double p) { return 2.0 * boost::math::gamma_p_inv(degrees / 2, p, Policy()); }

double beta_quantile(double a, double b, double p) {
    return boost::math::quantile(boost::math::beta_distribution<double, Policy>(a, b), p);
}

double relative_entropy(double x) {
    if (x <= -1.0) return 1.0;
    return x * boost::math::log1p(x, Policy()) + boost::math::log1pmx(x, Policy());
}

double noncentral_chi2_cdf(double degrees, double noncentrality, double x) {
    if (x <= 0.0) return 0.0;
    if (noncentrality <= 0.0) return boost::math::gamma_p(degrees / 2, x / 2, Policy());
    if (noncentrality + x > 2.0 * normal_from) return normal_sf(-root_excess(degrees, noncentrality, x));
    return boost::math::cdf(boost::math::non_central_chi_squared_distribution<double, Policy>(degrees, noncentrality),
                            x);
}

double noncentral_chi2_sf(double degrees, double noncentrality, double x) {
    if (x <= 0.0) return 1.0;
    if (noncentrality <= 0.0) return chi2_sf(degrees, x);
    if (noncentrality + x > 2.0 * normal_from) return normal_sf(root_excess(degrees, noncentrality, x));
    return boost::math::cdf(boost::math::complement(
        boost::math::non_central_chi_squared_distribution<double, Policy>(degrees, noncentrality), x));
}

// Brackets begin about the value at which the root of X is normal.
double noncentrality_at(double degrees, double x, double p) {
    const auto cdf = [=](double noncentrality) { return noncentral_chi2_cdf(degrees, noncentrality, x); };
    if (cdf(0.0) <= p) return 0.0;
    const double root = std::max(0.0, std::sqrt(x) - normal_quantile(p));
    double low = 0.5 * root * root, high = 1.5 * root * root + degrees + 1.0;
    if (low > 0.0 && cdf(low) <= p) low = 0.0;
    while (cdf(high) > p) high *= 2.0;
    return crossing(low, high, p, cdf);
}

double noncentral_chi2_quantile(double degrees, double noncentrality, double p) {
    const auto upper = [=](double x) { return noncentral_chi2_sf(degrees, noncentrality, x); };
    const double root = std::sqrt(noncentrality + degrees) + std::max(0.0, normal_quantile(p));
    double low = 0.25 * root * root, high = 1.5 * root * root + 1.0;
    if (upper(low) <= 1.0 - p) low = 0.0;
    while (upper(high) > 1.0 - p) high *= 2.0;
    return crossing(low, high, 1.0 - p, upper);
}

}  // namespace holdfast::stats::detail
