#include "torch/threads.hpp"

#include <ATen/Parallel.h>

#include <holdfast/base/fork.hpp>

namespace holdfast::torch_backend {
namespace {

const ForkGuard& process() {
    static const ForkGuard guard("LibTorch");
    return guard;
}

}  // namespace

void remember_process() { static_cast<void>(process()); }

ThreadCount::ThreadCount(int wanted)
    : before_(at::get_num_threads()),
      wanted_(process().in_owner() ? wanted : 1),
      share_(ProcessorShare::of_any(wanted_)) {
    if (before_ != wanted_) at::set_num_threads(wanted_);
}

ThreadCount::~ThreadCount() {
    if (before_ != wanted_) at::set_num_threads(before_);
}

}  // namespace holdfast::torch_backend
