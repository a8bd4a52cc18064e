// Request: what one call of predict works with, its buffers grown once and reused.
#pragma once

#include <memory>
#include <vector>

#include <holdfast/base/id.hpp>
#include <holdfast/models/outputs.hpp>
#include <holdfast/serving/slot.hpp>

#include "workspace/log_group.hpp"

namespace holdfast::detail {

struct Request {
    std::shared_ptr<const Served> served;
    Outputs outputs;  // of predict_into
    std::vector<Id> ids;
    std::vector<Time> times;
    std::int64_t latency_ns = 0;
    RowPlan::Places places;
    LogGroup group;

    void clear() noexcept {
        served.reset();
        outputs.reset();  // a view is over memory that the caller may free
        ids.clear();
        times.clear();
        group.clear();
    }
};

/// A request of this thread, on loan; models and observers may themselves ask an endpoint meanwhile.
class BorrowedRequest {
  public:
    BorrowedRequest() {
        auto& idle = idle_requests();
        if (idle.empty()) {
            idle.reserve(4);
            request_ = std::make_unique<Request>();
        } else {
            request_ = std::move(idle.back());
            idle.pop_back();
        }
    }
    ~BorrowedRequest() {
        request_->clear();
        auto& idle = idle_requests();
        if (idle.size() < idle.capacity()) idle.push_back(std::move(request_));
    }
    BorrowedRequest(const BorrowedRequest&) = delete;
    BorrowedRequest& operator=(const BorrowedRequest&) = delete;
    [[nodiscard]] Request& operator*() const noexcept { return *request_; }

  private:
    static std::vector<std::unique_ptr<Request>>& idle_requests() {
        thread_local std::vector<std::unique_ptr<Request>> list;
        return list;
    }
    std::unique_ptr<Request> request_;
};

}  // namespace holdfast::detail
