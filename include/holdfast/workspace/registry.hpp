/// Registry: named models and their versions: pending, approved, rejected, archived.
///
/// Errors: NotFound (model, version), Conflict (a state that forbids it), CorruptArtifact.
///
/// Thread safety: all calls are safe from several threads and processes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/export.hpp>
#include <holdfast/package/package.hpp>
#include <holdfast/store/store.hpp>

namespace holdfast {

/// A snapshot of one registered package.
struct Version {
    std::string model;
    std::int64_t number = 0;
    std::string state;
    Digest package;
    Manifest manifest;
    Time registered{};
};

class HOLDFAST_EXPORT Registry {
  public:
    /// Pending; the same package again is the same version. The model's name is the manifest's.
    Version register_package(const Package& package);
    Version approve(std::string_view model, std::int64_t version, std::string_view by, std::string_view note = {});
    Version reject(std::string_view model, std::int64_t version, std::string_view by, std::string_view note = {});
    Version archive(std::string_view model, std::int64_t version, std::string_view by, std::string_view note = {});

    [[nodiscard]] Version version(std::string_view model, std::int64_t version) const;
    [[nodiscard]] std::optional<Version> latest_approved(std::string_view model) const;
    [[nodiscard]] std::vector<Version> versions(std::string_view model = {}) const;
    [[nodiscard]] std::vector<store::ApprovalRow> history(std::string_view model, std::int64_t version) const;
    /// The stored package, verified.
    [[nodiscard]] Package package(const Version& version) const;

    // The same, as part of a transaction that does more; `register_package` wants the artifact stored before.
    void store_package(const Package& package);
    Version register_package(store::Session& session, const Package& package);
    Version set_state(store::Session& session, std::string_view model, std::int64_t version, std::string_view state,
                      std::string_view by, std::string_view note);

  private:
    friend class Workspace;
    explicit Registry(std::shared_ptr<store::Store> store) : store_(std::move(store)) {}
    std::shared_ptr<store::Store> store_;
};

}  // namespace holdfast
