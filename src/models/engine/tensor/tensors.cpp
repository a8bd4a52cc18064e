// Constant, Product, TopK, Pick, Choose.
#include <algorithm>
#include <numeric>
#include <string>

#include <holdfast/base/error.hpp>

#include "models/engine/convert.hpp"
#include "models/engine/float_step.hpp"

namespace holdfast::engine {
namespace {

class ConstantStep final : public Step {
  public:
    explicit ConstantStep(const forms::Constant& form) : form_(form) {}

    void run(const Work& work) const override {
        if (const auto* texts = std::get_if<1>(&form_.items); form_.dtype == DType::string && texts != nullptr)
            return fill<std::string_view>(*texts, work);
        if (form_.dtype == DType::string) return;  // no elements
        with_value(form_.dtype, [&]<class T>(Tag<T>) {
            if constexpr (std::is_floating_point_v<T>) {
                fill<T>(form_.numbers, work);
            } else if (const auto* whole = std::get_if<0>(&form_.items)) {
                fill<T>(*whole, work);
            }
        });
    }

  private:
    template <class T, class Elements>
    static void fill(const Elements& elements, const Work& work) {
        T* to = work.output.as<T>();
        for (std::int64_t row = 0; row < work.rows; ++row) {
            for (const auto& element : elements) {
                if constexpr (std::is_same_v<T, std::string_view>) {
                    *to++ = element;
                } else {
                    *to++ = convert<T>(element);
                }
            }
        }
    }

    const forms::Constant& form_;
};

class ProductStep final : public Step {
  public:
    explicit ProductStep(const forms::Product& form) : form_(form) {}

    [[nodiscard]] std::int64_t workspace_bytes(std::int64_t) const override {
        return form_.batch * (form_.m * form_.k + form_.k * form_.n + form_.m * form_.n) *
               static_cast<std::int64_t>(sizeof(double));
    }

    void run(const Work& work) const override {
        const std::int64_t left = form_.batch * form_.m * form_.k, right = form_.batch * form_.k * form_.n;
        auto* a = reinterpret_cast<double*>(work.workspace);
        double* b = a + left;
        double* c = b + right;
        for (std::int64_t row = 0; row < work.rows; ++row) {
            read_operand(shifted(work.inputs[0], row), left, form_.compute, a);
            read_operand(shifted(work.inputs[1], row), right, form_.compute, b);
            for (std::int64_t i = 0; i < form_.batch; ++i)
                multiply(a + i * form_.m * form_.k, b + i * form_.k * form_.n, c + i * form_.m * form_.n);
            write_result(c, work.output.type.width, shifted(work.output, row));
        }
    }

  private:
    static Block shifted(const Block& block, std::int64_t row) {
        return {block.as<std::byte>() + row * block.type.width * size_of(block.type.dtype), block.type};
    }

    void multiply(const double* a, const double* b, double* c) const {
        std::fill(c, c + form_.m * form_.n, 0.0);
        for (std::int64_t i = 0; i < form_.m; ++i) {
            for (std::int64_t p = 0; p < form_.k; ++p) {
                for (std::int64_t j = 0; j < form_.n; ++j)
                    c[i * form_.n + j] += a[i * form_.k + p] * b[p * form_.n + j];
            }
        }
    }

    const forms::Product& form_;
};

class TopKStep final : public Step {
  public:
    TopKStep(const forms::TopK& form, ValueType input) : form_(form), input_(input) {}

    [[nodiscard]] std::int64_t workspace_bytes(std::int64_t) const override {
        return form_.extent * static_cast<std::int64_t>(sizeof(std::int64_t));
    }

    void run(const Work& work) const override {
        auto* order = reinterpret_cast<std::int64_t*>(work.workspace);
        auto* to = work.output.as<std::int64_t>();
        with_value(input_.dtype, [&]<class T>(Tag<T>) {
            const T* x = work.inputs[0].as<T>();
            for (std::int64_t left = work.rows * (input_.width / form_.extent); left > 0; --left, x += form_.extent) {
                std::iota(order, order + form_.extent, std::int64_t{0});
                std::partial_sort(order, order + form_.k, order + form_.extent, [&](std::int64_t a, std::int64_t b) {
                    if (is_above(x[a], x[b])) return form_.largest;
                    if (is_above(x[b], x[a])) return !form_.largest;
                    return a < b;
                });
                to = std::copy(order, order + form_.k, to);
            }
        });
    }

  private:
    template <class T>
    static bool is_above(T a, T b) {
        return a != a ? b == b : a > b;
    }

    const forms::TopK& form_;
    ValueType input_;
};

class PickStep final : public Step {
  public:
    PickStep(const forms::Pick& form, std::span<const ValueType> inputs)
        : extent_(form.extent), runs_(inputs[0].width / extent_), count_(inputs[1].width / runs_) {}

    void run(const Work& work) const override {
        with_any_value(work.inputs[0].type.dtype, [&]<class T>(Tag<T>) {
            const T* x = work.inputs[0].as<T>();
            const auto* positions = work.inputs[1].as<std::int64_t>();
            T* to = work.output.as<T>();
            for (std::int64_t run = 0; run < work.rows * runs_; ++run, x += extent_) {
                for (std::int64_t i = 0; i < count_; ++i) *to++ = x[place_of(*positions++)];
            }
        });
    }

  private:
    [[nodiscard]] std::int64_t place_of(std::int64_t position) const {
        if (position < -extent_ || position >= extent_)
            throw InvalidArgument("pick: position " + std::to_string(position) + " of " + std::to_string(extent_));
        return position < 0 ? position + extent_ : position;
    }

    std::int64_t extent_, runs_, count_;
};

class ChooseStep final : public Step {
  public:
    void run(const Work& work) const override {
        const bool* first = work.inputs[0].as<bool>();
        with_any_value(work.output.type.dtype, [&]<class T>(Tag<T>) {
            const T* a = work.inputs[1].as<T>();
            const T* b = work.inputs[2].as<T>();
            for (std::int64_t i = 0; i < work.rows * work.output.type.width; ++i)
                work.output.as<T>()[i] = first[i] ? a[i] : b[i];
        });
    }
};

}  // namespace

std::unique_ptr<Step> make_constant(const forms::Constant& form) { return std::make_unique<ConstantStep>(form); }
std::unique_ptr<Step> make_product(const forms::Product& form) { return std::make_unique<ProductStep>(form); }
std::unique_ptr<Step> make_top_k(const forms::TopK& form, ValueType input) {
    return std::make_unique<TopKStep>(form, input);
}
std::unique_ptr<Step> make_pick(const forms::Pick& form, std::span<const ValueType> inputs) {
    return std::make_unique<PickStep>(form, inputs);
}
std::unique_ptr<Step> make_choose() { return std::make_unique<ChooseStep>(); }

}  // namespace holdfast::engine
