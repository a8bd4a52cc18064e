// Sums of labelled answers by endpoint, version and the bucket in which the newest label was recorded. They follow the
// rows: what they know of is remembered with them, and what came since is added by upkeep, or by who reads.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include <holdfast/models/signature.hpp>
#include <holdfast/store/store.hpp>
#include <holdfast/workspace/summary.hpp>

namespace holdfast::detail {

struct LabelSums {
    std::optional<Time> first, last;  // of all labels that were ever added: no other was recorded before or after
    std::int64_t labelled = 0, unjudged = 0;
    std::map<std::pair<std::string, std::string>, std::int64_t> confusion;
    stats::ScoreSums scores;

    LabelSums& operator+=(const LabelSums& other);
    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static LabelSums from_json(const Json& json);
};

/// Judges labelled answers, each by its own version's signature, and sums them up by bucket.
class LabelTally {
  public:
    struct Key {
        std::string endpoint, role;
        Time bucket{};
        std::int64_t version = 0;
        auto operator<=>(const Key&) const = default;
    };

    explicit LabelTally(const store::Session& session) : session_(session) {}

    /// `added`: false takes away what is added, and the other way round.
    void add(std::span<const store::LabelChange> changes, bool added = true);
    [[nodiscard]] std::map<Key, LabelSums>& sums() noexcept { return sums_; }
    /// Null where the version is not known.
    [[nodiscard]] const Signature* signature_of(const std::string& endpoint, std::int64_t version);

  private:
    void add_alike(std::span<const store::LabelChange* const> changes, bool added);
    [[nodiscard]] Duration bucket_width(const std::string& endpoint);

    const store::Session& session_;
    std::map<Key, LabelSums> sums_;
    std::map<std::pair<std::string, std::int64_t>, std::optional<Signature>> signatures_;
    std::map<std::string, Duration, std::less<>> widths_;
    std::map<std::int64_t, store::StoredSchema> schemas_;
};

/// Adds a tally to what is stored.
void store_label_sums(store::Session& session, LabelTally& tally);
/// Has the sums know of about `most` more rows; false where there are no more.
bool sum_labels(store::Session& session, std::int64_t most);
/// Has them know of all, in transactions that others get between; where at most `enough` rows are news they stay so.
void sum_all_labels(store::Store& store, std::int64_t enough);

/// So many rows a reader adds up for himself.
inline constexpr std::int64_t rows_summed_when_read = 10'000;

/// Sums of (after, until]. `alike`: whether `as` would have judged them the same.
struct LabelWindow {
    LabelSummary summary;
    bool alike = true;
};
[[nodiscard]] LabelWindow label_window(const store::Session& session, const std::string& endpoint, Time after,
                                       Time until, std::optional<std::int64_t> version, const Signature* as);

}  // namespace holdfast::detail
