#include "stats/kstwo.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include <holdfast/base/math.hpp>

#include "stats/compensated.hpp"

namespace holdfast::stats::detail {
namespace {

constexpr double pi = std::numbers::pi;

// Kahan's: the rounding of 1 + x is in both the logarithm and the divisor.
double log1p(double x) {
    const double next = 1.0 + x;
    return next == 1.0 ? x : math::log(next) * (x / (next - 1.0));
}

// log(n!) - log(sqrt(2 pi n) (n / e)^n): Stirling's error, by table below 16.
double stirling_error(double n) {
    static constexpr std::array<double, 16> table{0.0,
                                                  0.0810614667953272582196702,
                                                  0.0413406959554092940938221,
                                                  0.02767792568499833914878929,
                                                  0.02079067210376509311152277,
                                                  0.01664469118982119216319487,
                                                  0.01387612882307074799874573,
                                                  0.01189670994589177009505572,
                                                  0.010411265261972096497478567,
                                                  0.009255462182712732917728637,
                                                  0.008330563433362871256469318,
                                                  0.007573675487951840794972024,
                                                  0.006942840107209529865664152,
                                                  0.006408994188004207068439631,
                                                  0.005951370112758847735624416,
                                                  0.005554733551962801371038690};
    if (n < 16.0) return table[static_cast<std::size_t>(n)];
    const double r = 1.0 / (n * n);
    return (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r / 1188)))) / n;
}

// x log(x / m) + m - x for x = m + excess, without cancellation when the two are close.
double deviance(double x, double m, double excess) {
    if (std::abs(excess) < 0.1 * (x + m)) {
        const double v = excess / (x + m);
        double sum = excess * v;
        double term = 2.0 * x * v;
        for (int j = 3; j < 1000; j += 2) {
            term *= v * v;
            const double next = sum + term / j;
            if (next == sum) break;
            sum = next;
        }
        return sum;
    }
    return x * math::log(x / m) - excess;
}

// Binomial probability of j out of n at p = d + j / n (Loader 2000), with what the excesses are known to be.
double log_binomial_at(double n, double j, double d) {
    const double up = n * d + j;        // n p
    const double down = n - j - n * d;  // n (1 - p)
    return stirling_error(n) - stirling_error(j) - stirling_error(n - j) - deviance(j, up, -n * d) -
           deviance(n - j, down, n * d) + 0.5 * math::log(n / (2.0 * pi * j * (n - j)));
}

// Durbin's matrix: Marsaglia, Tsang, Wang, "Evaluating Kolmogorov's distribution", J. Stat. Soft. 8(18), 2003.
class DurbinMatrix {
  public:
    DurbinMatrix(std::int64_t n, double d) : n_(n) {
        const double nd = static_cast<double>(n) * d;
        k_ = static_cast<std::size_t>(std::ceil(nd));
        m_ = 2 * k_ - 1;
        fill(static_cast<double>(k_) - nd);
    }

    double cdf() const {
        std::vector<double> power(m_ * m_, 0.0), base = h_, scratch(m_ * m_);
        for (std::size_t i = 0; i < m_; ++i) power[i * m_ + i] = 1.0;
        int power_exponent = 0, base_exponent = 0;
        for (std::int64_t left = n_; left > 0; left /= 2) {
            if (left % 2 != 0) {
                multiply(power, base, scratch);
                power.swap(scratch);
                power_exponent += base_exponent + rescale(power);
            }
            multiply(base, base, scratch);
            base.swap(scratch);
            base_exponent = 2 * base_exponent + rescale(base);
        }
        double p = power[(k_ - 1) * m_ + k_ - 1];
        for (std::int64_t i = 1; i <= n_; ++i) {
            p *= static_cast<double>(i) / static_cast<double>(n_);
            if (p != 0.0 && p < 0x1p-128) {
                p *= 0x1p128;
                power_exponent -= 128;
            }
        }
        return std::ldexp(p, power_exponent);
    }

  private:
    void fill(double h) {
        std::vector<double> inverse_factorial(m_ + 1, 1.0), edge(m_);
        double h_power = 1.0, twice_power = 1.0;  // of h, and of 2 h - 1
        for (std::size_t j = 1; j <= m_; ++j) {
            twice_power *= 2.0 * h - 1.0;
            inverse_factorial[j] = inverse_factorial[j - 1] / static_cast<double>(j);
            h_power *= h;
            edge[j - 1] = (1.0 - h_power) * inverse_factorial[j];
        }
        const double over = h > 0.5 ? twice_power : 0.0;
        edge[m_ - 1] = (1.0 - 2.0 * h_power + over) * inverse_factorial[m_];
        h_.assign(m_ * m_, 0.0);
        for (std::size_t row = 0; row < m_; ++row) {
            for (std::size_t column = 1; column <= std::min(row + 1, m_ - 1); ++column) {
                h_[row * m_ + column] = inverse_factorial[row + 1 - column];
            }
        }
        for (std::size_t i = 0; i < m_; ++i) {
            h_[i * m_] = edge[i];
            h_[(m_ - 1) * m_ + i] = edge[m_ - 1 - i];
        }
    }

    void multiply(const std::vector<double>& a, const std::vector<double>& b, std::vector<double>& out) const {
        std::fill(out.begin(), out.end(), 0.0);
        for (std::size_t i = 0; i < m_; ++i) {
            for (std::size_t k = 0; k < m_; ++k) {
                const double factor = a[i * m_ + k];
                for (std::size_t j = 0; j < m_; ++j) out[i * m_ + j] += factor * b[k * m_ + j];
            }
        }
    }

    int rescale(std::vector<double>& matrix) const {
        if (matrix[(k_ - 1) * m_ + k_ - 1] <= 0x1p128) return 0;
        for (double& value : matrix) value *= 0x1p-128;
        return 128;
    }

    std::int64_t n_;
    std::size_t k_ = 0, m_ = 0;
    std::vector<double> h_;
};

// Pelz and Good, J. R. Stat. Soc. B 38, 1976: the limit law and its next three terms in 1 / sqrt(n), as theta series.
double pelz_good_cdf(double n, double d) {
    const double z = d * std::sqrt(n);
    const double z2 = z * z, z4 = z2 * z2, z6 = z4 * z2, z8 = z4 * z4;
    const double a = pi * pi / 4.0, a2 = a * a, a3 = a2 * a;
    if (-pi * pi / 8.0 / z2 < -708.0) return 0.0;
    double k0 = 0.0, k1 = 0.0, k2 = 0.0, k3 = 0.0;
    const int terms = static_cast<int>(std::ceil(16.0 * z / pi));
    for (int i = terms; i >= 1; --i) {  // odd integers
        const double odd = 2.0 * i - 1.0;
        const double o2 = odd * odd, o4 = o2 * o2, o6 = o4 * o2;
        const double e = math::exp(-o2 * a / (2.0 * z2));
        k0 += e;
        k1 += e * (a * o2 - z2);
        k2 += e * (6.0 * z6 + 2.0 * z4 + (2.0 * z4 - 5.0 * z2) * a * o2 + (1.0 - 2.0 * z2) * a2 * o4);
        k3 += e * (-30.0 * z6 - 90.0 * z8 + (135.0 * z4 - 96.0 * z6) * a * o2 + (212.0 * z4 - 60.0 * z2) * a2 * o4 +
                   (5.0 - 30.0 * z2) * a3 * o6);
    }
    double extra2 = 0.0, extra3 = 0.0;
    for (int i = terms; i >= 1; --i) {  // all integers
        const double i2 = static_cast<double>(i) * i;
        const double e = math::exp(-2.0 * i2 * a / z2);
        extra2 += i2 * e;
        extra3 += (3.0 * z2 - pi * pi * i2) * i2 * e;
    }
    const double root = std::sqrt(2.0 * pi), z3 = z2 * z, z7 = z6 * z, z10 = z8 * z2;
    k0 *= root / z;
    k1 *= root / (6.0 * z4);
    k2 = k2 * root / (72.0 * z7) - extra2 * pi * pi * root / (36.0 * z3);
    k3 = k3 * root / (6480.0 * z10) + extra3 * pi * pi * root / (216.0 * z6);
    return k0 + k1 / std::sqrt(n) + k2 / n + k3 / (n * std::sqrt(n));
}

// D_n <= 1 / n: Ruben and Gambino 1982, n! (2 d - 1 / n)^n.
double smallest_cdf(double n, double t) {
    const double base = 2.0 * t - 1.0;  // in units of 1 / n
    return math::exp(stirling_error(n) + 0.5 * math::log(2.0 * pi * n) - n + n * math::log(base));
}

double clipped(double p) { return std::clamp(p, 0.0, 1.0); }

}  // namespace

double smirnov_sf(std::int64_t count, double d) {
    constexpr std::int64_t most_exact = 1'000'000;
    const auto n = static_cast<double>(count);
    if (d <= 0.0) return 1.0;
    if (d >= 1.0) return 0.0;
    if (count > most_exact) {
        const double root = 6.0 * n * d + 1.0;
        return math::exp(-root * root / (18.0 * n));
    }
    CompensatedSum sum;
    sum.add(math::exp(n * log1p(-d)));
    const double last = std::floor(n * (1.0 - d));
    for (double j = 1.0; j <= last && j < n; ++j) {
        if (n - j - n * d <= 0.0) break;
        sum.add(n * d / (n * d + j) * math::exp(log_binomial_at(n, j, d)));
    }
    return clipped(sum.value());
}

double kstwo_sf(std::int64_t count, double d) {
    const auto n = static_cast<double>(count);
    const double t = n * d;
    if (d >= 1.0) return 0.0;
    if (t <= 0.5) return 1.0;
    if (t <= 1.0) return clipped(1.0 - smallest_cdf(n, t));
    if (t >= n - 1.0) return clipped(2.0 * math::exp(n * log1p(-d)));
    const double nd2 = t * d;
    if (d >= 0.5 || nd2 > 4.0 || (count > 140 && nd2 >= 2.2)) return clipped(2.0 * smirnov_sf(count, d));
    if (count <= 140 || (count <= 100'000 && n * d * std::sqrt(d) <= 1.4)) {
        return clipped(1.0 - DurbinMatrix(count, d).cdf());
    }
    return clipped(1.0 - pelz_good_cdf(n, d));
}

double ks_limit_p(double n, double m, double d) {
    constexpr std::int64_t large = 10'000;
    const double harmonic = n * m / (n + m), square = harmonic * d * d;
    const std::int64_t count = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::nearbyint(harmonic)));
    if (count <= large || square < 2.2 || d >= 1.0) return kstwo_sf(count, d);
    const double root = 6.0 * harmonic * d + 1.0;
    return clipped(2.0 * math::exp(-root * root / (18.0 * harmonic) - 4.0 / 9.0 * square * d * d));
}

}  // namespace holdfast::stats::detail
