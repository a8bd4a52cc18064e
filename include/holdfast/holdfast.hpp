/// What a user writes every day, in one include.
#pragma once

#include <holdfast/base/clock.hpp>
#include <holdfast/base/error.hpp>
#include <holdfast/base/id.hpp>
#include <holdfast/base/result.hpp>
#include <holdfast/base/window.hpp>
#include <holdfast/data/table.hpp>
#include <holdfast/data/tensor_view.hpp>
#include <holdfast/loop/controller.hpp>
#include <holdfast/loop/explain.hpp>
#include <holdfast/loop/jobs.hpp>
#include <holdfast/loop/notify.hpp>
#include <holdfast/loop/subprocess.hpp>
#include <holdfast/models/callable.hpp>
#include <holdfast/models/load.hpp>
#include <holdfast/models/model.hpp>
#include <holdfast/monitor/drift.hpp>
#include <holdfast/package/package.hpp>
#include <holdfast/policy/promotion.hpp>
#include <holdfast/policy/rule.hpp>
#include <holdfast/policy/selection.hpp>
#include <holdfast/stats/profile.hpp>
#include <holdfast/stats/scores.hpp>
#include <holdfast/stats/tests.hpp>
#include <holdfast/workspace/why.hpp>
#include <holdfast/workspace/workspace.hpp>
