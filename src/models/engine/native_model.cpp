#include "models/engine/native_model.hpp"

#include <algorithm>
#include <array>

#include "models/engine/input.hpp"

namespace holdfast::engine {
namespace {

constexpr std::int64_t most_block_rows = 1024;
constexpr std::int64_t block_bytes = std::int64_t{2} << 20;  // about a core's share of the cache

constexpr std::int64_t align(std::int64_t bytes) { return (bytes + 63) / 64 * 64; }

}  // namespace

NativeModel::NativeModel(Graph graph, std::string backend)
    : Model(graph.signature), graph_(std::move(graph)), backend_(std::move(backend)), plan_(plan(graph_)) {
    std::vector<ValueType> types;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
        types.clear();
        for (const std::size_t input : plan_.nodes[i].inputs) types.push_back(plan_.values[input]);
        steps_.push_back(make_step(graph_.nodes[i].form, types, plan_.values[plan_.nodes[i].output]));
    }
    layout();
    pool_ = std::make_unique<ScratchPool>(scratch_bytes_);
}

std::string NativeModel::arithmetic() const { return "holdfast-native-1"; }

void NativeModel::layout() {
    std::int64_t row_bytes = 1;
    for (const ValueType& value : plan_.values) row_bytes += value.width * size_of(value.dtype);
    block_rows_ = std::clamp(block_bytes / row_bytes, std::int64_t{1}, most_block_rows);
    std::int64_t bytes = 0;
    for (const ValueType& value : plan_.values) {
        offsets_.push_back(bytes);
        bytes += align(block_rows_ * value.width * size_of(value.dtype));
    }
    workspace_offset_ = bytes;
    std::int64_t workspace = 0;
    for (const auto& step : steps_) workspace = std::max(workspace, step->workspace_bytes(block_rows_));
    scratch_bytes_ = bytes + align(workspace);
}

void NativeModel::prepare(Scratch& scratch) const {
    if (!scratch.blocks.empty()) return;
    for (const ValueType& value : plan_.values) scratch.blocks.push_back({nullptr, value});
    for (std::size_t v = 0; v < offsets_.size(); ++v) scratch.blocks[v].data = scratch.memory.get() + offsets_[v];
    std::size_t most = 0;
    for (const PlannedNode& node : plan_.nodes) most = std::max(most, node.inputs.size());
    scratch.arguments.resize(most);
    scratch.needed.resize(plan_.values.size());
    scratch.places.resize(plan_.outputs.size());
    scratch.columns.resize(graph_.signature.inputs.size());
}

/// Places what is wanted, and marks what that needs, from the outputs back.
void NativeModel::ask(Scratch& scratch, Outputs& out, std::int64_t rows) const {
    std::fill(scratch.needed.begin(), scratch.needed.end(), std::uint8_t{0});
    for (std::size_t i = 0; i < plan_.outputs.size(); ++i) {
        const TensorSpec& spec = graph_.signature.outputs[i];
        scratch.places[i] = TensorView();
        if (!out.wants(spec.name)) continue;
        std::array<std::int64_t, TensorView::max_rank> shape{};
        std::copy(spec.shape.begin(), spec.shape.end(), shape.begin());
        shape[0] = rows;
        scratch.places[i] = out.place(spec.name, spec.dtype, {shape.data(), spec.shape.size()});
        scratch.needed[plan_.outputs[i]] = 1;
    }
    for (auto node = plan_.nodes.rbegin(); node != plan_.nodes.rend(); ++node) {
        if (scratch.needed[node->output] == 0) continue;
        for (const std::size_t input : node->inputs) scratch.needed[input] = 1;
    }
}

void NativeModel::feed(Scratch& scratch, const Batch& batch, std::int64_t begin, std::int64_t rows) const {
    for (std::size_t i = 0; i < graph_.signature.inputs.size(); ++i) {
        if (scratch.needed[i] == 0) continue;
        Block& block = scratch.blocks[i];
        block.data = scratch.memory.get() + offsets_[i];
        if (const Table* table = batch.table()) {
            if (begin == 0) find_columns(graph_.signature, *table, i, scratch.columns[i]);
            copy_rows(*table, scratch.columns[i], begin, rows, block);
        } else if (const void* in_place = rows_in_place(*batch.tensor(), block.type, begin)) {
            block.data = const_cast<void*>(in_place);  // steps only read their inputs
        } else {
            copy_rows(*batch.tensor(), begin, rows, block);
        }
    }
}

void NativeModel::run_steps(Scratch& scratch, Outputs& out, std::int64_t rows) const {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        const PlannedNode& node = plan_.nodes[i];
        if (scratch.needed[node.output] == 0) continue;
        for (std::size_t k = 0; k < node.inputs.size(); ++k) scratch.arguments[k] = scratch.blocks[node.inputs[k]];
        steps_[i]->run({rows,
                        {scratch.arguments.data(), node.inputs.size()},
                        scratch.blocks[node.output],
                        scratch.memory.get() + workspace_offset_,
                        &out});
    }
}

void NativeModel::do_run(const Batch& batch, Outputs& out) const {
    const ScratchPool::Lease lease(*pool_);
    Scratch& scratch = *lease;
    prepare(scratch);
    const std::int64_t rows = batch.rows();
    ask(scratch, out, rows);
    for (std::int64_t begin = 0; begin < rows; begin += block_rows_) {
        const std::int64_t count = std::min(block_rows_, rows - begin);
        feed(scratch, batch, begin, count);
        run_steps(scratch, out, count);
        for (std::size_t i = 0; i < plan_.outputs.size(); ++i) {
            if (scratch.places[i].data() != nullptr)
                write_rows(scratch.blocks[plan_.outputs[i]], begin, count, scratch.places[i]);
        }
    }
}

}  // namespace holdfast::engine
