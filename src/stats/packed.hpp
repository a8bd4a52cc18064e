/// Packed: whole numbers and doubles as text that JSON holds as it is. Shorter than a list of numbers, and read in a
/// fraction of its time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::stats::detail {

class PackedWriter {
  public:
    void count(std::int64_t value);  ///< as many characters as it needs
    void number(double value);       ///< its bits, in thirteen characters
    void numbers(const std::vector<double>& values);
    [[nodiscard]] std::string text() && { return std::move(text_); }

  private:
    std::string text_;
};

/// CorruptArtifact where the text does not hold what is asked for. `what` begins its messages.
class PackedReader {
  public:
    PackedReader(std::string_view text, std::string_view what) : text_(text), what_(what) {}
    [[nodiscard]] std::int64_t count();
    [[nodiscard]] double number();
    [[nodiscard]] std::vector<double> numbers();
    [[nodiscard]] bool done() const noexcept { return at_ == text_.size(); }
    [[noreturn]] void refuse(const std::string& why) const;

  private:
    [[nodiscard]] std::uint64_t digit();

    std::string_view text_, what_;
    std::size_t at_ = 0;
};

}  // namespace holdfast::stats::detail
