/// Subprocess: a program in any language as trainer.
///
///     Controller loop{ws, {.endpoint = "inspection", .retrain = retrain, .trainer = Subprocess{{"python",
///     "train.py"}},
///                          .promote = promote}};
///
/// The program is called with the path of a JSON file as its last argument and exits with 0 once it has written a
/// package, a folder or a zip, to the path that the file names. docs/internals/loop.md lists the file's members; the
/// samples are a CSV file, progress is a file to append lines such as "0.4 epoch 4" to. It runs in a session of its
/// own, in the folder and with the environment of the host (a secret reaches it there: arguments are kept in the
/// workspace in clear), and outlives a host that dies.
///
/// Errors: InvalidArgument (no program, no time). What goes wrong later is a failed attempt.
///
/// Thread safety: a value.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/export.hpp>
#include <holdfast/loop/trainer.hpp>

namespace holdfast {

struct HOLDFAST_EXPORT Subprocess {
    std::vector<std::string> argv;
    Json parameters = Json::object({});  ///< passed on as they are
    Duration max_wait = std::chrono::seconds(600);
    Duration poll_interval = std::chrono::seconds(10);
    std::int64_t max_output = 1 << 20;  ///< bytes that are kept of what it prints, from the beginning
    bool trusted = false;               ///< see Trainer::trusted

    [[nodiscard]] std::shared_ptr<Trainer> trainer() const;
    operator std::shared_ptr<Trainer>() const { return trainer(); }  // NOLINT(google-explicit-constructor)

    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static Subprocess from_json(const Json& json);
};

}  // namespace holdfast
