// A whole loop over a disk that fails: at each operation in turn, or with the power gone. Whatever happens, errors are
// typed, what was acknowledged is there after reopening, and verify accepts the folder.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>

#include <holdfast/base/error.hpp>
#include <holdfast/loop/care.hpp>
#include <holdfast/loop/controller.hpp>

#include "support/faulty_vfs.hpp"
#include "unit/loop/small_loop.hpp"
#include "unit/store/temporary_folder.hpp"

namespace holdfast {
namespace {

namespace fs = std::filesystem;
using testing::FaultyVfs;
using testing::FileFault;
using testing::FileOperation;
using testing::TemporaryFolder;

// Before any database of this program is opened.
FaultyVfs& disk = FaultyVfs::instance();

/// Create, register, approve, deploy, log, label, decide, prune, back up; and what of it was acknowledged.
class Script {
  public:
    explicit Script(fs::path folder) : folder_(std::move(folder)) {
        steps_ = {
            [this] { open(); },
            [this] { version_ = workspace_->registry().register_package(test::package_of(0.5)); },
            [this] { workspace_->registry().approve("line", version_.number, "me"); },
            [this] { endpoint_.emplace(workspace_->create_endpoint("line", {.model = {}, .good = {"1"}})); },
            [this] { endpoint_->deploy(version_, "me"); },
            [this] { log(0); },
            [this] { label(0); },
            [this] { log(1); },
            [this] { label(1); },
            [this] { workspace_->record_metric("speed", 2.5); },
            [this] { make_controller(); },
            [this] { decide(); },
            [this] { decide(); },
            [this] { decide(); },
            [this] { prune(); },
            [this] { backup(*workspace_, folder_ / "copy.zip"); },
            [this] { log(2); },
        };
    }

    [[nodiscard]] std::size_t size() const { return steps_.size(); }
    void step(std::size_t i) {
        steps_[i]();
        done_ = i + 1;
    }

    /// Lets go of everything, as far as a dying process would.
    void drop() {
        loop_.reset();
        endpoint_.reset();
        workspace_.reset();
    }

    /// What was acknowledged is in `folder`, and all of it is sound.
    void check(const fs::path& folder, const std::string& what) const {
        if (done_ == 0 && !fs::exists(folder / "holdfast.db")) return;
        Workspace again(folder, {.clock = clock_});
        const auto found = verify(again);
        EXPECT_TRUE(found.ok()) << what << "\n" << found.text();
        if (done_ > 1) {
            EXPECT_EQ(again.registry().versions("line").at(0).package, version_.package) << what;
        }
        if (done_ > 2) {
            EXPECT_EQ(again.registry().version("line", 1).state, "approved") << what;
        }
        if (done_ > 4) {
            Endpoint endpoint = again.endpoint("line");
            EXPECT_EQ(endpoint.live()->number, 1) << what;
            ASSERT_NE(endpoint.served(), nullptr) << what;
        }
        if (done_ <= 5) return;
        std::set<std::string, std::less<>> ids;
        const auto table = again.interactions().query({.endpoint = "line"});
        for (std::int64_t row = 0; row < table.rows.rows(); ++row) ids.emplace(table.rows.column("id").text(row));
        for (const std::string& id : logged_) {
            const bool may_be_gone = pruning_ && id.starts_with("0-");
            EXPECT_TRUE(ids.contains(id) || may_be_gone) << what << ": interaction " << id << " is lost";
        }
        again.store().read([&](const store::Session& session) {
            for (const std::string& id : labelled_) {
                const bool may_be_gone = pruning_ && id.starts_with("0-");
                EXPECT_TRUE(!session.labels(id).empty() || may_be_gone) << what << ": label of " << id << " is lost";
            }
        });
        if (done_ > 9) {
            again.store().read([&](const store::Session& session) {
                EXPECT_FALSE(session.metrics("speed", {}, {}, {}, {}).empty()) << what;
            });
        }
        const auto history = decisions(again, "line");
        for (const std::int64_t sequence : decided_) {
            const bool there = static_cast<std::int64_t>(history.size()) >= sequence;
            EXPECT_TRUE(there) << what << ": decision " << sequence << " is lost";
        }
        // A step that was killed after its commit may be done, never twice: one retraining, not two.
        std::int64_t retrainings = 0;
        for (const Decision& decision : history) retrainings += decision.action == Action::retrain ? 1 : 0;
        EXPECT_LE(retrainings, 1) << what;
    }

  private:
    void open() { workspace_.emplace(Workspace(folder_, {.clock = clock_, .seed = 3})); }

    void log(int batch) {
        const std::vector<double> x = test::uniform(std::to_string(batch), 6);
        std::vector<Id> ids;
        for (int row = 0; row < 6; ++row) ids.emplace_back(std::to_string(batch) + "-" + std::to_string(row));
        const Table rows = test::column_x(x);
        const Time time = test::start + std::chrono::hours(batch);
        (void)endpoint_->predict(rows, {.ids = ids, .time = time, .times = {}, .deadline = {}}).value();
        for (const Id& id : ids) logged_.emplace_back(id.view());
    }

    void label(int batch) {
        std::vector<Id> ids;
        for (int row = 0; row < 6; ++row) ids.emplace_back(std::to_string(batch) + "-" + std::to_string(row));
        workspace_->interactions().label(ids, Column::of(std::vector<std::int64_t>{0, 1, 0, 1, 0, 1}));
        for (const Id& id : ids) labelled_.emplace_back(id.view());
    }

    void make_controller() {
        loop_ = std::make_unique<Controller>(
            *workspace_,
            ControllerOptions{.endpoint = "line",
                              .retrain = when::every(std::chrono::hours(1)),
                              .select = select::labelled(),
                              .trainer = function_trainer(
                                  "splitting", [](const TrainingJob& job) { return test::package_of(0.4, job.model); }),
                              .promote = promote_if("accuracy", 0.02)});
    }

    void decide() {
        const StepResult result = loop_->step();
        if (result.decision) decided_.push_back(result.decision->sequence);
    }

    void prune() {
        pruning_ = true;
        workspace_->interactions().prune("line", {.older_than = std::chrono::hours(3), .larger_than = {}});
    }

    fs::path folder_;
    std::shared_ptr<SimulatedClock> clock_ = std::make_shared<SimulatedClock>(test::start + std::chrono::hours(4));
    std::vector<std::function<void()>> steps_;
    std::size_t done_ = 0;
    Version version_;
    std::optional<Workspace> workspace_;
    std::optional<Endpoint> endpoint_;
    std::unique_ptr<Controller> loop_;
    std::vector<std::string> logged_, labelled_;
    std::vector<std::int64_t> decided_;
    bool pruning_ = false;
};

/// Runs a step; whether it was done. An error of another kind than a disk's is a failure of the test.
bool tried(Script& script, std::size_t step, const std::string& what) {
    try {
        script.step(step);
        return true;
    } catch (const Error& error) {
        const bool of_a_disk = error.code() == ErrorCode::io_error || error.code() == ErrorCode::unavailable ||
                               error.code() == ErrorCode::corrupt_artifact ||
                               error.code() == ErrorCode::permission_denied;
        EXPECT_TRUE(of_a_disk) << what << ", step " << step << ": " << error.what();
    } catch (const std::exception& error) {
        ADD_FAILURE() << what << ", step " << step << ": not a Holdfast error: " << error.what();
    }
    return false;
}

std::vector<FileOperation> all_operations() {
    const TemporaryFolder folder;
    Script script(folder.path() / "workspace");
    disk.arm(-1, FileFault::io_error);
    for (std::size_t step = 0; step < script.size(); ++step) script.step(step);
    auto operations = disk.operations();
    script.drop();
    disk.disarm();
    script.check(folder.path() / "workspace", "undisturbed");
    return operations;
}

/// One fault; the failed step is done again on the same objects, and the rest of the script after it.
void fail_once(std::int64_t at, FileFault fault) {
    const std::string what = "operation " + std::to_string(at) + ", fault " + std::to_string(static_cast<int>(fault));
    const TemporaryFolder folder;
    const fs::path workspace = folder.path() / "workspace";
    Script script(workspace);
    disk.arm(at, fault);
    for (std::size_t step = 0; step < script.size(); ++step) {
        if (tried(script, step, what)) continue;
        if (disk.failed() == 0) return;  // reported above
        EXPECT_TRUE(tried(script, step, what + ", again")) << what;
    }
    disk.disarm();
    script.drop();
    script.check(workspace, what);
}

bool applies(FileFault fault, FileOperation operation) {
    return fault == FileFault::io_error || operation == FileOperation::write;
}

void fail_everywhere(std::int64_t stride) {
    const auto operations = all_operations();
    ASSERT_GT(operations.size(), 300u);
    std::int64_t tests = 0;
    for (const FileFault fault : {FileFault::io_error, FileFault::short_write, FileFault::disk_full}) {
        std::int64_t nth = 0;
        for (std::size_t at = 0; at < operations.size(); ++at) {
            if (!applies(fault, operations[at]) || nth++ % stride != 0) continue;
            fail_once(static_cast<std::int64_t>(at), fault);
            ++tests;
            if (::testing::Test::HasFailure()) return;
        }
    }
    std::printf("%lld faults in a script of %zu operations\n", static_cast<long long>(tests), operations.size());
}

TEST(Faults, OfTheDiskAreTypedAndLoseNothing) { fail_everywhere(23); }
TEST(FaultsLong, AtEachSingleOperation) { fail_everywhere(1); }

/// The power goes at a random operation; the folder keeps what was synced and any part of the rest.
void lose_power(std::uint64_t seed, int times) {
    const auto operations = all_operations();
    for (int i = 0; i < times; ++i) {
        Rng rng(seed, "power", std::to_string(i));
        const auto at = static_cast<std::int64_t>(rng.uniform() * static_cast<double>(operations.size()));
        const std::string what = "power lost at operation " + std::to_string(at) + ", run " + std::to_string(i);
        const TemporaryFolder folder;
        const fs::path before = folder.path() / "before", after = folder.path() / "after";
        Script script(before);
        disk.track(true);
        disk.arm(at, FileFault::no_power);
        for (std::size_t step = 0; step < script.size(); ++step) {
            if (!tried(script, step, what)) break;
        }
        // The machine is off: nothing that letting go does reaches the disk.
        script.drop();
        fs::copy(before, after, fs::copy_options::recursive);
        fs::remove(after / "holdfast.db-shm");
        disk.lose_power(after, rng);
        disk.track(false);
        disk.disarm();
        script.check(after, what);
        if (::testing::Test::HasFailure()) return;
    }
}

TEST(Faults, APowerCutLosesNothingAcknowledged) { lose_power(1, 25); }
TEST(FaultsLong, ManyPowerCutsLoseNothingAcknowledged) { lose_power(2, 1'500); }

}  // namespace
}  // namespace holdfast
