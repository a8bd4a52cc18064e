// Violations of the constraints that the live version's package has, counted as requests are answered.
#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>

#include "workspace/endpoint_state.hpp"

namespace holdfast {
namespace detail {

void CountedHere::set(std::shared_ptr<const Served> served, std::shared_ptr<ViolationCounts> counts) {
    const std::lock_guard lock(mutex_);
    served_ = std::move(served);
    counts_ = std::move(counts);
}

void CountedHere::add(const Served& served, const Batch& batch) noexcept {
    std::shared_ptr<ViolationCounts> counts;
    {
        const std::shared_lock lock(mutex_);
        if (served_.get() == &served) counts = counts_;  // else it was swapped out since the request came
    }
    if (counts == nullptr) return;
    try {
        counts->add(batch);
    } catch (const std::exception&) {  // no memory for an example: the counts are what matters
    }
}

std::shared_ptr<ViolationCounts> CountedHere::get() const {
    const std::shared_lock lock(mutex_);
    return counts_;
}

std::shared_ptr<ViolationCounts> counts_of(const Package& package) {
    if (!package.manifest().files.contains(std::string(constraints_file))) return nullptr;
    const auto bytes = package.file(constraints_file);
    std::shared_ptr<const Constraints> constraints;
    try {
        constraints = std::make_shared<const Constraints>(
            Constraints::from_json(Json::parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()})));
    } catch (const InvalidArgument& error) {
        throw CorruptArtifact("package \"" + package.manifest().name + "\", " + std::string(constraints_file) + ": " +
                              error.what());
    }
    const auto& features = package.manifest().signature.features;  // a tensor's; unnamed ones go by position
    return std::make_shared<ViolationCounts>(constraints, features.empty() ? constraints->names() : features);
}

}  // namespace detail

Violations EndpointMonitor::violations(double level) const {
    if (const auto counts = state_->counted->get()) return counts->violations(level);
    throw NotFound("endpoint \"" + state_->endpoint + "\": the live version's package has no " +
                   std::string(constraints_file));
}

}  // namespace holdfast
