// Artifacts and temporary files that nothing needs.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>

#include "store/session.hpp"

namespace holdfast::store {
namespace detail {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t hex_digits = 64;

bool is_hex(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

/// Every run of 64 hexadecimal digits: whatever a text calls it, it may be an artifact's name.
void add_digests(std::string_view text, std::set<Digest>& digests) {
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t end = begin;
        while (end < text.size() && is_hex(text[end])) ++end;
        if (end - begin == hex_digits) digests.insert(Digest::from_hex(text.substr(begin, hex_digits)));
        begin = end + 1;
    }
}

bool is_temporary(const fs::path& path) {
    const std::string name = path.filename().string();
    return name.starts_with(".") && name.find(".tmp-") != std::string::npos;
}

/// The digest that an artifact is named by; nothing for a file of another kind.
std::optional<Digest> digest_of(const fs::path& path) {
    const std::string name = path.filename().string();
    const std::string_view digits = std::string_view(name).substr(0, hex_digits);
    if (digits.size() < hex_digits || !std::all_of(digits.begin(), digits.end(), is_hex)) return std::nullopt;
    return Digest::from_hex(digits);
}

/// Regular files straight in `folder`; none where there is no such folder.
std::vector<fs::path> files_in(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        if (at->is_regular_file(error)) files.push_back(at->path());
    }
    if (error && error != std::errc::no_such_file_or_directory) {
        throw_system_error(error.value(), "look for garbage in", folder);
    }
    return files;
}

std::vector<fs::path> candidates(const fs::path& folder) {
    std::vector<fs::path> found;
    const auto add_from = [&](const fs::path& from, auto&& wanted) {
        for (const fs::path& file : files_in(from)) {
            if (wanted(file)) found.push_back(file);
        }
    };
    add_from(folder, is_temporary);
    const fs::path artifacts = folder / "artifacts";
    std::error_code error;
    for (fs::directory_iterator at(artifacts, error), end; !error && at != end; at.increment(error)) {
        if (at->is_directory(error)) {
            add_from(at->path(), [](const fs::path& file) { return is_temporary(file) || digest_of(file); });
        }
    }
    return found;
}

}  // namespace

std::set<Digest> SqlSession::named_artifacts() const {
    std::set<Digest> digests;
    auto hashes = connection_.query(
        "SELECT lower(hex(package)) FROM versions UNION ALL SELECT lower(hex(log)) FROM jobs WHERE log IS NOT NULL");
    while (hashes.step()) add_digests(hashes.text(0), digests);
    auto texts = connection_.query(
        "SELECT manifest FROM versions UNION ALL SELECT decision FROM decisions UNION ALL SELECT observation FROM "
        "decisions UNION ALL SELECT config FROM controllers UNION ALL SELECT state FROM controllers UNION ALL "
        "SELECT spec FROM jobs UNION ALL SELECT body FROM outbox UNION ALL SELECT data FROM events UNION ALL "
        "SELECT reason FROM deployments");
    while (texts.step()) add_digests(texts.text(0), digests);
    return digests;
}

}  // namespace detail

Garbage Store::collect_garbage(Duration grace, bool dry_run) {
    if (grace < Duration::zero()) throw InvalidArgument("garbage: a negative grace given, 0 or more wanted");
    Garbage garbage;
    const auto collect = [&](const Session& session) {
        const auto named = session.named_artifacts();
        // File times are the system's, whatever clock the workspace runs on.
        const Time oldest_kept = system_clock()->now() - grace;
        for (const auto& path : detail::candidates(folder())) {
            const auto digest = detail::digest_of(path);
            struct stat status{};
            if ((digest && named.contains(*digest)) || ::stat(path.c_str(), &status) != 0) continue;
            const Time written =
                from_micros(std::int64_t{status.st_mtim.tv_sec} * 1'000'000 + status.st_mtim.tv_nsec / 1000);
            if (written > oldest_kept) continue;
            if (!dry_run && ::unlink(path.c_str()) != 0) {
                if (errno == ENOENT) continue;
                throw_system_error(errno, "remove", path);
            }
            garbage.files.push_back(path);
            garbage.bytes += status.st_size;
        }
    };
    // In a writing transaction no other process names an artifact meanwhile.
    if (dry_run) {
        read(collect);
    } else {
        write(collect);
    }
    return garbage;
}

}  // namespace holdfast::store
