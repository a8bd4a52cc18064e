#include <holdfast/policy/observation.hpp>

#include "policy/members.hpp"

namespace holdfast {
namespace {

using detail::Members;

constexpr std::int64_t newest_format = 2;

Json query_json(const MetricQuery& query) {
    Json json = Json::object({{"metric", query.metric},
                              {"over", query.over.to_string()},
                              {"min_labels", query.min_labels},
                              {"by", query.by == LabelTime::event ? "event" : "recorded"}});
    if (query.mature) json["mature"] = *query.mature;
    if (query.horizon) json["horizon"] = format_duration(*query.horizon);
    if (query.past > 0) json["past"] = query.past;
    return json;
}

Json query_json(const YieldQuery& query) {
    Json json = Json::object({{"over", query.over.to_string()}, {"by", query.by_label ? "label" : "prediction"}});
    if (query.past > 0) json["past"] = query.past;
    return json;
}

Json query_json(const DriftQuery& query) {
    Json json = Json::object({{"over", query.over.to_string()},
                              {"share", query.share},
                              {"columns", Json::Array(query.columns.begin(), query.columns.end())}});
    json[query.alpha ? "alpha" : "false_alarms"] = query.alpha.value_or(query.false_alarms);
    return json;
}

/// True for `yes`, false for `no`.
bool read_choice(Members& members, std::string_view key, std::string_view yes, std::string_view no) {
    const std::string name = members.text(key);
    if (name != yes && name != no)
        members.refuse(key,
                       "\"" + name + "\" given, \"" + std::string(yes) + "\" or \"" + std::string(no) + "\" wanted");
    return name == yes;
}

/// Windows that a query looks back on; none in what was stored before there were any.
std::int64_t read_past(Members& members) { return members.optional("past") == nullptr ? 0 : members.integer("past"); }

Json numbers_json(const std::vector<double>& values) { return Json::Array(values.begin(), values.end()); }

std::vector<double> read_past_values(Members& members) {
    if (members.optional("past") == nullptr) return {};
    return members.get("past", [](const Json& member) {
        std::vector<double> values;
        for (const Json& value : member.as_array()) values.push_back(value.as_double());
        return values;
    });
}

MetricQuery metric_query(const Json& json) {
    Members members(json, "metric query");
    MetricQuery query{members.text("metric"), members.window("over"), members.integer("min_labels"),
                      read_choice(members, "by", "event", "recorded") ? LabelTime::event : LabelTime::recorded};
    if (members.optional("mature") != nullptr) query.mature = members.number("mature");
    if (members.optional("horizon") != nullptr) query.horizon = members.duration("horizon");
    query.past = read_past(members);
    members.finish();
    return query;
}

YieldQuery yield_query(const Json& json) {
    Members members(json, "yield query");
    YieldQuery query{members.window("over"), read_choice(members, "by", "label", "prediction"), read_past(members)};
    members.finish();
    return query;
}

DriftQuery drift_query(const Json& json) {
    Members members(json, "drift query");
    DriftQuery query;
    query.over = members.window("over");
    query.share = members.number("share");
    query.columns = members.texts("columns");
    if (members.optional("alpha") != nullptr) {
        query.alpha = members.number("alpha");
    } else {
        query.false_alarms = members.number("false_alarms");
    }
    members.finish();
    return query;
}

Json to_json(const ObservedMetric& item) {
    Json json = Json::object({{"query", query_json(item.query)}, {"value", stats::to_json(item.value)}});
    if (!item.reason.empty()) json["reason"] = item.reason;
    if (item.matured_until) json["matured_until"] = format_time(*item.matured_until);
    if (item.waiting > 0) json["waiting"] = item.waiting;
    if (!item.past.empty()) json["past"] = numbers_json(item.past);
    return json;
}

Json to_json(const ObservedYield& item) {
    Json json = Json::object({{"query", query_json(item.query)},
                              {"value", item.value},
                              {"rows", item.rows},
                              {"previous", item.previous},
                              {"previous_rows", item.previous_rows}});
    if (!item.past.empty()) json["past"] = numbers_json(item.past);
    return json;
}

Json to_json(const ObservedDrift& item) {
    return Json::object({{"query", query_json(item.query)}, {"summary", stats::to_json(item.summary)}});
}

Json to_json(const ObservedEvent& item) {
    return Json::object({{"kind", item.kind}, {"time", format_time(item.time)}, {"data", item.data}});
}

ObservedMetric read_metric(const Json& json) {
    Members members(json, "observed metric");
    ObservedMetric item{members.get("query", metric_query), members.get("value", stats::metric_value_from_json)};
    if (members.optional("reason") != nullptr) item.reason = members.text("reason");
    if (members.optional("matured_until") != nullptr) item.matured_until = members.time("matured_until");
    if (members.optional("waiting") != nullptr) item.waiting = members.integer("waiting");
    item.past = read_past_values(members);
    members.finish();
    return item;
}

ObservedYield read_yield(const Json& json) {
    Members members(json, "observed yield");
    ObservedYield item{members.get("query", yield_query), members.number("value"),          members.integer("rows"),
                       members.number("previous"),        members.integer("previous_rows"), read_past_values(members)};
    members.finish();
    return item;
}

ObservedDrift read_drift(const Json& json) {
    Members members(json, "observed drift");
    ObservedDrift item{members.get("query", drift_query), members.get("summary", stats::drift_summary_from_json)};
    members.finish();
    return item;
}

ObservedEvent read_event(const Json& json) {
    Members members(json, "observed event");
    ObservedEvent item{members.text("kind"), members.time("time"), Json{}};
    if (const Json* data = members.optional("data")) item.data = *data;
    members.finish();
    return item;
}

template <class T>
Json list_json(const std::vector<T>& items) {
    Json::Array array;
    for (const T& item : items) array.push_back(to_json(item));
    return array;
}

template <class T>
std::vector<T> read_list(Members& members, std::string_view key, T (*read)(const Json&)) {
    return members.get(key, [&](const Json& member) {
        std::vector<T> items;
        for (const Json& item : member.as_array()) items.push_back(read(item));
        return items;
    });
}

Json time_json(const std::optional<Time>& time) { return time ? Json(format_time(*time)) : Json{}; }

std::optional<Time> read_time(Members& members, std::string_view key) {
    if (members.optional(key) == nullptr) return {};
    return members.time(key);
}

std::int64_t read_format(Members& members) {
    const std::int64_t format = members.integer("format");
    if (format >= 1 && format <= newest_format) return format;
    const std::string message = members.what() + ": format " + std::to_string(format) + " given, 1 to " +
                                std::to_string(newest_format) + " wanted";
    if (format > newest_format) throw Unsupported(message);
    throw InvalidArgument(message);
}

}  // namespace

Json Observation::to_json() const {
    return Json::object({{"format", format},
                         {"time", format_time(time)},
                         {"namespace", name_space},
                         {"endpoint", endpoint},
                         {"transaction", transaction},
                         {"live_version", live_version},
                         {"live_since", time_json(live_since)},
                         {"last_retrain", time_json(last_retrain)},
                         {"interactions", interactions},
                         {"labelled", labelled},
                         {"metrics", list_json(metrics)},
                         {"yields", list_json(yields)},
                         {"drifts", list_json(drifts)},
                         {"events", list_json(events)},
                         {"comparisons", list_json(comparisons)},
                         {"subject", subject}});
}

Observation Observation::from_json(const Json& json) {
    Members members(json, "observation");
    Observation seen;
    seen.format = read_format(members);
    seen.time = members.time("time");
    seen.name_space = members.text("namespace");
    seen.endpoint = members.text("endpoint");
    seen.transaction = members.integer("transaction");
    seen.live_version = members.integer("live_version");
    seen.live_since = read_time(members, "live_since");
    seen.last_retrain = read_time(members, "last_retrain");
    seen.interactions = members.integer("interactions");
    seen.labelled = members.integer("labelled");
    seen.metrics = read_list(members, "metrics", read_metric);
    seen.yields = read_list(members, "yields", read_yield);
    seen.drifts = read_list(members, "drifts", read_drift);
    seen.events = read_list(members, "events", read_event);
    seen.comparisons = read_list(members, "comparisons", stats::comparison_from_json);
    if (const Json* subject = members.optional("subject")) seen.subject = *subject;
    members.finish();
    return seen;
}

}  // namespace holdfast
