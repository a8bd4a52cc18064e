// Folders and zips that are not what they claim.
#include <gtest/gtest.h>

#include <cstdint>

#include "unit/package/made.hpp"

namespace holdfast {
namespace {

using namespace test;
namespace fs = std::filesystem;

std::string zip_refusal(std::vector<std::byte> bytes) {
    return refusal<CorruptArtifact>([&] { return Package::from_zip_bytes(std::move(bytes), "z.zip"); });
}

std::string folder_refusal(const fs::path& path) {
    return refusal<CorruptArtifact>([&] { return Package::open(path); });
}

#define EXPECT_NAMES(message, word) EXPECT_NE((message).find(word), std::string::npos) << (message)

/// A zip with a file "extra.bin", as text to spoil.
std::string zip_text() {
    const auto bytes = stump_builder().file("extra.bin", bytes_of("0123456789")).build().zip_bytes();
    return std::string(as_text(bytes));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

/// Where the local header (or the central one) of `name` begins.
std::size_t header_of(const std::string& text, std::string_view name, bool central) {
    const std::string_view mark = central ? std::string_view("PK\x01\x02") : std::string_view("PK\x03\x04");
    const std::size_t name_at = central ? 46 : 30;
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1))
        if (text.compare(at + name_at, name.size(), name) == 0) return at;
    throw InternalError("no header");
}

void poke(std::string& text, std::size_t at, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
        text[at + static_cast<std::size_t>(i)] = static_cast<char>((value >> (8 * i)) & 0xff);
}

TEST(HostileZipTest, NamesThatLeaveTheFolder) {
    const std::string text = zip_text();
    for (const std::string_view name :
         {"../ab.bin", "/extra.bi", "a\\xtr.bin", "x/../a.bi", "x//xa.bin", "C:extra.b", "./xxx.bin", "a\nxtr.bin"}) {
        EXPECT_NAMES(zip_refusal(bytes_of(replaced(text, "extra.bin", name))), "file");
    }
}

TEST(HostileZipTest, UnlistedAndMissingFiles) {
    EXPECT_NAMES(zip_refusal(bytes_of([] {
                     std::string text = zip_text();
                     // Only the entry is renamed, not its line in the manifest.
                     text.replace(header_of(text, "extra.bin", false) + 30, 9, "other.bin");
                     text.replace(header_of(text, "extra.bin", true) + 46, 9, "other.bin");
                     return text;
                 }())),
                 "\"extra.bin\" is listed and missing");
    const Folder folder;
    stump_package().save_directory(folder / "a");
    write_file_atomically(folder / "a" / "more.txt", "more");
    EXPECT_NAMES(folder_refusal(folder / "a"), "\"more.txt\" is there and not listed");
}

TEST(HostileZipTest, TheSameNameTwice) {
    std::string text = zip_text();
    text.replace(header_of(text, "extra.bin", false) + 30, 9, "model.hfm");
    text.replace(header_of(text, "extra.bin", true) + 46, 9, "model.hfm");
    EXPECT_NAMES(zip_refusal(bytes_of(text)), "exists");
}

TEST(HostileZipTest, LinksEncryptionAndOddCompression) {
    std::string link = zip_text();
    poke(link, header_of(link, "extra.bin", true) + 38, 0120777u << 16, 4);
    EXPECT_NAMES(zip_refusal(bytes_of(link)), "a link");

    std::string encrypted = zip_text();
    poke(encrypted, header_of(encrypted, "extra.bin", false) + 6, 1, 2);
    poke(encrypted, header_of(encrypted, "extra.bin", true) + 8, 1, 2);
    EXPECT_NAMES(zip_refusal(bytes_of(encrypted)), "z.zip");

    std::string bzip = zip_text();
    poke(bzip, header_of(bzip, "extra.bin", false) + 8, 12, 2);
    poke(bzip, header_of(bzip, "extra.bin", true) + 10, 12, 2);
    EXPECT_NAMES(zip_refusal(bytes_of(bzip)), "compression method 12");
}

TEST(HostileZipTest, SizesThatLie) {
    std::string bomb = zip_text();
    poke(bomb, header_of(bomb, "extra.bin", false) + 22, 0xf0000000u, 4);
    poke(bomb, header_of(bomb, "extra.bin", true) + 24, 0xf0000000u, 4);
    EXPECT_NAMES(zip_refusal(bytes_of(bomb)), "z.zip");
    EXPECT_THROW((void)Package::from_zip_bytes(stump_package().zip_bytes(), "z.zip", 100), InvalidArgument);
}

TEST(HostileZipTest, EveryTruncationAndNoCrashOnFlippedBytes) {
    const std::string text = zip_text();
    for (std::size_t size = 0; size < text.size(); size += 7)
        EXPECT_NE(zip_refusal(bytes_of(text.substr(0, size))), "accepted") << size;
    int accepted = 0;
    for (std::size_t at = 0; at < text.size(); at += 3) {
        std::string spoiled = text;
        spoiled[at] = static_cast<char>(spoiled[at] ^ 0x20);
        try {
            const Package package = Package::from_zip_bytes(bytes_of(spoiled), "z.zip");
            // Times and attributes of an entry are not content.
            EXPECT_EQ(package.file("extra.bin").size(), 10u);
            ++accepted;
        } catch (const Error&) {
        }
    }
    EXPECT_LT(accepted, 130);
}

TEST(HostileFolderTest, ChangedBytesAndSizes) {
    const Folder folder;
    stump_package().save_directory(folder / "a");
    const std::string model(as_text(read_file(folder / "a" / "model.hfm")));

    write_file_atomically(folder / "a" / "model.hfm", model + "x");
    EXPECT_NAMES(folder_refusal(folder / "a"),
                 std::to_string(model.size() + 1) + " bytes seen, " + std::to_string(model.size()) + " wanted");

    std::string changed = model;
    changed.back() = static_cast<char>(changed.back() ^ 1);
    write_file_atomically(folder / "a" / "model.hfm", changed);
    EXPECT_NAMES(folder_refusal(folder / "a"), "\"model.hfm\": SHA-256 " + sha256(changed).hex() + " seen");

    fs::remove(folder / "a" / "model.hfm");
    EXPECT_NAMES(folder_refusal(folder / "a"), "\"model.hfm\" is listed and missing");
    fs::create_symlink("/etc/hostname", folder / "a" / "model.hfm");
    EXPECT_NAMES(folder_refusal(folder / "a"), "a link");
}

TEST(HostileFolderTest, Manifests) {
    const Folder folder;
    stump_package().save_directory(folder / "a");
    const fs::path file = folder / "a" / "manifest.json";
    const Json good = Json::parse(as_text(read_file(file)));
    const auto with = [&](const char* key, const Json& value) {
        Json json = good;
        json[key] = value;
        write_file_atomically(file, json.canonical());
        return folder_refusal(folder / "a");
    };
    EXPECT_NAMES(with("name", 3), "member \"name\"");
    EXPECT_NAMES(with("colour", "red"), "unknown member \"colour\"");
    EXPECT_NAMES(with("model_file", "other.hfm"), "\"other.hfm\" is not among the files");
    EXPECT_NAMES(with("files", Json::object({{"../x", Json::object({{"size", 1}, {"sha256", std::string(64, '0')}})}})),
                 "\"../x\"");
    EXPECT_NAMES(with("files", Json::object({{"x", Json::object({{"size", -1}, {"sha256", std::string(64, '0')}})}})),
                 "negative");
    EXPECT_NAMES(with("files", Json::object({{"x", Json::object({{"size", 1}, {"sha256", "12"}})}})), "files");
    EXPECT_NAMES(with("signature", Json::object({})), "signature");
    EXPECT_NAMES(with("format", 0), "format 0");
    Json newer = good;
    newer["format"] = 2;
    write_file_atomically(file, newer.canonical());
    EXPECT_THROW((void)Package::open(folder / "a"), Unsupported);

    write_file_atomically(file, good.pretty());
    EXPECT_NAMES(folder_refusal(folder / "a"), "canonical");
    write_file_atomically(file, "{");
    EXPECT_NAMES(folder_refusal(folder / "a"), "manifest.json");
    fs::remove(file);
    EXPECT_NAMES(folder_refusal(folder / "a"), "\"manifest.json\" is missing");
}

TEST(HostileFolderTest, PathsThatAreNoPackage) {
    const Folder folder;
    EXPECT_THROW((void)Package::open(folder / "nothing"), NotFound);
    EXPECT_THROW((void)load_model(folder / "nothing.zip"), NotFound);
    write_file_atomically(folder / "text.zip", "hello");
    EXPECT_THROW((void)load_model(folder / "text.zip"), CorruptArtifact);
    write_file_atomically(folder / "empty.zip", "");
    EXPECT_THROW((void)Package::open(folder / "empty.zip"), CorruptArtifact);
}

}  // namespace
}  // namespace holdfast
