// Looks at streams without drift, one after another: how many say drift.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>

#include <holdfast/base/rng.hpp>
#include <holdfast/monitor/drift.hpp>

namespace holdfast {
namespace {

using stats::Profile;
using stats::Verdict;

/// Standard normal values, each phi times the one before and noise.
class Autoregressive {
  public:
    Autoregressive(double phi, std::string_view key) : phi_(phi), rng_(7, "watching_test", key), last_(normal()) {}
    double next() { return last_ = phi_ * last_ + std::sqrt(1.0 - phi_ * phi_) * normal(); }

  private:
    double normal() {
        // Box and Muller 1958.
        const double radius = std::sqrt(-2.0 * std::log1p(-rng_.uniform()));
        return radius * std::cos(6.283185307179586 * rng_.uniform());
    }
    double phi_;
    Rng rng_;
    double last_;
};

/// A stationary stream: numbers with light and heavy tails, categories, and numbers of which a tenth is missing.
class Stream {
  public:
    explicit Stream(double phi, const std::string& key)
        : light_(phi, key + "light"), heavy_(phi, key + "heavy"), word_(phi, key + "word"), gap_(phi, key + "gap") {}

    Table rows(std::int64_t n, double shift = 0.0) {
        std::vector<double> light, heavy, gap;
        std::vector<std::string> word;
        for (std::int64_t i = 0; i < n; ++i) {
            light.push_back(light_.next() + shift);
            heavy.push_back(std::exp(heavy_.next()));
            const double w = word_.next(), g = gap_.next();
            word.emplace_back(w < -0.5 ? "low" : w < 0.8 ? "middle" : "high");
            gap.push_back(g > 1.28 ? std::nan("") : g);
        }
        Table table;
        table.add("light", Column::of(std::move(light))).add("heavy", Column::of(std::move(heavy)));
        table.add("word", Column::strings(std::span<const std::string>(word))).add("gap", Column::of(std::move(gap)));
        return table;
    }

  private:
    Autoregressive light_, heavy_, word_, gap_;
};

/// Windows, one after another, whose report says drift at one false alarm in 1,000.
int alarms(Stream& stream, const Profile& reference, std::int64_t rows, int windows, const DriftOptions& options) {
    int count = 0;
    for (int i = 0; i < windows; ++i)
        count += drift(reference, stream.rows(rows), options).summary.verdict == Verdict::drift ? 1 : 0;
    return count;
}

/// What at most one in 1,000 does not exceed but with a probability of one in a million.
int most_alarms(int windows) {
    const boost::math::binomial law(windows, 0.001);
    return static_cast<int>(boost::math::quantile(boost::math::complement(law, 1e-6)));
}

DriftOptions watching() {
    DriftOptions options;
    options.alpha = 0.001;
    options.in_time_order = true;
    return options;
}

/// Any difference at all is drift: nothing but the bounds keeps the rate.
DriftOptions without_tolerance() {
    DriftOptions options = watching();
    for (const char* name : {"light", "heavy", "gap"})
        options.tests[name] = {{"ks", 0.0}, {"wasserstein", 0.0}, {"missing", 0.0}};
    options.tests["word"] = {{"total_variation", 0.0}};
    return options;
}

void stay_quiet(double phi, int windows) {
    for (const std::int64_t rows : {50, 200, 1000}) {
        const std::string key = std::to_string(phi) + " " + std::to_string(rows);
        Stream stream(phi, key);
        const Profile reference = Profile::of(stream.rows(20'000));
        const int seen = alarms(stream, reference, rows, windows, watching());
        const int strict = alarms(stream, reference, rows, windows, without_tolerance());
        ::testing::Test::RecordProperty("alarms_" + std::to_string(rows), seen);
        ::testing::Test::RecordProperty("alarms_without_tolerance_" + std::to_string(rows), strict);
        EXPECT_LE(seen, most_alarms(windows)) << key;
        EXPECT_LE(strict, most_alarms(windows)) << key;
    }
}

TEST(QuietStreams, OfIndependentRowsStayWithinTheStatedRate) { stay_quiet(0.0, 300); }
TEST(QuietStreams, OfAutocorrelatedRowsStayWithinTheStatedRate) { stay_quiet(0.5, 300); }
TEST(QuietStreamsLong, OfIndependentRowsStayWithinTheStatedRate) { stay_quiet(0.0, 10'000); }
TEST(QuietStreamsLong, OfAutocorrelatedRowsStayWithinTheStatedRate) { stay_quiet(0.5, 10'000); }

TEST(QuietStreams, AShiftIsSeenInTheNextWindow) {
    Stream stream(0.5, "shifted");
    const Profile reference = Profile::of(stream.rows(20'000));
    EXPECT_NE(drift(reference, stream.rows(1000), watching()).summary.verdict, Verdict::drift);
    EXPECT_EQ(drift(reference, stream.rows(1000, 1.0), watching()).summary.verdict, Verdict::drift);
}

}  // namespace
}  // namespace holdfast
