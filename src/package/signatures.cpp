// Who vouches for a package: Ed25519 signatures of its identity.
#include <algorithm>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>

#include "package/layout.hpp"

namespace holdfast {
namespace detail {
namespace {

constexpr std::int64_t signatures_format = 1;

std::string hex_of(const KeySignature& signature) {
    Digest first, second;
    std::copy_n(signature.bytes.begin(), 32, first.bytes.begin());
    std::copy_n(signature.bytes.begin() + 32, 32, second.bytes.begin());
    return first.hex() + second.hex();
}

KeySignature from_hex(const std::string& key, const std::string& signature) {
    if (signature.size() != 128) throw InvalidArgument("a signature of 128 hex digits wanted");
    KeySignature out{PublicKey::from_hex(key), {}};
    const Digest first = Digest::from_hex(std::string_view(signature).substr(0, 64));
    const Digest second = Digest::from_hex(std::string_view(signature).substr(64));
    std::copy(first.bytes.begin(), first.bytes.end(), out.bytes.begin());
    std::copy(second.bytes.begin(), second.bytes.end(), out.bytes.begin() + 32);
    return out;
}

}  // namespace

std::string signed_message(const Digest& identity) { return "holdfast package " + identity.hex(); }

std::string write_signatures(const std::vector<KeySignature>& signatures) {
    Json by_key = Json::object({});
    for (const KeySignature& signature : signatures) by_key[signature.key.hex()] = hex_of(signature);
    return Json::object({{"format", signatures_format}, {"signatures", std::move(by_key)}}).canonical();
}

std::vector<KeySignature> read_signatures(std::string_view package, std::span<const std::byte> bytes) {
    std::vector<KeySignature> signatures;
    try {
        const Json json = Json::parse(as_text(bytes));
        if (const std::int64_t format = json.at("format").as_int(); format > signatures_format) {
            throw Unsupported("package \"" + std::string(package) + "\": signatures.json: format " +
                              std::to_string(format) + " given, at most " + std::to_string(signatures_format) +
                              " known; a newer Holdfast wrote it");
        }
        for (const auto& [key, signature] : json.at("signatures").as_object())
            signatures.push_back(from_hex(key, signature.as_string()));
        if (signatures.empty() || write_signatures(signatures) != as_text(bytes))
            throw InvalidArgument("canonical JSON of signatures by key wanted, other text seen");
    } catch (const InvalidArgument& error) {
        corrupt(package, "\"" + std::string(signatures_name) + "\": " + error.what());
    }
    return signatures;
}

}  // namespace detail

Package Package::sign(std::string_view private_key_pem) const {
    const KeySignature made = holdfast::sign(private_key_pem, detail::signed_message(identity_));
    std::vector<KeySignature> signatures = signatures_;
    std::erase_if(signatures, [&](const KeySignature& signature) { return signature.key == made.key; });
    signatures.push_back(made);
    return with_signatures(std::move(signatures));
}

Package Package::with_signatures(std::vector<KeySignature> signatures) const {
    const std::string message = detail::signed_message(identity_);
    for (const KeySignature& signature : signatures) {
        if (!verifies(signature, message))
            detail::corrupt(manifest_->name, "the signature by key " + signature.key.hex() +
                                                 " is not one of this package, " + identity_.hex());
    }
    std::sort(signatures.begin(), signatures.end());
    Package signed_package = *this;
    signed_package.signatures_ = std::move(signatures);
    return signed_package;
}

std::shared_ptr<const Package::Files> Package::files_to_save() const {
    if (signatures_.empty()) return files_;
    const std::string text = detail::write_signatures(signatures_);
    const auto bytes = as_bytes(text);
    Files files = *files_;
    files.emplace(detail::signatures_name, std::vector<std::byte>(bytes.begin(), bytes.end()));
    return std::make_shared<const Files>(std::move(files));
}

void require_signed(std::string_view name, const Digest& identity, std::span<const KeySignature> signatures,
                    std::span<const PublicKey> trusted) {
    const std::string message = detail::signed_message(identity);
    std::string seen, wanted;
    for (const KeySignature& signature : signatures) {
        const bool known = std::find(trusted.begin(), trusted.end(), signature.key) != trusted.end();
        if (known && verifies(signature, message)) return;
        seen += (seen.empty() ? "signed by " : ", ") + signature.key.hex();
    }
    for (const PublicKey& key : trusted) wanted += (wanted.empty() ? "" : " or ") + key.hex();
    throw PermissionDenied("package \"" + std::string(name) + "\" " + identity.hex() + ": " +
                           (seen.empty() ? "not signed" : seen) + ", a signature by " + wanted + " wanted");
}

}  // namespace holdfast
