/// Fields: the fields of one protobuf message. Every read checks the wire type first, which protozero only asserts.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <protozero/pbf_reader.hpp>

namespace holdfast::onnx {

/// What is wrong with the bytes; `decode` says what of.
class Malformed : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

class Fields {
  public:
    explicit Fields(std::string_view message) : reader_(message.data(), message.size()) {}

    [[nodiscard]] bool next() { return reader_.next(); }
    [[nodiscard]] std::uint32_t number() const { return reader_.tag(); }
    void skip() { reader_.skip(); }

    [[nodiscard]] std::string_view bytes() {
        expect(protozero::pbf_wire_type::length_delimited);
        const protozero::data_view view = reader_.get_view();
        return {view.data(), view.size()};
    }
    [[nodiscard]] std::int64_t integer() {
        expect(protozero::pbf_wire_type::varint);
        return reader_.get_int64();
    }
    [[nodiscard]] float float32() {
        expect(protozero::pbf_wire_type::fixed32);
        return reader_.get_float();
    }

    // Repeated numbers come packed, or one a field; such fields are taken as long as they follow one another.
    [[nodiscard]] bool is_packed() const { return reader_.wire_type() == protozero::pbf_wire_type::length_delimited; }
    template <class F>
    void for_each_integer(const F& f) {
        if (is_packed()) {
            for (const std::int64_t value : reader_.get_packed_int64()) f(value);
            return;
        }
        expect(protozero::pbf_wire_type::varint);
        each_of_run([&f](const char*& at, const char* end) { f(static_cast<std::int64_t>(varint(at, end))); });
    }
    void append_integers(std::vector<std::int64_t>& to) {
        for_each_integer([&](std::int64_t value) { to.push_back(value); });
    }
    template <class T>
    void append_floats(std::vector<T>& to) {
        append_fixed<float>(protozero::pbf_wire_type::fixed32, to);
    }
    template <class T>
    void append_doubles(std::vector<T>& to) {
        append_fixed<double>(protozero::pbf_wire_type::fixed64, to);
    }
    /// Little-endian elements side by side.
    template <class Stored, class T>
    static void append_raw(std::string_view bytes, std::vector<T>& to) {
        if (bytes.size() % sizeof(Stored) != 0) throw Malformed("a run of numbers is cut in the middle of one");
        to.reserve(to.size() + bytes.size() / sizeof(Stored));
        for (std::size_t i = 0; i < bytes.size(); i += sizeof(Stored)) {
            Stored value;
            std::memcpy(&value, bytes.data() + i, sizeof(Stored));
            to.push_back(static_cast<T>(value));
        }
    }

  private:
    /// Those of one to three bytes are read here, which most are.
    static std::uint64_t varint(const char*& at, const char* end) {
        std::uint64_t value = 0;
        for (int i = 0; i < 3 && i < end - at; ++i) {
            const auto byte = static_cast<std::uint64_t>(static_cast<unsigned char>(at[i]));
            value |= (byte & 0x7f) << (7 * i);
            if (byte >= 0x80) continue;
            at += i + 1;
            return value;
        }
        return protozero::decode_varint(&at, end);
    }

    /// take(at, end) reads the value of this field, and of each that follows with the same number and wire type.
    template <class Take>
    void each_of_run(const Take& take) {
        const auto left = reader_.data();
        const char *at = left.data(), *end = at + left.size();
        const std::uint32_t tag = reader_.tag() << 3 | static_cast<std::uint32_t>(reader_.wire_type());
        do {
            take(at, end);
        } while (tag < 0x80 && at != end && static_cast<unsigned char>(*at) == tag && ++at != nullptr);
        reader_ = protozero::pbf_reader(at, static_cast<std::size_t>(end - at));
    }

    template <class Stored, class T>
    void append_fixed(protozero::pbf_wire_type type, std::vector<T>& to) {
        if (is_packed()) return append_raw<Stored>(bytes(), to);
        expect(type);
        each_of_run([&to](const char*& at, const char* end) {
            if (static_cast<std::size_t>(end - at) < sizeof(Stored)) throw protozero::end_of_buffer_exception();
            Stored value;
            std::memcpy(&value, at, sizeof(Stored));
            to.push_back(static_cast<T>(value));
            at += sizeof(Stored);
        });
    }

    void expect(protozero::pbf_wire_type type) const {
        if (reader_.wire_type() != type)
            throw Malformed("field " + std::to_string(reader_.tag()) + " has the wrong wire type");
    }

    protozero::pbf_reader reader_;
};

}  // namespace holdfast::onnx
