#include <holdfast/version.hpp>

#include "bindings.hpp"

PYBIND11_MODULE(_core, module) {
    using namespace holdfast::bindings;
    module.doc() = "The compiled half of holdfast; import holdfast instead.";
    module.attr("__version__") = HOLDFAST_VERSION;
    bind_errors(module);
    bind_base(module);
    bind_data(module);
    bind_stats(module);
    bind_models(module);
    bind_constraints(module);
    bind_package(module);
    bind_monitor(module);
    bind_policy(module);
    bind_logging(module);
    bind_registry(module);
    bind_workspace(module);
    bind_why(module);
    bind_loop(module);
    bind_care(module);
    bind_torch(module);
    bind_joblib(module);
}
