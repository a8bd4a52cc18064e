/// The torch backend: TorchScript `.pt` and AOTInductor `.pt2`, a component of its own (libholdfast_torch).
///
/// Both kinds of file carry code and load only when trusted or of an allowed hash.
///
/// Signature. LoadOptions::signature wins; else the file's own, JSON under the key "holdfast.signature" (TorchScript:
/// an extra file; AOTInductor: an entry of its metadata); else one is derived. Derived inputs have the names of the
/// arguments of `forward` (AOTInductor keeps those of keyword arguments alone; the others are "x0", "x1", ...), outputs
/// are "y0", "y1", ... or the keys of an AOTInductor dict. One input is (rows, any), several are (rows, 1); outputs are
/// (rows, any); every dtype is that of the first floating-point parameter, float32 where there is none. A TorchScript
/// `forward` that returns a dict or a list says neither names nor count, so it needs a signature.
/// Several inputs or outputs go by name where the signature's names are the file's, else by position.
///
/// Numbers. Inputs convert to the signature's dtype by C's rules and are wrapped without a copy where they have it
/// (AOTInductor wants them contiguous). Outputs are copied once, into their place, and convert to the dtype of a
/// signature that was given; a derived one is held to what it says (InvalidArgument).
///
/// An AOTInductor package is a shared library: it is opened from a private copy of the verified bytes (a folder of mode
/// 0700, a file of mode 0600, both removed at once), and the same package is opened once however often it is loaded.
/// The last four that were opened stay open when no model holds them. What is closed stays mapped, some 310 KiB each
/// time a package is opened: that is the limit of a process that goes on opening ever new ones. LibTorch unpacks it
/// into a temporary folder of its own, which goes when it is closed: a host calls close_unused_packages() before it
/// returns from main (the Python module does so by itself), or the folders of those that were open stay. It must not
/// write into its inputs.
///
/// Threads. LoadOptions::threads is set for the thread that calls, around the call. LibTorch keeps the number for the
/// process, too: a thread that first uses LibTorch meanwhile starts with it.
///
/// Fork. A model loaded before a fork is UsedAfterFork in the child, since OpenMP's threads stayed behind. One loaded
/// in the child of a process that had registered the backends computes on one thread.
///
/// Thread safety: all calls are safe from several threads.
#pragma once

#include <memory>
#include <string>

#include <holdfast/models/load.hpp>
#include <holdfast/torch/export.hpp>

namespace holdfast::torch_backend {

/// Registers `.pt` and `.pt2`; a second call does nothing. Sets AOTI_RUNTIME_CHECK_INPUTS in the environment unless it
/// is set, for compiled packages would read past the end of an input of another shape: call it before threads start.
HOLDFAST_TORCH_EXPORT void register_backends();
/// What is registered, and its loader alone: for a host that loads this library late and registers a backend of its
/// own.
[[nodiscard]] HOLDFAST_TORCH_EXPORT Backend backend();
[[nodiscard]] HOLDFAST_TORCH_EXPORT std::shared_ptr<const Model> load(const ModelFile& file,
                                                                      const LoadOptions& options);
/// Closes the AOTInductor packages that no model holds; one that is loaded later is opened anew. Not at exit, from a
/// static object's destructor: LibTorch's own may be gone by then.
HOLDFAST_TORCH_EXPORT void close_unused_packages();
/// The LibTorch this library was built for: "2.13.0".
[[nodiscard]] HOLDFAST_TORCH_EXPORT std::string built_for();

}  // namespace holdfast::torch_backend
