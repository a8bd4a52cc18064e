#include <holdfast/serving/observer.hpp>

namespace holdfast {

Observer::~Observer() = default;

}  // namespace holdfast
