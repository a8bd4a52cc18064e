#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/base/hash.hpp>
#include <holdfast/models/form_fields.hpp>
#include <holdfast/models/load.hpp>

#include "models/backends.hpp"
#include "models/hfm/layout.hpp"
#include "models/text.hpp"

namespace holdfast {
namespace {

/// Reads what is there; a count is compared with the bytes left before anything is made for it.
class Reader {
  public:
    explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    [[nodiscard]] std::uint32_t version() const noexcept { return version_; }
    void set_version(std::uint32_t version) noexcept { version_ = version; }

    [[nodiscard]] std::span<const std::byte> take(std::uint64_t size) {
        if (size > bytes_.size())
            throw CorruptArtifact("ends after " + std::to_string(bytes_.size()) + " of " + std::to_string(size) +
                                  " bytes wanted");
        const auto taken = bytes_.first(static_cast<std::size_t>(size));
        bytes_ = bytes_.subspan(static_cast<std::size_t>(size));
        return taken;
    }
    template <class T>
    [[nodiscard]] T number() {
        T value;
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
        return value;
    }
    [[nodiscard]] std::string_view text() { return as_text(take(number<std::uint32_t>())); }
    /// A count of things of at least `least` bytes each.
    template <class Count>
    [[nodiscard]] std::size_t count(std::size_t least) {
        const Count value = number<Count>();
        if (value > bytes_.size() / least)
            throw CorruptArtifact("a count of " + std::to_string(value) + " with " + std::to_string(bytes_.size()) +
                                  " bytes left");
        return static_cast<std::size_t>(value);
    }
    template <class T>
    void list(std::vector<T>& values) {
        values.resize(count<std::uint64_t>(sizeof(T)));
        const auto from = take(values.size() * sizeof(T));
        if (!from.empty()) std::memcpy(values.data(), from.data(), from.size());
    }
    void kind(hfm::Kind wanted) {
        const auto seen = number<std::uint8_t>();
        if (seen != static_cast<std::uint8_t>(wanted))
            throw CorruptArtifact("kind " + std::to_string(seen) + " given, " +
                                  std::to_string(static_cast<int>(wanted)) + " wanted");
    }

    void field(bool& value) {
        kind(hfm::Kind::boolean);
        const auto seen = number<std::uint8_t>();
        if (seen > 1) throw CorruptArtifact("boolean " + std::to_string(seen) + " given, 0 or 1 wanted");
        value = seen == 1;
    }
    void field(std::int64_t& value) {
        kind(hfm::Kind::int64);
        value = number<std::int64_t>();
    }
    void field(double& value) {
        kind(hfm::Kind::float64);
        value = number<double>();
    }
    void field(DType& value) {
        kind(hfm::Kind::dtype);
        value = parse_dtype(text());
    }
    void field(std::vector<std::int64_t>& values) {
        kind(hfm::Kind::int64s);
        list(values);
    }
    void field(std::vector<std::int32_t>& values) {
        kind(hfm::Kind::int32s);
        list(values);
    }
    void field(std::vector<std::uint8_t>& values) {
        kind(hfm::Kind::uint8s);
        list(values);
    }
    void field(std::vector<double>& values) {
        kind(hfm::Kind::float64s);
        list(values);
    }
    template <class E>
        requires std::is_enum_v<E>
    void field(E& value) {
        kind(hfm::Kind::enumerator);
        value = enumerator<E>(number<std::uint8_t>());
    }
    template <class E>
        requires std::is_enum_v<E>
    void field(std::vector<E>& values) {
        kind(hfm::Kind::enumerators);
        values.clear();
        for (const std::byte value : take(count<std::uint64_t>(1)))
            values.push_back(enumerator<E>(static_cast<std::uint8_t>(value)));
    }
    void field(ClassLabels& labels) {
        if (!bytes_.empty() && bytes_.front() == std::byte{static_cast<unsigned char>(hfm::Kind::int64s)}) {
            field(labels.emplace<0>());
            return;
        }
        kind(hfm::Kind::texts);
        auto& texts = labels.emplace<1>();
        for (std::size_t left = count<std::uint64_t>(sizeof(std::uint32_t)); left > 0; --left)
            texts.emplace_back(text());
    }

    [[nodiscard]] std::size_t left() const noexcept { return bytes_.size(); }

  private:
    template <class E>
    [[nodiscard]] E enumerator(std::uint8_t value) const {
        const std::size_t count = version_ == 1 ? forms::enumerators_in_version_1<E> : forms::names_of(E{}).size();
        if (value >= count)
            throw CorruptArtifact("enumerator " + std::to_string(value) + " given, below " + std::to_string(count) +
                                  " wanted");
        return static_cast<E>(value);
    }

    std::span<const std::byte> bytes_;
    std::uint32_t version_ = hfm::version;
};

std::vector<std::string> read_names(Reader& from) {
    std::vector<std::string> names;
    for (std::size_t left = from.count<std::uint32_t>(sizeof(std::uint32_t)); left > 0; --left)
        names.emplace_back(from.text());
    return names;
}

template <class Form>
void read_form(Reader& from, Form& form) {
    using Describe = forms::Describe<Form>;
    if (forms::first_version<Form>() > from.version())
        throw CorruptArtifact("form " + detail::quoted(Describe::name) + " in a file of version " +
                              std::to_string(from.version()));
    std::uint32_t wanted = 0;
    Describe::fields(form, [&](std::string_view name, auto&) {
        wanted += forms::first_version<Form>(name) <= from.version() ? 1 : 0;
    });
    const auto seen = from.number<std::uint32_t>();
    if (seen != wanted)
        throw CorruptArtifact(std::to_string(seen) + " fields given, " + std::to_string(wanted) + " wanted");
    Describe::fields(form, [&](std::string_view name, auto& value) {
        if (forms::first_version<Form>(name) > from.version()) return;
        const std::string_view found = from.text();
        if (found != name)
            throw CorruptArtifact("field " + detail::quoted(found) + " given, " + detail::quoted(name) + " wanted");
        from.field(value);
    });
}

Node read_node(Reader& from) {
    Node node;
    const std::string_view name = from.text();
    auto form = forms::form_named(name);
    if (!form) throw CorruptArtifact("unknown form " + detail::quoted(name));
    node.form = std::move(*form);
    node.inputs = read_names(from);
    node.outputs = read_names(from);
    std::visit([&](auto& one) { read_form(from, one); }, node.form);
    return node;
}

/// Magic, length and checksum, then the version: a file of a newer version passes the first three.
Reader open_payload(std::span<const std::byte> bytes) {
    const std::size_t known = std::min(bytes.size(), hfm::magic.size());
    if (known == 0 || std::memcmp(bytes.data(), hfm::magic.data(), known) != 0)
        throw CorruptArtifact("not an .hfm file");
    Reader head(bytes);
    static_cast<void>(head.take(hfm::magic.size()));
    const auto version = head.number<std::uint32_t>();
    static_cast<void>(head.number<std::uint32_t>());
    const auto length = head.number<std::uint64_t>();
    const auto digest = head.take(sizeof(Digest));
    if (length != head.left())
        throw CorruptArtifact(std::to_string(head.left()) + " bytes after the head, " + std::to_string(length) +
                              " wanted");
    const Digest wanted = Sha256().update(bytes.first(hfm::digest_at)).update(bytes.subspan(hfm::head_size)).finish();
    if (!std::ranges::equal(digest, wanted.bytes)) throw CorruptArtifact("its checksum does not fit its bytes");
    if (version < 1 || version > hfm::version)
        throw Unsupported("format version " + std::to_string(version) + " given, this Holdfast reads up to version " +
                          std::to_string(hfm::version));
    head.set_version(version);
    return head;
}

Graph read_graph(Reader from) {
    Graph graph;
    graph.signature = Signature::from_json(Json::parse(from.text()));
    graph.source = from.text();
    for (std::size_t left = from.count<std::uint64_t>(16); left > 0; --left) graph.nodes.push_back(read_node(from));
    if (from.left() != 0) throw CorruptArtifact(std::to_string(from.left()) + " bytes after the last node");
    return graph;
}

}  // namespace

Graph decode_hfm(std::span<const std::byte> bytes, std::string_view name) {
    return detail::naming(name, [&] {
        Graph graph = read_graph(open_payload(bytes));
        graph.check();
        return graph;
    });
}

void register_hfm_backend() {
    register_backend({"native", {".hfm"}, false, [](const ModelFile& file, const LoadOptions& options) {
                          return load_graph(file, options, "native",
                                            [&] { return read_graph(open_payload(file.bytes)); });
                      }});
}

}  // namespace holdfast
