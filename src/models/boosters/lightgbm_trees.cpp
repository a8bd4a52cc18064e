#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include <holdfast/base/error.hpp>

#include "models/boosters/lightgbm.hpp"
#include "models/text.hpp"

namespace holdfast::boosters {
namespace {

using std::to_string;

constexpr std::int64_t int32_max = std::numeric_limits<std::int32_t>::max();

std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

template <class T>
std::vector<T> parsed(std::string_view key, std::span<const std::string_view> words, std::size_t count) {
    if (words.size() != count)
        throw CorruptArtifact(std::string(key) + ": " + to_string(words.size()) + " values given, " + to_string(count) +
                              " wanted");
    std::vector<T> values;
    values.reserve(count);
    for (const std::string_view word : words) {
        T value{};
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
        if (error != std::errc() || end != word.data() + word.size())
            throw CorruptArtifact(std::string(key) + ": " + detail::quoted(word) + " given, a number wanted");
        values.push_back(value);
    }
    return values;
}

/// LightGBM predicts as if inputs within float32's 1e-35 of zero were zero: a threshold there is moved to where all of
/// them go zero's way.
double beside_zero(double threshold) {
    constexpr auto zero = static_cast<double>(1e-35F);
    if (std::fabs(threshold) > zero) return threshold;
    return threshold < 0 ? std::nextafter(-zero, -1.0) : zero;
}

std::size_t sum_of(const std::vector<std::int64_t>& counts, std::int64_t most) {
    std::int64_t sum = 0;
    for (const std::int64_t count : counts) {
        if (count < 0 || count > most - sum)
            throw CorruptArtifact("num_features: " + to_string(count) + " given, at most " + to_string(most - sum) +
                                  " wanted");
        sum += count;
    }
    return static_cast<std::size_t>(sum);
}

}  // namespace

Section::Section(std::string_view& text) {
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line.empty() && !lines_.empty()) return;
        const std::size_t cut = line.find('=');
        const std::string_view key = line.substr(0, cut);
        const bool is_new =
            lines_.emplace(key, cut == std::string_view::npos ? std::string_view{} : line.substr(cut + 1)).second;
        if (!is_new) throw CorruptArtifact("key " + detail::quoted(key) + " given twice");
    }
}

std::string_view Section::text(std::string_view key) const {
    const auto found = lines_.find(key);
    if (found == lines_.end()) throw CorruptArtifact("no key " + detail::quoted(key));
    return found->second;
}

std::vector<std::string_view> Section::words(std::string_view key) const {
    std::vector<std::string_view> words;
    std::string_view left = text(key);
    for (;;) {
        left.remove_prefix(std::min(left.find_first_not_of(" \t"), left.size()));
        if (left.empty()) return words;
        const std::size_t end = std::min(left.find_first_of(" \t"), left.size());
        words.push_back(left.substr(0, end));
        left.remove_prefix(end);
    }
}

std::int64_t Section::integer(std::string_view key, std::int64_t least, std::int64_t most) const {
    const std::int64_t value = integers(key, 1)[0];
    if (value < least || value > most)
        throw CorruptArtifact(std::string(key) + ": " + to_string(value) + " given, " + to_string(least) + " to " +
                              to_string(most) + " wanted");
    return value;
}

std::vector<double> Section::numbers(std::string_view key, std::size_t count) const {
    return parsed<double>(key, words(key), count);
}

std::vector<std::int64_t> Section::integers(std::string_view key, std::size_t count) const {
    return parsed<std::int64_t>(key, words(key), count);
}

LightGBMTrees::LightGBMTrees(std::int64_t features, std::int64_t outputs) {
    form_.features = features;
    form_.outputs = outputs;
    form_.input = DType::float64;
    form_.accumulate = DType::float64;
    form_.leaf_begin = {0};
}

/// The inner nodes of a tree come first, then its leaves; a child below zero is the complement of a leaf's number.
void LightGBMTrees::read(const Section& tree, std::int32_t output) {
    // A leaf is some characters of the file: more of them than that is refused by the lists' lengths.
    const auto leaves = static_cast<std::size_t>(tree.integer("num_leaves", 1, int32_max));
    const std::vector<std::string_view> values = tree.words("leaf_value");
    if (values.size() != leaves)
        throw CorruptArtifact("leaf_value: " + to_string(values.size()) + " values given, " + to_string(leaves) +
                              " wanted");
    if (form_.left.size() + 2 * leaves > static_cast<std::size_t>(int32_max))
        throw CorruptArtifact("2^31 nodes or more");
    form_.roots.push_back(static_cast<std::int64_t>(form_.left.size()));
    read_split(tree, leaves - 1);
    read_leaves(tree, leaves, output);
}

void LightGBMTrees::add_node(std::int64_t left, std::int64_t right, std::int64_t feature, double threshold) {
    form_.left.push_back(static_cast<std::int32_t>(left));
    form_.right.push_back(static_cast<std::int32_t>(right));
    form_.feature.push_back(static_cast<std::int32_t>(feature));
    form_.threshold.push_back(threshold);
    form_.comparisons.push_back(forms::Comparison::less_equal);
    form_.missings.push_back(forms::Missing::none);
    form_.default_left.push_back(0);
    constants_.push_back(0.0);
    terms_.push_back(0);
}

void LightGBMTrees::read_split(const Section& tree, std::size_t splits) {
    if (splits == 0) return;
    const auto first = static_cast<std::int64_t>(form_.left.size());
    const auto left = tree.integers("left_child", splits), right = tree.integers("right_child", splits);
    const auto feature = tree.integers("split_feature", splits), decision = tree.integers("decision_type", splits);
    const auto threshold = tree.numbers("threshold", splits);
    const std::int64_t sets = tree.has("num_cat") ? tree.integer("num_cat", 0, static_cast<std::int64_t>(splits)) : 0;
    std::vector<std::int64_t> begin, bits;
    if (sets > 0) {
        begin = tree.integers("cat_boundaries", static_cast<std::size_t>(sets) + 1);
        const std::vector<std::string_view> words = tree.words("cat_threshold");
        bits = parsed<std::int64_t>("cat_threshold", words, words.size());
    }
    const auto child = [&](std::int64_t given) {
        const auto inner = static_cast<std::int64_t>(splits);
        if (given < -(inner + 1) || given >= inner)
            throw CorruptArtifact("child " + to_string(given) + " given, " + to_string(-(inner + 1)) + " to " +
                                  to_string(inner - 1) + " wanted");
        return first + (given >= 0 ? given : inner + ~given);
    };
    for (std::size_t i = 0; i < splits; ++i) {
        if (feature[i] < 0 || feature[i] >= form_.features)
            throw CorruptArtifact("split_feature: " + to_string(feature[i]) + " given, 0 to " +
                                  to_string(form_.features - 1) + " wanted");
        if (std::isnan(threshold[i])) throw CorruptArtifact("threshold: NaN at node " + to_string(i));
        if (decision[i] < 0 || decision[i] > 11 || decision[i] >> 2 == 3)
            throw Unsupported("decision_type " + to_string(decision[i]) + " is not known");
        add_node(child(left[i]), child(right[i]), feature[i],
                 (decision[i] & 1) != 0 ? threshold[i] : beside_zero(threshold[i]));
        const std::size_t node = form_.left.size() - 1;
        form_.default_left[node] = (decision[i] & 2) != 0 ? 1 : 0;
        if ((decision[i] & 1) == 0) {
            constexpr std::array rules{forms::Missing::nan_as_zero, forms::Missing::zero, forms::Missing::nan};
            form_.missings[node] = rules[static_cast<std::size_t>(decision[i] >> 2)];
            continue;
        }
        if (!(threshold[i] >= 0 && threshold[i] < static_cast<double>(sets) &&
              threshold[i] == std::floor(threshold[i])))
            throw CorruptArtifact("threshold: no categories " + to_string(threshold[i]) + " at node " + to_string(i));
        const auto set = static_cast<std::size_t>(threshold[i]);
        if (begin[set] < 0 || begin[set] > begin[set + 1] || begin[set + 1] > static_cast<std::int64_t>(bits.size()))
            throw CorruptArtifact("cat_boundaries: must rise from 0 to " + to_string(bits.size()));
        read_set(node, std::span(bits).subspan(static_cast<std::size_t>(begin[set]),
                                               static_cast<std::size_t>(begin[set + 1] - begin[set])));
    }
}

void LightGBMTrees::read_set(std::size_t node, std::span<const std::int64_t> bits) {
    if (form_.set_begin.empty()) form_.set_begin = {0};
    for (std::size_t word = 0; word < bits.size(); ++word) {
        if (bits[word] < 0 || bits[word] > 0xffffffff)
            throw CorruptArtifact("cat_threshold: " + to_string(bits[word]) + " given, 32 bits wanted");
        for (std::size_t bit = 0; bit < 32; ++bit) {
            if ((bits[word] >> bit & 1) != 0) form_.sets.push_back(static_cast<std::int64_t>(word * 32 + bit));
        }
    }
    form_.comparisons[node] = forms::Comparison::in_set;
    form_.threshold[node] = static_cast<double>(form_.set_begin.size() - 1);
    form_.set_begin.push_back(static_cast<std::int64_t>(form_.sets.size()));
}

void LightGBMTrees::read_leaves(const Section& tree, std::size_t leaves, std::int32_t output) {
    const std::size_t first_leaf = form_.left.size();
    const auto values = tree.numbers("leaf_value", leaves);
    for (const double value : values) {
        add_node(-1, -1, -1, 0.0);
        form_.leaf_output.push_back(output);
        form_.leaf_value.push_back(value);
        constants_.back() = value;
    }
    while (form_.leaf_begin.size() <= first_leaf) form_.leaf_begin.push_back(form_.leaf_begin.back());
    for (std::size_t i = 0; i < leaves; ++i) form_.leaf_begin.push_back(form_.leaf_begin.back() + 1);
    if (tree.has("is_linear") && tree.integer("is_linear", 0, 1) == 1) read_linear(tree, leaves, first_leaf);
}

void LightGBMTrees::read_linear(const Section& tree, std::size_t leaves, std::size_t first_leaf) {
    form_.linear_begin = {0};  // take() fills it in
    const auto constants = tree.numbers("leaf_const", leaves);
    const auto counts = tree.integers("num_features", leaves);
    const std::size_t terms = sum_of(counts, static_cast<std::int64_t>(tree.text("leaf_features").size()));
    const auto features = tree.integers("leaf_features", terms);
    const auto weights = tree.numbers("leaf_coeff", terms);
    for (std::size_t i = 0; i < leaves; ++i) {
        constants_[first_leaf + i] = constants[i];
        terms_[first_leaf + i] = counts[i];
    }
    for (std::size_t k = 0; k < terms; ++k) {
        if (features[k] < 0 || features[k] >= form_.features)
            throw CorruptArtifact("leaf_features: " + to_string(features[k]) + " given, 0 to " +
                                  to_string(form_.features - 1) + " wanted");
        form_.linear_feature.push_back(static_cast<std::int32_t>(features[k]));
        form_.linear_weight.push_back(weights[k]);
    }
}

/// What all nodes have alike is said once.
forms::Trees LightGBMTrees::take() {
    using forms::Comparison;
    using forms::Missing;
    if (std::ranges::all_of(form_.comparisons, [](Comparison one) { return one == Comparison::less_equal; }))
        form_.comparisons.clear();
    const auto inner = std::ranges::find_if(form_.left, [](std::int32_t left) { return left != -1; });
    const Missing rule = inner == form_.left.end()
                             ? Missing::none
                             : form_.missings[static_cast<std::size_t>(inner - form_.left.begin())];
    bool alike = true;
    for (std::size_t i = 0; i < form_.left.size(); ++i)
        alike = alike && (form_.left[i] == -1 || form_.missings[i] == rule);
    if (alike) {
        form_.missing = rule;
        form_.missings.clear();
    }
    if (!form_.linear_begin.empty()) {
        for (const std::int64_t terms : terms_) form_.linear_begin.push_back(form_.linear_begin.back() + terms);
        form_.linear_constant = std::move(constants_);
    }
    return std::move(form_);
}

}  // namespace holdfast::boosters
