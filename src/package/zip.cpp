#include <sys/stat.h>
#include <zip.h>

#include <algorithm>
#include <limits>
#include <memory>

#include <holdfast/base/error.hpp>

#include "package/layout.hpp"
#include "package/zip_parts.hpp"

namespace holdfast::detail {
namespace {

constexpr std::uint32_t file_mode = S_IFREG | 0644;

[[noreturn]] void broken(const std::string& what, zip_t* archive) {
    throw InternalError("zip: " + what + ": " + zip_strerror(archive));
}

ZipArchive open_archive(std::span<const std::byte> bytes, std::string_view name) {
    ZipError error;
    ZipSource source(zip_source_buffer_create(bytes.data(), bytes.size(), 0, error.get()));
    if (source == nullptr) corrupt(name, "not a zip: " + error.text());
    ZipArchive archive(zip_open_from_source(source.get(), ZIP_RDONLY | ZIP_CHECKCONS, error.get()));
    if (archive == nullptr) corrupt(name, "not a zip, or a damaged one: " + error.text());
    (void)source.release();  // the archive has it now
    return archive;
}

void check_mode(zip_t* archive, std::uint64_t index, std::string_view package, const std::string& label) {
    std::uint8_t system = 0;
    std::uint32_t attributes = 0;
    if (zip_file_get_external_attributes(archive, index, 0, &system, &attributes) != 0) return;
    const std::uint32_t kind = (attributes >> 16) & S_IFMT;
    if (system == ZIP_OPSYS_UNIX && kind != 0 && kind != S_IFREG)
        corrupt(package, label + " is a link or a special file, a regular file wanted");
}

/// Reads in pieces, so that memory follows what is really there and not what is declared.
std::vector<std::byte> read_bytes(zip_t* archive, std::uint64_t index, std::string_view package,
                                  const std::string& name, std::int64_t max_bytes) {
    constexpr std::size_t piece = std::size_t{1} << 20;
    ZipFile file(zip_fopen_index(archive, index, 0));
    if (file == nullptr) corrupt(package, "file \"" + name + "\": " + zip_strerror(archive));
    std::vector<std::byte> bytes;
    for (std::size_t filled = 0;;) {
        bytes.resize(filled + piece);
        const std::int64_t count = zip_fread(file.get(), bytes.data() + filled, piece);
        if (count < 0) corrupt(package, "file \"" + name + "\": " + zip_file_strerror(file.get()));
        filled += static_cast<std::size_t>(count);
        if (static_cast<std::int64_t>(filled) > max_bytes)
            corrupt(package,
                    "file \"" + name + "\": over " + std::to_string(max_bytes) + " bytes seen, at most that wanted");
        if (count == 0) {
            bytes.resize(filled);
            return bytes;
        }
    }
}

void add_file(zip_t* archive, const std::string& name, const std::vector<std::byte>& bytes) {
    ZipSource source(zip_source_buffer(archive, bytes.data(), bytes.size(), 0));
    if (source == nullptr) broken(name, archive);
    const std::int64_t added = zip_file_add(archive, name.c_str(), source.get(), ZIP_FL_ENC_UTF_8);
    if (added < 0) broken(name, archive);
    (void)source.release();  // the archive has it now
    const auto index = static_cast<std::uint64_t>(added);
    if (!make_plain(archive, index)) broken(name, archive);
}

std::vector<std::byte> source_bytes(zip_source_t* source) {
    zip_stat_t stat;
    zip_stat_init(&stat);
    if (zip_source_stat(source, &stat) != 0 || zip_source_open(source) != 0)
        throw InternalError("zip: cannot be read back");
    std::vector<std::byte> bytes(stat.size);
    const std::int64_t count = zip_source_read(source, bytes.data(), bytes.size());
    zip_source_close(source);
    if (count != static_cast<std::int64_t>(bytes.size())) throw InternalError("zip: cannot be read back whole");
    return bytes;
}

}  // namespace

ZipEntry read_zip_entry(zip_t* archive, std::uint64_t index, std::string_view package) {
    zip_stat_t stat;
    zip_stat_init(&stat);
    const char* raw = zip_get_name(archive, index, ZIP_FL_ENC_RAW);
    if (raw == nullptr || zip_stat_index(archive, index, 0, &stat) != 0)
        corrupt(package, "entry " + std::to_string(index) + " cannot be read");
    const std::string name(raw);
    const std::string label = "file \"" + name + "\"";
    if (const std::string why = refused_name(name); !why.empty()) corrupt(package, label + ": " + why);
    constexpr std::uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if ((stat.valid & needed) != needed) corrupt(package, label + ": its size and compression are not said");
    if (stat.encryption_method != ZIP_EM_NONE) corrupt(package, label + " is encrypted");
    if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE)
        corrupt(package,
                label + ": compression method " + std::to_string(stat.comp_method) + " seen, store or deflate wanted");
    if (stat.size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        corrupt(package, label + ": a size beyond all limits");
    check_mode(archive, index, package, label);
    return {name, static_cast<std::int64_t>(stat.size)};
}

bool make_plain(zip_t* archive, std::uint64_t index) {
    return zip_set_file_compression(archive, index, ZIP_CM_STORE, 0) == 0 &&
           zip_file_set_dostime(archive, index, zip_time, zip_date, 0) == 0 &&
           zip_file_set_external_attributes(archive, index, 0, ZIP_OPSYS_UNIX, file_mode << 16) == 0;
}

Verified read_zip(std::span<const std::byte> bytes, std::string_view name, std::int64_t max_bytes) {
    const ZipArchive archive = open_archive(bytes, name);
    const std::int64_t count = zip_get_num_entries(archive.get(), 0);
    if (count > static_cast<std::int64_t>(max_package_files) + 1)
        corrupt(name, std::to_string(count) + " files seen, at most " + std::to_string(max_package_files) + " wanted");

    Source source;
    source.name = name;
    std::map<std::string, std::uint64_t> positions;
    for (std::uint64_t index = 0; index < static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0)); ++index) {
        const ZipEntry entry = read_zip_entry(archive.get(), index, name);
        if (!positions.emplace(entry.name, index).second) corrupt(name, "file \"" + entry.name + "\" is there twice");
        source.sizes.emplace(entry.name, entry.size);
    }
    const std::int64_t allowed =
        std::max(zip_always_allowed, zip_max_expansion * static_cast<std::int64_t>(bytes.size()));
    std::int64_t declared = 0;
    for (const auto& [file, size] : source.sizes) {
        if (size > allowed - declared)
            corrupt(name, "files of over " + std::to_string(allowed) + " bytes in a zip of " +
                              std::to_string(bytes.size()) + " bytes: a zip bomb");
        declared += size;
    }
    source.read = [&](const std::string& file, std::int64_t limit) {
        return read_bytes(archive.get(), positions.at(file), name, file, limit);
    };
    return verify(source, max_bytes);
}

std::vector<std::byte> write_zip(const PackageFiles& files) {
    ZipError error;
    ZipSource target(zip_source_buffer_create(nullptr, 0, 0, error.get()));
    if (target == nullptr) throw InternalError("zip: " + error.text());
    zip_source_keep(target.get());  // read back after the archive is closed
    ZipArchive archive(zip_open_from_source(target.get(), ZIP_TRUNCATE, error.get()));
    if (archive == nullptr) {
        zip_source_free(target.get());
        throw InternalError("zip: " + error.text());
    }
    for (const auto& [name, bytes] : files) add_file(archive.get(), name, bytes);
    if (zip_close(archive.get()) != 0) broken("writing", archive.get());
    (void)archive.release();
    return source_bytes(target.get());
}

}  // namespace holdfast::detail
