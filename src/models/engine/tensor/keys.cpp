// Encode, OneHot, Numbers: from keys to positions, and from positions on.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <unordered_map>

#include <holdfast/base/error.hpp>

#include "models/engine/convert.hpp"
#include "models/engine/step.hpp"

namespace holdfast::engine {
namespace {

template <class Key>
class EncodeStep final : public Step {
  public:
    template <class Keys>
    EncodeStep(const Keys& keys, std::int64_t width, bool refuse_unknown)
        : width_(width), unknown_(static_cast<std::int64_t>(keys.size())), nan_(unknown_), refuses_(refuse_unknown) {
        std::int64_t position = 0;
        for (const auto& key : keys) {
            const auto own = static_cast<Key>(key);
            if (own != own) {
                nan_ = std::min(nan_, position);
            } else {
                positions_.try_emplace(own, position);
            }
            ++position;
        }
    }

    void run(const Work& work) const override {
        const Key* x = work.inputs[0].as<Key>();
        for (std::int64_t i = 0; i < work.rows * width_; ++i) work.output.as<std::int64_t>()[i] = position_of(x[i]);
    }

  private:
    [[nodiscard]] std::int64_t position_of(const Key& value) const {
        std::int64_t position = unknown_;
        if (value != value) {
            position = nan_;
        } else if (const auto found = positions_.find(value); found != positions_.end()) {
            position = found->second;
        }
        if (position == unknown_ && refuses_) refuse(value);
        return position;
    }

    [[noreturn]] void refuse(const Key& value) const {
        std::string text;
        if constexpr (std::is_same_v<Key, std::string_view>) {
            text = '"' + std::string(value.substr(0, 200)) + '"';
        } else {
            text = std::to_string(value);
        }
        throw InvalidArgument("encode: " + text + " given, one of " + std::to_string(unknown_) +
                              " known values wanted");
    }

    std::unordered_map<Key, std::int64_t> positions_;
    std::int64_t width_, unknown_, nan_;
    bool refuses_;
};

class OneHotStep final : public Step {
  public:
    OneHotStep(const forms::OneHot& form, ValueType input) : form_(form), input_(input) {}

    void run(const Work& work) const override {
        const auto* positions = work.inputs[0].as<std::int64_t>();
        with_value(form_.to, [&]<class T>(Tag<T>) {
            T* to = work.output.as<T>();
            std::fill(to, to + work.rows * work.output.type.width, T{});
            for (std::int64_t i = 0; i < work.rows * input_.width; ++i, to += form_.count) {
                if (positions[i] >= 0 && positions[i] < form_.count) to[positions[i]] = static_cast<T>(1);
            }
        });
    }

  private:
    const forms::OneHot& form_;
    ValueType input_;
};

class NumbersStep final : public Step {
  public:
    explicit NumbersStep(const forms::Numbers& form) : form_(form) {}

    void run(const Work& work) const override {
        const auto* positions = work.inputs[0].as<std::int64_t>();
        with_value(form_.to, [&]<class T>(Tag<T>) {
            for (std::int64_t i = 0; i < work.rows * work.output.type.width; ++i) {
                const auto position = static_cast<std::uint64_t>(positions[i]);
                if (position >= form_.values.size())
                    throw InvalidArgument("numbers: position " + std::to_string(positions[i]) + " of " +
                                          std::to_string(form_.values.size()) + " values");
                work.output.as<T>()[i] = convert<T>(form_.values[position]);
            }
        });
    }

  private:
    const forms::Numbers& form_;
};

}  // namespace

std::unique_ptr<Step> make_encode(const forms::Encode& form, ValueType input) {
    static const std::vector<std::int64_t> no_numbers;
    static const std::vector<std::string> no_texts;
    const auto* whole = std::get_if<0>(&form.items);
    const auto* texts = std::get_if<1>(&form.items);
    switch (form.keys) {
        case DType::int64:
            return std::make_unique<EncodeStep<std::int64_t>>(whole != nullptr ? *whole : no_numbers, input.width,
                                                              form.refuse_unknown);
        case DType::string:
            return std::make_unique<EncodeStep<std::string_view>>(texts != nullptr ? *texts : no_texts, input.width,
                                                                  form.refuse_unknown);
        case DType::float32: return std::make_unique<EncodeStep<float>>(form.numbers, input.width, form.refuse_unknown);
        default: return std::make_unique<EncodeStep<double>>(form.numbers, input.width, form.refuse_unknown);
    }
}
std::unique_ptr<Step> make_one_hot(const forms::OneHot& form, ValueType input) {
    return std::make_unique<OneHotStep>(form, input);
}
std::unique_ptr<Step> make_numbers(const forms::Numbers& form) { return std::make_unique<NumbersStep>(form); }

}  // namespace holdfast::engine
