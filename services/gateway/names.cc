#include "services/gateway/names.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace pdp::gateway {
namespace {

constexpr size_t kNameBytesMax = 300;

std::string Spell(absl::string_view id) { return absl::StrReplaceAll(id, {{"/", "~"}}); }
std::string Unspell(absl::string_view id) { return absl::StrReplaceAll(id, {{"~", "/"}}); }

std::vector<std::string> Segments(absl::string_view name) {
  if (name.size() > kNameBytesMax) return {};
  return absl::StrSplit(name, '/');
}

std::optional<AreaName> ParseSegment(absl::string_view segment) {
  const size_t dash = segment.find('-');
  if (dash == absl::string_view::npos || dash + 1 == segment.size()) return std::nullopt;
  const std::optional<Area> area = Area::FromCode(segment.substr(0, dash));
  if (!area.has_value()) return std::nullopt;
  return AreaName{*area, Unspell(segment.substr(dash + 1))};
}

}  // namespace

std::optional<AreaName> ParseAreaName(absl::string_view collection, absl::string_view name) {
  const std::vector<std::string> parts = Segments(name);
  if (parts.size() != 2 || parts[0] != collection) return std::nullopt;
  return ParseSegment(parts[1]);
}

std::string FormatAreaName(absl::string_view collection, absl::string_view area_code,
                           absl::string_view id) {
  return absl::StrCat(collection, "/", area_code, "-", Spell(id));
}

std::optional<AreaName> ParsePool(absl::string_view name) {
  const std::vector<std::string> parts = Segments(name);
  if (parts.size() < 2 || parts[0] != "pools") return std::nullopt;
  return ParseSegment(parts[1]);
}

std::optional<OfferName> ParseOffer(absl::string_view name) {
  const std::vector<std::string> parts = Segments(name);
  if (parts.size() != 4 || parts[0] != "pools" || parts[2] != "offers") return std::nullopt;
  const std::optional<AreaName> pool = ParseSegment(parts[1]);
  const size_t tilde = parts[3].rfind('~');
  OfferName offer;
  if (!pool.has_value() || tilde == std::string::npos || tilde == 0 ||
      !absl::SimpleAtoi(parts[3].substr(tilde + 1), &offer.round) || offer.round < 1) {
    return std::nullopt;
  }
  offer.pool = *pool;
  offer.referral_id = Unspell(parts[3].substr(0, tilde));
  return offer;
}

std::string FormatOffer(absl::string_view pool, absl::string_view referral_id, int round) {
  return absl::StrCat(pool, "/offers/", Spell(referral_id), "~", round);
}

std::optional<StatementName> ParseStatement(absl::string_view name) {
  const std::vector<std::string> parts = Segments(name);
  if (parts.size() != 4 || parts[0] != "subcontracts" || parts[2] != "statements" ||
      parts[3].empty()) {
    return std::nullopt;
  }
  const std::optional<AreaName> subcontract = ParseSegment(parts[1]);
  if (!subcontract.has_value()) return std::nullopt;
  return StatementName{*subcontract, Unspell(parts[3])};
}

std::string FormatStatement(absl::string_view subcontract, absl::string_view statement_id) {
  return absl::StrCat(subcontract, "/statements/", Spell(statement_id));
}

std::string TopLevel(absl::string_view name) {
  const std::vector<std::string> parts = Segments(name);
  return parts.size() < 2 ? std::string(name) : absl::StrCat(parts[0], "/", parts[1]);
}

}  // namespace pdp::gateway
