#include <algorithm>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/models/outputs.hpp>

#include "models/text.hpp"

namespace holdfast {

struct Outputs::Entry {
    std::string name;
    TensorView view;     // the caller's, or over `buffer` once written
    bool asked = false;  // by name; where nothing was asked for, all entries count
    bool callers = false;
    bool written = false;
    std::unique_ptr<std::byte[]> buffer;
    std::size_t capacity = 0;
};

namespace {

std::string describe(DType dtype, std::span<const std::int64_t> shape) {
    std::string out(to_string(dtype));
    out += "[";
    for (std::size_t i = 0; i < shape.size(); ++i) out += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    return out + "]";
}

}  // namespace

Outputs::Outputs() = default;
Outputs::~Outputs() = default;
Outputs::Outputs(Outputs&&) noexcept = default;
Outputs& Outputs::operator=(Outputs&&) noexcept = default;

Outputs::Entry* Outputs::find(std::string_view name) noexcept {
    for (Entry& entry : entries_) {
        if (entry.name == name) return &entry;
    }
    return nullptr;
}

Outputs::Entry& Outputs::ask(std::string_view name) {
    everything_ = false;
    Entry* entry = find(name);
    if (entry == nullptr) {
        const auto spare = std::find_if(entries_.begin(), entries_.end(),
                                        [](const Entry& e) { return !e.asked && e.buffer == nullptr; });
        entry = spare != entries_.end() ? &*spare : &entries_.emplace_back();
        entry->name = name;
    }
    entry->asked = true;
    entry->written = false;
    return *entry;
}

Outputs& Outputs::want(std::string_view name) {
    ask(name).callers = false;
    return *this;
}

Outputs& Outputs::into(std::string_view name, const TensorView& view) {
    if (!view.writable())
        throw InvalidArgument("output " + detail::quoted(name) + ": read-only memory given, writable memory wanted");
    Entry& entry = ask(name);
    entry.callers = true;
    entry.view = view;
    return *this;
}

void Outputs::reset() noexcept {
    everything_ = true;
    for (Entry& entry : entries_) {
        entry.asked = entry.callers = entry.written = false;
        entry.view = TensorView();
    }
    texts_in_use_ = 0;
}

bool Outputs::asked_for_nothing() const noexcept { return everything_; }

bool Outputs::wants(std::string_view name) const noexcept {
    return everything_ ||
           std::any_of(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.asked && e.name == name; });
}

std::string_view Outputs::asked(std::int64_t i) const noexcept {
    for (const Entry& entry : entries_) {
        if (entry.asked && i-- == 0) return entry.name;
    }
    return {};
}

std::vector<std::string> Outputs::names() const {
    std::vector<std::string> names;
    for (const Entry& entry : entries_) {
        if (entry.written) names.push_back(entry.name);
    }
    return names;
}

const TensorView& Outputs::at(std::string_view name) const {
    for (const Entry& entry : entries_) {
        if (entry.written && entry.name == name) return entry.view;
    }
    throw InvalidArgument("output " + detail::quoted(name) + " was not written; written were " +
                          detail::listed(names()));
}

void Outputs::begin_run() {
    for (Entry& entry : entries_) entry.written = false;
    texts_in_use_ = 0;
}

TensorView Outputs::place(std::string_view name, DType dtype, std::span<const std::int64_t> shape) {
    if (!wants(name)) return {};
    Entry* entry = find(name);
    if (entry == nullptr) {
        entry = &entries_.emplace_back();
        entry->name = name;
    }
    if (entry->callers) {
        if (entry->view.dtype() != dtype || !std::ranges::equal(entry->view.shape(), shape))
            throw InvalidArgument("output " + detail::quoted(name) + ": memory for " + entry->view.describe() +
                                  " given, " + describe(dtype, shape) + " wanted");
    } else {
        std::size_t bytes = static_cast<std::size_t>(size_of(dtype));
        for (const std::int64_t extent : shape) bytes *= static_cast<std::size_t>(extent);
        if (bytes > entry->capacity || entry->buffer == nullptr) {
            entry->buffer = std::make_unique<std::byte[]>(std::max<std::size_t>(bytes, 1));
            entry->capacity = bytes;
        }
        entry->view = TensorView(static_cast<void*>(entry->buffer.get()), dtype, shape);
    }
    entry->written = true;
    return entry->view;
}

std::string_view Outputs::keep(std::string_view text) {
    while (texts_in_use_ == 0 || texts_[texts_in_use_ - 1].size - text_end_ < text.size()) {
        if (texts_in_use_ == texts_.size()) {
            const std::size_t size =
                std::max<std::size_t>(text.size(), std::size_t{4096} << std::min<std::size_t>(texts_.size(), 10));
            texts_.push_back({std::make_unique<char[]>(size), size});
        }
        ++texts_in_use_;
        text_end_ = 0;
    }
    char* to = texts_[texts_in_use_ - 1].memory.get() + text_end_;
    text_end_ += text.size();
    return {to, static_cast<std::size_t>(std::copy(text.begin(), text.end(), to) - to)};
}

}  // namespace holdfast
