/// Expansion: an exact sum of doubles, as parts that do not overlap, smallest first (Shewchuk, Discrete Comput. Geom.
/// 18, 1997). Adding, taking away and multiplying lose nothing as long as nothing over- or underflows.
#pragma once

#include <vector>

namespace holdfast::stats::detail {

using Expansion = std::vector<double>;

void add(Expansion& sum, double value);
void add(Expansion& sum, const Expansion& more, double sign = 1.0);  ///< sign: 1 or -1
void add_square(Expansion& sum, double value, double sign = 1.0);
[[nodiscard]] Expansion times(const Expansion& a, const Expansion& b);
[[nodiscard]] Expansion minus(Expansion a, const Expansion& b);
/// The double next to the sum, ties to even: the same for whatever parts.
[[nodiscard]] double value(const Expansion& sum);

}  // namespace holdfast::stats::detail
