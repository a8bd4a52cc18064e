/// PrivateFile: bytes in a file that no other user can read or change, in a folder of its own; both go with the object.
///
/// Errors: PermissionDenied or IoError, naming the path.
///
/// Thread safety: one thread at a time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace holdfast::torch_backend {

class PrivateFile {
  public:
    /// In the system's folder for temporary files.
    PrivateFile(std::span<const std::byte> bytes, std::string_view name);
    ~PrivateFile();
    PrivateFile(const PrivateFile&) = delete;
    PrivateFile& operator=(const PrivateFile&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    void write(std::span<const std::byte> bytes) const;
    void remove() const noexcept;

    std::filesystem::path folder_;
    std::filesystem::path path_;
};

}  // namespace holdfast::torch_backend
