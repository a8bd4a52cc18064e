#include <holdfast/workspace/registry.hpp>

#include <charconv>

#include <holdfast/base/error.hpp>
#include <holdfast/workspace/logged.hpp>

#include "workspace/endpoint_state.hpp"
#include "workspace/names.hpp"

namespace holdfast {
namespace {

/// A version's number, where the text is nothing but digits.
std::optional<std::int64_t> to_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size() && number >= 0;
    return whole ? std::optional(number) : std::nullopt;
}

std::map<std::string, std::int64_t> current_aliases(const store::Session& session, std::string_view model) {
    std::map<std::string, std::int64_t> aliases;
    for (const auto& row : session.aliases(model)) {
        if (row.version) {
            aliases.insert_or_assign(row.alias, *row.version);
        } else {
            aliases.erase(row.alias);
        }
    }
    return aliases;
}

}  // namespace

namespace detail {

Version to_version(const store::VersionRow& row) {
    return {row.model, row.version, row.state, row.package, Manifest::from_json(row.manifest), row.stamp.event_time};
}

store::VersionRow require_version(const store::Session& session, std::string_view model, std::int64_t version) {
    if (auto row = session.version(model, version)) return *row;
    const std::int64_t newest = session.next_version(model) - 1;
    std::string message = "model \"" + std::string(model) + "\": version " + std::to_string(version) + " given, ";
    if (newest > 0) throw NotFound(message + "one of 1 to " + std::to_string(newest) + " wanted");
    throw NotFound(message + "but no version of that model is registered");
}

std::optional<Signature> signature_of(const store::Session& session, std::string_view endpoint, std::int64_t version) {
    const auto row = session.version(require_endpoint(session, endpoint).model, version);
    return row ? std::optional(Manifest::from_json(row->manifest).signature) : std::nullopt;
}

store::VersionRow resolve(const store::Session& session, std::string_view name) {
    const auto at = name.rfind('@');
    if (at == std::string_view::npos) {
        if (auto row = session.latest_approved(name)) return *row;
        const std::int64_t newest = session.next_version(name) - 1;
        throw NotFound("model \"" + std::string(name) + "\": " +
                       (newest > 0 ? "none of its " + std::to_string(newest) + " versions is approved"
                                   : std::string("no version of that model is registered")));
    }
    const std::string_view model = name.substr(0, at), which = name.substr(at + 1);
    if (const auto number = to_number(which)) return require_version(session, model, *number);
    const auto alias = session.alias(model, which);
    if (alias && alias->version) return require_version(session, model, *alias->version);
    std::string known;
    for (const auto& [alias_name, version] : current_aliases(session, model))
        known += (known.empty() ? "" : ", ") + ("\"" + alias_name + "\"");
    throw NotFound("model \"" + std::string(model) + "\": alias \"" + std::string(which) + "\" not found; there " +
                   (known.empty() ? "is none" : "is " + known));
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

void Registry::require_trusted(std::string_view model, const Digest& package,
                               std::span<const KeySignature> signatures) const {
    if (!trusted_->empty()) require_signed(model, package, signatures, *trusted_);
}

void Registry::require_trusted(const store::Session& session, const store::VersionRow& version) const {
    require_trusted(version.model, version.package, session.signatures(version.package));
}

void Registry::store_package(const Package& package) {
    // Signatures are rows: a package that gets another one later stays the same artifact.
    store_->put_artifact(package.identity(), package_ending, package.with_signatures({}).zip_bytes());
}

Version Registry::register_package(const Package& package) {
    require_trusted(package.manifest().name, package.identity(), package.signatures());
    store_package(package);
    Version version;
    store_->write([&](store::Session& session) { version = register_package(session, package); });
    return version;
}

Version Registry::register_package(store::Session& session, const Package& package) {
    const Manifest& manifest = package.manifest();
    require_trusted(manifest.name, package.identity(), package.signatures());
    // Garbage is collected in writing transactions: what is here now stays, once this one names it.
    if (!std::filesystem::exists(store_->artifact_path(package.identity(), package_ending))) store_package(package);
    for (const auto& signature : package.signatures()) session.add_signature(package.identity(), signature);
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

Version Registry::resolve(std::string_view name) const {
    Version found;
    store_->read([&](const store::Session& session) { found = detail::to_version(detail::resolve(session, name)); });
    return found;
}

void Registry::alias(std::string_view model, std::string_view alias, std::optional<std::int64_t> version,
                     std::string_view by, std::string_view note) {
    detail::check_path_name("alias", alias);
    if (to_number(alias)) {
        throw InvalidArgument("alias: \"" + std::string(alias) + "\" given, a name that is no version's number wanted");
    }
    store_->write([&](store::Session& session) {
        if (version) detail::require_version(session, model, *version);
        const auto now = session.alias(model, alias);
        // Said again, it stays said once.
        if ((now ? now->version : std::nullopt) == version) return;
        session.add_alias({std::string(model), std::string(alias), version, std::string(by), std::string(note), {}});
    });
}

std::map<std::string, std::int64_t> Registry::aliases(std::string_view model) const {
    std::map<std::string, std::int64_t> aliases;
    store_->read([&](const store::Session& session) { aliases = current_aliases(session, model); });
    return aliases;
}

std::vector<store::AliasRow> Registry::alias_history(std::string_view model) const {
    std::vector<store::AliasRow> rows;
    store_->read([&](const store::Session& session) { rows = session.aliases(model); });
    return rows;
}

namespace {

/// The package that a version says it was made from; nothing where it says none, or something else.
std::optional<Digest> parent_of(const Version& version) {
    const Json* parent = version.manifest.lineage.find("parent");
    if (parent == nullptr || !parent->is_string()) return std::nullopt;
    try {
        return Digest::from_hex(parent->as_string());
    } catch (const InvalidArgument&) {
        return std::nullopt;
    }
}

}  // namespace

std::vector<Version> Registry::lineage(std::string_view model, std::int64_t version) const {
    std::vector<Version> line;
    store_->read([&](const store::Session& session) {
        std::optional<store::VersionRow> row = detail::require_version(session, model, version);
        // A package's hash commits to its parent's, so there is no circle.
        while (row) {
            line.push_back(detail::to_version(*row));
            const auto parent = parent_of(line.back());
            if (!parent) break;
            row = session.version(model, *parent);
        }
    });
    return line;
}

Package Registry::package(const Version& version) const {
    const std::string path = store_->artifact_path(version.package, package_ending).string();
    Package opened = Package::from_zip_bytes(store_->artifact(version.package, package_ending), path);
    if (opened.identity() != version.package) {
        throw CorruptArtifact("package of " + version.model + "@" + std::to_string(version.number) + " in \"" + path +
                              "\": identity " + opened.identity().hex() + " seen, " + version.package.hex() +
                              " wanted");
    }
    std::vector<KeySignature> signatures;
    store_->read([&](const store::Session& session) { signatures = session.signatures(version.package); });
    require_trusted(version.model, version.package, signatures);
    return opened.with_signatures(std::move(signatures));
}

void Registry::export_package(const Version& version, const std::filesystem::path& path) const {
    package(version).save_zip(path);
}

}  // namespace holdfast
