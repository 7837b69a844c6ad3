#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/hash.h"
#include "services/referral/domain/access.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/family.h"

namespace pdp::referral {
namespace {

// REF-24.
constexpr absl::string_view kRequirementNamespace = "207b7e68-7128-5e06-98c9-13dd29e511a3";
constexpr size_t kCrnSize = 7;

// REF-94: sealed here; the target has it, or is about to.
std::optional<Rejected> RequireHere(const Unit& unit, const AggregateId& id) {
  const v1::Referral& referral = ReferralAt(unit, id);
  if (referral.state() != v1::MOVED) return std::nullopt;
  const v1::State* handoff = unit.Find(HandoffId(id.id()));
  const bool received = handoff != nullptr &&
                        handoff->handoff().version() >= referral.transfer().sealed_version();
  Rejected rejected = decider::Reject(received ? "REFERRAL_MOVED" : "REFERRAL_IN_TRANSIT");
  rejected.metadata["area"] = referral.transfer().to_area();
  return rejected;
}

thread_local const google::protobuf::RepeatedPtrField<std::string>* in_scope = nullptr;

bool IsProvider(const Facts& facts) { return facts.HasAnyRole("PV", "CW"); }

}  // namespace

std::string SentenceKey(absl::string_view crn, int event_no) {
  return absl::StrCat(crn, "/", event_no);
}
std::string RequirementKey(absl::string_view sentence_key, int no) {
  return absl::StrCat(sentence_key, "/", no);
}
int RequirementNo(absl::string_view requirement_key) {
  int no = 0;
  const size_t slash = requirement_key.rfind('/');
  if (slash == absl::string_view::npos) return 0;
  return absl::SimpleAtoi(requirement_key.substr(slash + 1), &no) ? no : 0;
}

std::string RequirementReferralId(absl::string_view requirement_key, absl::string_view line) {
  return UuidV5(kRequirementNamespace, absl::StrCat(requirement_key, "/", line));
}

std::string SlotKey(absl::string_view line, absl::string_view need, absl::string_view sentence_key,
                    absl::string_view requirement_key) {
  if (line == "UPW") return absl::StrCat("UPW|", requirement_key);
  if (line == "PROGRAMME" && !need.empty()) return absl::StrCat(need, "|", sentence_key);
  return "";
}

int NextRound(const v1::Referral& referral) {
  return referral.rounds().empty() ? 1 : referral.rounds().rbegin()->round() + 1;
}

std::vector<std::string> ExcludedOrganisations(const v1::Referral& referral) {
  std::vector<std::string> excluded;
  for (const v1::Round& round : referral.rounds()) {
    if (round.result() == v1::Round::DECLINED || round.result() == v1::Round::EXPIRED ||
        round.result() == v1::Round::RETURNED) {
      excluded.push_back(round.org());
    }
  }
  return excluded;
}

const v1::Round* OpenOffer(const v1::Referral& referral) {
  if (referral.state() != v1::OFFERED || referral.rounds().empty()) return nullptr;
  const v1::Round& last = *referral.rounds().rbegin();
  return last.result() == v1::Round::OPEN ? &last : nullptr;
}

Date Today(const Facts& facts) { return LocalDate(facts.recorded_at); }
Policy PolicyNow(const Facts& facts) { return Policy::InForce(Today(facts)); }

std::optional<Rejected> RequireRole(const Facts& facts,
                                    std::initializer_list<absl::string_view> any) {
  for (const absl::string_view role : any) {
    if (facts.HasRole(role)) return std::nullopt;
  }
  return decider::NotAuthorised("the actor holds none of the roles of this command");
}

std::optional<Rejected> RequireOccurredAt(const Facts& facts) {
  const absl::string_view key =
      facts.HasRole("SYS") ? "command.backdate_days.sys" : "command.backdate_days";
  return decider::CheckOccurredAt(facts, static_cast<int>(PolicyNow(facts).Int(key)));
}

bool IsFinished(v1::ReferralState state) {
  return state == v1::CONCLUDED || state == v1::CLOSED || state == v1::DISCARDED ||
         state == v1::EXPIRED;
}

std::optional<Rejected> AdmitReferral(const Unit& unit, const Facts& facts, const AggregateId& id,
                                      std::initializer_list<absl::string_view> roles,
                                      absl::string_view provider_org) {
  return AdmitReferralIn(facts.area, unit, facts, id, roles, provider_org);
}

std::optional<Rejected> AdmitReferralIn(Area area, const Unit& unit, const Facts& facts,
                                        const AggregateId& id,
                                        std::initializer_list<absl::string_view> roles,
                                        absl::string_view provider_org) {
  if (unit.Find(id) == nullptr) return decider::NotFound(id);
  // REF-92: of another area.
  if (WorksElsewhere(facts.actor, area)) return decider::NotFound(id);
  // REF-90: by-id denial is the same answer.
  const v1::State* access = unit.Find(AccessId(ReferralAt(unit, id).origin_crn()));
  if (access != nullptr && !MaySee(access->access().lists(), facts.actor)) {
    return decider::NotFound(id);
  }
  if (IsProvider(facts) && !facts.HasRole("SYS") &&
      (provider_org.empty() || absl::string_view(facts.actor.organisation()) != provider_org)) {
    return decider::NotFound(id);
  }
  if (auto refused = RequireRole(facts, roles)) return refused;
  if (access != nullptr && access->access().erased()) return decider::Reject("PERSON_ERASED");
  if (auto refused = RequireHere(unit, id)) return refused;
  if (auto refused = decider::CheckVersion(facts, id, unit.VersionOf(id))) return refused;
  return RequireOccurredAt(facts);
}

std::optional<Rejected> AdmitPerson(const Unit& unit, const Facts& facts, const AggregateId& id,
                                    std::initializer_list<absl::string_view> roles) {
  if (unit.Find(id) == nullptr) return decider::NotFound(id);
  // A sentence is seen by whoever sees its person.
  const std::string crn(id.id().substr(0, id.id().find('/')));
  if (!MaySeePerson(unit, facts, crn)) return decider::NotFound(id);
  if (auto refused = RequireRole(facts, roles)) return refused;
  if (IsErased(unit, crn)) return decider::Reject("PERSON_ERASED");
  if (auto refused = decider::CheckVersion(facts, id, unit.VersionOf(id))) return refused;
  return RequireOccurredAt(facts);
}

bool MaySeePerson(const Unit& unit, const Facts& facts, const std::string& crn) {
  if (!MaySee(UnitedAccess(unit, crn), facts.actor)) return false;
  if (facts.HasRole("SYS")) return true;
  const std::optional<Area> own = IsProvider(facts) ? std::nullopt : AreaOf(facts.actor);
  if (!own && !IsProvider(facts)) return true;
  const std::vector<std::string> family = FamilyOf(unit, crn);
  return std::any_of(family.begin(), family.end(), [&](const std::string& one) {
    const bool at_home = own && PersonAt(unit, PersonId(one)).home_area() == own->code();
    return at_home || InScope::Has(one);
  });
}

InScope::InScope(const google::protobuf::RepeatedPtrField<std::string>& crns) {
  in_scope = &crns;
}
InScope::~InScope() { in_scope = nullptr; }
bool InScope::Has(const std::string& crn) {
  return in_scope != nullptr &&
         std::find(in_scope->begin(), in_scope->end(), crn) != in_scope->end();
}

bool IsErased(const Unit& unit, const std::string& crn) {
  return PersonAt(unit, PersonId(crn)).status() == v1::PERSON_ERASED;
}

const v1::Referral& ReferralAt(const Unit& unit, const AggregateId& id) {
  const v1::State* state = unit.Find(id);
  return state == nullptr ? v1::Referral::default_instance() : state->referral();
}
const v1::Person& PersonAt(const Unit& unit, const AggregateId& id) {
  const v1::State* state = unit.Find(id);
  return state == nullptr ? v1::Person::default_instance() : state->person();
}

std::optional<Rejected> RequireState(const v1::Referral& referral,
                                     std::initializer_list<v1::ReferralState> allowed) {
  for (const v1::ReferralState state : allowed) {
    if (referral.state() == state) return std::nullopt;
  }
  return decider::StateForbidsCommand(v1::ReferralState_Name(referral.state()));
}

std::optional<Rejected> RequireNote(const std::string& note, int characters_min) {
  // Counts characters, not bytes: continuation bytes do not begin one.
  int characters = 0;
  for (const char c : note) characters += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  if (characters >= characters_min) return std::nullopt;
  return decider::Reject("NOTE_REQUIRED",
                         absl::StrCat("a note of at least ", characters_min, " characters"));
}

std::optional<Rejected> RequireCode(absl::string_view list, const std::string& code) {
  if (FindCode(list, code) != nullptr) return std::nullopt;
  return decider::ValidationFailed({{.code = "UNKNOWN_CODE", .field = "code", .detail = code}});
}

std::optional<std::string> NormaliseCrn(absl::string_view text) {
  std::string crn = absl::AsciiStrToUpper(absl::StripAsciiWhitespace(text));
  if (crn.size() != kCrnSize || !absl::ascii_isupper(crn[0])) return std::nullopt;
  for (const char c : absl::string_view(crn).substr(1)) {
    if (!absl::ascii_isdigit(c)) return std::nullopt;
  }
  return crn;
}

v1::Reply StateReply(const Unit& unit, const AggregateId& id) {
  v1::Reply reply;
  reply.mutable_referral_state()->set_state(ReferralAt(unit, id).state());
  return reply;
}

}  // namespace pdp::referral
