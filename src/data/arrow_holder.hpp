/// Owners of the C data interface's structs: each releases what it took, exactly once.
#pragma once

#include <cstring>

#include <holdfast/base/error.hpp>
#include <holdfast/data/arrow.hpp>

namespace holdfast::detail {

/// Takes the struct over: `given` is left released, as the interface asks of a move.
template <class Struct>
class ArrowHolder {
  public:
    ArrowHolder() = default;
    explicit ArrowHolder(Struct* given) {
        if (given == nullptr || given->release == nullptr)
            throw InvalidArgument("Arrow: a released struct given, a live one wanted");
        held_ = *given;
        given->release = nullptr;
    }
    ArrowHolder(ArrowHolder&& other) noexcept : held_(other.held_) { other.held_.release = nullptr; }
    ArrowHolder(const ArrowHolder&) = delete;
    ArrowHolder& operator=(const ArrowHolder&) = delete;
    ArrowHolder& operator=(ArrowHolder&&) = delete;
    ~ArrowHolder() {
        if (held_.release != nullptr) held_.release(&held_);
    }

    [[nodiscard]] Struct& operator*() noexcept { return held_; }
    [[nodiscard]] const Struct& operator*() const noexcept { return held_; }
    [[nodiscard]] Struct* operator->() noexcept { return &held_; }
    [[nodiscard]] const Struct* operator->() const noexcept { return &held_; }

  private:
    Struct held_{};
};

}  // namespace holdfast::detail
