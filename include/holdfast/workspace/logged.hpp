/// How interactions are logged: which columns a model's features and outputs become, and back.
///
/// Features keep their names (the signature's `features`, or its inputs' names; "x0", "x1", ... where it knows none).
/// An output of width 1 is a column of its own name; a wider one is columns "<name>.0", "<name>.1", ...
///
/// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <holdfast/data/batch.hpp>
#include <holdfast/export.hpp>
#include <holdfast/models/outputs.hpp>
#include <holdfast/models/signature.hpp>
#include <holdfast/package/package.hpp>
#include <holdfast/store/interactions.hpp>

namespace holdfast {

/// Ending of a package's artifact.
inline constexpr std::string_view package_ending = ".zip";

/// The columns of one answered request, features first; they own their memory.
struct LoggedColumns {
    Table values;
    std::int64_t features = 0;
};
[[nodiscard]] HOLDFAST_EXPORT LoggedColumns logged_columns(const Signature& signature, const Batch& batch,
                                                           const Outputs& outputs);

/// The column of a logged output of width 1, also where the table shows it as "output.<name>"; NotFound.
[[nodiscard]] HOLDFAST_EXPORT const Column& logged_output(const store::InteractionTable& table, std::string_view name);

/// The features, or outputs, of logged rows under the names that they were logged under: a column that has one of the
/// log's own names is shown with a prefix; see store::InteractionTable.
[[nodiscard]] HOLDFAST_EXPORT Table own_features(const store::InteractionTable& table);
[[nodiscard]] HOLDFAST_EXPORT Table own_outputs(const store::InteractionTable& table);

/// Labelled interactions as scores want them: classes as positions, probabilities row-major.
[[nodiscard]] HOLDFAST_EXPORT Judged judge_logged(const Signature& signature, const store::InteractionTable& labelled);

}  // namespace holdfast
