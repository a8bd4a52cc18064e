/// Packages for tests, and a folder of their own for each.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/package/package.hpp>

#include "support/models.hpp"

namespace holdfast::test {

/// A fresh folder, removed in the end.
class Folder {
  public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "holdfast-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(path_))
            names.push_back(entry.path().filename().string());
        return names;
    }

  private:
    std::filesystem::path path_;
};

inline std::vector<std::byte> bytes_of(std::string_view text) {
    const auto bytes = as_bytes(text);
    return {bytes.begin(), bytes.end()};
}

inline Table two_features(std::vector<double> x0, std::vector<double> x1) {
    Table table;
    table.add("x0", Column::of(std::move(x0)));
    table.add("x1", Column::of(std::move(x1)));
    return table;
}

/// x0 <= 0.5 is class 0; the third of four rows is wrong.
inline PackageBuilder stump_builder() {
    const Table features = two_features({0.0, 1.0, 0.2, 0.9}, {0, 0, 0, 0});
    PackageBuilder builder("stump");
    builder.model(*stump_classifier(2, 0, 0.5))
        .reference(stats::Profile::of(features))
        .lineage(Json::object({{"seed", 7}, {"trainer", "test"}}))
        .evaluate({features, Column::of(std::vector<std::int64_t>{0, 1, 1, 1}), {"accuracy", "brier"}});
    return builder;
}
inline Package stump_package() { return stump_builder().build(); }

/// What `call` refuses with the error `E`; "accepted" where it does not.
template <class E, class Call>
std::string refusal(Call&& call) {
    try {
        (void)call();
    } catch (const E& error) {
        return error.what();
    }
    return "accepted";
}

}  // namespace holdfast::test
