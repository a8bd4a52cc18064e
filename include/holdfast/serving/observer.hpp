/// Observer: how others watch an endpoint's traffic without being in its way.
///
/// Thread safety: `answered` is called from whichever thread asked, several at once; it must not throw and must not
/// block.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <holdfast/base/id.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/data/batch.hpp>
#include <holdfast/export.hpp>
#include <holdfast/models/outputs.hpp>
#include <holdfast/serving/slot.hpp>

namespace holdfast {

/// One answered request; everything is borrowed for the call.
struct Answered {
    std::string_view endpoint;
    const Served& served;
    const Batch& batch;
    const Outputs& outputs;
    std::span<const Id> ids;
    std::span<const Time> times;  ///< event times, one a row
    std::int64_t latency_ns = 0;
};

class HOLDFAST_EXPORT Observer {
  public:
    virtual ~Observer();
    virtual void answered(const Answered& request) noexcept = 0;
};

}  // namespace holdfast
