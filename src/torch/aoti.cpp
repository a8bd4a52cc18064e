#include "torch/aoti.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <c10/core/InferenceMode.h>
#include <caffe2/serialize/inline_container.h>

#include <holdfast/base/error.hpp>

#include "torch/bytes_reader.hpp"
#include "torch/call_spec.hpp"
#include "torch/dtypes.hpp"
#include "torch/failure.hpp"
#include "torch/opened_packages.hpp"
#include "torch/text.hpp"
#include "torch/torch_model.hpp"

namespace holdfast::torch_backend {
namespace {

/// LibTorch's own loader leaves its temporary folder behind when it refuses a file.
void check_archive(std::span<const std::byte> bytes, const std::string& what) {
    caffe2::serialize::PyTorchStreamReader archive(std::make_shared<BytesReader>(bytes));
    const auto is_model = [](const std::string& name) { return name.starts_with("data/aotinductor/model/"); };
    if (!std::ranges::any_of(archive.getAllRecords(), is_model))
        throw CorruptArtifact(what +
                              ": an archive without data/aotinductor/model given, an AOTInductor package wanted");
}

/// The dtype of the first floating-point constant, in the order of their names.
std::optional<DType> constant_dtype(torch::inductor::AOTIModelPackageLoader& package) {
    const auto dtypes = package.get_runner()->getConstantNamesToDtypes();
    for (const auto& [name, number] : std::map<std::string, std::int32_t>(dtypes.begin(), dtypes.end())) {
        const auto type = static_cast<at::ScalarType>(number);
        if (at::isFloatingType(type)) return dtype_of_scalar(type);
    }
    return std::nullopt;
}

Description describe(torch::inductor::AOTIModelPackageLoader& package) {
    const std::vector<std::string> specs = package.get_call_spec();  // of the inputs, of the outputs
    if (specs.size() != 2)
        throw CorruptArtifact("call specification: two parts wanted, " + std::to_string(specs.size()) + " given");
    return {leaf_names(specs[0], "x"), leaf_names(specs[1], "y"), constant_dtype(package),
            package.get_metadata()[signature_key]};
}

void check_device(torch::inductor::AOTIModelPackageLoader& package, c10::Device device, const std::string& what) {
    const std::string made_for = package.get_metadata()["AOTI_DEVICE_KEY"];
    if (made_for != c10::DeviceTypeName(device.type(), true))
        throw InvalidArgument(what + ": device " + in_quotes(device.str()) + " given, the package was compiled for " +
                              in_quotes(made_for));
}

class AotiModel final : public TorchModel {
  public:
    AotiModel(OpenedPackage package, Chosen chosen, const LoadOptions& options, const std::string& what)
        : TorchModel(std::move(chosen), options, what), package_(std::move(package)) {}

  private:
    std::vector<at::Tensor> forward(std::vector<at::Tensor> arguments) const override {
        // Compiled code has the strides of the example it was exported with.
        for (at::Tensor& argument : arguments) argument = argument.contiguous();
        std::vector<at::Tensor> given = package_->boxed_run(std::move(arguments));
        if (given.size() == 1) return given;
        std::vector<at::Tensor> ordered;
        for (const std::size_t i : chosen().outputs) ordered.push_back(given.at(i));
        return ordered;
    }

    OpenedPackage package_;
};

}  // namespace

std::shared_ptr<const Model> load_aoti(const ModelFile& file, const LoadOptions& options) {
    const std::string what = name_of(file);
    const c10::Device device = check_options(options);
    return translated(ErrorCode::corrupt_artifact, what, [&]() -> std::shared_ptr<const Model> {
        const c10::InferenceMode inference;  // of the constants too
        check_archive(file.bytes, what);
        OpenedPackage package = open_package(file.bytes, file.sha256(), device);
        check_device(*package, device, what);
        Chosen chosen = choose_signature(describe(*package), options, what);
        return std::make_shared<const AotiModel>(std::move(package), std::move(chosen), options, what);
    });
}

}  // namespace holdfast::torch_backend
