/// A loop small enough to see through: one feature x, truth "x > edge", a model that splits at its own threshold.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/base/rng.hpp>
#include <holdfast/loop/controller.hpp>
#include <holdfast/loop/explain.hpp>
#include <holdfast/loop/observe.hpp>

namespace holdfast::test {

using namespace std::chrono_literals;

inline std::shared_ptr<const Model> split_at(double threshold, const std::string& feature = "x") {
    Graph graph;
    graph.source = "test";
    Signature& signature = graph.signature;
    signature.task = Task::classification;
    signature.inputs = {{"X", DType::float64, {-1, 1}, ""}};
    signature.outputs = {{"label", DType::int64, {-1, 1}, ""}, {"probabilities", DType::float64, {-1, 2}, ""}};
    signature.features = {feature};
    signature.classes = std::vector<std::int64_t>{0, 1};
    signature.prediction = "label";
    signature.probability = "probabilities";

    forms::Trees trees;
    trees.features = 1;
    trees.outputs = 2;
    trees.input = DType::float64;
    trees.roots = {0};
    trees.left = {1, -1, -1};
    trees.right = {2, -1, -1};
    trees.feature = {0, -1, -1};
    trees.threshold = {threshold, 0.0, 0.0};
    trees.leaf_begin = {0, 0, 2, 4};
    trees.leaf_output = {0, 1, 0, 1};
    trees.leaf_value = {0.9, 0.1, 0.1, 0.9};
    graph.nodes = {{trees, {"X"}, {"probabilities"}},
                   {forms::ArgMax{}, {"probabilities"}, {"position"}},
                   {forms::Lookup{std::vector<std::int64_t>{0, 1}}, {"position"}, {"label"}}};
    return compile(std::move(graph));
}

inline Table column_x(std::vector<double> x) {
    Table table;
    table.add("x", Column::of(std::move(x)));
    return table;
}

inline std::vector<double> uniform(std::string_view key, std::int64_t rows) {
    Rng rng(7, "small loop", key);
    std::vector<double> x(static_cast<std::size_t>(rows));
    for (double& value : x) value = rng.uniform();
    return x;
}

inline Package package_of(double threshold, const std::string& name = "line") {
    PackageBuilder builder(name);
    builder.model(*split_at(threshold)).reference(stats::Profile::of(column_x(uniform("reference", 400))));
    return builder.build();
}

inline const Time start = parse_time("2021-07-01T00:00:00Z");

class SmallLoop : public ::testing::Test {
  protected:
    SmallLoop() {
        std::string pattern = (std::filesystem::temp_directory_path() / "holdfast-loop-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        workspace_.emplace(open());
        const Version first = workspace_->registry().register_package(package_of(0.5));
        workspace_->registry().approve("line", first.number, "me", "baseline");
        endpoint_.emplace(workspace_->create_endpoint("line", {.model = {}, .good = {"1"}}));
        endpoint_->deploy(first, "me", "baseline");
    }
    ~SmallLoop() override {
        endpoint_.reset();
        workspace_.reset();
        std::filesystem::remove_all(folder_);
    }

    [[nodiscard]] Workspace open() const {
        WorkspaceOptions options;
        options.clock = clock_;
        return Workspace(folder_ / "workspace", options);
    }

    /// An hour of 50 answered rows whose labels, "x > edge", come at once.
    void hour(double edge) {
        clock_->advance(1h);
        const std::vector<double> x = uniform(std::to_string(hours_), 50);
        std::vector<Id> ids;
        std::vector<std::int64_t> labels;
        for (std::size_t row = 0; row < x.size(); ++row) {
            ids.emplace_back(std::to_string(hours_) + "-" + std::to_string(row));
            labels.push_back(x[row] > edge ? 1 : 0);
        }
        const Table rows = column_x(x);
        (void)endpoint_->predict(rows, {.ids = ids, .time = {}, .times = {}, .deadline = {}}).value();
        workspace_->interactions().label(ids, Column::of(std::move(labels)));
        ++hours_;
    }

    /// Learns nothing: splits where it is told.
    [[nodiscard]] std::shared_ptr<Trainer> splitting_at(double threshold) {
        return function_trainer("splitting", [this, threshold](const TrainingJob& job) {
            jobs_.push_back(job);
            return package_of(threshold, job.model);
        });
    }

    [[nodiscard]] ControllerOptions options(std::shared_ptr<Trainer> trainer) const {
        return ControllerOptions{
            .endpoint = "line",
            .retrain = when::metric("accuracy", {.over = 3h, .min_labels = 100}).below(0.8).cooldown(24h),
            .select = select::labelled(),
            .trainer = std::move(trainer),
            .promote = promote_if("accuracy", 0.02),
            .approve = Approve::rule,
            .rollback = {},
            .holdout = 0.2,
            .seed = 5,
            .max_attempts = 2,
            .lease = std::chrono::minutes(10),
            .notify = {}};
    }

    /// Good hours, then hours in which the truth has moved.
    void go_stale() {
        for (int i = 0; i < 4; ++i) hour(0.5);
        for (int i = 0; i < 6; ++i) hour(0.1);
    }

    std::filesystem::path folder_;
    std::shared_ptr<SimulatedClock> clock_ = std::make_shared<SimulatedClock>(start);
    std::optional<Workspace> workspace_;
    std::optional<Endpoint> endpoint_;
    std::vector<TrainingJob> jobs_;
    int hours_ = 0;
};

}  // namespace holdfast::test
