// XGBoost's, LightGBM's and CatBoost's files written by hand: what they answer, and what is refused.
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/models/load.hpp>

namespace holdfast {
namespace {

std::shared_ptr<const Model> load(const std::string& text, const std::string& name) {
    return load_model_bytes(as_bytes(text), name);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

template <class E>
void expect_refused(const std::string& text, const std::string& name, const std::string& word) {
    try {
        static_cast<void>(load(text, name));
        FAIL() << word;
    } catch (const E& error) {
        EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
}

/// One stump: x1 < 0.5 (missing: left) gives -1, else 2; base 0.25.
const std::string stump =
    R"({"learner":{"feature_names":["a","b"],"gradient_booster":{"model":{"gbtree_model_param":{"num_trees":"1"},)"
    R"("tree_info":[0],"trees":[{"default_left":[1,0,0],"left_children":[1,-1,-1],"right_children":[2,-1,-1],)"
    R"("split_conditions":[0.5,-1,2],"split_indices":[1,0,0],"split_type":[0,0,0],"categories":[],)"
    R"("categories_nodes":[],"categories_segments":[],"categories_sizes":[],"tree_param":{"num_nodes":"3"}}]},)"
    R"("name":"gbtree"},"learner_model_param":{"base_score":"2.5E-1","num_class":"0","num_feature":"2"},)"
    R"("objective":{"name":"reg:squarederror"}},"version":[3,2,0]})";

/// The same in UBJSON: keys and text have lengths of one byte, numbers are int8 or float32.
std::string ubjson_text(const std::string& text) { return "U" + std::string(1, static_cast<char>(text.size())) + text; }
std::string ubjson_numbers(const std::vector<int>& values) {
    std::string out = "[";
    for (const int value : values) out += std::string("i") + static_cast<char>(value);
    return out + "]";
}
std::string ubjson_stump() {
    const auto key = [](const std::string& name) { return ubjson_text(name); };
    const std::string conditions("[$d#U\x03\x3f\x00\x00\x00\xbf\x80\x00\x00\x40\x00\x00\x00", 18);
    const std::string tree = "{" + key("default_left") + ubjson_numbers({1, 0, 0}) + key("left_children") +
                             ubjson_numbers({1, -1, -1}) + key("right_children") + ubjson_numbers({2, -1, -1}) +
                             key("split_conditions") + conditions + key("split_indices") + ubjson_numbers({1, 0, 0}) +
                             key("tree_param") + "{}" + "}";
    return "{" + key("learner") + "{" + key("gradient_booster") + "{" + key("model") + "{" + key("tree_info") +
           ubjson_numbers({0}) + key("trees") + "[" + tree + "]}" + key("name") + "S" + ubjson_text("gbtree") + "}" +
           key("learner_model_param") + "{" + key("base_score") + "S" + ubjson_text("2.5E-1") + key("num_feature") +
           "S" + ubjson_text("2") + "}" + key("objective") + "{" + key("name") + "S" + ubjson_text("reg:squarederror") +
           "}}}";
}

std::vector<float> answers(const Model& model) {
    const std::vector<float> x{9, 0.25F, 9, 0.5F, 9, std::numeric_limits<float>::quiet_NaN()};
    const Outputs out = model.predict(TensorView::matrix(x.data(), 3, 2));
    const auto* from = out.at("prediction").as<float>();
    return {from, from + 3};
}

TEST(XGBoost, JsonAndUbjsonOfAStump) {
    const auto json = load(stump, "m.json"), ubjson = load(ubjson_stump(), "m.ubj");
    EXPECT_EQ(answers(*json), (std::vector<float>{-0.75F, 2.25F, -0.75F}));
    EXPECT_EQ(answers(*ubjson), answers(*json));
    EXPECT_EQ(json->backend(), "xgboost");
    EXPECT_EQ(json->signature().features, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(json->graph()->source, "XGBoost 3.2.0");
    EXPECT_EQ(answers(*load(stump, "M.UBJ.JSON")), answers(*json));
}

TEST(XGBoost, CutAnywhereIsRefused) {
    const std::string ubjson = ubjson_stump();
    for (std::size_t size = 0; size < stump.size(); ++size)
        EXPECT_THROW(static_cast<void>(load(stump.substr(0, size), "m.json")), CorruptArtifact) << size;
    for (std::size_t size = 0; size < ubjson.size(); ++size)
        EXPECT_THROW(static_cast<void>(load(ubjson.substr(0, size), "m.ubj")), CorruptArtifact) << size;
    expect_refused<CorruptArtifact>(ubjson + "Z", "m.ubj", "1 bytes after the document");
}

TEST(XGBoost, DamagedFiles) {
    const auto refused = [](const std::string& from, const std::string& to, const std::string& word) {
        expect_refused<CorruptArtifact>(replaced(stump, from, to), "m.json", word);
    };
    refused(R"("left_children":[1)", R"("left_children":[0)", "reached twice");
    refused(R"("left_children":[1)", R"("left_children":[3)", "left_children: 3");
    refused(R"("left_children":[1)", R"("left_children":[1e300)", "left_children");
    refused(R"("left_children":[1,-1,-1])", R"("left_children":[])", "no nodes");
    refused(R"("split_indices":[1)", R"("split_indices":[2)", "split_indices: 2");
    refused(R"("split_indices":[1,0,0])", R"("split_indices":[1,0])", "split_indices: 2 values");
    refused(R"("split_conditions":[0.5,-1,2])", R"("split_conditions":["a"])", "split_conditions");
    refused(R"("split_type":[0)", R"("split_type":[1)", "no categories");
    refused(R"("tree_info":[0])", R"("tree_info":[1])", "tree_info: 1");
    refused(R"("num_feature":"2")", R"("num_feature":"0")", "num_feature: 0");
    refused(R"("num_feature":"2")", R"("num_feature":"99999999999999999999")", "num_feature");
    refused(R"("num_feature":"2")", R"("num_feature":"2147483647")", "num_feature: 2147483647");
    refused(R"("num_class":"0")", R"("num_class":"4000000000")", "num_class: 4000000000");
    refused(R"(["a","b"])", R"(["a"])", "feature_names: 1");
    refused("2.5E-1", "many", "base_score");
    refused("2.5E-1", "[1,2]", "base_score: 2 values");
    const std::size_t trees = stump.find("[{"), end = stump.find("}]}");
    expect_refused<CorruptArtifact>(stump.substr(0, trees) + "[]" + stump.substr(end + 2), "m.json", "none given");
    std::string deep;
    for (int i = 0; i < 500; ++i) deep += "[";
    for (int i = 0; i < 500; ++i) deep += "]";
    expect_refused<CorruptArtifact>(R"({"learner":)" + deep + "}", "m.json", "deep");
    expect_refused<CorruptArtifact>("{" + ubjson_text("learner") + std::string(1'000'000, '['), "m.ubj", "deep");
    expect_refused<CorruptArtifact>(std::string("{U\x01") + "a[$d#L\x7f\xff\xff\xff\xff\xff\xff\xff", "m.ubj", "count");
    expect_refused<CorruptArtifact>(std::string("{U\x01") + "a[#i\xff", "m.ubj", "count");
    expect_refused<CorruptArtifact>("\x80\x04pickle", "m.ubj", "not known");
    const std::string nan_threshold =
        replaced(ubjson_stump(), std::string("\x3f\x00\x00\x00", 4), std::string("\x7f\xc0\x00\x00", 4));
    expect_refused<CorruptArtifact>(nan_threshold, "m.ubj", "NaN");
}

TEST(XGBoost, NumbersOfJsonArrays) {
    const auto same = [](const std::string& from, const std::string& to) {
        EXPECT_EQ(answers(*load(replaced(stump, from, to), "m.json")), (std::vector<float>{-0.75F, 2.25F, -0.75F}))
            << to;
    };
    same("[0.5,-1,2]", "[ 5e-1 ,\n-1.0,\t2E0 ]  \n ");
    same(R"("default_left":[1,0,0])", R"("default_left":[true,false,false])");
    same(R"("categories":[])", R"("categories":[ ])");
    EXPECT_EQ(answers(*load(replaced(stump, "[0.5,-1,2]", "[Infinity,-1,2]"), "m.json")),
              (std::vector<float>{-0.75F, -0.75F, -0.75F}));
    EXPECT_EQ(answers(*load(replaced(stump, "[0.5,-1,2]", "[-Infinity,-1,2]"), "m.json")),
              (std::vector<float>{2.25F, 2.25F, -0.75F}));
    for (const char* number : {"1.", ".5", "-", "+1", "inf", "-inf", "nan", "NaN", "-NaN", "Inf", "Infinity1", "0x1",
                               "1 2", "1,,2", "null", "1e999", ""}) {
        const std::string file = replaced(stump, "[0.5,-1,2]", std::string("[") + number + ",-1,2]");
        EXPECT_THROW(static_cast<void>(load(file, "m.json")), CorruptArtifact) << number;
    }
    EXPECT_THROW(static_cast<void>(load(replaced(stump, "[0.5,-1,2]", "[0.5,-1,2,]"), "m.json")), CorruptArtifact);
    expect_refused<CorruptArtifact>(stump + "1", "m.json", "not JSON");
    expect_refused<CorruptArtifact>(replaced(stump, "[0.5,-1,2]", "[0.5,-1,2}"), "m.json", "not JSON");
}

TEST(XGBoost, FilesAndBytesAreReadAlike) {
    // Of a whole page, so that no byte of the file's own follows; longer ones by blanks.
    const auto folder = std::filesystem::temp_directory_path() / ("holdfast-boosters-" + std::to_string(::getpid()));
    std::filesystem::create_directory(folder);
    for (const std::size_t size : {stump.size(), std::size_t{4096}, std::size_t{8192 - 1}, std::size_t{8192 - 63}}) {
        std::string padded = replaced(stump, R"("version")", std::string(size - stump.size(), ' ') + R"("version")");
        ASSERT_EQ(padded.size(), size);
        write_file_atomically(folder / "m.json", padded);
        EXPECT_EQ(answers(*load_model_file(folder / "m.json")), (std::vector<float>{-0.75F, 2.25F, -0.75F})) << size;
    }
    std::filesystem::remove_all(folder);
}

TEST(XGBoost, WhatIsNotCoveredIsNamed) {
    expect_refused<Unsupported>(replaced(stump, "reg:squarederror", "reg:mine"), "m.json", "reg:mine");
    expect_refused<Unsupported>(replaced(stump, R"("name":"gbtree")", R"("name":"gbforest")"), "m.json", "gbforest");
    expect_refused<Unsupported>(R"({"rules":[]})", "m.json", "learner");
}

/// Three leaves: x0 <= 0.5 (NaN is zero) gives 1, else categories 1 and 33 of x1 give 2, others 4.
const std::string text =
    "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\nobjective=regression\n"
    "feature_names=a b\nfeature_infos=[0:1] 0:1:33\ntree_sizes=300\n\n"
    "Tree=0\nnum_leaves=3\nnum_cat=1\nsplit_feature=0 1\nsplit_gain=1 1\nthreshold=0.5 0\ndecision_type=0 1\n"
    "left_child=-1 -2\nright_child=1 -3\nleaf_value=1 2 4\ncat_boundaries=0 2\ncat_threshold=2 2\nis_linear=0\n"
    "shrinkage=1\n\n\nend of trees\n";

std::vector<double> text_answers(const Model& model, const std::vector<double>& x) {
    const auto rows = static_cast<std::int64_t>(x.size() / 2);
    const Outputs out = model.predict(TensorView::matrix(x.data(), rows, 2));
    const auto* from = out.at("prediction").as<double>();
    return {from, from + rows};
}

TEST(LightGBM, TextOfThreeLeaves) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const auto model = load(text, "m.txt");
    EXPECT_EQ(text_answers(*model, {0.5, 0, nan, 0, 1, 1, 1, 33.5, 1, 2, 1, nan, 1, -1}),
              (std::vector<double>{1, 1, 2, 2, 4, 4, 4}));
    EXPECT_EQ(model->backend(), "lightgbm");
    EXPECT_EQ(model->signature().features, (std::vector<std::string>{"a", "b"}));
    std::string windows;
    for (const char c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
    EXPECT_EQ(text_answers(*load(windows, "m.txt"), {0.5, 0, 1, 1}), (std::vector<double>{1, 2}));
}

/// LightGBM's own answers: what lies within 1e-35 of zero counts as zero, on either side of a threshold there.
TEST(LightGBM, ThresholdsBesideZero) {
    const double below = -1.0000000180025095e-35;
    const auto negative = load(replaced(text, "threshold=0.5", "threshold=-1.0000000180025095e-35"), "m.txt");
    EXPECT_EQ(text_answers(*negative, {below, 1, -1e-36, 1, -1.1e-35, 1}), (std::vector<double>{2, 2, 1}));
    const auto positive = load(replaced(text, "threshold=0.5", "threshold=1.0000000180025095e-35"), "m.txt");
    EXPECT_EQ(text_answers(*positive, {-below, 1, below, 1, 1.1e-35, 1}), (std::vector<double>{1, 1, 2}));
}

TEST(LightGBM, LinearLeaves) {
    const auto model = load(replaced(text, "is_linear=0\n",
                                     "is_linear=1\nleaf_const=10 20 40\nnum_features=2 0 1\n"
                                     "leaf_features=0 1   0  \nleaf_coeff=2 -1   0.5  \n"),
                            "m.txt");
    EXPECT_EQ(text_answers(*model, {0.5, 3, 1, 1, 8, 2}), (std::vector<double>{10 + 1 - 3, 20, 40 + 4}));
    EXPECT_EQ(text_answers(*model, {0.5, std::numeric_limits<double>::quiet_NaN()}), (std::vector<double>{1}));
}

TEST(LightGBM, CutAnywhereIsRefused) {
    for (std::size_t size = 0; size < text.size(); ++size)
        EXPECT_THROW(static_cast<void>(load(text.substr(0, size), "m.txt")), CorruptArtifact) << size;
}

TEST(LightGBM, DamagedFiles) {
    const auto refused = [](const std::string& from, const std::string& to, const std::string& word) {
        expect_refused<CorruptArtifact>(replaced(text, from, to), "m.txt", word);
    };
    refused("tree\n", "tee\n", "first line");
    refused("left_child=-1", "left_child=0", "reached twice");
    refused("right_child=1", "right_child=2", "child 2");
    refused("left_child=-1", "left_child=-4", "child -4");
    refused("left_child=-1", "left_child=99999999999999999999", "left_child");
    refused("split_feature=0", "split_feature=2", "split_feature: 2");
    refused("threshold=0.5", "threshold=nan", "NaN");
    refused("threshold=0.5 0", "threshold=0.5 1", "no categories 1");
    refused("cat_boundaries=0 2", "cat_boundaries=0 3", "cat_boundaries");
    refused("cat_boundaries=0 2", "cat_boundaries=2 0", "cat_boundaries");
    refused("cat_threshold=2 2", "cat_threshold=2 -2", "cat_threshold: -2");
    refused("num_leaves=3", "num_leaves=2147483647", "leaf_value: 3");
    refused("num_leaves=3", "num_leaves=0", "num_leaves: 0");
    refused("num_cat=1", "num_cat=2147483647", "num_cat");
    refused("leaf_value=1 2 4", "leaf_value=1 2 x", "leaf_value: \"x\"");
    refused("max_feature_idx=1", "max_feature_idx=2147483647", "max_feature_idx");
    refused("num_tree_per_iteration=1", "num_tree_per_iteration=2", "multiple of 2");
    refused("tree_sizes=300", "tree_sizes=300 300", "2 wanted");
    refused("num_leaves=3", "num_leaves=3\nnum_leaves=3", "given twice");
    const std::size_t begin = text.find("Tree=0"), end = text.find("end of trees");
    expect_refused<CorruptArtifact>(text.substr(0, begin) + text.substr(end), "m.txt", "none given");
    const std::string linear =
        "is_linear=1\nleaf_const=1 2 4\nnum_features=1 1 1\nleaf_features=0 0 0\nleaf_coeff=1 1 1\n";
    const auto refused_linear = [&](const std::string& from, const std::string& to, const std::string& word) {
        expect_refused<CorruptArtifact>(replaced(text, "is_linear=0\n", replaced(linear, from, to)), "m.txt", word);
    };
    refused_linear("leaf_features=0", "leaf_features=2", "leaf_features: 2");
    refused_linear("num_features=1", "num_features=9223372036854775807", "num_features");
    refused_linear("num_features=1", "num_features=-1", "num_features: -1");
    refused_linear("leaf_coeff=1", "leaf_coeff=", "leaf_coeff: 2");
}

TEST(LightGBM, WhatIsNotCoveredIsNamed) {
    expect_refused<Unsupported>(replaced(text, "objective=regression", "objective=mine"), "m.txt", "mine");
    expect_refused<Unsupported>(replaced(text, "objective=regression", "objective=regression cubed"), "m.txt", "cubed");
    expect_refused<Unsupported>(replaced(text, "decision_type=0", "decision_type=12"), "m.txt", "decision_type 12");
}

/// Oblivious: x1 > 0.5 is bit 0 and x0 > -1 bit 1 of the leaf; twice the leaf, and 0.25. Missing: x0 above, x1 below.
const std::string cat =
    R"({"features_info":{"float_features":[)"
    R"({"borders":[-1],"feature_id":"a","feature_index":0,"flat_feature_index":0,"nan_value_treatment":"AsTrue"},)"
    R"({"borders":[0.5],"feature_id":"b","feature_index":1,"flat_feature_index":1,"nan_value_treatment":"AsFalse"}]},)"
    R"("model_info":{"params":{"loss_function":{"type":"RMSE"}}},"oblivious_trees":[{"leaf_values":[1,2,4,8],)"
    R"("splits":[{"border":0.5,"float_feature_index":1,"split_type":"FloatFeature"},)"
    R"({"border":-1,"float_feature_index":0,"split_type":"FloatFeature"}]}],"scale_and_bias":[2,[0.25]]})";

TEST(CatBoost, TreesByHand) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<double> x{-1, 0.5, -1, 0.75, 0, 0.5, 0, 0.75, nan, nan, nan, 1};
    const std::vector<double> wanted{2.25, 4.25, 8.25, 16.25, 8.25, 16.25};
    const std::string nested =
        replaced(cat, cat.substr(cat.find(R"("oblivious)"), cat.find(R"(,"scale)") - cat.find(R"("oblivious)")),
                 R"("trees":[{"split":{"border":-1,"float_feature_index":0,"split_type":"FloatFeature"},"left":)"
                 R"({"split":{"border":0.5,"float_feature_index":1,"split_type":"FloatFeature"},"left":{"value":1},)"
                 R"("right":{"value":[2]}},"right":{"split":{"border":0.5,"float_feature_index":1,)"
                 R"("split_type":"FloatFeature"},"left":{"value":4},"right":{"value":8}}}])");
    for (const std::string& file : {cat, nested}) {
        const auto model = load(file, "m.json");
        EXPECT_EQ(model->backend(), "catboost");
        EXPECT_EQ(model->signature().features, (std::vector<std::string>{"a", "b"}));
        const Outputs out = model->predict(TensorView::matrix(x.data(), 6, 2));
        const auto* answers = out.at("prediction").as<double>();
        EXPECT_EQ(std::vector<double>(answers, answers + 6), wanted);
    }
}

TEST(CatBoost, DamagedFilesAreRefused) {
    for (std::size_t size = 0; size < cat.size(); ++size)
        EXPECT_THROW(static_cast<void>(load(cat.substr(0, size), "m.json")), Error) << size;
    const auto refused = [&](const std::string& from, const std::string& to, const std::string& word) {
        expect_refused<CorruptArtifact>(replaced(cat, from, to), "m.json", word);
    };
    refused("[1,2,4,8]", "[1,2,4]", "leaf_values: 3");
    refused(R"("border":0.5)", R"("border":null)", "border");
    refused(R"("float_feature_index":1)", R"("float_feature_index":2)", "float_feature_index: 2");
    refused(R"("flat_feature_index":1)", R"("flat_feature_index":0)", "flat_feature_index: 0");
    refused(R"("flat_feature_index":1)", R"("flat_feature_index":4000000000)", "flat_feature_index: 4000000000");
    refused("[2,[0.25]]", "[2,[]]", "scale_and_bias");
    std::string deep = R"({"value":1})";
    for (int i = 0; i < 80; ++i) deep = R"({"left":)" + deep + "}";
    expect_refused<CorruptArtifact>(R"({"trees":[)" + deep + "]}", "m.json", "deep");
    std::string splits;
    for (int i = 0; i < 40; ++i) splits += R"({"split_type":"FloatFeature"},)";
    refused(R"("splits":[)", R"("splits":[)" + splits, "splits: 42");
}

TEST(CatBoost, WhatIsNotCoveredIsNamed) {
    expect_refused<Unsupported>(replaced(cat, "RMSE", "Mine"), "m.json", "Mine");
    expect_refused<Unsupported>(replaced(cat, "FloatFeature", "OnlineCtr"), "m.json", "OnlineCtr");
    expect_refused<Unsupported>(replaced(cat, "AsTrue", "AsElse"), "m.json", "AsElse");
    expect_refused<Unsupported>(replaced(cat, R"({"float_features")", R"({"text_features":[{}],"float_features")"),
                                "m.json", "text_features");
}

}  // namespace
}  // namespace holdfast
