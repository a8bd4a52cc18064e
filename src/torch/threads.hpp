/// The number of threads inside one call, and what a fork leaves of them.
#pragma once

#include <holdfast/base/processors.hpp>

namespace holdfast::torch_backend {

/// Remembers the process that uses LibTorch; called when the backends are registered and when a model is loaded.
void remember_process();

/// Sets the calling thread's number of threads, one in a forked child of the remembered process, and sets it back.
/// Native models that run meanwhile do without these processors.
class ThreadCount {
  public:
    explicit ThreadCount(int wanted);
    ~ThreadCount();
    ThreadCount(const ThreadCount&) = delete;
    ThreadCount& operator=(const ThreadCount&) = delete;

  private:
    int before_;
    int wanted_;
    ProcessorShare share_;
};

}  // namespace holdfast::torch_backend
