#include <cstdio>

#include <holdfast/base/error.hpp>
#include <holdfast/base/hash.hpp>
#include <holdfast/version.hpp>

// Exits with 0 if the installed core answers as it should, across the library's boundary.
int main() {
    if (holdfast::sha256("abc").hex() != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") return 1;
    try {
        (void)holdfast::Digest::from_hex("not a digest");
        return 2;
    } catch (const holdfast::InvalidArgument& error) {
        std::printf("holdfast %s refuses: %s\n", HOLDFAST_VERSION, error.what());
    }
    return 0;
}
