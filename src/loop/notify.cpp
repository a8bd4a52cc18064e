#include <holdfast/loop/notify.hpp>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include <holdfast/base/clock.hpp>
#include <holdfast/base/error.hpp>
#include <holdfast/base/fail_point.hpp>
#include <holdfast/base/fork.hpp>
#include <holdfast/base/log.hpp>
#include <holdfast/base/thread.hpp>

#include "backoff.hpp"
#include "kept_notifier.hpp"
#include "words.hpp"

namespace holdfast {

namespace {

constexpr Duration first_backoff = std::chrono::seconds(10);

class LogNotifier final : public Notifier {
  public:
    std::string name() const override { return "log"; }
    void send(const Notification& told) override {
        const bool bad = told.after == "failed" || told.outcome == "failed" || told.outcome == "rolled back";
        log(bad ? LogLevel::warning : LogLevel::info, "loop",
            "endpoint \"" + told.endpoint + "\", " + told.before + " to " + told.after + ": " + told.sentence);
    }
    Json to_json() const override { return Json::object({{"kind", "log"}, {"name", "log"}}); }
};

class FunctionNotifier final : public Notifier {
  public:
    using Function = std::function<void(const Notification&)>;

    FunctionNotifier(std::string name, Function function, Duration timeout)
        : name_(std::move(name)), function_(std::make_shared<Function>(std::move(function))), timeout_(timeout) {}
    std::string name() const override { return name_; }

    void send(const Notification& told) override {
        if (hanging_ && hanging_->hangs())
            throw Unavailable("notifier \"" + name_ + "\": its last attempt still hangs");
        hanging_.reset();
        const auto call = std::make_shared<Call>();
        detail::start_quietly([call, function = function_, told] { call->make(*function, told); })->detach();
        if (!call->wait(timeout_)) {
            hanging_ = call;
            throw Unavailable("notifier \"" + name_ + "\": no end within " + format_duration(timeout_));
        }
        if (!call->failure.empty()) throw Unavailable("notifier \"" + name_ + "\": " + call->failure);
    }

    Json to_json() const override {
        throw Unsupported(
            "notifier \"" + name_ +
            "\": a C++ function was given, a saved configuration wants one that can be found again by name");
    }

  private:
    /// One call, seen from its thread and from the step that waits for it.
    struct Call {
        ForkGuard guard{"notifier's call"};
        std::mutex mutex;
        std::condition_variable wake;
        bool ended = false;
        std::string failure;

        void make(const Function& function, const Notification& told) {
            std::string why;
            try {
                function(told);
            } catch (const std::exception& error) {
                why = detail::kind_of(error) + " raised";
            } catch (...) {
                why = "something that is no std::exception raised";
            }
            const std::lock_guard lock(mutex);
            failure = std::move(why);
            ended = true;
            wake.notify_all();
        }
        /// In real time, whatever clock the workspace has: receivers know no other.
        [[nodiscard]] bool wait(Duration timeout) {
            const auto clock = system_clock();
            const Duration until = clock->steady_now() + timeout;
            std::unique_lock lock(mutex);
            while (!ended && clock->wait_until(lock, wake, until)) {
            }
            return ended;
        }
        [[nodiscard]] bool hangs() {
            if (!guard.in_owner()) return false;  // its thread stayed in the parent
            const std::lock_guard lock(mutex);
            return !ended;
        }
    };

    std::string name_;
    std::shared_ptr<Function> function_;
    Duration timeout_;
    std::shared_ptr<Call> hanging_;
};

/// One that a configuration names and this process cannot make: what it is owed waits for one that can.
class KeptNotifier final : public Notifier {
  public:
    explicit KeptNotifier(Json config) : config_(std::move(config)), name_(config_.at("name").as_string()) {}
    std::string name() const override { return name_; }
    void send(const Notification&) override {
        throw Unsupported("notifier \"" + name_ + "\": of kind \"" + config_.at("kind").as_string() +
                          "\", which only Python can make, seen in a loop that C++ runs");
    }
    Json to_json() const override { return config_; }

  private:
    Json config_;
    std::string name_;
};

void attempt(store::DeliveryRow& delivery, Notifier& notifier, const Notification& notification, Time now) {
    ++delivery.attempts;
    try {
        notifier.send(notification);
        delivery.delivered = now;
        delivery.error.clear();
        delivery.next_try.reset();
    } catch (const std::exception& error) {
        delivery.error = error.what();
        delivery.next_try = now + detail::backed_off(first_backoff, delivery.attempts);
    }
}

/// Due, or put off before the clock was set back: nothing is put off for longer than that.
bool is_due(const store::DeliveryRow& delivery, Time now) {
    return !delivery.next_try || *delivery.next_try <= now ||
           *delivery.next_try - now > detail::backed_off(first_backoff, delivery.attempts);
}

/// A batch of notifications that are old goes; what was owed then is said.
void remove_old(const Workspace& workspace, std::string_view endpoint) {
    constexpr std::int64_t batch = 100;
    const Time before = workspace.clock()->now() - notifications_kept;
    bool any = false;
    workspace.store().read([&](const store::Session& session) {
        any = session.has_old_notifications(endpoint, before, most_notifications);
    });
    if (!any) return;
    std::map<std::string, std::int64_t> given_up;
    workspace.store().write([&](store::Session& session) {
        given_up.clear();
        for (const auto& row : session.remove_notifications(endpoint, before, most_notifications, batch))
            ++given_up[row.channel];
        for (const auto& [channel, count] : given_up) {
            session.add_event({.kind = "notifications_given_up",
                               .data = Json::object({{"endpoint", endpoint}, {"channel", channel}, {"count", count}}),
                               .stamp = {}});
        }
    });
    for (const auto& [channel, count] : given_up) {
        log(LogLevel::warning, "loop",
            "endpoint \"" + std::string(endpoint) + "\": " + std::to_string(count) +
                " notifications given up that could not be delivered to \"" + channel + "\"");
    }
}

}  // namespace

Json Notification::to_json() const {
    return Json::object({{"sequence", sequence},
                         {"endpoint", endpoint},
                         {"time", format_time(time)},
                         {"before", before},
                         {"after", after},
                         {"outcome", outcome},
                         {"job", job},
                         {"decision", decision},
                         {"sentence", sentence}});
}

Notification Notification::from_row(const store::NotificationRow& row) {
    Notification told;
    told.sequence = row.sequence;
    told.endpoint = row.endpoint;
    told.time = row.stamp.event_time;
    told.before = row.body.at("before").as_string();
    told.after = row.body.at("after").as_string();
    told.outcome = row.body.at("outcome").as_string();
    told.job = row.body.at("job").as_string();
    told.decision = row.body.at("decision").as_int();
    told.sentence = row.body.at("sentence").as_string();
    return told;
}

Notifier::~Notifier() = default;

std::shared_ptr<Notifier> log_notifier() { return std::make_shared<LogNotifier>(); }

std::shared_ptr<Notifier> function_notifier(std::string name, std::function<void(const Notification&)> function,
                                            Duration timeout) {
    if (name.empty()) throw InvalidArgument("notifier: no name given, one that stands for its receiver wanted");
    if (!function)
        throw InvalidArgument("notifier \"" + name + "\": an empty function given, one that can be called wanted");
    if (timeout <= Duration::zero())
        throw InvalidArgument("notifier \"" + name + "\": timeout of no time given, a positive duration wanted");
    return std::make_shared<FunctionNotifier>(std::move(name), std::move(function), timeout);
}

std::shared_ptr<Notifier> detail::kept_notifier(const Json& config) {
    if (config.at("kind").as_string() == "log") return log_notifier();
    return std::make_shared<KeptNotifier>(config);
}

void deliver(const Workspace& workspace, std::string_view endpoint,
             std::span<const std::shared_ptr<Notifier>> notifiers) {
    std::set<std::string, std::less<>> waiting;
    for (store::DeliveryRow& delivery : undelivered(workspace, endpoint)) {
        const auto notifier =
            std::ranges::find_if(notifiers, [&](const auto& one) { return one->name() == delivery.channel; });
        const Time now = workspace.clock()->now();
        if (notifier == notifiers.end() || waiting.contains(delivery.channel)) continue;
        if (!is_due(delivery, now)) continue;

        Notification told;
        try {
            workspace.store().read([&](const store::Session& session) {
                told = Notification::from_row(session.notification(delivery.sequence));
            });
        } catch (const NotFound&) {
            continue;  // another process gave it up meanwhile
        }
        attempt(delivery, **notifier, told, now);
        if (!delivery.delivered) waiting.insert(delivery.channel);
        fail_point("loop.notification.sent");
        workspace.store().write([&](store::Session& session) { session.put_delivery(delivery); });
    }
    remove_old(workspace, endpoint);
}

std::vector<store::DeliveryRow> undelivered(const Workspace& workspace, std::string_view endpoint) {
    std::vector<store::DeliveryRow> rows;
    workspace.store().read([&](const store::Session& session) { rows = session.undelivered(endpoint); });
    return rows;
}

}  // namespace holdfast
