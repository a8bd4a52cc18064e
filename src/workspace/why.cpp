#include <holdfast/workspace/why.hpp>

#include <charconv>

#include <holdfast/base/error.hpp>
#include <holdfast/workspace/logged.hpp>

#include "workspace/endpoint_state.hpp"

namespace holdfast {
namespace {

using Verdict = Why::Verdict;

std::string_view in_words(Verdict verdict) {
    switch (verdict) {
        case Verdict::same_bits: return "Predicted again from the logged features: the same bits.";
        case Verdict::other_arithmetic: return "Predicted again: other bits, by arithmetic of which none are promised.";
        case Verdict::different: return "Predicted again: OTHER BITS than were logged.";
        case Verdict::missing: return "Not predicted again: something it needs is gone.";
    }
    return "";
}

std::string only_endpoint(const store::Session& session, std::string_view id) {
    const auto endpoints = session.endpoints_of(id);
    if (endpoints.size() == 1) return endpoints.front();
    if (endpoints.empty()) throw NotFound("interaction \"" + std::string(id) + "\": not logged by any endpoint");
    std::string known;
    for (const auto& endpoint : endpoints) known += (known.empty() ? "\"" : ", \"") + endpoint + "\"";
    throw InvalidArgument("interaction \"" + std::string(id) + "\": logged by the endpoints " + known +
                          "; one of them wanted");
}

/// The decision that asked for the job that made the version: "housing-3" is of decision 3.
std::optional<std::int64_t> decision_of(const Version& version, const std::string& endpoint) {
    const Json* job = version.manifest.lineage.find("job");
    if (job == nullptr || !job->is_string() || !job->as_string().starts_with(endpoint + "-")) return std::nullopt;
    const std::string_view digits = std::string_view(job->as_string()).substr(endpoint.size() + 1);
    std::int64_t sequence = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), sequence);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return sequence;
}

std::string member(const Json& decision, std::string_view name) {
    const Json* value = decision.find(name);
    return value != nullptr && value->is_string() ? value->as_string() : std::string();
}

/// From the decision to retrain up to the deployment, or to where the endpoint's loop began anew.
std::vector<store::DecisionRow> chain(const store::Session& session, const Why& why) {
    std::vector<store::DecisionRow> decisions;
    const auto first = decision_of(why.version, why.endpoint);
    for (auto at = first; at; ++*at) {
        auto row = session.decision(why.endpoint, *at);
        if (!row || (at != first && member(row->decision, "action") == "retrain")) break;
        const bool deployed = member(row->decision, "policy") == "deploy";
        decisions.push_back(std::move(*row));
        if (deployed) break;
    }
    return decisions;
}

std::vector<std::byte> bytes_of(const Column& column) {
    Table one;
    one.add("value", column.type() == ColumnType::categorical || column.type() == ColumnType::string
                         ? Column::strings(std::vector<std::string>{std::string(column.text(0))})
                         : column);
    std::vector<std::byte> bytes;
    store::encode_row(one, 0, bytes);
    return bytes;
}

void compare(Why& why, const Table& again, std::int64_t first_output) {
    if (again.width() - first_output != why.outputs.width()) {
        why.notes.push_back(std::to_string(why.outputs.width()) + " output columns were logged, " +
                            std::to_string(again.width() - first_output) + " are computed");
        return;
    }
    for (std::int64_t i = 0; i < why.outputs.width(); ++i) {
        const Column& before = why.outputs.column(i);
        const Column& now = again.column(first_output + i);
        if (bytes_of(before) == bytes_of(now)) continue;
        why.notes.push_back(why.outputs.names()[static_cast<std::size_t>(i)] + ": " + before.value_text(0) +
                            " was answered, " + now.value_text(0) + " now");
    }
}

void predict_again(const Registry& registry, Why& why) {
    try {
        const Package package = registry.package(why.version);
        LoadOptions options;
        // It was approved when it answered; code of a version that was rejected since is not run.
        if (why.version.state != "rejected") options.allowed_sha256.push_back(why.version.package);
        const auto model = package.load(options);
        const Batch batch(why.features);
        Outputs outputs;
        model->run(batch, outputs);
        const auto again = logged_columns(model->signature(), batch, outputs);
        compare(why, again.values, again.features);
        const std::string now = model->arithmetic();
        const std::string& then = why.arithmetic.empty() ? now : why.arithmetic;
        if (why.notes.empty()) {
            why.verdict = Verdict::same_bits;
        } else if (now == then && now.starts_with("holdfast-native")) {
            why.verdict = Verdict::different;
        } else {
            why.verdict = Verdict::other_arithmetic;
            why.notes.push_back("answered by arithmetic \"" + then + "\", predicted again by \"" + now + "\"");
        }
    } catch (const Error& error) {
        why.verdict = Verdict::missing;
        why.notes.emplace_back(error.what());
    }
}

std::string values(const Table& row) {
    std::string text;
    for (std::int64_t i = 0; i < row.width(); ++i) {
        text +=
            (text.empty() ? "" : ", ") + row.names()[static_cast<std::size_t>(i)] + "=" + row.column(i).value_text(0);
    }
    return text;
}

std::string with_note(const std::string& by, const std::string& note) {
    return (by.empty() ? std::string(" by nobody named") : " by " + by) + (note.empty() ? "" : ": " + note);
}

std::string tell(const Why& why) {
    const Table& rows = why.interaction.rows;
    const auto time_of = [&](const char* column) {
        return format_time(from_micros(rows.column(column).values<std::int64_t>()[0]));
    };
    std::string text = "Interaction " + why.id + " of " + why.endpoint + " at " + time_of("time") + ", answered by " +
                       why.version.model + "@" + std::to_string(why.version.number) + " (package " +
                       why.version.package.hex().substr(0, 12) + ").\n";
    text += "  features: " + values(why.features) + "\n";
    text += "  outputs: " + values(why.outputs) + "\n";
    const Column& label = rows.column("label");
    text += label.is_valid(0) ? "  label: " + label.value_text(0) + ", recorded at " + time_of("label_recorded") + "\n"
                              : std::string("  no label yet\n");
    for (const auto& row : why.decisions) {
        text += "  #" + std::to_string(row.sequence) + " " + format_time(row.stamp.event_time) + " " +
                member(row.decision, "sentence") + "\n";
    }
    for (const auto& row : why.approvals)
        text += "  " + row.state + " at " + format_time(row.stamp.event_time) + with_note(row.by, row.note) + "\n";
    if (why.deployment) {
        text += "  live since " + format_time(why.deployment->stamp.event_time) + " (" + why.deployment->kind + ")" +
                with_note(why.deployment->by, why.deployment->reason) + "\n";
    }
    text += in_words(why.verdict);
    for (const std::string& note : why.notes) text += "\n  " + note;
    return text;
}

}  // namespace

std::string_view to_string(Verdict verdict) noexcept {
    switch (verdict) {
        case Verdict::same_bits: return "same_bits";
        case Verdict::other_arithmetic: return "other_arithmetic";
        case Verdict::different: return "different";
        case Verdict::missing: return "missing";
    }
    return "";
}

Why why(const Workspace& workspace, std::string_view id, std::string_view endpoint) {
    Why result;
    result.id = id;
    workspace.store().read([&](const store::Session& session) {
        result.endpoint = endpoint.empty() ? only_endpoint(session, id) : std::string(endpoint);
        const auto row = detail::require_endpoint(session, result.endpoint);
        store::InteractionQuery query;
        query.endpoint = result.endpoint;
        query.id = result.id;
        result.interaction = session.interactions(query);
        if (result.interaction.rows.rows() == 0) {
            throw NotFound("interaction \"" + result.id + "\": not logged by endpoint \"" + result.endpoint + "\"");
        }
        result.arithmetic = session.arithmetic(result.endpoint, result.id);
        const std::int64_t number = result.interaction.rows.column("version").values<std::int64_t>()[0];
        const std::int64_t logged = result.interaction.rows.column("transaction").values<std::int64_t>()[0];
        result.version = detail::to_version(detail::require_version(session, row.model, number));
        result.deployment = session.deployment_of(result.endpoint, number, logged);
        result.approvals = session.approvals(row.model, number);
        result.decisions = chain(session, result);
    });
    result.features = own_features(result.interaction);
    result.outputs = own_outputs(result.interaction);
    Workspace handle = workspace;
    predict_again(handle.registry(), result);
    result.text = tell(result);
    return result;
}

}  // namespace holdfast
