#include <holdfast/base/ed25519.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

#include <holdfast/base/error.hpp>
#include <holdfast/base/hash.hpp>

namespace holdfast {
namespace {

struct Free {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using Bio = std::unique_ptr<BIO, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_MD_CTX, Free>;

/// Says no, where OpenSSL would ask for a password at the terminal.
int no_password(char* /*password*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

using Read = EVP_PKEY* (*)(BIO*, EVP_PKEY**, pem_password_cb*, void*);

Key read_key(std::string_view pem, Read read, const std::string& what) {
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    Key key(bio == nullptr ? nullptr : read(bio.get(), nullptr, no_password, nullptr));
    ERR_clear_error();
    if (key == nullptr) throw InvalidArgument(what + ": not PEM of such a key, an unencrypted Ed25519 key wanted");
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) {
        const char* name = EVP_PKEY_get0_type_name(key.get());
        throw InvalidArgument(what + ": a key of type " + (name != nullptr ? name : "unknown") +
                              " given, Ed25519 wanted");
    }
    return key;
}

PublicKey public_half(const EVP_PKEY* key) {
    PublicKey out;
    std::size_t size = out.bytes.size();
    if (EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(out.bytes.data()), &size) != 1 ||
        size != out.bytes.size())
        throw InternalError("Ed25519: OpenSSL gave no public key");
    return out;
}

const unsigned char* bytes_of(std::string_view message) {
    return reinterpret_cast<const unsigned char*>(message.data());
}

}  // namespace

std::string PublicKey::hex() const { return Digest{bytes}.hex(); }

PublicKey PublicKey::from_hex(std::string_view text) {
    try {
        return {Digest::from_hex(text).bytes};
    } catch (const InvalidArgument&) {
        throw InvalidArgument("public key: 64 hex digits wanted");
    }
}

PublicKey PublicKey::from_pem(std::string_view pem) {
    return public_half(read_key(pem, PEM_read_bio_PUBKEY, "public key").get());
}

KeySignature sign(std::string_view private_key_pem, std::string_view message) {
    const Key key = read_key(private_key_pem, PEM_read_bio_PrivateKey, "private key");
    KeySignature signature{public_half(key.get()), {}};
    const Context context(EVP_MD_CTX_new());
    std::size_t size = signature.bytes.size();
    if (context == nullptr || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.bytes.data()), &size,
                       bytes_of(message), message.size()) != 1)
        throw InternalError("Ed25519: OpenSSL could not sign");
    return signature;
}

bool verifies(const KeySignature& signature, std::string_view message) {
    const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                              reinterpret_cast<const unsigned char*>(signature.key.bytes.data()),
                                              signature.key.bytes.size()));
    const Context context(EVP_MD_CTX_new());
    const bool good = key != nullptr && context != nullptr &&
                      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.bytes.data()),
                                       signature.bytes.size(), bytes_of(message), message.size()) == 1;
    ERR_clear_error();
    return good;
}

}  // namespace holdfast
