/// The structs of DLPack 1.0, as its specification lays them out (dmlc/dlpack, include/dlpack/dlpack.h).
#pragma once

#include <cstdint>

namespace holdfast::bindings::dlpack {

enum class DeviceType : std::int32_t { cpu = 1, cuda_host = 3 };
enum class TypeCode : std::uint8_t {
    integer = 0,
    unsigned_integer = 1,
    real = 2,
    bfloat = 4,
    complex = 5,
    boolean = 6
};

struct Device {
    std::int32_t type;
    std::int32_t id;
};

struct DataType {
    std::uint8_t code;
    std::uint8_t bits;
    std::uint16_t lanes;
};

struct Tensor {
    void* data;
    Device device;
    std::int32_t rank;
    DataType dtype;
    std::int64_t* shape;
    std::int64_t* strides;  // null: C-contiguous
    std::uint64_t byte_offset;
};

struct ManagedTensor {
    Tensor tensor;
    void* manager;
    void (*deleter)(ManagedTensor*);
};

struct ManagedTensorVersioned {
    struct {
        std::uint32_t major;
        std::uint32_t minor;
    } version;
    void* manager;
    void (*deleter)(ManagedTensorVersioned*);
    std::uint64_t flags;
    Tensor tensor;
};

inline constexpr std::uint64_t flag_read_only = 1;
inline constexpr std::uint32_t major_version = 1;

}  // namespace holdfast::bindings::dlpack
