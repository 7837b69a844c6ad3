#include "libs/base/area.h"

namespace pdp {
namespace {

struct Row {
  absl::string_view code;
  absl::string_view name;
};

constexpr std::array<Row, Area::kCount> kRows = {{
    {"N54", "North East"},
    {"N51", "North West"},
    {"N55", "Yorkshire and the Humber"},
    {"N03", "Wales (Cymru)"},
    {"N52", "West Midlands"},
    {"N53", "East Midlands"},
    {"N58", "South West"},
    {"N59", "South Central"},
    {"N56", "East of England"},
    {"N07", "London"},
    {"N57", "Kent, Surrey and Sussex"},
    {"N50", "Greater Manchester"},
    {"NAT", "National"},
}};

}  // namespace

std::optional<Area> Area::FromCode(absl::string_view code) {
  for (int i = 0; i < kCount; ++i) {
    if (kRows[i].code == code) return Area(static_cast<int8_t>(i));
  }
  return std::nullopt;
}

std::optional<Area> Area::FromIndex(int index) {
  if (index < 0 || index >= kCount) return std::nullopt;
  return Area(static_cast<int8_t>(index));
}

const std::array<Area, Area::kCount>& Area::All() {
  static const std::array<Area, kCount> all = [] {
    std::array<Area, kCount> areas;
    for (int i = 0; i < kCount; ++i) areas[i] = Area(static_cast<int8_t>(i));
    return areas;
  }();
  return all;
}

absl::string_view Area::code() const { return kRows[index_].code; }
absl::string_view Area::name() const { return kRows[index_].name; }

}  // namespace pdp
