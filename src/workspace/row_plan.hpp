// RowPlan: how a request's features and outputs become the BLOBs that are logged, straight from where they lie.
//
// Compiled once for a served version and a kind of batch; the bytes are those of store::encode_row. Columns that need
// no conversion are copied, a matrix' row at once.
//
// Thread safety: immutable once made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <holdfast/data/batch.hpp>
#include <holdfast/data/schema.hpp>
#include <holdfast/models/outputs.hpp>
#include <holdfast/serving/slot.hpp>
#include <holdfast/workspace/logging.hpp>

namespace holdfast::detail {

class RowPlan {
  public:
    /// Where the columns of one request lie; borrowed from it.
    struct Place {
        const std::byte* first = nullptr;  // of a tensor: element [0, the segment's first column]
        std::int64_t row_step = 0;         // bytes
        std::int64_t column_step = 0;      // bytes
        const Column* column = nullptr;    // of a table
    };
    using Places = std::vector<Place>;

    /// `salt`: of the workspace, where a column is hashed.
    RowPlan(const Served& served, const Batch& batch, const Outputs& outputs, const LoggingOptions& options,
            std::string salt);

    /// Whether the plan was made for such a request.
    [[nodiscard]] bool fits(const Served& served, const Batch& batch, const Outputs& outputs) const;

    void locate(const Batch& batch, const Outputs& outputs, Places& places) const;
    /// Appends the row's BLOB, then one bit for each column left out: whether it had a value. Gives back the BLOB's
    /// size.
    std::size_t encode(const Places& places, std::int64_t row, std::vector<std::byte>& out) const;
    /// Whom the row is about; nothing where no column says so, or it is null.
    [[nodiscard]] std::optional<std::string> entity(const Places& places, std::int64_t row) const;

    [[nodiscard]] const Schema& schema() const noexcept { return schema_; }
    [[nodiscard]] std::int64_t features() const noexcept { return features_; }
    /// Of the model that computes the outputs.
    [[nodiscard]] const std::string& arithmetic() const noexcept { return arithmetic_; }
    /// Columns whose values stay out of the summaries: hashed, or the entity.
    [[nodiscard]] const std::set<std::string, std::less<>>& secret() const noexcept { return secret_; }
    [[nodiscard]] const std::vector<Field>& left_out() const noexcept { return left_out_; }
    /// The schema's column of a classifier's predicted label, or -1.
    [[nodiscard]] std::int64_t label() const noexcept { return label_; }
    /// Columns that the options name and the request does not have.
    [[nodiscard]] const std::vector<std::string>& unknown() const noexcept { return unknown_; }

  private:
    /// A matrix or column of the request: the features, or an output.
    struct Source {
        std::string output;          // empty: the features
        DType dtype{};               // of a tensor
        std::int64_t width = 0;      // of a tensor
        std::vector<Field> columns;  // of a table, in its order
        bool is_table = false;
    };
    enum class Kept : std::uint8_t { plain, hashed, left_out };
    /// Neighbouring columns of one source that are kept alike.
    struct Segment {
        std::size_t source = 0;
        std::int64_t first = 0;  // column of the source
        std::int64_t count = 1;
        ColumnType type{};  // stored
        Kept kept = Kept::plain;
        std::size_t column = 0;  // stored, of the first
        std::size_t offset = 0;  // of the first fixed-width value
    };

    void add_column(std::size_t source, std::int64_t position, const std::string& name, ColumnType type,
                    const LoggingOptions& options, std::vector<Field>& stored);
    void add_features(const Signature& signature, const Batch& batch, const LoggingOptions& options,
                      std::vector<Field>& stored);
    void add_output(const TensorView& output, const std::string& name, const LoggingOptions& options,
                    std::vector<Field>& stored);
    void lay_out();
    void copy(const Segment& segment, const Place& place, std::int64_t row, std::byte* out) const;
    [[nodiscard]] std::string text(const Segment& segment, const Place& place, std::int64_t row,
                                   std::int64_t column) const;
    [[nodiscard]] bool missing(const Segment& segment, const Place& place, std::int64_t row, std::int64_t column) const;

    std::int64_t version_;
    std::string arithmetic_;
    std::string salt_;
    std::vector<Source> sources_;
    std::vector<Segment> segments_;
    std::vector<std::byte> all_valid_;
    std::size_t fixed_bytes_ = 0;
    std::optional<std::size_t> entity_segment_;
    std::int64_t entity_position_ = 0;  // within its segment
    Schema schema_;
    std::int64_t features_ = 0;
    std::int64_t label_ = -1;
    std::set<std::string, std::less<>> secret_;
    std::vector<Field> left_out_;
    std::vector<std::string> unknown_;
};

}  // namespace holdfast::detail
