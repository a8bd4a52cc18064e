#include <holdfast/loop/subprocess.hpp>

#include <filesystem>

#include <holdfast/base/error.hpp>
#include <holdfast/loop/jobs.hpp>

#include "loop/backoff.hpp"
#include "loop/csv.hpp"
#include "small_loop.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;

using SubprocessTest = test::SmallLoop;

TEST_F(SubprocessTest, ACppHostTrainsByAProgram) {
    test::package_of(0.1).save_zip(folder_ / "better.zip");
    auto wanted = options(Subprocess{{"sh", "-c", "cp \"$0\" \"${1%/*}/package.zip\"", folder_ / "better.zip"}});
    Controller loop(*workspace_, wanted);
    loop.save();
    go_stale();
    (void)loop.step_until(LoopState::training);
    // The program runs in its own time: steps return at once until it has ended.
    StepResult step;
    for (int i = 0; i < 100'000 && step.after != LoopState::evaluating; ++i) step = loop.step();
    ASSERT_EQ(step.after, LoopState::evaluating) << job(*workspace_, "line-1").error;
    EXPECT_EQ(loop.step_until(LoopState::monitoring).after, LoopState::monitoring);
    EXPECT_EQ(endpoint_->served()->version, 2);
    EXPECT_EQ(job(*workspace_, "line-1").exit_code, 0);
    EXPECT_NO_THROW((void)Controller::load(*workspace_, "line"));
}

TEST(Subprocess, IsKeptWhole) {
    Subprocess program{{"Rscript", "train.R"}};
    program.parameters = Json::object({{"trees", 100}});
    program.max_wait = 2h;
    program.trusted = true;
    EXPECT_EQ(Subprocess::from_json(program.to_json()).to_json(), program.to_json());
    EXPECT_EQ(Subprocess::from_json(program.to_json()).max_wait, 2h);
}

TEST(Subprocess, RefusesWhatMakesNoSense) {
    EXPECT_THROW((void)Subprocess{}.trainer(), InvalidArgument);
    EXPECT_THROW((void)(Subprocess{.argv = {"true"}, .max_wait = 0s}.trainer()), InvalidArgument);
    EXPECT_THROW((void)(Subprocess{.argv = {"true"}, .max_output = -1}.trainer()), InvalidArgument);
}

TEST(Csv, IsReadBackByItsOwnRules) {
    Table table;
    const std::vector<std::string> texts{"plain", "a,b", "say \"x\"", "", "two\nlines"};
    table.add("text, quoted", Column::strings(texts, {true, true, true, true, true}));
    table.add("number",
              Column::of(std::vector<double>{0.1, 1e300, -0.0, 3.0, 5e-324}, {true, true, true, false, true}));
    EXPECT_EQ(detail::to_csv(table),
              "\"text, quoted\",number\n"
              "plain,0.1\n"
              "\"a,b\",1e+300\n"
              "\"say \"\"x\"\"\",-0\n"
              "\"\",\n"
              "\"two\nlines\",5e-324\n");
}

TEST(BackedOff, DoublesUpToAnHour) {
    EXPECT_EQ(detail::backed_off(10s, 1), 10s);
    EXPECT_EQ(detail::backed_off(10s, 4), 80s);
    EXPECT_EQ(detail::backed_off(10s, 10), 3600s);
    EXPECT_EQ(detail::backed_off(10s, 1'000'000'000), 3600s);
    EXPECT_EQ(detail::backed_off(2h, 7), 2h);
    EXPECT_EQ(detail::backed_off(0s, 1000), 0s);
}

}  // namespace
}  // namespace holdfast
