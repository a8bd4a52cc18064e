// Training jobs.
#include <algorithm>

#include <holdfast/base/error.hpp>

#include "store/session.hpp"

namespace holdfast::store::detail {

namespace {

#define SELECT_JOB                                                                                                 \
    "SELECT id, endpoint, state, spec, attempt, progress, note, process, exit_code, error, log, queued, started, " \
    "ended, event_time, recorded_time, txn FROM jobs WHERE namespace = ?1 AND "

std::optional<Time> time_at(const Statement& row, int column) {
    return row.is_null(column) ? std::nullopt : std::optional(row.time(column));
}

std::optional<Digest> digest_at(const Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    Digest digest;
    const auto bytes = row.blob(column);
    if (bytes.size() != digest.bytes.size()) {
        throw CorruptArtifact("stored job: a log hash of " + std::to_string(bytes.size()) + " bytes seen, 32 wanted");
    }
    std::copy(bytes.begin(), bytes.end(), digest.bytes.begin());
    return digest;
}

JobRow job_at(const Statement& row) {
    JobRow job;
    job.id = row.string(0);
    job.endpoint = row.string(1);
    job.state = row.string(2);
    job.spec = Json::parse(row.text(3));
    job.attempt = row.integer(4);
    job.progress = row.real(5);
    job.note = row.string(6);
    job.process = row.string(7);
    if (!row.is_null(8)) job.exit_code = row.integer(8);
    job.error = row.string(9);
    job.log = digest_at(row, 10);
    job.queued = row.time(11);
    job.started = time_at(row, 12);
    job.ended = time_at(row, 13);
    job.stamp = stamp_at(row, 14);
    return job;
}

}  // namespace

void SqlSession::put_job(const JobRow& row) {
    connection_.run(
        "INSERT INTO jobs (namespace, id, endpoint, state, spec, attempt, progress, note, process, exit_code, error, "
        "log, queued, started, ended, event_time, recorded_time, txn) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
        "?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18) ON CONFLICT (namespace, id) DO UPDATE SET state = excluded.state, "
        "spec = excluded.spec, attempt = excluded.attempt, progress = excluded.progress, note = excluded.note, "
        "process = excluded.process, exit_code = excluded.exit_code, error = excluded.error, log = excluded.log, "
        "started = excluded.started, ended = excluded.ended, event_time = excluded.event_time, "
        "recorded_time = excluded.recorded_time, txn = excluded.txn",
        namespace_, row.id, row.endpoint, row.state, row.spec.canonical(), row.attempt, row.progress, row.note,
        row.process, row.exit_code, row.error, row.log, row.queued, row.started, row.ended,
        event_time(row.stamp.event_time), recorded_, transaction_);
}

std::optional<JobRow> SqlSession::job(std::string_view id) const {
    auto row = connection_.query(SELECT_JOB "id = ?2", namespace_, id);
    if (!row.step()) return std::nullopt;
    return job_at(row);
}

std::vector<JobRow> SqlSession::jobs(std::string_view endpoint) const {
    // A job's row stays where it was first written.
    auto rows = connection_.query(SELECT_JOB "(endpoint = ?2 OR ?2 = '') ORDER BY rowid", namespace_, endpoint);
    std::vector<JobRow> jobs;
    while (rows.step()) jobs.push_back(job_at(rows));
    return jobs;
}

}  // namespace holdfast::store::detail
