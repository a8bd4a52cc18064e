#include "bindings.hpp"

PYBIND11_MODULE(_core, module) {
    using namespace holdfast::bindings;
    module.doc() = "The compiled half of holdfast; import holdfast instead.";
    bind_errors(module);
    bind_base(module);
    bind_data(module);
}
