// Any text as a rule: refused, or a rule that says itself again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <holdfast/base/error.hpp>
#include <holdfast/policy/rule.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace holdfast;
    try {
        const Rule rule = Rule::from_json(Json::parse({reinterpret_cast<const char*>(data), size}));
        if (!(Rule::from_json(rule.to_json()) == rule)) std::abort();
        (void)rule.decide(Observation{}, {}, Action::retrain, "retrain");
    } catch (const Error&) {
    }
    return 0;
}
