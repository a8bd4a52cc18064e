#include "torch/private_file.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include <holdfast/base/file.hpp>

namespace holdfast::torch_backend {
namespace {

std::filesystem::path make_private_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "holdfast-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw_system_error(errno, "make a private folder", name);  // of mode 0700
    return name;
}

/// Returns 0, or errno.
int write_all(int file, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ::ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) return errno;
        if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return 0;
}

}  // namespace

PrivateFile::PrivateFile(std::span<const std::byte> bytes, std::string_view name)
    : folder_(make_private_folder()), path_(folder_ / name) {
    try {
        write(bytes);
    } catch (...) {
        remove();
        throw;
    }
}

PrivateFile::~PrivateFile() { remove(); }

void PrivateFile::write(std::span<const std::byte> bytes) const {
    const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) throw_system_error(errno, "create", path_);
    const int failed = write_all(file, bytes);
    const int closed = ::close(file) == 0 ? 0 : errno;
    if (failed != 0 || closed != 0) throw_system_error(failed != 0 ? failed : closed, "write", path_);
}

void PrivateFile::remove() const noexcept {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

}  // namespace holdfast::torch_backend
