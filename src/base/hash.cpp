#include <holdfast/base/hash.hpp>

#include <openssl/evp.h>

#include <holdfast/base/error.hpp>

namespace holdfast {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

void require(int openssl_result) {
    if (openssl_result != 1) throw InternalError("SHA-256: OpenSSL failed");
}

}  // namespace

std::string Digest::hex() const {
    std::string text;
    text.reserve(64);
    for (const auto byte : bytes) {
        const auto value = std::to_integer<unsigned>(byte);
        text += hex_digits[value >> 4];
        text += hex_digits[value & 15];
    }
    return text;
}

Digest Digest::from_hex(std::string_view text) {
    if (text.size() != 64)
        throw InvalidArgument("SHA-256: " + std::to_string(text.size()) + " characters given, 64 hex digits wanted");
    Digest digest;
    for (std::size_t i = 0; i < 32; ++i) {
        const int high = hex_value(text[2 * i]);
        const int low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0) throw InvalidArgument("SHA-256: not a hex digit; 64 of them wanted");
        digest.bytes[i] = static_cast<std::byte>(high * 16 + low);
    }
    return digest;
}

struct Sha256::Impl {
    Impl() : context(EVP_MD_CTX_new()) {
        if (context == nullptr) throw InternalError("SHA-256: OpenSSL failed");
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { EVP_MD_CTX_free(context); }

    EVP_MD_CTX* context;
    bool finished = false;
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {
    require(EVP_DigestInit_ex(impl_->context, EVP_sha256(), nullptr));
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::span<const std::byte> bytes) {
    if (impl_->finished) throw InternalError("SHA-256: update after finish");
    require(EVP_DigestUpdate(impl_->context, bytes.data(), bytes.size()));
    return *this;
}

Sha256& Sha256::update(std::string_view bytes) { return update(std::as_bytes(std::span(bytes.data(), bytes.size()))); }

Digest Sha256::finish() {
    if (impl_->finished) throw InternalError("SHA-256: finish called twice");
    impl_->finished = true;
    Digest digest;
    require(EVP_DigestFinal_ex(impl_->context, reinterpret_cast<unsigned char*>(digest.bytes.data()), nullptr));
    return digest;
}

Digest sha256(std::span<const std::byte> bytes) { return Sha256().update(bytes).finish(); }
Digest sha256(std::string_view bytes) { return Sha256().update(bytes).finish(); }

}  // namespace holdfast
