// ArgMax, Threshold, Lookup: from scores to labels.
#include <cmath>
#include <string>

#include <holdfast/base/error.hpp>

#include "models/engine/convert.hpp"
#include "models/engine/step.hpp"

namespace holdfast::engine {
namespace {

class ArgMaxStep final : public Step {
  public:
    explicit ArgMaxStep(ValueType input) : input_(input) {}

    void run(const Work& work) const override {
        with_value(input_.dtype, [&]<class T>(Tag<T>) {
            const T* row = work.inputs[0].as<T>();
            for (std::int64_t i = 0; i < work.rows; ++i, row += input_.width)
                work.output.as<std::int64_t>()[i] = first_greatest(row);
        });
    }

  private:
    /// As numpy: a NaN is greater than anything.
    template <class T>
    [[nodiscard]] std::int64_t first_greatest(const T* row) const noexcept {
        std::int64_t best = 0;
        for (std::int64_t i = 0; i < input_.width; ++i) {
            if constexpr (std::is_floating_point_v<T>) {
                if (std::isnan(row[i])) return i;
            }
            if (row[i] > row[best]) best = i;
        }
        return best;
    }

    ValueType input_;
};

class ThresholdStep final : public Step {
  public:
    ThresholdStep(const forms::Threshold& form, ValueType input) : form_(form), input_(input) {}

    void run(const Work& work) const override {
        with_value(input_.dtype, [&]<class T>(Tag<T>) {
            const T* x = work.inputs[0].as<T>();
            for (std::int64_t i = 0; i < work.rows * input_.width; ++i) {
                const auto value = convert<double>(x[i]);
                work.output.as<std::int64_t>()[i] = form_.or_equal ? value >= form_.value : value > form_.value;
            }
        });
    }

  private:
    const forms::Threshold& form_;
    ValueType input_;
};

class LookupStep final : public Step {
  public:
    explicit LookupStep(const forms::Lookup& form) : form_(form) {}

    void run(const Work& work) const override {
        const std::int64_t size = work.rows * work.output.type.width;
        const std::int64_t* positions = work.inputs[0].as<std::int64_t>();
        std::visit(
            [&]<class Label>(const std::vector<Label>& labels) {
                using To = std::conditional_t<std::is_same_v<Label, std::string>, std::string_view, Label>;
                for (std::int64_t i = 0; i < size; ++i) {
                    const auto position = static_cast<std::uint64_t>(positions[i]);
                    if (position >= labels.size())
                        throw InvalidArgument("lookup: position " + std::to_string(positions[i]) + " of " +
                                              std::to_string(labels.size()) + " labels");
                    work.output.as<To>()[i] = labels[position];
                }
            },
            form_.labels);
    }

  private:
    const forms::Lookup& form_;
};

}  // namespace

std::unique_ptr<Step> make_arg_max(ValueType input) { return std::make_unique<ArgMaxStep>(input); }
std::unique_ptr<Step> make_threshold(const forms::Threshold& form, ValueType input) {
    return std::make_unique<ThresholdStep>(form, input);
}
std::unique_ptr<Step> make_lookup(const forms::Lookup& form) { return std::make_unique<LookupStep>(form); }

}  // namespace holdfast::engine
