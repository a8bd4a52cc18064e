#include "fuzz/load_and_predict.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return holdfast::fuzz::load_and_predict(data, size, "fuzz.json");
}
