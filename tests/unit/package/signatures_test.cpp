#include <gtest/gtest.h>

#include <fstream>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>

#include "support/keys.hpp"
#include "support/throwing.hpp"
#include "unit/package/made.hpp"
#include "unit/store/temporary_folder.hpp"

namespace holdfast {
namespace {

using testing::first_pem;
using testing::message_of;
using testing::second_pem;
using testing::TemporaryFolder;

TEST(PackageSignature, TravelsWithFolderAndZip) {
    const Package plain = test::stump_package();
    const Package made = plain.sign(first_pem).sign(second_pem).sign(first_pem);
    EXPECT_EQ(made.identity(), plain.identity());
    ASSERT_EQ(made.signatures().size(), 2u);
    EXPECT_TRUE(plain.signatures().empty());
    const TemporaryFolder folder;
    made.save_zip(folder.path() / "p.zip");
    made.save_directory(folder.path() / "p");
    for (const char* name : {"p.zip", "p"}) {
        const Package opened = Package::open(folder.path() / name);
        EXPECT_EQ(opened.identity(), plain.identity()) << name;
        EXPECT_EQ(opened.signatures(), made.signatures()) << name;
        EXPECT_EQ(opened.manifest().files, plain.manifest().files) << name;
    }
    EXPECT_EQ(made.with_signatures({}).zip_bytes(), plain.zip_bytes());
    EXPECT_TRUE(made.with_lineage(Json::object({{"more", 1}})).signatures().empty());
}

TEST(PackageSignature, IsWantedByName) {
    const Package plain = test::stump_package();
    const KeySignature first = plain.sign(first_pem).signatures()[0], second = plain.sign(second_pem).signatures()[0];
    const auto require = [&](const std::vector<KeySignature>& given, const std::vector<PublicKey>& trusted) {
        require_signed("p", plain.identity(), given, trusted);
    };
    EXPECT_NO_THROW(require({first, second}, {second.key}));
    const std::string foreign = message_of<PermissionDenied>([&] { require({first}, {second.key}); });
    EXPECT_NE(foreign.find("signed by " + first.key.hex()), std::string::npos) << foreign;
    EXPECT_NE(foreign.find("a signature by " + second.key.hex() + " wanted"), std::string::npos) << foreign;
    const std::string none = message_of<PermissionDenied>([&] { require({}, {first.key}); });
    EXPECT_NE(none.find("not signed"), std::string::npos) << none;
    // Of the trusted key, and of another package.
    const KeySignature other = sign(first_pem, "holdfast package " + sha256("another").hex());
    EXPECT_THROW(require({other}, {other.key}), PermissionDenied);
    EXPECT_THROW(static_cast<void>(plain.with_signatures({other})), CorruptArtifact);
}

TEST(PackageSignature, OfAnotherFormIsRefusedByName) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "p";
    test::stump_package().sign(first_pem).save_directory(path);
    const auto bytes = read_file(path / "signatures.json");
    const std::string good(as_text(bytes));
    const auto refused = [&](std::string text) {
        write_file_atomically(path / "signatures.json", text);
        return message_of<CorruptArtifact>([&] { static_cast<void>(Package::open(path)); });
    };
    std::string tampered = good;
    tampered[good.size() - 5] = good[good.size() - 5] == '0' ? '1' : '0';
    EXPECT_NE(refused(tampered).find("is not one of this package"), std::string::npos);
    for (const std::string& text :
         {std::string(), std::string("{}"), std::string("[]"), good + " ", good.substr(0, good.size() / 2),
          std::string(R"({"format":1,"signatures":{}})"), std::string(R"({"format":1,"signatures":{"ab":"cd"}})"),
          std::string(R"({"format":0,"signatures":{}})")}) {
        EXPECT_NE(refused(text).find("signatures.json"), std::string::npos) << text;
    }
    write_file_atomically(path / "signatures.json", std::string(R"({"format":2,"signatures":{}})"));
    EXPECT_THROW(static_cast<void>(Package::open(path)), Unsupported);
    write_file_atomically(path / "signatures.json", good);
    EXPECT_EQ(Package::open(path).signatures().size(), 1u);
}

TEST(PackageSignature, HasItsFileToItself) {
    PackageBuilder builder("p");
    EXPECT_THROW(builder.file("signatures.json", {}), InvalidArgument);
}

}  // namespace
}  // namespace holdfast
