// Sums of labels: what they say is what the rows say, whatever came in which order.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include <holdfast/base/error.hpp>
#include <holdfast/stats/quality.hpp>
#include <holdfast/workspace/logged.hpp>
#include <holdfast/workspace/workspace.hpp>

#include "unit/store/temporary_folder.hpp"
#include "unit/workspace/small_models.hpp"
#include "workspace/label_sums.hpp"

namespace holdfast {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::TemporaryFolder;

using Confusion = std::map<std::pair<std::string, std::string>, std::int64_t>;

struct LabelSums : ::testing::Test {
    const Time start = parse_time("2024-01-01T00:00:00Z");
    TemporaryFolder folder;
    std::shared_ptr<SimulatedClock> clock = std::make_shared<SimulatedClock>(start);
    Workspace ws{folder.path(), {.clock = clock, .seed = 7}};
    Endpoint endpoint = made("m");
    Endpoint other = made("other");

    Endpoint made(const std::string& name) {
        if (name == "m") {
            for (const double threshold : {0.0, 10.0}) {
                const Version version = ws.registry().register_package(testing::threshold_package(threshold));
                ws.registry().approve("m", version.number, "me");
            }
        }
        Endpoint of = ws.create_endpoint(name, {.model = "m", .logging = LoggingOptions{.entity = "b"}});
        of.deploy("m", 1);
        return of;
    }

    /// `about`: the entity.
    void ask(Endpoint& of, const std::string& id, double a, double about = 0.0) {
        const std::vector<double> x{a, about};
        const std::vector<Id> ids{Id(id)};
        ASSERT_TRUE(of.predict(TensorView::matrix(x.data(), 1, 2), {.ids = ids}));
    }
    void label(const std::string& id, const std::string& truth, const std::string& of = "m") {
        const std::vector<Id> ids{Id(id)};
        const std::vector<std::string> truths{truth};
        ws.interactions().label(ids, Column::strings(truths), {}, of);
    }
    void sum_up() { detail::sum_all_labels(ws.store(), 0); }

    /// Brute force over all rows.
    void expect_as_rows(Time after, Time until, std::optional<std::int64_t> version = {}) {
        store::InteractionQuery query{.endpoint = "m"};
        query.labelled = true;
        query.version = version;
        const auto rows = ws.interactions().query(query).rows;
        Confusion confusion;
        std::map<std::string, std::int64_t> labels;
        std::int64_t right = 0, judged = 0, labelled = 0;
        double log_loss = 0.0;
        for (std::int64_t row = 0; row < rows.rows(); ++row) {
            const Time recorded =
                from_micros(rows.column("label_recorded").values<std::int64_t>()[static_cast<std::size_t>(row)]);
            if (recorded <= after || recorded > until) continue;
            ++labelled;
            const std::string truth(rows.column("label").text(row)), said(rows.column("output.label").text(row));
            if (truth != "no" && truth != "yes") continue;
            ++judged;
            ++confusion[{truth, said}];
            ++labels[truth];
            right += truth == said ? 1 : 0;
            log_loss -= std::log(rows.column(truth == "yes" ? "probabilities.1" : "probabilities.0").number(row));
        }
        const LabelSummary summary = ws.interactions().label_summary("m", after, until, version);
        EXPECT_EQ(summary.labelled, labelled);
        EXPECT_EQ(summary.unjudged, 0);
        EXPECT_EQ(summary.confusion, confusion);
        EXPECT_EQ(summary.labels, labels);
        EXPECT_EQ(summary.scores.rows(), judged);
        if (judged == 0) return;
        const auto n = static_cast<double>(judged);
        EXPECT_EQ(summary.scores.score("accuracy")->value, static_cast<double>(right) / n);
        EXPECT_NEAR(summary.scores.score("log_loss")->value, log_loss / n, 1e-12 * log_loss / n);
    }
    void expect_as_rows_everywhere() {
        const Time now = clock->now();
        for (const Duration back : {Duration(seconds(1)), Duration(seconds(59)), Duration(minutes(1)),
                                    Duration(seconds(61)), Duration(minutes(7)), Duration(minutes(600))}) {
            expect_as_rows(now - back, now);
            expect_as_rows(now - back, now, 1);
            expect_as_rows(now - back, now, 2);
            expect_as_rows(now - back, now - back / 3);
        }
        expect_as_rows(start + seconds(60), start + seconds(120));
    }
};

TEST_F(LabelSums, FollowLateCorrectedAndEarlyLabelsOverVersionsAndBuckets) {
    for (int i = 0; i < 300; ++i) {
        const std::string id = std::to_string(i);
        if (i == 150) endpoint.deploy("m", 2);
        if (i % 5 == 0) label(id, "yes");  // before its answer
        ask(endpoint, id, i % 23 - 8.0);
        if (i % 3 == 0) label(id, i % 2 == 0 ? "yes" : "no");
        if (i % 7 == 0 && i > 50) label(std::to_string(i - 50), i % 4 == 0 ? "no" : "yes");  // late, or corrected
        if (i % 11 == 0) label(id, "no", "");                                                // for every endpoint
        if (i % 40 == 39) label(id, "what?");                                                // no class of the model's
        if (i % 60 == 59) sum_up();
        clock->advance(seconds(i % 9));
    }
    expect_as_rows_everywhere();
    sum_up();
    expect_as_rows_everywhere();
}

TEST_F(LabelSums, ACorrectionMovesToTheBucketInWhichItWasRecorded) {
    ask(endpoint, "a", 5.0);
    label("a", "no");
    sum_up();
    clock->advance(minutes(10));
    label("a", "yes");
    for (int twice = 0; twice < 2; ++twice) {
        EXPECT_EQ(ws.interactions().label_summary("m", start - minutes(1), start + minutes(1)).labelled, 0);
        const LabelSummary now = ws.interactions().label_summary("m", start + minutes(9), start + minutes(10));
        EXPECT_EQ(now.confusion, (Confusion{{{"yes", "yes"}, 1}}));
        sum_up();
    }
}

TEST_F(LabelSums, AnErasedEntityIsInNoneOfThem) {
    for (int i = 0; i < 60; ++i) {
        const std::string id = std::to_string(i);
        ask(endpoint, id, i - 30.0, i % 4);
        ask(other, id, 3.0, 1.0 + i % 4);
        label(id, i % 2 == 0 ? "yes" : "no", i % 3 == 0 ? "" : "m");
        clock->advance(seconds(7));
        if (i == 40) sum_up();
    }
    // Labels of "m" that were everybody's go with the rows of the other endpoint that are about 2.
    static_cast<void>(ws.interactions().erase("2.0"));
    static_cast<void>(ws.interactions().erase("2"));
    EXPECT_EQ(ws.interactions().count({.endpoint = "m"}), 45);
    expect_as_rows_everywhere();
    label("3", "yes");
    ask(endpoint, "new", 1.0);
    label("new", "no");
    expect_as_rows_everywhere();
    sum_up();
    expect_as_rows_everywhere();
}

TEST_F(LabelSums, WhatRetentionTookStaysInThem) {
    for (int i = 0; i < 100; ++i) {
        ask(endpoint, std::to_string(i), i % 2 == 0 ? 1.0 : -1.0);
        clock->advance(seconds(6));
        label(std::to_string(i), i % 3 == 0 ? "yes" : "no");
    }
    const Time end = clock->now();
    const LabelSummary before = ws.interactions().label_summary("m", start, end);
    const LabelSummary first = ws.interactions().label_summary("m", start + minutes(1), start + minutes(3));
    static_cast<void>(ws.interactions().prune("m", {.older_than = minutes(5)}));
    EXPECT_LT(ws.interactions().count({.endpoint = "m"}), 60);
    EXPECT_EQ(ws.interactions().label_summary("m", start, end).confusion, before.confusion);
    EXPECT_EQ(ws.interactions().label_summary("m", start + minutes(1), start + minutes(3)).confusion, first.confusion);

    // Within a bucket nobody knows: the window begins at the first whole one, and says so.
    const LabelSummary edge = ws.interactions().label_summary("m", start + seconds(90), end);
    EXPECT_EQ(edge.after, start + minutes(2));
    EXPECT_EQ(edge.until, end);
    EXPECT_EQ(edge.confusion, ws.interactions().label_summary("m", start + minutes(2), end).confusion);
    const LabelSummary other_edge = ws.interactions().label_summary("m", start, start + seconds(150));
    EXPECT_EQ(other_edge.until, start + minutes(2));
    const LabelSummary inside = ws.interactions().label_summary("m", start + seconds(70), start + seconds(80));
    EXPECT_EQ(inside.labelled, 0);
    EXPECT_EQ(inside.after, inside.until);
}

TEST_F(LabelSums, TheMonitorSaysTheSameFromThemAsFromRows) {
    for (int i = 0; i < 200; ++i) {
        ask(endpoint, std::to_string(i), std::sin(i) * 3.0);
        label(std::to_string(i), i % 3 == 0 ? "yes" : "no");
        clock->advance(seconds(11));
    }
    const Window over = minutes(20);
    const auto metrics = std::vector<std::string>{"accuracy", "brier", "log_loss", "auc"};
    const auto seen = endpoint.monitor().performance(over, {.metrics = metrics, .cluster = false});
    store::InteractionQuery query{.endpoint = "m"};
    query.labelled_after = clock->now() - minutes(20);
    const Judged judged = judge_logged(endpoint.served()->model->signature(), ws.interactions().query(query));
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        const auto wanted =
            stats::score(metrics[i], {judged.truth, judged.prediction, judged.probability, judged.classes});
        EXPECT_EQ(seen[i].metric, metrics[i]);
        EXPECT_EQ(seen[i].rows, wanted.rows);
        EXPECT_NEAR(seen[i].value, wanted.value, 1e-12 * wanted.value) << metrics[i];
        EXPECT_NEAR(seen[i].interval.lower, wanted.interval.lower, 1e-12 * wanted.interval.lower) << metrics[i];
        EXPECT_NEAR(seen[i].interval.upper, wanted.interval.upper, 1e-12 * wanted.interval.upper) << metrics[i];
    }
    EXPECT_THROW(static_cast<void>(endpoint.monitor().performance(over, {.metrics = {"f7"}})), InvalidArgument);
}

TEST_F(LabelSums, OfTheFirstFormAnswerWhatTheyKnewAndLeaveTheRestToRows) {
    for (int i = 0; i < 60; ++i) {
        ask(endpoint, std::to_string(i), std::sin(i) * 3.0);
        label(std::to_string(i), i % 3 == 0 ? "yes" : "no");
        clock->advance(seconds(11));
    }
    sum_up();
    const std::vector<std::string> metrics{"accuracy", "log_loss", "f1", "ece", "pr_auc", "top_k_accuracy(top=1)"};
    const PerformanceOptions options{.metrics = metrics, .cluster = false};
    const auto before = endpoint.monitor().performance(minutes(20), options);
    ws.store().write([&](store::Session& session) {
        for (store::LabelSumRow row : session.label_sums({"m", "live", start - minutes(1), clock->now(), {}})) {
            const Json& scores = row.sums.at("scores");
            Json counts = Json::array(), sums = Json::array();
            for (std::size_t i = 0; i < 7; ++i) counts.push_back(scores.at("counts").as_array()[i]);
            for (std::size_t i = 0; i < 14; ++i) sums.push_back(scores.at("sums").as_array()[i]);
            row.sums["scores"] = Json::object({{"counts", counts}, {"sums", sums}});
            session.put_label_sums(row);
        }
    });
    const LabelSummary old = ws.interactions().label_summary("m", start - minutes(1), clock->now());
    EXPECT_TRUE(old.scores.score("accuracy"));
    EXPECT_FALSE(old.scores.score("f1"));
    const auto after = endpoint.monitor().performance(minutes(20), options);
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        EXPECT_NEAR(after[i].value, before[i].value, 1e-12) << metrics[i];
        EXPECT_EQ(after[i].rows, 60) << metrics[i];
    }
    label("3", "no");  // corrected in the new form
    EXPECT_NE(endpoint.monitor().performance(minutes(20), options)[2].value, after[2].value);
    expect_as_rows_everywhere();
}

TEST_F(LabelSums, AreTakenUpInStepsOrNotAtAll) {
    for (int i = 0; i < 40; ++i) {
        ask(endpoint, std::to_string(i), i - 20.0);
        label(std::to_string(i), i % 3 == 0 ? "yes" : "no");
    }
    for (bool more = true; more;) {
        ws.store().write([&](store::Session& session) { more = detail::sum_labels(session, 7); });
        expect_as_rows_everywhere();
        try {  // a transaction that does not get through leaves no trace
            ws.store().write([&](store::Session& session) {
                static_cast<void>(detail::sum_labels(session, 3));
                throw Unavailable("cut off");
            });
        } catch (const Unavailable&) {
        }
    }
    expect_as_rows_everywhere();
}

}  // namespace
}  // namespace holdfast
