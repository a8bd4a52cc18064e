#include <utility>

#include <holdfast/models/graph.hpp>

#include "models/engine/native_model.hpp"

namespace holdfast {

std::shared_ptr<const Model> compile(Graph graph, std::string backend, int threads) {
    return std::make_shared<const engine::NativeModel>(std::move(graph), std::move(backend), threads);
}

}  // namespace holdfast
