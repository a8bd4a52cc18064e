/// Fields: the fields of one protobuf message. Every read checks the wire type first, which protozero only asserts.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <protozero/pbf_reader.hpp>

namespace holdfast::onnx {

/// What is wrong with the bytes; `decode` adds the file's name.
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
    [[nodiscard]] double float64() {
        expect(protozero::pbf_wire_type::fixed64);
        return reader_.get_double();
    }

    // Repeated numbers come packed, or one a field.
    template <class T>
    void append_integers(std::vector<T>& to) {
        if (reader_.wire_type() != protozero::pbf_wire_type::length_delimited) {
            to.push_back(static_cast<T>(integer()));
            return;
        }
        for (const std::int64_t value : reader_.get_packed_int64()) to.push_back(static_cast<T>(value));
    }
    template <class T>
    void append_floats(std::vector<T>& to) {
        if (reader_.wire_type() == protozero::pbf_wire_type::length_delimited) {
            append_raw<float>(bytes(), to);
        } else {
            to.push_back(static_cast<T>(float32()));
        }
    }
    template <class T>
    void append_doubles(std::vector<T>& to) {
        if (reader_.wire_type() == protozero::pbf_wire_type::length_delimited) {
            append_raw<double>(bytes(), to);
        } else {
            to.push_back(static_cast<T>(float64()));
        }
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
    void expect(protozero::pbf_wire_type type) const {
        if (reader_.wire_type() != type)
            throw Malformed("field " + std::to_string(reader_.tag()) + " has the wrong wire type");
    }

    protozero::pbf_reader reader_;
};

}  // namespace holdfast::onnx
