// Stands for a source of base that calls a function of stats, whose header it should not even see.
#include <string_view>

#include <holdfast/stats/types.hpp>

namespace holdfast::planted {

std::string_view forbidden() { return stats::to_string(stats::Verdict::ok); }

}  // namespace holdfast::planted
