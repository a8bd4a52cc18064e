#include "models/engine/native_model.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>

#include "models/engine/input.hpp"

namespace holdfast::engine {
namespace {

constexpr std::int64_t most_block_rows = 1024;
constexpr std::int64_t block_bytes = std::int64_t{2} << 20;  // about a core's share of the cache
// A few rows of a small model run in memory of the stack.
constexpr std::int64_t small_bytes = 16 << 10;
constexpr std::int64_t most_small_rows = 16;
constexpr std::size_t most_small_values = 64;

constexpr std::int64_t align(std::int64_t bytes) { return (bytes + 63) / 64 * 64; }

bool overlap(const TensorView& tensor, const TensorView& out) {
    const auto* from = static_cast<const std::byte*>(tensor.data());
    const auto* to = static_cast<const std::byte*>(out.data());
    return !tensor.contiguous() ||
           (from < to + out.size() * size_of(out.dtype()) && to < from + tensor.size() * size_of(tensor.dtype()));
}

}  // namespace

NativeModel::NativeModel(Graph graph, std::string backend)
    : Model(graph.signature), graph_(std::move(graph)), backend_(std::move(backend)), plan_(plan(graph_)) {
    std::vector<ValueType> types;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
        types.clear();
        for (const std::size_t input : plan_.nodes[i].inputs) types.push_back(plan_.values[input]);
        steps_.push_back(make_step(graph_.nodes[i].form, types, plan_.values[plan_.nodes[i].output]));
        most_arguments_ = std::max(most_arguments_, types.size());
    }
    for (const std::size_t& value : plan_.outputs) {
        needs_.push_back(needs_of(plan_, {&value, 1}));
        makes_text_.push_back(makes_text(needs_.back()) ? 1 : 0);
    }
    needs_of_all_ = needs_of(plan_, plan_.outputs);
    std::int64_t row_bytes = 1;
    for (const ValueType& value : plan_.values) row_bytes += value.width * size_of(value.dtype);
    large_ = layout(std::clamp(block_bytes / row_bytes, std::int64_t{1}, most_block_rows));
    small_ = small_layout();
    pool_ = std::make_unique<ScratchPool>(large_.bytes);
}

std::string NativeModel::arithmetic() const { return "holdfast-native-1"; }

NativeModel::Layout NativeModel::layout(std::int64_t rows) const {
    Layout made;
    made.rows = rows;
    for (const ValueType& value : plan_.values) {
        made.offsets.push_back(made.bytes);
        made.bytes += align(rows * value.width * size_of(value.dtype));
    }
    made.workspace = made.bytes;
    std::int64_t workspace = 0;
    for (const auto& step : steps_) workspace = std::max(workspace, step->workspace_bytes(rows));
    made.bytes += align(workspace);
    return made;
}

/// Of the most rows that fit; none where there are too many values.
NativeModel::Layout NativeModel::small_layout() const {
    if (plan_.values.size() + most_arguments_ > most_small_values) return {};
    for (std::int64_t rows = std::min(most_small_rows, large_.rows); rows > 0; rows /= 2) {
        Layout made = layout(rows);
        if (made.bytes <= small_bytes) return made;
    }
    return {};
}

bool NativeModel::makes_text(const Needs& needs) const {
    return std::ranges::any_of(needs.steps, [&](std::size_t i) {
        const auto* cast = std::get_if<forms::Cast>(&graph_.nodes[i].form);
        return cast != nullptr && cast->to == DType::string;
    });
}

bool NativeModel::fits(std::size_t output, std::int64_t rows, const TensorView& out) const {
    const TensorSpec& spec = graph_.signature.outputs[output];
    return out.writable() && out.dtype() == spec.dtype && out.shape().size() == spec.shape.size() &&
           out.rows() == rows && std::equal(spec.shape.begin() + 1, spec.shape.end(), out.shape().begin() + 1);
}

void NativeModel::start(const Frame& frame) const {
    for (std::size_t v = 0; v < plan_.values.size(); ++v)
        std::construct_at(frame.blocks + v, frame.memory + frame.layout.offsets[v], plan_.values[v]);
}

NativeModel::Frame NativeModel::prepare(Scratch& scratch) const {
    if (scratch.blocks.empty()) {
        scratch.blocks.resize(plan_.values.size() + most_arguments_);
        scratch.places.reserve(plan_.outputs.size());
        scratch.columns.resize(graph_.signature.inputs.size());
    }
    const Frame frame{large_, scratch.memory.get(), scratch.blocks.data(), scratch.blocks.data() + plan_.values.size(),
                      &scratch.columns};
    start(frame);
    return frame;
}

/// Places what is wanted, and says what that needs.
const Needs& NativeModel::ask(Scratch& scratch, Outputs& out, std::int64_t rows) const {
    scratch.places.clear();
    std::size_t last = 0;
    for (std::size_t i = 0; i < plan_.outputs.size(); ++i) {
        const TensorSpec& spec = graph_.signature.outputs[i];
        if (!out.wants(spec.name)) continue;
        std::array<std::int64_t, TensorView::max_rank> shape{};
        std::copy(spec.shape.begin(), spec.shape.end(), shape.begin());
        shape[0] = rows;
        scratch.places.push_back(
            {plan_.outputs[i], out.place(spec.name, spec.dtype, {shape.data(), spec.shape.size()})});
        last = i;
    }
    if (scratch.places.size() == plan_.outputs.size()) return needs_of_all_;
    if (scratch.places.size() == 1) return needs_[last];
    const auto gather = [&](std::vector<std::size_t> Needs::* list) {
        std::vector<std::size_t>& all = scratch.needs.*list;
        all.clear();
        for (std::size_t i = 0; i < plan_.outputs.size(); ++i) {
            if (out.wants(graph_.signature.outputs[i].name))
                all.insert(all.end(), (needs_[i].*list).begin(), (needs_[i].*list).end());
        }
        std::ranges::sort(all);
        all.erase(std::ranges::unique(all).begin(), all.end());
    };
    gather(&Needs::inputs);
    gather(&Needs::steps);
    return scratch.needs;
}

void NativeModel::feed(const Frame& frame, std::size_t input, const Batch& batch, std::int64_t begin,
                       std::int64_t rows) const {
    Block& block = frame.blocks[input];
    if (const Table* table = batch.table()) {
        std::vector<std::int64_t>& columns = (*frame.columns)[input];
        if (begin == 0) find_columns(graph_.signature, *table, input, columns);
        copy_rows(*table, columns, begin, rows, block);
    } else if (const void* in_place = rows_in_place(*batch.tensor(), block.type, begin)) {
        block.data = const_cast<void*>(in_place);  // steps only read their inputs
    } else {
        copy_rows(*batch.tensor(), begin, rows, block);
    }
}

void NativeModel::run_blocks(const Frame& frame, const Needs& needs, const Batch& batch, std::span<const Place> places,
                             Outputs* texts) const {
    const std::int64_t rows = batch.rows();
    // A step may write where the caller wants it, unless rows that are yet to be read lie there.
    const auto is_direct = [&](const Place& place) {
        return place.value >= graph_.signature.inputs.size() && place.view.contiguous() &&
               (batch.tensor() == nullptr || !overlap(*batch.tensor(), place.view));
    };
    for (std::int64_t begin = 0; begin < rows; begin += frame.layout.rows) {
        const std::int64_t count = std::min(frame.layout.rows, rows - begin);
        for (const std::size_t input : needs.inputs) feed(frame, input, batch, begin, count);
        for (const Place& place : places) {
            Block& block = frame.blocks[place.value];
            if (is_direct(place))
                block.data = static_cast<std::byte*>(place.view.mutable_data()) +
                             begin * block.type.width * size_of(block.type.dtype);
        }
        for (const std::size_t i : needs.steps) {
            const std::vector<std::size_t>& inputs = plan_.nodes[i].inputs;
            for (std::size_t k = 0; k < inputs.size(); ++k) frame.arguments[k] = frame.blocks[inputs[k]];
            steps_[i]->run({count,
                            {frame.arguments, inputs.size()},
                            frame.blocks[plan_.nodes[i].output],
                            frame.memory + frame.layout.workspace,
                            texts});
        }
        for (const Place& place : places) {
            if (!is_direct(place)) write_rows(frame.blocks[place.value], begin, count, place.view);
        }
    }
}

void NativeModel::run_small(const Needs& needs, const Batch& batch, const Place& place) const {
    alignas(64) std::array<std::byte, small_bytes> memory;                           // NOLINT: not initialised
    alignas(Block) std::array<std::byte, most_small_values * sizeof(Block)> blocks;  // NOLINT: not initialised
    auto* first = reinterpret_cast<Block*>(blocks.data());
    const Frame frame{small_, memory.data(), first, first + plan_.values.size()};
    start(frame);
    run_blocks(frame, needs, batch, {&place, 1}, nullptr);
}

bool NativeModel::do_run_into(std::int64_t i, const Batch& batch, const TensorView& out) const {
    const auto output = static_cast<std::size_t>(i);
    const std::int64_t rows = batch.rows();
    if (makes_text_[output] != 0 || !fits(output, rows, out)) return false;
    const Place place{plan_.outputs[output], out};
    if (rows <= small_.rows && batch.tensor() != nullptr) {
        run_small(needs_[output], batch, place);
        return true;
    }
    const ScratchPool::Lease lease(*pool_);
    run_blocks(prepare(*lease), needs_[output], batch, {&place, 1}, nullptr);
    return true;
}

void NativeModel::do_run(const Batch& batch, Outputs& out) const {
    const ScratchPool::Lease lease(*pool_);
    const Frame frame = prepare(*lease);
    const Needs& needs = ask(*lease, out, batch.rows());
    run_blocks(frame, needs, batch, (*lease).places, &out);
}

}  // namespace holdfast::engine
