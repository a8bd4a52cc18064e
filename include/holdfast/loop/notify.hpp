/// Notifications: what happened in a loop, told to others.
///
/// A transition writes its notification in its own transaction, one delivery for each notifier; each is tried, with a
/// back-off that doubles from ten seconds up to an hour, until it succeeds: at least once, as a rule in order. A name
/// stands for the receiver across processes. Notifications leave the workspace when they are older than
/// `notifications_kept` or over `most_notifications` are newer; what was not delivered by then is given up, with a
/// warning and an event "notifications_given_up".
///
/// Thread safety: values; a notifier is called by one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/export.hpp>
#include <holdfast/store/rows.hpp>
#include <holdfast/workspace/workspace.hpp>

namespace holdfast {

struct HOLDFAST_EXPORT Notification {
    std::int64_t sequence = 0;  ///< the same at every attempt: a receiver that was told twice can tell
    std::string endpoint;
    Time time{};
    std::string before, after;  ///< states of the loop
    std::string outcome;        ///< how the run ended, where it did
    std::string job;
    std::int64_t decision = 0;  ///< its sequence; 0 where none was made
    std::string sentence;

    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static Notification from_row(const store::NotificationRow& row);
};

class HOLDFAST_EXPORT Notifier {
  public:
    virtual ~Notifier();
    [[nodiscard]] virtual std::string name() const = 0;
    /// Returns once the receiver has it; an exception is a failed attempt, whose message is kept and told: no secret
    /// may be in it. The step waits for it: a class of your own needs a time-out here (function_notifier has one).
    virtual void send(const Notification& notification) = 0;
    /// What a saved configuration keeps, without secrets; Unsupported, naming the notifier, where it cannot be kept.
    [[nodiscard]] virtual Json to_json() const = 0;
};

/// Into Holdfast's log, by the name "log".
[[nodiscard]] HOLDFAST_EXPORT std::shared_ptr<Notifier> log_notifier();
/// Calls `function` in a thread of its own and waits for it up to `timeout`; then the attempt has failed, and further
/// ones fail at once until the function lets go: it may be told the same again. Of what it throws only the kind is
/// kept.
[[nodiscard]] HOLDFAST_EXPORT std::shared_ptr<Notifier> function_notifier(
    std::string name, std::function<void(const Notification&)> function, Duration timeout = std::chrono::seconds(10));

inline constexpr Duration notifications_kept = std::chrono::days(30);
inline constexpr std::int64_t most_notifications = 1000;  ///< of an endpoint

/// Tries what is due of an endpoint's undelivered notifications; after a failure no more on that channel this time.
HOLDFAST_EXPORT void deliver(const Workspace& workspace, std::string_view endpoint,
                             std::span<const std::shared_ptr<Notifier>> notifiers);
/// Deliveries that have not succeeded yet.
[[nodiscard]] HOLDFAST_EXPORT std::vector<store::DeliveryRow> undelivered(const Workspace& workspace,
                                                                          std::string_view endpoint);

}  // namespace holdfast
