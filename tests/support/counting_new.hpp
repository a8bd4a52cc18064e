/// Replaces operator new by one that counts: to be included once in a program.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#include <malloc.h>

namespace holdfast::testing {

inline std::atomic<std::int64_t> allocations{0};        // of all threads
inline thread_local std::int64_t allocations_here = 0;  // of this one
inline std::atomic<std::int64_t> bytes_held{0};         // as the allocator rounds them

inline void* allocate_or_null(std::size_t size, std::size_t alignment) noexcept {
    allocations.fetch_add(1, std::memory_order_relaxed);
    ++allocations_here;
    const std::size_t whole = (size + alignment) / alignment * alignment;
    void* memory = std::aligned_alloc(alignment, whole);
    bytes_held.fetch_add(static_cast<std::int64_t>(malloc_usable_size(memory)), std::memory_order_relaxed);
    return memory;
}

inline void release(void* memory) noexcept {
    bytes_held.fetch_sub(static_cast<std::int64_t>(malloc_usable_size(memory)), std::memory_order_relaxed);
    std::free(memory);
}

inline void* allocate(std::size_t size, std::size_t alignment) {
    if (void* memory = allocate_or_null(size, alignment)) return memory;
    throw std::bad_alloc();
}

}  // namespace holdfast::testing

[[gnu::noinline]] void* operator new(std::size_t size) {
    return holdfast::testing::allocate(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new[](std::size_t size) {
    return holdfast::testing::allocate(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
    return holdfast::testing::allocate(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void* operator new[](std::size_t size, std::align_val_t alignment) {
    return holdfast::testing::allocate(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return holdfast::testing::allocate_or_null(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
    return holdfast::testing::allocate_or_null(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { holdfast::testing::release(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { holdfast::testing::release(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { holdfast::testing::release(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept { holdfast::testing::release(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept { holdfast::testing::release(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::align_val_t) noexcept {
    holdfast::testing::release(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    holdfast::testing::release(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
    holdfast::testing::release(memory);
}
