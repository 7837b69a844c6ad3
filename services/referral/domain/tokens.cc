#include "services/referral/domain/tokens.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

namespace pdp::referral {
namespace {

using Tokens = std::set<std::string>;

void AddForWomanOnProgramme(const v1::Needs::WomenProgramme& choice, Tokens& tokens) {
  tokens.insert("TRAUMA_INFORMED_STAFF");
  if (choice.delivery_choice() == "WOMEN_ONLY") {
    tokens.insert("WOMEN_ONLY_GROUP");
  } else if (choice.delivery_choice() == "WITH_OTHER_WOMEN") {
    tokens.insert("GROUP_MIN_2_WOMEN");
  } else if (choice.delivery_choice() == "ONE_TO_ONE") {
    tokens.insert("ONE_TO_ONE");
  } else {
    tokens.insert("WOMEN_SAFE_ANY");  // NO_PREFERENCE, and DECLINED counts as such (REF-8).
  }
  if (choice.female_facilitator() == "REQUESTED") tokens.insert("FEMALE_FACILITATOR");
}

void AddForWomanOnUnpaidWork(const v1::Needs::WomenWork& choice, Tokens& tokens) {
  if (choice.workplace_choice() == "ACCEPTS_ANY") return;
  if (choice.workplace_choice() == "WOMEN_ONLY") {
    tokens.insert("WOMEN_ONLY_WORK");
  } else if (choice.workplace_choice() == "INDIVIDUAL") {
    tokens.insert("INDIVIDUAL_PLACEMENT");
  } else {
    tokens.insert("NOT_ALL_MALE");  // DECLINED counts as NOT_ALL_MALE (REF-8).
  }
}

void AddForAccess(const v1::Needs::Access& access, Tokens& tokens) {
  if (access.step_free() == v1::YES) tokens.insert("STEP_FREE");
  if (access.hearing_loop() == v1::YES) tokens.insert("HEARING_LOOP");
  if (access.private_room() == v1::YES) tokens.insert("PRIVATE_ROOM");
  if (access.prayer_space() == v1::YES) tokens.insert("PRAYER_SPACE");
  if (access.personal_care_space() == v1::YES) tokens.insert("PERSONAL_CARE_SPACE");
  if (access.quiet_space() == v1::YES) tokens.insert("QUIET_SPACE");
}

}  // namespace

bool IsMinorityEthnicity(absl::string_view code) {
  if (code.empty()) return false;
  if (absl::string_view("ABMO").find(code[0]) != absl::string_view::npos) return true;
  return code == "W3" || code == "W4" || code == "W5";
}

std::vector<std::string> DeriveTokens(const PersonFacts& facts, absl::string_view route_kind,
                                      const Policy& policy) {
  Tokens tokens;
  const v1::Needs& needs = facts.needs;
  for (const std::string& format : needs.written().formats()) {
    tokens.insert(absl::StrCat("WRITTEN:", needs.written().language(), ":", format));
  }
  if (needs.interpreter().needed() == v1::YES) {
    tokens.insert(absl::StrCat("INTERPRETER:", needs.interpreter().language()));
  }
  if (needs.maturity().screening() == "LOW") tokens.insert("MATURITY_SUPPORT");
  if (IsWoman(facts.identity, policy)) {
    if (route_kind == "UPW") {
      AddForWomanOnUnpaidWork(needs.women_work(), tokens);
    } else {
      AddForWomanOnProgramme(needs.women_programme(), tokens);
    }
  }
  const std::vector<std::string> lines = policy.List("equality.cultural_lines");
  if (IsMinorityEthnicity(facts.identity.ethnicity()) &&
      std::find(lines.begin(), lines.end(), std::string(route_kind)) != lines.end()) {
    tokens.insert("CULTURAL_COMPETENCY_OR_SHARED_IDENTITY");
  }
  const std::string& screening = needs.learning_difficulty().screening();
  if (screening == "SUSPECTED" || screening == "CONFIRMED") {
    tokens.insert({"ACCESSIBLE_MATERIALS", "SPECIALIST_REFERRAL_SUPPORT"});
  }
  AddForAccess(needs.access(), tokens);
  for (const std::string& limit : facts.risk.staff_limits()) {
    if (limit == "NOT_MALE") tokens.insert("STAFF_NOT_MALE");
    if (limit == "NOT_FEMALE") tokens.insert("STAFF_NOT_FEMALE");
  }
  return {tokens.begin(), tokens.end()};
}

}  // namespace pdp::referral
