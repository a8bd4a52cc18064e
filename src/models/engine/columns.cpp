// Cast, Select, Concat: steps that move values without arithmetic.
#include <cstring>
#include <string>
#include <type_traits>

#include "models/engine/convert.hpp"
#include "models/engine/number_text.hpp"
#include "models/engine/step.hpp"
#include "models/engine/text_number.hpp"

namespace holdfast::engine {
namespace {

class CastStep final : public Step {
  public:
    CastStep(ValueType input, ValueType output) : input_(input), output_(output) {}

    void run(const Work& work) const override {
        const std::int64_t size = work.rows * input_.width;
        if (input_.dtype == output_.dtype) {
            std::memcpy(work.output.data, work.inputs[0].data, static_cast<std::size_t>(size * size_of(input_.dtype)));
        } else if (output_.dtype == DType::string) {
            to_text(work, size);
        } else if (input_.dtype == DType::string) {
            from_text(work, size);
        } else {
            with_value(input_.dtype, [&]<class From>(Tag<From>) {
                with_value(output_.dtype, [&]<class To>(Tag<To>) {
                    const From* from = work.inputs[0].as<From>();
                    for (std::int64_t i = 0; i < size; ++i) work.output.as<To>()[i] = convert<To>(from[i]);
                });
            });
        }
    }

  private:
    void to_text(const Work& work, std::int64_t size) const {
        with_value(input_.dtype, [&]<class From>(Tag<From>) {
            const From* from = work.inputs[0].as<From>();
            NumberText room;
            for (std::int64_t i = 0; i < size; ++i)
                work.output.as<std::string_view>()[i] = work.texts->keep(number_text(from[i], room));
        });
    }

    void from_text(const Work& work, std::int64_t size) const {
        with_value(output_.dtype, [&]<class To>(Tag<To>) {
            if constexpr (!std::is_same_v<To, bool>) {
                const std::string_view* from = work.inputs[0].as<std::string_view>();
                for (std::int64_t i = 0; i < size; ++i) work.output.as<To>()[i] = text_number<To>(from[i]);
            }
        });
    }

    ValueType input_, output_;
};

class SelectStep final : public Step {
  public:
    SelectStep(const forms::Select& form, ValueType input) : form_(form), input_(input) {}

    void run(const Work& work) const override {
        with_any_value(input_.dtype, [&]<class T>(Tag<T>) {
            const T* row = work.inputs[0].as<T>();
            T* to = work.output.as<T>();
            for (std::int64_t i = 0; i < work.rows; ++i, row += input_.width) {
                for (const std::int64_t column : form_.columns) *to++ = row[column];
            }
        });
    }

  private:
    const forms::Select& form_;
    ValueType input_;
};

class ConcatStep final : public Step {
  public:
    void run(const Work& work) const override {
        const std::int64_t element = size_of(work.output.type.dtype);
        const std::int64_t stride = work.output.type.width * element;
        auto* to = work.output.as<std::byte>();
        for (const Block& input : work.inputs) {
            const std::int64_t bytes = input.type.width * element;
            if (bytes == 0) continue;
            const auto copy = [&](auto size) {
                const std::byte* from = input.as<std::byte>();
                for (std::int64_t row = 0; row < work.rows; ++row, from += bytes)
                    std::memcpy(to + row * stride, from, static_cast<std::size_t>(size));
            };
            switch (bytes) {  // a number a row takes no call
                case 4: copy(std::integral_constant<std::int64_t, 4>()); break;
                case 8: copy(std::integral_constant<std::int64_t, 8>()); break;
                default: copy(bytes);
            }
            to += bytes;
        }
    }
};

}  // namespace

std::unique_ptr<Step> make_cast(ValueType input, ValueType output) { return std::make_unique<CastStep>(input, output); }
std::unique_ptr<Step> make_select(const forms::Select& form, ValueType input) {
    return std::make_unique<SelectStep>(form, input);
}
std::unique_ptr<Step> make_concat() { return std::make_unique<ConcatStep>(); }

}  // namespace holdfast::engine
