// Logging 30 floats a row. The scripts in benchmarks/store run this: interaction_log.py beside a plain C program,
// queries.py to fill the workspaces that it asks.
//
//     bench_workspace_logging make FOLDER              a workspace with one endpoint
//     bench_workspace_logging store FOLDER ROWS BATCH  rows a second, without summaries: transactions of encoded rows
//     bench_workspace_logging log FOLDER ROWS BATCH    rows a second, through the writer, with summaries
//     bench_workspace_logging fill FOLDER ROWS DAYS    rows evenly over so many days of 2024, as traffic would be
//     bench_workspace_logging latency FOLDER CALLS     nanoseconds added to Model::predict_into: median p99 p99.9
//     bench_workspace_logging reply FOLDER THREADS CALLS  calls a second with before_reply
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <holdfast/models/graph.hpp>
#include <holdfast/workspace/workspace.hpp>

namespace {

using namespace holdfast;
using Clock_ = std::chrono::steady_clock;

constexpr std::int64_t features = 30;

double seconds_since(Clock_::time_point begin) { return std::chrono::duration<double>(Clock_::now() - begin).count(); }

Package linear_package() {
    Graph graph;
    Signature& signature = graph.signature;
    signature.task = Task::regression;
    signature.inputs = {{"X", DType::float32, {-1, features}, ""}};
    signature.outputs = {{"y", DType::float64, {-1, 1}, ""}};
    signature.prediction = "y";
    graph.nodes.push_back(
        {forms::Linear{features, 1, std::vector<double>(features, 0.5), {1.0}, DType::float64}, {"X"}, {"y"}});
    graph.source = "a benchmark";
    PackageBuilder builder("line");
    builder.model(*compile(std::move(graph)));
    return builder.build();
}

std::vector<float> some_rows(std::int64_t rows) {
    Rng rng(1, "benchmark", "rows");
    std::vector<float> x;
    for (std::int64_t i = 0; i < rows * features; ++i) x.push_back(static_cast<float>(rng.uniform()));
    return x;
}

void answer(Endpoint& endpoint, const TensorView& rows, const TensorView& out, const RequestOptions& options = {}) {
    static_cast<void>(endpoint.predict_into(rows, out, options).value());
}

void make(const std::string& folder) {
    Workspace ws(folder);
    ws.registry().register_package(linear_package());
    ws.registry().approve("line", 1, "benchmark");
    ws.create_endpoint("line").deploy("line", 1);
}

double store_rate(const std::string& folder, std::int64_t rows, std::int64_t batch) {
    store::Store store(folder);
    const std::vector<float> x = some_rows(batch);
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < features; ++i) names.push_back("x" + std::to_string(i));
    Table table = Table::from_matrix(TensorView::matrix(x.data(), batch, features), names);
    table.add("y", Column::of(std::vector<double>(static_cast<std::size_t>(batch), 1.0)));
    std::vector<std::vector<std::byte>> blobs(static_cast<std::size_t>(batch));
    for (std::int64_t i = 0; i < batch; ++i) store::encode_row(table, i, blobs[static_cast<std::size_t>(i)]);
    Rng rng = Rng::from_system();
    const auto begin = Clock_::now();
    for (std::int64_t done = 0; done < rows; done += batch) {
        store.write([&](store::Session& session) {
            const std::int64_t schema = session.schema_number(table.schema(), features, {});
            const Time now = store.clock()->now();
            std::vector<Id> ids;
            std::vector<store::EncodedInteraction> encoded;
            ids.reserve(blobs.size());
            for (const auto& blob : blobs) {
                ids.push_back(Id::uuid7(now, rng));
                encoded.push_back({"line", "live", ids.back().view(), {}, 1, 1000, schema, now, blob});
            }
            static_cast<void>(session.add_encoded(encoded));
        });
    }
    return static_cast<double>(rows) / seconds_since(begin);
}

double log_rate(const std::string& folder, std::int64_t rows, std::int64_t batch) {
    Workspace ws(folder, {.log_rows = batch});  // so that a transaction has as many rows as the peer's
    Endpoint endpoint = ws.endpoint("line");
    const std::vector<float> x = some_rows(batch);
    std::vector<double> y(static_cast<std::size_t>(batch));
    const TensorView batch_view = TensorView::matrix(x.data(), batch, features);
    const auto begin = Clock_::now();
    for (std::int64_t done = 0; done < rows; done += batch) {
        answer(endpoint, batch_view, TensorView::matrix(y.data(), batch, 1));
    }
    ws.flush();
    return static_cast<double>(rows) / seconds_since(begin);
}

double fill_rate(const std::string& folder, std::int64_t rows, std::int64_t days) {
    constexpr std::int64_t batch = 10'000;
    Workspace ws(folder, {.log_rows = batch});
    Endpoint endpoint = ws.endpoint("line");
    const std::vector<float> x = some_rows(batch);
    std::vector<double> y(static_cast<std::size_t>(batch));
    const TensorView batch_view = TensorView::matrix(x.data(), batch, features);
    const Duration apart = Duration(std::chrono::hours(24 * days)) / rows;
    std::vector<Time> times;
    for (std::int64_t i = 0; i < batch; ++i) times.push_back(parse_time("2024-01-01T00:00:00Z") + i * apart);
    const auto begin = Clock_::now();
    for (std::int64_t done = 0; done < rows; done += batch) {
        RequestOptions options;
        options.times = times;
        answer(endpoint, batch_view, TensorView::matrix(y.data(), batch, 1), options);
        for (Time& time : times) time += batch * apart;
    }
    ws.flush();
    return static_cast<double>(rows) / seconds_since(begin);
}

/// Calls 50 us apart, which the writer can follow; the model alone in turn with the endpoint.
void latency(const std::string& folder, std::int64_t calls) {
    Workspace ws(folder);
    Endpoint endpoint = ws.endpoint("line");
    const auto model = endpoint.served()->model;
    const std::vector<float> x = some_rows(1);
    double y = 0.0;
    const TensorView row = TensorView::matrix(x.data(), 1, features), out = TensorView::matrix(&y, 1, 1);
    std::vector<std::int64_t> alone, logged;
    const auto timed = [](std::vector<std::int64_t>& times, const auto& call) {
        const auto begin = Clock_::now();
        call();
        times.push_back(std::chrono::nanoseconds(Clock_::now() - begin).count());
    };
    auto due = Clock_::now();
    for (std::int64_t i = -1000; i < calls; ++i) {
        if (i == 0) {
            alone.clear();
            logged.clear();
        }
        for (due += std::chrono::microseconds(50); Clock_::now() < due;) {
        }
        timed(alone, [&] { model->predict_into(row, out); });
        timed(logged, [&] { answer(endpoint, row, out); });
    }
    std::sort(alone.begin(), alone.end());
    std::sort(logged.begin(), logged.end());
    const auto at = [](const std::vector<std::int64_t>& times, double q) {
        return times[static_cast<std::size_t>(q * static_cast<double>(times.size() - 1))];
    };
    for (const double q : {0.5, 0.99, 0.999})
        std::printf("%lld ", static_cast<long long>(at(logged, q) - at(alone, q)));
    std::printf("%lld\n", static_cast<long long>(at(alone, 0.5)));
}

double reply_rate(const std::string& folder, int threads, std::int64_t calls) {
    Workspace ws(folder);
    Endpoint endpoint = ws.endpoint("line");
    LoggingOptions options = endpoint.logging();
    options.durability = Durability::before_reply;
    endpoint.set_logging(options);
    const std::vector<float> x = some_rows(1);
    const auto begin = Clock_::now();
    std::vector<std::thread> callers;
    for (int t = 0; t < threads; ++t) {
        callers.emplace_back([&] {
            double y = 0.0;
            for (std::int64_t i = 0; i < calls; ++i) {
                answer(endpoint, TensorView::matrix(x.data(), 1, features), TensorView::matrix(&y, 1, 1));
            }
        });
    }
    for (auto& caller : callers) caller.join();
    return static_cast<double>(threads * calls) / seconds_since(begin);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string mode = argc > 2 ? argv[1] : "", folder = argc > 2 ? argv[2] : "";
    const auto number = [&](int i) { return i < argc ? std::atoll(argv[i]) : 0; };
    if (mode == "make") {
        make(folder);
    } else if (mode == "store") {
        std::printf("%.1f\n", store_rate(folder, number(3), number(4)));
    } else if (mode == "log") {
        std::printf("%.1f\n", log_rate(folder, number(3), number(4)));
    } else if (mode == "fill") {
        std::printf("%.1f\n", fill_rate(folder, number(3), number(4)));
    } else if (mode == "latency") {
        latency(folder, number(3));
    } else if (mode == "reply") {
        std::printf("%.1f\n", reply_rate(folder, static_cast<int>(number(3)), number(4)));
    } else if (argc > 1) {
        std::fprintf(stderr, "usage: see the head of benchmarks/workspace/logging.cpp\n");
        return 2;
    }
    return 0;
}
