// Cody and Waite's reduction to [-ln 2 / 2, ln 2 / 2], then minimax polynomials.
// Source: the method and the coefficients of exp, expm1 and log are those of FreeBSD's msun (fdlibm);
// the normal quantile is Wichura's algorithm AS 241 (PPND16), Applied Statistics 37 (1988).
#include <holdfast/base/math.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace holdfast::math {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double ln2_high = 6.93147180369123816490e-01;
constexpr double ln2_low = 1.90821492927058770002e-10;
constexpr double one_over_ln2 = 1.44269504088896338700e+00;

/// c[0] + x (c[1] + x (c[2] + ...))
template <std::size_t N>
constexpr double polynomial(const std::array<double, N>& c, double x) {
    double sum = c[N - 1];
    for (std::size_t i = N - 1; i-- > 0;) sum = c[i] + x * sum;
    return sum;
}

constexpr double power_of_two(int k) {  // -1022 <= k <= 1023
    return std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52);
}

/// y 2^k with one rounding, for y near 1.
double scale(double y, int k) {
    if (k > 1023) return y * 2.0 * power_of_two(k - 1 > 1023 ? 1023 : k - 1);
    if (k >= -1021) return y * power_of_two(k);
    return y * power_of_two(k + 1000) * power_of_two(-1000);
}

}  // namespace

double exp(double x) {
    if (std::isnan(x)) return x;
    if (x > 709.782712893383973096) return infinity;
    if (x < -745.13321910194110842) return 0.0;
    static constexpr std::array<double, 5> c{1.66666666666666019037e-01, -2.77777777770155933842e-03,
                                             6.61375632143793436117e-05, -1.65339022054652515390e-06,
                                             4.13813679705723846039e-08};
    const int k = static_cast<int>(one_over_ln2 * x + (x < 0 ? -0.5 : 0.5));
    const double high = x - k * ln2_high;
    const double low = k * ln2_low;
    const double r = high - low;
    const double t = r * r;
    const double q = r - t * polynomial(c, t);
    return scale(1.0 - ((low - (r * q) / (2.0 - q)) - high), k);
}

double expm1(double x) {
    if (std::isnan(x)) return x;
    if (x > 709.782712893383973096) return infinity;
    if (x < -38.816242) return -1.0;
    if (std::fabs(x) < 5.5511151231257827e-17) return x;
    static constexpr std::array<double, 6> c{1.0,
                                             -3.33333333333331316428e-02,
                                             1.58730158725481460165e-03,
                                             -7.93650757867487942473e-05,
                                             4.00821782732936239552e-06,
                                             -2.01099218183624371326e-07};
    const int k = static_cast<int>(one_over_ln2 * x + (x < 0 ? -0.5 : 0.5));
    const double high = x - k * ln2_high;
    const double low = k * ln2_low;
    const double r = high - low;
    const double correction = (high - r) - low;
    const double half = 0.5 * r;
    const double h = r * half;
    const double r1 = polynomial(c, h);
    const double t = 3.0 - r1 * half;
    double e = h * ((r1 - t) / (6.0 - r * t));
    if (k == 0) return r - (r * e - h);
    e = (r * (e - correction) - correction) - h;
    if (k == -1) return 0.5 * (r - e) - 0.5;
    if (k == 1) return r < -0.25 ? -2.0 * (e - (r + 0.5)) : 1.0 + 2.0 * (r - e);
    if (k <= -2 || k > 56) return scale(1.0 - (e - r), k) - 1.0;
    if (k < 20) return scale((1.0 - power_of_two(-k)) - (e - r), k);
    return scale((r - (e + power_of_two(-k))) + 1.0, k);
}

double log(double x) {
    if (std::isnan(x) || x == infinity) return x;
    if (x == 0.0) return -infinity;
    if (x < 0.0) return std::numeric_limits<double>::quiet_NaN();
    static constexpr std::array<double, 7> c{
        6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
        1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01};
    int k = 0;
    if (x < std::numeric_limits<double>::min()) {
        x *= power_of_two(54);
        k = -54;
    }
    const auto bits = std::bit_cast<std::uint64_t>(x);
    k += static_cast<int>(bits >> 52) - 1023;
    double m = std::bit_cast<double>((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        ++k;
    }
    const double f = m - 1.0;
    const double s = f / (2.0 + f);
    const double z = s * s;
    const double half_square = 0.5 * f * f;
    const double tail = z * polynomial(c, z);
    return k * ln2_high - ((half_square - (s * (half_square + tail) + k * ln2_low)) - f);
}

double tanh(double x) {
    if (std::isnan(x)) return x;
    const double size = std::fabs(x);
    double z = 1.0;
    if (size < 3.7252902984619141e-09) {
        z = size;
    } else if (size < 1.0) {
        const double t = expm1(-2.0 * size);
        z = -t / (t + 2.0);
    } else if (size < 22.0) {
        z = 1.0 - 2.0 / (expm1(2.0 * size) + 2.0);
    }
    return std::copysign(z, x);
}

double normal_quantile(double p) {
    if (!(p >= 0.0 && p <= 1.0)) return std::numeric_limits<double>::quiet_NaN();
    if (p == 0.0 || p == 1.0) return p == 0.0 ? -infinity : infinity;
    static constexpr std::array<double, 8> a{
        3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
        4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3};
    static constexpr std::array<double, 8> b{1.0,
                                             4.2313330701600911252e+1,
                                             6.8718700749205790830e+2,
                                             5.3941960214247511077e+3,
                                             2.1213794301586595867e+4,
                                             3.9307895800092710610e+4,
                                             2.8729085735721942674e+4,
                                             5.2264952788528545610e+3};
    static constexpr std::array<double, 8> c{
        1.42343711074968357734e0, 4.63033784615654529590e0,  5.76949722146069140550e0,  3.64784832476320460504e0,
        1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static constexpr std::array<double, 8> d{1.0,
                                             2.05319162663775882187e0,
                                             1.67638483018380384940e0,
                                             6.89767334985100004550e-1,
                                             1.48103976427480074590e-1,
                                             1.51986665636164571966e-2,
                                             5.47593808499534494600e-4,
                                             1.05075007164441684324e-9};
    static constexpr std::array<double, 8> e{
        6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,  2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static constexpr std::array<double, 8> f{1.0,
                                             5.99832206555887937690e-1,
                                             1.36929880922735805310e-1,
                                             1.48753612908506148525e-2,
                                             7.86869131145613259100e-4,
                                             1.84631831751005468180e-5,
                                             1.42151175831644588870e-7,
                                             2.04426310338993978564e-15};
    const double q = p - 0.5;
    if (std::fabs(q) <= 0.425) {
        const double r = 0.180625 - q * q;
        return q * polynomial(a, r) / polynomial(b, r);
    }
    const double r = std::sqrt(-log(q < 0 ? p : 1.0 - p));
    const double size =
        r <= 5.0 ? polynomial(c, r - 1.6) / polynomial(d, r - 1.6) : polynomial(e, r - 5.0) / polynomial(f, r - 5.0);
    return q < 0 ? -size : size;
}

}  // namespace holdfast::math
