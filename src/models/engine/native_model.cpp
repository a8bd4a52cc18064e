#include "models/engine/native_model.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>

#include <holdfast/base/error.hpp>

#include "models/engine/input.hpp"
#include "models/engine/row_threads.hpp"

namespace holdfast::engine {
namespace {

constexpr std::int64_t most_block_rows = 1024;
constexpr std::int64_t block_bytes = std::int64_t{2} << 20;  // about a core's share of the cache
// A few rows of a small model run in memory of the stack.
constexpr std::int64_t small_bytes = 16 << 10;
constexpr std::int64_t most_small_rows = 16;
constexpr std::size_t most_small_values = 64;

constexpr std::int64_t align(std::int64_t bytes) { return (bytes + 63) / 64 * 64; }

bool overlap(const Batch& batch, const TensorView& out) {
    if (batch.tensor() == nullptr) return false;
    const TensorView& tensor = *batch.tensor();
    const auto* from = static_cast<const std::byte*>(tensor.data());
    const auto* to = static_cast<const std::byte*>(out.data());
    return !tensor.contiguous() ||
           (from < to + out.size() * size_of(out.dtype()) && to < from + tensor.size() * size_of(tensor.dtype()));
}

}  // namespace

NativeModel::NativeModel(Graph graph, std::string backend, int threads)
    : Model(graph.signature),
      graph_(std::move(graph)),
      backend_(std::move(backend)),
      threads_(threads),
      plan_(plan(graph_)) {
    if (threads < 1) throw InvalidArgument("threads: " + std::to_string(threads) + " given, 1 or more wanted");
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

/// Which columns each input is made of, where a table is fed.
void NativeModel::find(const Frame& frame, const Needs& needs, const Batch& batch) const {
    if (batch.table() == nullptr) return;
    for (const std::size_t input : needs.inputs)
        find_columns(graph_.signature, *batch.table(), input, (*frame.columns)[input]);
}

void NativeModel::feed(const Frame& frame, std::size_t input, const Batch& batch, std::int64_t begin,
                       std::int64_t rows) const {
    Block& block = frame.blocks[input];
    if (const Table* table = batch.table()) {
        copy_rows(*table, (*frame.columns)[input], begin, rows, block);
    } else if (const void* in_place = rows_in_place(*batch.tensor(), block.type, begin)) {
        block.data = const_cast<void*>(in_place);  // steps only read their inputs
    } else {
        copy_rows(*batch.tensor(), begin, rows, block);
    }
}

void NativeModel::run_block(const Frame& frame, const Request& request, std::int64_t begin, std::int64_t rows) const {
    // A step may write where the caller wants it, unless rows that are yet to be read lie there.
    const auto is_direct = [&](const Place& place) {
        return place.value >= graph_.signature.inputs.size() && place.view.contiguous() &&
               !overlap(request.batch, place.view);
    };
    for (const std::size_t input : request.needs.inputs) feed(frame, input, request.batch, begin, rows);
    for (const Place& place : request.places) {
        Block& block = frame.blocks[place.value];
        if (is_direct(place))
            block.data = static_cast<std::byte*>(place.view.mutable_data()) +
                         begin * block.type.width * size_of(block.type.dtype);
    }
    for (const std::size_t i : request.needs.steps) {
        const std::vector<std::size_t>& inputs = plan_.nodes[i].inputs;
        for (std::size_t k = 0; k < inputs.size(); ++k) frame.arguments[k] = frame.blocks[inputs[k]];
        steps_[i]->run({rows,
                        {frame.arguments, inputs.size()},
                        frame.blocks[plan_.nodes[i].output],
                        frame.memory + frame.layout.workspace,
                        request.texts});
    }
    for (const Place& place : request.places) {
        if (!is_direct(place)) write_rows(frame.blocks[place.value], begin, rows, place.view);
    }
}

void NativeModel::run_blocks(const Frame& frame, const Request& request) const {
    find(frame, request.needs, request.batch);
    const std::int64_t rows = request.batch.rows();
    for (std::int64_t begin = 0; begin < rows; begin += frame.layout.rows)
        run_block(frame, request, begin, std::min(frame.layout.rows, rows - begin));
}

/// Text is kept in one place, and rows that are overwritten must be read before.
bool NativeModel::needs_one_thread(const Request& request) const {
    return threads_ == 1 || request.batch.rows() <= most_small_rows ||
           (request.texts != nullptr && makes_text(request.needs)) ||
           std::ranges::any_of(request.places, [&](const Place& place) { return overlap(request.batch, place.view); });
}

void NativeModel::run(const Frame& frame, const Request& request) const {
    if (needs_one_thread(request)) return run_blocks(frame, request);
    find(frame, request.needs, request.batch);
    const RowWork mine = [&](std::int64_t begin, std::int64_t rows) { run_block(frame, request, begin, rows); };
    run_on_threads(request.batch.rows(), large_.rows, threads_, mine, [&]() -> RowWork {
        const auto lease = std::make_shared<ScratchPool::Lease>(*pool_);
        const Frame own = prepare(**lease);
        find(own, request.needs, request.batch);
        return [this, lease, own, &request](std::int64_t begin, std::int64_t rows) {
            run_block(own, request, begin, rows);
        };
    });
}

void NativeModel::run_small(const Needs& needs, const Batch& batch, const Place& place) const {
    alignas(64) std::array<std::byte, small_bytes> memory;                           // NOLINT: not initialised
    alignas(Block) std::array<std::byte, most_small_values * sizeof(Block)> blocks;  // NOLINT: not initialised
    auto* first = reinterpret_cast<Block*>(blocks.data());
    const Frame frame{small_, memory.data(), first, first + plan_.values.size()};
    start(frame);
    run_blocks(frame, {batch, needs, {&place, 1}});
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
    run(prepare(*lease), {batch, needs_[output], {&place, 1}});
    return true;
}

void NativeModel::do_run(const Batch& batch, Outputs& out) const {
    const ScratchPool::Lease lease(*pool_);
    const Frame frame = prepare(*lease);
    const Needs& needs = ask(*lease, out, batch.rows());
    run(frame, {batch, needs, (*lease).places, &out});
}

}  // namespace holdfast::engine
