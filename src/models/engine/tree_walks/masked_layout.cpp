#include "models/engine/tree_walks/masked_layout.hpp"

namespace holdfast::engine::tree_walks {

MaskedLayout::MaskedLayout(const Masks& masks, const forms::Trees& form, const Tests& tests, const Layout& layout)
    : masks_(masks), form_(form), tests_(tests), layout_(layout), leaves_(form.left.size()) {
    for (std::size_t tree = 0; tree < layout.shapes().size(); ++tree) {
        std::uint32_t leaf = 0;
        for (const std::int32_t node : layout.nodes(tree)) {
            if (node < 0) leaves_[static_cast<std::size_t>(~node)] = leaf++;
        }
    }
}

bool MaskedLayout::pays() const {
    std::uint64_t plain = 0, masked = 0;
    for (std::size_t tree = 0; tree < layout_.shapes().size(); ++tree) {
        plain += layout_.shapes()[tree].steps;
        visit(
            tree, [](const Way&, const MaskedTest&) {},
            [&masked](const Way& way, std::uint32_t) { masked += way.depth; });
    }
    return 5 * masked <= 4 * plain;
}

}  // namespace holdfast::engine::tree_walks
