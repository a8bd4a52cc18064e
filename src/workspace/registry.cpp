#include <holdfast/workspace/registry.hpp>

#include <holdfast/base/error.hpp>
#include <holdfast/workspace/logged.hpp>

#include "workspace/endpoint_state.hpp"

namespace holdfast {
namespace detail {

Version to_version(const store::VersionRow& row) {
    return {row.model, row.version, row.state, row.package, Manifest::from_json(row.manifest), row.stamp.event_time};
}

store::VersionRow require_version(const store::Session& session, std::string_view model, std::int64_t version) {
    if (auto row = session.version(model, version)) return *row;
    const auto known = session.versions(model);
    std::string message = "model \"" + std::string(model) + "\": version " + std::to_string(version) + " given, ";
    if (!known.empty()) throw NotFound(message + "one of 1 to " + std::to_string(known.back().version) + " wanted");
    throw NotFound(message + "but no version of that model is registered");
}

Package read_package(const store::Store& store, std::string_view model, std::int64_t version, const Digest& package) {
    const std::string path = store.artifact_path(package, package_ending).string();
    Package opened = Package::from_zip_bytes(store.artifact(package, package_ending), path);
    if (opened.identity() != package) {
        throw CorruptArtifact("package of " + std::string(model) + "@" + std::to_string(version) + " in \"" + path +
                              "\": identity " + opened.identity().hex() + " seen, " + package.hex() + " wanted");
    }
    return opened;
}

}  // namespace detail

namespace {

bool may_become(std::string_view from, std::string_view to) {
    if (from == "pending") return to == "approved" || to == "rejected" || to == "archived";
    if (from == "approved") return to == "rejected" || to == "archived";
    return from == "rejected" && to == "archived";
}

void refuse_live(const store::Session& session, std::string_view model, std::int64_t version, std::string_view state) {
    for (const auto& endpoint : session.endpoints()) {
        const auto live = session.live(endpoint.name);
        if (live && live->model == model && live->version == version) {
            throw Conflict("version " + std::string(model) + "@" + std::to_string(version) + ": " + std::string(state) +
                           " wanted while it is live on endpoint \"" + endpoint.name + "\"; deploy another first");
        }
    }
}

}  // namespace

void Registry::store_package(const Package& package) {
    store_->put_artifact(package.identity(), package_ending, package.zip_bytes());
}

Version Registry::register_package(const Package& package) {
    store_package(package);
    Version version;
    store_->write([&](store::Session& session) { version = register_package(session, package); });
    return version;
}

Version Registry::register_package(store::Session& session, const Package& package) {
    const Manifest& manifest = package.manifest();
    return detail::to_version(session.add_version(manifest.name, package.identity(), manifest.to_json(), Time{}));
}

Version Registry::set_state(store::Session& session, std::string_view model, std::int64_t version,
                            std::string_view state, std::string_view by, std::string_view note) {
    const auto row = detail::require_version(session, model, version);
    // Said again, it stays said once.
    if (row.state == state) return detail::to_version(row);
    if (!may_become(row.state, state)) {
        throw Conflict("version " + row.model + "@" + std::to_string(version) + ": it is " + row.state +
                       " and cannot become " + std::string(state));
    }
    if (state != "approved") refuse_live(session, model, version, state);
    session.add_approval({row.model, version, std::string(state), std::string(by), std::string(note), {}});
    return detail::to_version(detail::require_version(session, model, version));
}

namespace {

Version change(store::Store& store, Registry& registry, std::string_view model, std::int64_t version,
               std::string_view state, std::string_view by, std::string_view note) {
    Version changed;
    store.write(
        [&](store::Session& session) { changed = registry.set_state(session, model, version, state, by, note); });
    return changed;
}

}  // namespace

Version Registry::approve(std::string_view model, std::int64_t version, std::string_view by, std::string_view note) {
    return change(*store_, *this, model, version, "approved", by, note);
}

Version Registry::reject(std::string_view model, std::int64_t version, std::string_view by, std::string_view note) {
    return change(*store_, *this, model, version, "rejected", by, note);
}

Version Registry::archive(std::string_view model, std::int64_t version, std::string_view by, std::string_view note) {
    return change(*store_, *this, model, version, "archived", by, note);
}

Version Registry::version(std::string_view model, std::int64_t version) const {
    Version found;
    store_->read([&](const store::Session& session) {
        found = detail::to_version(detail::require_version(session, model, version));
    });
    return found;
}

std::optional<Version> Registry::latest_approved(std::string_view model) const {
    std::optional<Version> found;
    store_->read([&](const store::Session& session) {
        if (const auto row = session.latest_approved(model)) found = detail::to_version(*row);
    });
    return found;
}

std::vector<Version> Registry::versions(std::string_view model) const {
    std::vector<Version> versions;
    store_->read([&](const store::Session& session) {
        for (const auto& row : session.versions(model)) versions.push_back(detail::to_version(row));
    });
    return versions;
}

std::vector<store::ApprovalRow> Registry::history(std::string_view model, std::int64_t version) const {
    std::vector<store::ApprovalRow> rows;
    store_->read([&](const store::Session& session) {
        detail::require_version(session, model, version);
        rows = session.approvals(model, version);
    });
    return rows;
}

Package Registry::package(const Version& version) const {
    return detail::read_package(*store_, version.model, version.number, version.package);
}

}  // namespace holdfast
