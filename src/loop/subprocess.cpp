#include <holdfast/loop/subprocess.hpp>

#include <string.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/base/rng.hpp>

#include "csv.hpp"
#include "progress.hpp"
#include "supervisor.hpp"
#include "words.hpp"

namespace holdfast {

namespace {

namespace fs = std::filesystem;

/// Without its arguments, which may hold what not everybody is to read.
std::string in_words(const std::vector<std::string>& argv) { return "trainer \"" + argv.front() + "\""; }

/// The last bytes of a file, from the beginning of a line on.
std::string tail(const fs::path& path) {
    constexpr std::streamoff most = 4096;
    std::ifstream file(path, std::ios::binary);
    file.seekg(0, std::ios::end);
    const std::streamoff size = file.tellg();
    if (!file || size <= 0) return {};
    file.seekg(std::max<std::streamoff>(0, size - most));
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The last line that is not empty and whose line feed was written, without it.
std::string last_line(std::string text) {
    text.erase(text.find_last_of('\n') == std::string::npos ? 0 : text.find_last_of('\n'));
    text.erase(text.find_last_not_of("\r\n") + 1);
    const auto begin = text.find_last_of('\n');
    return begin == std::string::npos ? text : text.substr(begin + 1);
}

/// "0.4 epoch 4" as a share and a note; a line of another kind is a note alone.
void read_progress(const fs::path& path, WorkStatus& work) {
    const std::string line = last_line(tail(path));
    std::istringstream words(line);
    double share = 0.0;
    if (words >> share && share >= 0.0 && share <= 1.0) {
        work.progress = share;
        std::getline(words >> std::ws, work.note);
    } else {
        work.note = line;
    }
    work.note = detail::legible(work.note, detail::longest_note);
}

std::string exit_text(std::int64_t code) {
    if (code <= 128) return "exit code " + std::to_string(code);
    const char* signal = ::sigabbrev_np(static_cast<int>(code - 128));
    return "exit code " + std::to_string(code) +
           (signal == nullptr ? std::string() : " (signal SIG" + std::string(signal) + ")");
}

Json columns_json(const Table& table) {
    Json::Array columns;
    for (std::int64_t i = 0; i < table.width(); ++i) {
        columns.push_back(Json::object(
            {{"name", table.names()[static_cast<std::size_t>(i)]}, {"type", to_string(table.column(i).type())}}));
    }
    return Json(std::move(columns));
}

class SubprocessTrainer final : public DetachedTrainer {
  public:
    explicit SubprocessTrainer(Subprocess program) : program_(std::move(program)) {}

    void start(const TrainingJob& job) override {
        prepare(job);
        std::vector<std::string> argv = program_.argv;
        argv.push_back((job.workdir / "job.json").string());
        detail::supervise(job.workdir, argv, program_.max_output);
    }

    WorkStatus look(const fs::path& workdir) const override {
        const detail::Supervised seen = detail::look(workdir);
        WorkStatus work;
        work.begun = seen.begun;
        work.ended = seen.ended;
        work.process = seen.process;
        work.exit_code = seen.exit_code;
        read_progress(workdir / "progress", work);
        if (seen.ended && !seen.exit_code) {
            work.failure = in_words(program_.argv) +
                           ": its process is gone and left no exit code, as when it is killed or the machine restarts";
        } else if (seen.ended && *seen.exit_code != 0) {
            work.failure = in_words(program_.argv) + ": " + exit_text(*seen.exit_code) + " seen, 0 wanted";
        }
        return work;
    }

    std::string output(const fs::path& workdir) const override {
        const fs::path path = workdir / "output";
        if (!fs::exists(path)) return {};
        return std::string(as_text(read_file(path)));
    }

    Package result(const fs::path& workdir) const override {
        const fs::path folder = workdir / "package";
        const fs::path zip = workdir / "package.zip";
        if (!fs::exists(folder) && !fs::exists(zip)) {
            throw NotFound(in_words(program_.argv) + ": exit code 0 and no package seen, one at \"" + folder.string() +
                           "\" or \"" + zip.string() + "\" wanted");
        }
        return Package::open(fs::exists(zip) ? zip : folder);
    }

    void stop(const fs::path& workdir) override { detail::kill(workdir); }

    Duration max_wait() const noexcept override { return program_.max_wait; }
    Duration poll_interval() const noexcept override { return program_.poll_interval; }
    std::string name() const override { return program_.argv.front(); }
    Json to_json() const override { return program_.to_json(); }
    bool trusted() const noexcept override { return program_.trusted; }

  private:
    /// Everything that the program reads, at once: a folder that is there is whole.
    void prepare(const TrainingJob& job) const {
        if (fs::exists(job.workdir / "job.json")) return;
        const fs::path made = job.workdir.parent_path() / ("." + std::to_string(Rng::from_system()()));
        make_directories(made);
        const auto in = [&](const char* name) { return (job.workdir / name).string(); };
        write_file_atomically(made / "samples.csv", detail::to_csv(job.samples));
        const Json spec =
            Json::object({{"format", 1},
                          {"job", job.id},
                          {"attempt", job.attempt},
                          {"endpoint", job.endpoint},
                          {"model", job.model},
                          {"samples", in("samples.csv")},
                          {"columns", columns_json(job.samples)},
                          {"features", Json(Json::Array(job.features.begin(), job.features.end()))},
                          {"previous", job.previous ? Json(job.previous_package.string()) : Json()},
                          {"previous_version", job.previous ? Json(job.previous->number) : Json()},
                          {"signature", job.previous ? job.previous->manifest.signature.to_json() : Json()},
                          {"workdir", job.workdir.string()},
                          {"package", in("package")},
                          {"progress", in("progress")},
                          {"seed", static_cast<std::int64_t>(job.seed)},
                          {"time", format_time(job.time)},
                          {"parameters", program_.parameters}});
        write_file_atomically(made / "job.json", spec.pretty() + "\n");
        std::error_code there;
        fs::rename(made, job.workdir, there);
        if (!there) return;
        fs::remove_all(made);
        // Another controller was quicker: its folder holds the same.
        if (!fs::exists(job.workdir / "job.json")) throw_system_error(there.value(), "make", job.workdir);
    }

    Subprocess program_;
};

}  // namespace

std::shared_ptr<Trainer> Subprocess::trainer() const {
    if (argv.empty() || argv.front().empty())
        throw InvalidArgument("subprocess: no program given, argv with its name first wanted");
    for (const auto& [name, duration] : {std::pair{"max_wait", max_wait}, {"poll_interval", poll_interval}}) {
        if (duration <= Duration::zero()) {
            throw InvalidArgument(in_words(argv) + ": " + name + " of no time given, a positive duration wanted");
        }
    }
    if (max_output < 0) {
        throw InvalidArgument(in_words(argv) + ": max_output " + std::to_string(max_output) +
                              " given, 0 bytes or more wanted");
    }
    return std::make_shared<SubprocessTrainer>(*this);
}

Json Subprocess::to_json() const {
    return Json::object({{"kind", "subprocess"},
                         {"argv", Json(Json::Array(argv.begin(), argv.end()))},
                         {"parameters", parameters},
                         {"max_wait", std::int64_t{max_wait.count()}},
                         {"poll_interval", std::int64_t{poll_interval.count()}},
                         {"max_output", max_output},
                         {"trusted", trusted}});
}

Subprocess Subprocess::from_json(const Json& json) {
    Subprocess program;
    for (const Json& word : json.at("argv").as_array()) program.argv.push_back(word.as_string());
    program.parameters = json.at("parameters");
    program.max_wait = Duration(json.at("max_wait").as_int());
    program.poll_interval = Duration(json.at("poll_interval").as_int());
    program.max_output = json.at("max_output").as_int();
    program.trusted = json.at("trusted").as_bool();
    return program;
}

}  // namespace holdfast
