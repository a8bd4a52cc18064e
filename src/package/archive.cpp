#include <holdfast/package/archive.hpp>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <limits>
#include <set>
#include <system_error>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/base/id.hpp>

#include "package/layout.hpp"
#include "package/zip_parts.hpp"

namespace holdfast {
namespace {

namespace fs = std::filesystem;
using namespace detail;

[[noreturn]] void cannot_write(const fs::path& zip, zip_error_t* error) {
    if (zip_error_system_type(error) == ZIP_ET_SYS) throw_system_error(zip_error_code_system(error), "write", zip);
    throw IoError("cannot write \"" + zip.string() + "\": " + zip_error_strerror(error));
}

void add_file(zip_t* archive, const fs::path& zip, const std::string& name, const fs::path& path) {
    ZipSource source(zip_source_file(archive, path.c_str(), 0, 0));
    if (source == nullptr) cannot_write(zip, zip_get_error(archive));
    const std::int64_t added = zip_file_add(archive, name.c_str(), source.get(), ZIP_FL_ENC_UTF_8);
    if (added < 0) cannot_write(zip, zip_get_error(archive));
    (void)source.release();  // the archive has it now
    if (!make_plain(archive, static_cast<std::uint64_t>(added))) cannot_write(zip, zip_get_error(archive));
}

/// In pieces, through a temporary name; libzip checks the entry's checksum at its end.
void extract_file(zip_t* archive, std::uint64_t index, const fs::path& zip, const ZipEntry& entry, const fs::path& to) {
    const ZipFile file(zip_fopen_index(archive, index, 0));
    if (file == nullptr) corrupt(zip.string(), "file \"" + entry.name + "\": " + zip_strerror(archive));
    make_directories(to.parent_path());
    const fs::path temporary = temporary_name(to);
    std::ofstream out(temporary, std::ios::binary);
    std::vector<char> piece(std::size_t{1} << 20);
    for (std::int64_t written = 0;;) {
        const std::int64_t count = zip_fread(file.get(), piece.data(), piece.size());
        if (count < 0) corrupt(zip.string(), "file \"" + entry.name + "\": " + zip_file_strerror(file.get()));
        if (count == 0) break;
        written += count;
        if (written > entry.size)
            corrupt(zip.string(), "file \"" + entry.name + "\": more than the " + std::to_string(entry.size) +
                                      " bytes that it declares");
        errno = 0;
        if (!out.write(piece.data(), count)) throw_system_error(errno, "write", to);
    }
    errno = 0;
    out.close();
    if (!out) throw_system_error(errno, "write", to);
    rename_durably(temporary, to);
}

}  // namespace

void write_archive(const fs::path& zip, const ArchiveFiles& files) {
    if (!zip.has_filename()) throw InvalidArgument("cannot write \"" + zip.string() + "\": a file name wanted");
    const fs::path temporary = temporary_name(zip);
    try {
        ZipError error;
        int code = 0;
        ZipArchive archive(zip_open(temporary.c_str(), ZIP_CREATE | ZIP_EXCL, &code));
        if (archive == nullptr) {
            zip_error_init_with_code(error.get(), code);
            cannot_write(zip, error.get());
        }
        for (const auto& [name, path] : files) add_file(archive.get(), zip, name, path);
        if (zip_close(archive.get()) != 0) cannot_write(zip, zip_get_error(archive.get()));
        (void)archive.release();
        rename_durably(temporary, zip);
    } catch (...) {
        std::error_code ignored;
        fs::remove(temporary, ignored);
        throw;
    }
}

void extract_archive(const fs::path& zip, const fs::path& folder, std::int64_t max_bytes) {
    std::error_code status;
    const auto zip_bytes = static_cast<std::int64_t>(fs::file_size(zip, status));
    if (status) throw_system_error(status.value(), "read", zip);
    int code = 0;
    const ZipArchive archive(zip_open(zip.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
    if (archive == nullptr) {
        ZipError error;
        zip_error_init_with_code(error.get(), code);
        if (zip_error_system_type(error.get()) == ZIP_ET_SYS && errno != 0 && code != ZIP_ER_NOZIP)
            throw_system_error(errno, "read", zip);
        corrupt(zip.string(), "not a zip, or a damaged one: " + error.text());
    }
    const std::int64_t allowed =
        std::min(max_bytes,
                 std::max(zip_always_allowed, std::min(zip_bytes, max_bytes / zip_max_expansion) * zip_max_expansion));
    std::int64_t declared = 0;
    std::set<std::string> names;
    const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(zip_get_num_entries(archive.get(), 0), 0));
    for (std::uint64_t index = 0; index < count; ++index) {
        const ZipEntry entry = read_zip_entry(archive.get(), index, zip.string());
        if (!names.insert(entry.name).second) corrupt(zip.string(), "file \"" + entry.name + "\" is there twice");
        if (entry.size > allowed - declared)
            corrupt(zip.string(), "files of over " + std::to_string(allowed) + " bytes in a zip of " +
                                      std::to_string(zip_bytes) + " bytes: a zip bomb");
        declared += entry.size;
        extract_file(archive.get(), index, zip, entry, folder / entry.name);
    }
}

}  // namespace holdfast
