/// Rows of a batch, block by block, on one thread or several.
#pragma once

#include <cstdint>
#include <functional>

namespace holdfast::engine {

/// Does rows [begin, begin + count).
using RowWork = std::function<void(std::int64_t begin, std::int64_t count)>;

/// All of `rows`, in blocks of at most `block`: `mine` on this thread and, where the first few rows took so long that
/// it is worth it, one `another()` on each of up to `threads` - 1 more, as far as processors are free. Of several
/// errors the one of the first rows is thrown, when all threads are done.
void run_on_threads(std::int64_t rows, std::int64_t block, int threads, const RowWork& mine,
                    const std::function<RowWork()>& another);

}  // namespace holdfast::engine
