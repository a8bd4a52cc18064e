#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/base/hash.hpp>
#include <holdfast/models/form_fields.hpp>
#include <holdfast/models/load.hpp>

#include "models/hfm/layout.hpp"
#include "models/text.hpp"

namespace holdfast {
namespace {

static_assert(std::endian::native == std::endian::little, "the writer copies numbers as they lie in memory");

class Writer {
  public:
    template <class T>
    void number(T value) {
        raw(&value, sizeof value);
    }
    void raw(const void* data, std::size_t size) {
        const auto* from = static_cast<const std::byte*>(data);
        bytes_.insert(bytes_.end(), from, from + size);
    }
    void text(std::string_view value) {
        number(static_cast<std::uint32_t>(value.size()));
        raw(value.data(), value.size());
    }
    template <class T>
    void list(const std::vector<T>& values) {
        number(static_cast<std::uint64_t>(values.size()));
        raw(values.data(), values.size() * sizeof(T));
    }
    void kind(hfm::Kind value) { number(static_cast<std::uint8_t>(value)); }

    // The value of a field, by its type.
    void field(bool value) {
        kind(hfm::Kind::boolean);
        number(static_cast<std::uint8_t>(value));
    }
    void field(std::int64_t value) {
        kind(hfm::Kind::int64);
        number(value);
    }
    void field(double value) {
        kind(hfm::Kind::float64);
        number(value);
    }
    void field(DType value) {
        kind(hfm::Kind::dtype);
        text(to_string(value));
    }
    void field(const std::vector<std::int64_t>& values) {
        kind(hfm::Kind::int64s);
        list(values);
    }
    void field(const std::vector<std::int32_t>& values) {
        kind(hfm::Kind::int32s);
        list(values);
    }
    void field(const std::vector<std::uint8_t>& values) {
        kind(hfm::Kind::uint8s);
        list(values);
    }
    void field(const std::vector<double>& values) {
        kind(hfm::Kind::float64s);
        list(values);
    }
    template <class E>
        requires std::is_enum_v<E>
    void field(E value) {
        kind(hfm::Kind::enumerator);
        number(static_cast<std::uint8_t>(value));
    }
    template <class E>
        requires std::is_enum_v<E>
    void field(const std::vector<E>& values) {
        static_assert(sizeof(E) == 1);
        kind(hfm::Kind::enumerators);
        list(values);
    }
    void field(const std::vector<std::string>& values) {
        kind(hfm::Kind::texts);
        number(static_cast<std::uint64_t>(values.size()));
        for (const std::string& value : values) text(value);
    }
    void field(const ClassLabels& labels) {
        std::visit([this](const auto& values) { field(values); }, labels);
    }

    std::vector<std::byte>& bytes() noexcept { return bytes_; }

  private:
    std::vector<std::byte> bytes_;
};

void write_names(Writer& to, const std::vector<std::string>& names) {
    to.number(static_cast<std::uint32_t>(names.size()));
    for (const std::string& name : names) to.text(name);
}

template <class T>
std::uint32_t version_of_value(const T& value) {
    if constexpr (std::is_enum_v<T> && !std::is_same_v<T, DType>) {
        return static_cast<std::size_t>(value) < forms::enumerators_in_version_1<T> ? 1 : 2;
    }
    return 1;
}
template <class E>
    requires std::is_enum_v<E>
std::uint32_t version_of_value(const std::vector<E>& values) {
    return std::ranges::all_of(values, [](const E& value) { return version_of_value(value) == 1; }) ? 1 : 2;
}

/// The least version that can say the form: a field that it does not have is at its default.
template <class Form>
std::uint32_t version_of(const Form& form) {
    using Describe = forms::Describe<Form>;
    const Form plain{};
    std::vector<const void*> defaults;
    Describe::fields(plain, [&](std::string_view, const auto& value) { defaults.push_back(&value); });
    std::uint32_t version = forms::first_version<Form>();
    std::size_t i = 0;
    Describe::fields(form, [&]<class T>(std::string_view name, const T& value) {
        if (!(value == *static_cast<const T*>(defaults[i++])))
            version = std::max({version, forms::first_version<Form>(name), version_of_value(value)});
    });
    return version;
}

std::uint32_t version_of(const Graph& graph) {
    std::uint32_t version = 1;
    for (const Node& node : graph.nodes)
        version = std::max(version, std::visit([](const auto& form) { return version_of(form); }, node.form));
    return version;
}

template <class Form>
void write_form(Writer& to, const Form& form, std::uint32_t version) {
    using Describe = forms::Describe<Form>;
    std::uint32_t count = 0;
    Describe::fields(form, [&](std::string_view name, const auto&) {
        count += forms::first_version<Form>(name) <= version ? 1 : 0;
    });
    to.number(count);
    Describe::fields(form, [&](std::string_view name, const auto& value) {
        if (forms::first_version<Form>(name) > version) return;
        to.text(name);
        to.field(value);
    });
}

void write_node(Writer& to, const Node& node, std::uint32_t version) {
    std::visit(
        [&]<class Form>(const Form& form) {
            to.text(forms::Describe<Form>::name);
            write_names(to, node.inputs);
            write_names(to, node.outputs);
            write_form(to, form, version);
        },
        node.form);
}

}  // namespace

std::vector<std::byte> encode_hfm(const Graph& graph) {
    graph.check();
    Writer to;
    to.raw(hfm::magic.data(), hfm::magic.size());
    const std::uint32_t version = version_of(graph);
    to.number(version);
    to.number(std::uint32_t{0});
    to.number(std::uint64_t{0});  // length and digest are filled in below
    to.raw(Digest().bytes.data(), sizeof(Digest));
    to.text(graph.signature.to_json().canonical());
    to.text(graph.source);
    to.number(static_cast<std::uint64_t>(graph.nodes.size()));
    for (const Node& node : graph.nodes) write_node(to, node, version);

    std::vector<std::byte>& bytes = to.bytes();
    const std::uint64_t length = bytes.size() - hfm::head_size;
    std::memcpy(bytes.data() + 16, &length, sizeof length);
    const std::span<const std::byte> all(bytes);
    const Digest digest = Sha256().update(all.first(hfm::digest_at)).update(all.subspan(hfm::head_size)).finish();
    std::memcpy(bytes.data() + hfm::digest_at, digest.bytes.data(), digest.bytes.size());
    return std::move(bytes);
}

void save_hfm(const Model& model, const std::filesystem::path& path) {
    if (model.graph() == nullptr)
        throw Unsupported("model of backend " + detail::quoted(model.backend()) + " has no graph; " +
                          detail::quoted(path.string()) + " needs one");
    write_file_atomically(path, std::span<const std::byte>(encode_hfm(*model.graph())));
}

}  // namespace holdfast
