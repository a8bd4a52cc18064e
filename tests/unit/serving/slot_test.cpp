#include <holdfast/serving/slot.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace holdfast {
namespace {

std::shared_ptr<const Served> version(std::int64_t number) {
    return std::make_shared<const Served>(Served{nullptr, "m", number, {}});
}

TEST(Slot, GivesBackWhatItServedBefore) {
    Slot slot;
    EXPECT_EQ(slot.get(), nullptr);
    EXPECT_EQ(slot.swap(version(1)), nullptr);
    EXPECT_EQ(slot.swap(version(2))->version, 1);
    EXPECT_EQ(slot.get()->version, 2);
}

TEST(Slot, ARequestKeepsItsVersionToTheEnd) {
    Slot slot;
    slot.swap(version(1));
    const auto mine = slot.get();
    const std::weak_ptr<const Served> old = mine;
    slot.swap(version(2));
    EXPECT_FALSE(old.expired());
    EXPECT_EQ(mine->version, 1);
}

TEST(Slot, ReadersSeeVersionsInOrderWhileTheyAreSwapped) {
    constexpr std::int64_t swaps = 2'000;
    Slot slot;
    slot.swap(version(0));
    std::atomic<int> wrong{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            std::int64_t newest = 0;
            while (newest < swaps) {
                const auto served = slot.get();
                if (served == nullptr || served->version < newest || served->model_name != "m") ++wrong;
                newest = served ? served->version : swaps;
            }
        });
    }
    for (std::int64_t i = 1; i <= swaps; ++i) slot.swap(version(i));
    for (auto& reader : readers) reader.join();
    EXPECT_EQ(wrong.load(), 0);
}

}  // namespace
}  // namespace holdfast
