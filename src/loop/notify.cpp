#include <holdfast/loop/notify.hpp>

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/fail_point.hpp>
#include <holdfast/base/log.hpp>

#include "backoff.hpp"
#include "kept_notifier.hpp"

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
    FunctionNotifier(std::string name, std::function<void(const Notification&)> function)
        : name_(std::move(name)), function_(std::move(function)) {}
    std::string name() const override { return name_; }
    void send(const Notification& told) override { function_(told); }
    Json to_json() const override {
        throw Unsupported(
            "notifier \"" + name_ +
            "\": a C++ function was given, a saved configuration wants one that can be found again by name");
    }

  private:
    std::string name_;
    std::function<void(const Notification&)> function_;
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

std::shared_ptr<Notifier> function_notifier(std::string name, std::function<void(const Notification&)> function) {
    if (name.empty()) throw InvalidArgument("notifier: no name given, one that stands for its receiver wanted");
    if (!function)
        throw InvalidArgument("notifier \"" + name + "\": an empty function given, one that can be called wanted");
    return std::make_shared<FunctionNotifier>(std::move(name), std::move(function));
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
        if (delivery.next_try && *delivery.next_try > now) continue;

        store::NotificationRow row;
        workspace.store().read([&](const store::Session& session) { row = session.notification(delivery.sequence); });
        attempt(delivery, **notifier, Notification::from_row(row), now);
        if (!delivery.delivered) waiting.insert(delivery.channel);
        fail_point("loop.notification.sent");
        workspace.store().write([&](store::Session& session) { session.put_delivery(delivery); });
    }
}

std::vector<store::DeliveryRow> undelivered(const Workspace& workspace, std::string_view endpoint) {
    std::vector<store::DeliveryRow> rows;
    workspace.store().read([&](const store::Session& session) { rows = session.undelivered(endpoint); });
    return rows;
}

}  // namespace holdfast
