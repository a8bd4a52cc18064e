// Encode, OneHot, Numbers.
#include <algorithm>
#include <cmath>
#include <set>

#include <holdfast/base/error.hpp>

#include "models/onnx_export/forms.hpp"

namespace holdfast::onnx_export {
namespace {

/// Keys without what stands there twice, and the position of each.
template <class Key>
struct Distinct {
    std::vector<Key> keys;
    std::vector<std::int64_t> positions;
    std::int64_t nan = -1;

    template <class Given>
    explicit Distinct(const Given& given) {
        std::set<Key> seen;
        for (std::size_t i = 0; i < given.size(); ++i) {
            const auto key = static_cast<Key>(given[i]);
            const auto position = static_cast<std::int64_t>(i);
            if (key != key) {
                nan = nan < 0 ? position : nan;
            } else if (seen.insert(key).second) {
                keys.push_back(key);
                positions.push_back(position);
            }
        }
    }
};

std::string encoded_doubles(File& file, const std::string& x, const Distinct<double>& keys, std::int64_t unknown) {
    file.need_ml_set(4);
    const auto count = static_cast<std::int64_t>(keys.keys.size());
    return file.add_ml("LabelEncoder", {x},
                       {{"keys_tensor", Tensor{DType::float64, {count}, keys.keys, {}}},
                        {"values_tensor", Tensor{DType::int64, {count}, {}, keys.positions}},
                        {"default_tensor", Tensor{DType::int64, {1}, {}, std::vector<std::int64_t>{unknown}}}});
}

template <class Key>
std::string encoded(File& file, const std::string& x, const Distinct<Key>& keys, std::string_view name,
                    std::int64_t unknown) {
    return file.add_ml("LabelEncoder", {x},
                       {{name, keys.keys}, {"values_int64s", keys.positions}, {"default_int64", unknown}});
}

std::string with_nan(File& file, const Operand& x, const std::string& positions, std::int64_t nan) {
    if (nan < 0) return positions;
    return file.add("Where", {is_nan(file, x.name, x.type.dtype), file.integers({nan}), positions});
}

std::string position_of(File& file, const forms::Encode& form, const Operand& x, std::int64_t unknown) {
    switch (form.keys) {
        case DType::int64:
            return encoded(file, x.name, Distinct<std::int64_t>(std::get<0>(form.items)), "keys_int64s", unknown);
        case DType::string:
            return encoded(file, x.name, Distinct<std::string>(std::get<1>(form.items)), "keys_strings", unknown);
        case DType::float32: {
            const Distinct<float> keys(form.numbers);
            return with_nan(file, x, encoded(file, x.name, keys, "keys_floats", unknown), keys.nan);
        }
        default: {
            const Distinct<double> keys(form.numbers);
            return with_nan(file, x, encoded_doubles(file, x.name, keys, unknown), keys.nan);
        }
    }
}

}  // namespace

std::string write(File& file, const forms::Encode& form, Operands in) {
    const bool floats = form.keys == DType::float32 || form.keys == DType::float64;
    const std::int64_t count = floats ? static_cast<std::int64_t>(form.numbers.size()) : size(form.items);
    if (count == 0) throw Unsupported("no keys: ONNX's LabelEncoder wants one or more");
    const std::string position = position_of(file, form, in[0], count);
    // Looked up among so many, the position of an unknown key is refused.
    return form.refuse_unknown ? file.add("Gather", {counting(file, count), position}) : position;
}

std::string write(File& file, const forms::OneHot& form, Operands in) {
    const std::int64_t width = in[0].type.width;
    const std::string positions = file.reshape(in[0].name, {0, width, 1});
    const std::string flags = file.add("Equal", {positions, counting(file, form.count)});
    return file.reshape(file.cast(flags, DType::boolean, form.to), {0, width * form.count});
}

std::string write(File& file, const forms::Numbers& form, Operands in) {
    const auto count = static_cast<std::int64_t>(form.values.size());
    return file.add("Gather", {file.numbers(form.values, {count}, form.to), in[0].name});
}

}  // namespace holdfast::onnx_export
