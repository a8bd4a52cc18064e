#include <holdfast/base/ed25519.hpp>

#include <gtest/gtest.h>

#include <holdfast/base/error.hpp>
#include <holdfast/base/hash.hpp>

namespace holdfast {
namespace {

// RFC 8032, section 7.1, test 1, its keys wrapped as PEM (RFC 8410).
constexpr std::string_view private_pem =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";
constexpr std::string_view public_pem =
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
    "-----END PUBLIC KEY-----\n";
constexpr std::string_view public_hex = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
constexpr std::string_view first_half = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901";
// A P-256 key, by `openssl ecparam -genkey`'s kin: a key, and not one of ours.
constexpr std::string_view other_pem =
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n"
    "6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n-----END PUBLIC KEY-----\n";

TEST(Ed25519, SignsAsTheStandardSays) {
    const KeySignature signature = sign(private_pem, "");
    EXPECT_EQ(signature.key.hex(), public_hex);
    EXPECT_EQ(signature.key, PublicKey::from_pem(public_pem));
    EXPECT_EQ(signature.key, PublicKey::from_hex(public_hex));
    Digest head;
    std::copy_n(signature.bytes.begin(), 32, head.bytes.begin());
    EXPECT_EQ(head.hex().substr(0, first_half.size()), first_half);
    EXPECT_TRUE(verifies(signature, ""));
}

TEST(Ed25519, RefusesWhatWasChanged) {
    const KeySignature signature = sign(private_pem, "message");
    EXPECT_TRUE(verifies(signature, "message"));
    EXPECT_FALSE(verifies(signature, "massage"));
    for (const std::size_t at : {0u, 31u, 32u, 63u}) {
        KeySignature changed = signature;
        changed.bytes[at] ^= std::byte{1};
        EXPECT_FALSE(verifies(changed, "message")) << at;
    }
    KeySignature foreign = signature;
    foreign.key.bytes[0] ^= std::byte{1};
    EXPECT_FALSE(verifies(foreign, "message"));
}

TEST(Ed25519, RefusesOtherKeys) {
    EXPECT_THROW(static_cast<void>(PublicKey::from_pem("")), InvalidArgument);
    EXPECT_THROW(static_cast<void>(PublicKey::from_pem(private_pem)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(PublicKey::from_pem(other_pem)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(PublicKey::from_hex("d75a")), InvalidArgument);
    EXPECT_THROW(static_cast<void>(sign(public_pem, "message")), InvalidArgument);
    EXPECT_THROW(static_cast<void>(sign("-----BEGIN PRIVATE KEY-----\n", "message")), InvalidArgument);
}

}  // namespace
}  // namespace holdfast
