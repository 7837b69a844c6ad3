#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/subcontractor/domain/draw.h"
#include "services/subcontractor/domain/policy.h"

namespace pdp::subcontractor {
namespace {

template <typename List>
bool Contains(const List& list, absl::string_view text) {
  return std::any_of(list.begin(), list.end(),
                     [&](const std::string& item) { return item == text; });
}

bool ActiveOn(const v1::MemberTerms& terms, Date date) {
  const auto from = ParseDate(terms.from());
  if (!from || *from > date) return false;
  if (terms.to().empty()) return true;
  const auto to = ParseDate(terms.to());
  return to && date <= *to;
}

// SUB-42: full iff open allocations or this ISO week's draws have reached what was declared.
bool IsFull(const v1::PoolMember& member, Date date) {
  const v1::CapacityDeclaration* capacity = CapacityOn(member, date);
  if (capacity == nullptr) return false;
  const int won = member.week_start() == FormatDate(WeekStart(date)) ? member.won_this_week() : 0;
  return member.open_count() >= capacity->max_open() || won >= capacity->max_new_week();
}

}  // namespace

const v1::CapacityDeclaration* CapacityOn(const v1::PoolMember& member, Date date) {
  const v1::CapacityDeclaration* found = nullptr;
  for (const v1::CapacityDeclaration& declaration : member.capacity()) {
    const auto from = ParseDate(declaration.from());
    if (!from || *from > date) continue;
    // The latest start wins; of one start, the latest declaration (they stand in that order).
    if (found == nullptr || *ParseDate(found->from()) <= *from) found = &declaration;
  }
  return found;
}

bool IsWaivable(absl::string_view code) { return code == "E_GEOGRAPHY" || code == "E_CAPACITY"; }

bool IsHardToken(absl::string_view token, Date date) {
  // A token is its name, or its name with values behind it (WRITTEN:cy:BRAILLE).
  const absl::string_view name = token.substr(0, token.find(':'));
  const std::vector<std::string> soft = PolicyOn(date).List("apportion.soft_tokens");
  return std::find(soft.begin(), soft.end(), name) == soft.end();
}

bool Provides(const v1::PoolMember& member, absl::string_view token) {
  const auto& capabilities = member.terms().capabilities();
  if (Contains(capabilities, token)) return true;
  return token == "WOMEN_SAFE_ANY" &&
         (Contains(capabilities, "WOMEN_ONLY_GROUP") ||
          Contains(capabilities, "GROUP_MIN_2_WOMEN") || Contains(capabilities, "ONE_TO_ONE"));
}

std::vector<std::string> FailedCodes(const v1::PoolState& pool, const v1::PoolMember& member,
                                     const v1::DrawRequest& request, Date date) {
  const v1::MemberTerms& terms = member.terms();
  std::vector<std::string> codes;
  if (!ActiveOn(terms, date)) codes.push_back("E_INACTIVE");
  const auto shares = SharesOn(pool, date);
  const auto share = shares.find(terms.org());
  if (share == shares.end() || share->second <= 0) codes.push_back("E_ZERO_SHARE");
  if (!Contains(terms.services(), request.service())) codes.push_back("E_SERVICE");
  if (!Contains(terms.geography(), request.pdu())) codes.push_back("E_GEOGRAPHY");
  for (const std::string& token : request.tokens()) {
    if (IsHardToken(token, date) && !Provides(member, token)) {
      codes.push_back(absl::StrCat("E_TOKEN{", token, "}"));
    }
  }
  if (Contains(request.conflicted_orgs(), terms.org())) codes.push_back("E_CONFLICT");
  if (member.status() == v1::MEMBER_SUSPENDED) codes.push_back("E_SUSPENDED");
  if (IsFull(member, date)) codes.push_back("E_CAPACITY");
  if (Contains(request.excluded_orgs(), terms.org())) codes.push_back("E_EXCLUDED");
  return codes;
}

Eligibility Eligible(const v1::PoolState& pool, const v1::DrawRequest& request, Date date) {
  Eligibility result;
  bool prime_only_waivable = false;
  for (const v1::PoolMember& member : pool.members()) {
    const std::vector<std::string> codes = FailedCodes(pool, member, request, date);
    if (codes.empty()) {
      result.eligible.push_back(member.terms().org());
      continue;
    }
    if (member.terms().org() == pool.prime_org()) {
      prime_only_waivable = std::all_of(codes.begin(), codes.end(),
                                        [](const std::string& code) { return IsWaivable(code); });
    }
    v1::OrgCodes& exclusion = result.exclusions.emplace_back();
    exclusion.set_org(member.terms().org());
    for (const std::string& code : codes) exclusion.add_codes(code);
  }
  std::sort(result.eligible.begin(), result.eligible.end());
  if (result.eligible.empty() && prime_only_waivable) {
    // SUB-51: the prime takes what nobody else can.
    result.eligible.push_back(pool.prime_org());
    result.last_resort = true;
  }
  return result;
}

}  // namespace pdp::subcontractor
