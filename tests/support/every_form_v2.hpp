/// A graph with everything that version 2 of `.hfm` has and version 1 had not. Golden files are made of it: never
/// change it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "support/models.hpp"

namespace holdfast::test {

/// Two trees over three columns: one whose nodes differ in comparison and missing rule, one with linear leaves.
inline forms::Trees trees_v2() {
    using forms::Comparison;
    using forms::Missing;
    forms::Trees trees;
    trees.features = 3;
    trees.outputs = 1;
    trees.input = DType::float64;
    trees.roots = {0, 5};
    trees.left = {1, 3, -1, -1, -1, 6, -1, -1};
    trees.right = {2, 4, -1, -1, -1, 7, -1, -1};
    trees.feature = {0, 1, -1, -1, -1, 2, -1, -1};
    trees.threshold = {0, -0.5, 0, 0, 0, 1, 0, 0};
    trees.comparisons.assign(8, Comparison::less_equal);
    trees.comparisons[0] = Comparison::not_in_set;
    trees.comparisons[5] = Comparison::in_set;
    trees.missings.assign(8, Missing::none);
    trees.missings[0] = Missing::nan;
    trees.missings[1] = Missing::nan_as_zero;
    trees.missings[5] = Missing::zero;
    trees.default_left = {1, 0, 0, 0, 0, 0, 0, 0};
    trees.set_begin = {0, 2, 3};
    trees.sets = {0, 4, 2};
    trees.leaf_begin = {0, 0, 0, 1, 2, 3, 3, 4, 5};
    trees.leaf_output = {0, 0, 0, 0, 0};
    trees.leaf_value = {1, 2, 4, 8, 16};
    trees.linear_begin = {0, 0, 0, 0, 0, 0, 0, 2, 2};
    trees.linear_feature = {0, 1};
    trees.linear_weight = {0.5, -0.25};
    trees.linear_constant = {0, 0, 1, 2, 4, 0, 8.5, 16};
    return trees;
}

/// Appends nodes to a graph whose input is "X" (rows, 3), float64.
class NodesV2 {
  public:
    explicit NodesV2(Graph& graph) : graph_(graph) {}

    std::string add(Form form, std::vector<std::string> inputs, std::string name = "") {
        if (name.empty()) name = "#" + std::to_string(graph_.nodes.size());
        graph_.nodes.push_back({std::move(form), std::move(inputs), {name}});
        return name;
    }
    void output(const std::string& name, DType dtype, std::int64_t width) {
        graph_.signature.outputs.push_back(spec(name, dtype, {-1, width}));
    }

    void functions() {
        const std::string size = add(forms::Math{forms::Function::absolute, DType::float64}, {"X"});
        std::vector<std::string> all;
        for (int i = 0; i <= static_cast<int>(forms::Function::absolute); ++i)
            all.push_back(add(forms::Math{static_cast<forms::Function>(i), DType::float64}, {size}));
        add(forms::Concat{}, all, "functions");
        output("functions", DType::float64, 36);
        const std::string whole = add(forms::Cast{DType::int64}, {"X"});
        add(forms::Math{forms::Function::wrap_to_32bits, DType::int64}, {whole}, "wrapped");
        output("wrapped", DType::int64, 3);
    }

    void operations() {
        std::vector<std::string> numbers, flags;
        for (int i = 0; i <= static_cast<int>(forms::Operation::greater_equal); ++i) {
            const auto operation = static_cast<forms::Operation>(i);
            const std::string of = i % 2 == 0 ? "X" : "functions";
            const std::vector<double> constant = i % 2 == 0 ? std::vector<double>{0.1, 2, 4} : std::vector<double>{0.5};
            const std::string y = add(forms::Elementwise{operation, constant, DType::float64}, {of});
            (operation < forms::Operation::equal ? numbers : flags).push_back(y);
        }
        add(forms::Concat{}, numbers, "numbers");
        output("numbers", DType::float64, 4 * 3 + 3 * 36);
        const std::string is_nan = add(forms::Math{forms::Function::is_nan, DType::float64}, {"X"});
        const std::string is_number = add(forms::Math{forms::Function::exclusive_not, DType::float64}, {is_nan});
        const std::string above = add(forms::Elementwise{forms::Operation::greater, {1}, DType::float64}, {"X"});
        for (const auto operation : {forms::Operation::both, forms::Operation::either, forms::Operation::one_of})
            flags.push_back(add(forms::Elementwise{operation, {}, DType::boolean}, {is_number, above}));
        const std::string all = add(forms::Concat{}, flags);
        add(forms::Choose{}, {all, all, all}, "flags");
        output("flags", DType::boolean, 2 * 3 + 3 * 36 + 9);
    }

    void reductions() {
        std::vector<std::string> numbers, positions;
        for (int i = 0; i <= static_cast<int>(forms::Reduction::arg_max_last); ++i) {
            const auto reduction = static_cast<forms::Reduction>(i);
            const std::string y = add(forms::Reduce{reduction, 3, DType::float64}, {"functions"});
            (reduction < forms::Reduction::arg_min ? numbers : positions).push_back(y);
        }
        numbers.push_back(add(forms::Product{1, 3, 1, 3, DType::float64}, {"X", "X"}));
        add(forms::Concat{}, numbers, "reductions");
        output("reductions", DType::float64, 9 * 12 + 9);
        positions.push_back(add(forms::TopK{3, 2, false}, {"X"}, "least"));
        add(forms::Concat{}, positions, "positions");
        output("positions", DType::int64, 4 * 12 + 2);
        add(forms::Pick{3}, {"X", "least"}, "picked");
        output("picked", DType::float64, 2);
    }

    void keys() {
        add(forms::Constant{DType::string, {}, std::vector<std::string>{"a", "yés", ""}}, {"X"}, "texts");
        output("texts", DType::string, 3);
        std::vector<std::string> codes;
        codes.push_back(add(forms::Encode{DType::string, {}, std::vector<std::string>{"yés", "a"}, false}, {"texts"}));
        codes.push_back(add(forms::Encode{DType::float64, {4, 0.1}, {}, false}, {"X"}));
        add(forms::Concat{}, codes, "codes");
        output("codes", DType::int64, 6);
        add(forms::OneHot{2, DType::float32}, {"codes"}, "indicators");
        output("indicators", DType::float32, 12);
        add(forms::Numbers{{0.5, 1e-310, -2}, DType::float64}, {"codes"}, "worth");
        output("worth", DType::float64, 6);
    }

  private:
    Graph& graph_;
};

inline Graph every_form_v2() {
    Graph graph;
    graph.signature = dense_signature(3);
    graph.signature.task = Task::regression;
    graph.signature.outputs = {spec("y", DType::float64, {-1, 1})};
    graph.signature.prediction = "y";
    graph.source = "every form, version 2";
    NodesV2 nodes(graph);
    nodes.add(trees_v2(), {"X"}, "y");
    nodes.functions();
    nodes.operations();
    nodes.reductions();
    nodes.keys();
    return graph;
}

}  // namespace holdfast::test
