#include "absl/strings/str_cat.h"
#include "services/referral/domain/requirement_rules.h"
#include "services/referral/domain/wrap.h"

// RegisterSentence, AddRequirement (REF-20 to REF-23).
namespace pdp::referral {
namespace {

// REF-20: an unknown external code is kept as OTHER and quarantined, never refused.
v1::Requirement Derive(const v1::Requirement& given) {
  v1::Requirement requirement = given;
  requirement.set_status(v1::REQUIREMENT_LIVE);
  if (!given.ext_main().empty()) {
    const std::string kind = MapCode("requirement_main", given.ext_main());
    requirement.set_kind(kind.empty() ? "OTHER" : kind);
    requirement.set_quarantined(kind.empty());
  }
  const std::string route = MapCode("named_programme", given.named_route());
  if (!route.empty()) requirement.set_named_route(route);
  return requirement;
}

bool IsKnownKind(const std::string& kind) {
  return kind == "UPW" || kind == "AP" || kind == "RAR" || kind == "LICENCE" || kind == "OTHER";
}

std::vector<Violation> CheckShape(const v1::Requirement& requirement, const std::string& path) {
  std::vector<Violation> found;
  const auto add = [&](const char* code, const char* field) {
    found.push_back({.code = code, .field = absl::StrCat(path, field)});
  };
  if (requirement.no() < 1) add("VALUE_OUT_OF_RANGE", "no");
  if (!IsKnownKind(requirement.kind())) add("UNKNOWN_CODE", "kind");
  if (!ParseDate(requirement.imposed_on())) add("DATE_MALFORMED", "imposed_on");
  if (!requirement.window_last_day().empty() && !ParseDate(requirement.window_last_day())) {
    add("DATE_MALFORMED", "window_last_day");
  }
  if (requirement.kind() == "UPW" && requirement.unit() != "HOURS") add("UNKNOWN_CODE", "unit");
  return found;
}

void EmitRequirement(Unit& unit, const AggregateId& id, const v1::Sentence& sentence,
                     v1::Requirement requirement) {
  v1::RequirementRegistered event;
  event.set_crn(sentence.crn());
  event.set_event_no(sentence.event_no());
  event.set_requirement_key(
      RequirementKey(SentenceKey(sentence.crn(), sentence.event_no()), requirement.no()));
  event.set_area(sentence.area());
  *event.mutable_requirement() = std::move(requirement);
  unit.Emit(id, Wrap(std::move(event)));
}

v1::Sentence ToSentence(const v1::RegisterSentence& command) {
  v1::Sentence sentence;
  sentence.set_crn(command.crn());
  sentence.set_event_no(command.event_no());
  sentence.set_order_type(command.order_type());
  const std::string kind = MapCode("order_type", command.order_type());
  sentence.set_order_kind(kind.empty() ? "OTHER" : kind);
  sentence.set_sentenced_on(command.sentenced_on());
  sentence.set_end_on(command.end_on());
  sentence.set_area(command.area());
  return sentence;
}

std::vector<Violation> CheckShape(const v1::RegisterSentence& command) {
  std::vector<Violation> found;
  const auto add = [&](const char* code, const char* field) {
    found.push_back({.code = code, .field = field});
  };
  if (!NormaliseCrn(command.crn())) add("CRN_MALFORMED", "crn");
  if (command.event_no() < 1) add("VALUE_OUT_OF_RANGE", "event_no");
  if (!ParseDate(command.sentenced_on())) add("DATE_MALFORMED", "sentenced_on");
  if (!command.end_on().empty() && !ParseDate(command.end_on())) add("DATE_MALFORMED", "end_on");
  const std::optional<Area> area = Area::FromCode(command.area());
  if (!area || area->is_nat()) add("UNKNOWN_AREA", "area");
  for (int i = 0; i < command.requirements_size(); ++i) {
    for (Violation& violation :
         CheckShape(Derive(command.requirements(i)), absl::StrCat("requirements[", i, "]."))) {
      found.push_back(std::move(violation));
    }
  }
  return found;
}

}  // namespace

// REF-23, REF-21, REF-22, in the order printed.
std::optional<Rejected> CheckRules(const v1::Requirement& requirement, const v1::Sentence& sentence,
                                   const Policy& policy) {
  const bool ordered = sentence.sentenced_on() <= requirement.imposed_on() &&
                       (sentence.end_on().empty() || requirement.imposed_on() <= sentence.end_on());
  if (!ordered) return decider::Reject("DATE_ORDER");
  if (requirement.kind() != "UPW") return std::nullopt;
  const bool breach = requirement.ext_sub() == "W03";
  const int64_t least =
      policy.Int(breach ? "upw.hours.min.breach" : "upw.hours.min.original");
  const bool within =
      requirement.length() >= least && requirement.length() <= policy.Int("upw.hours.max");
  if (!within && !requirement.court_confirmed()) return decider::Reject("HOURS_OUT_OF_BOUNDS");
  const v1::CodeList::Code* order_type = FindCode("order_type", sentence.order_type());
  if (order_type == nullptr || !order_type->upw()) {
    return decider::Reject("UPW_NOT_CARRIED_BY_ORDER");
  }
  return std::nullopt;
}

Verdict Handle(Unit& unit, const v1::RegisterSentence& given, const Facts& facts) {
  v1::RegisterSentence command = given;
  if (const auto crn = NormaliseCrn(given.crn())) command.set_crn(*crn);
  // A CRN that is none is a fault of the command, not of somebody.
  const AggregateId person = PersonId(command.crn());
  const bool is_crn = NormaliseCrn(given.crn()).has_value();
  if (is_crn && (unit.Find(person) == nullptr || !MaySeePerson(unit, facts, command.crn()))) {
    return decider::NotFound(person);
  }
  if (auto refused = RequireRole(facts, {"CF", "RO", "AA"})) return *refused;
  if (IsErased(unit, command.crn())) return decider::Reject("PERSON_ERASED");
  if (auto refused = RequireOccurredAt(facts)) return *refused;
  if (auto found = CheckShape(command); !found.empty()) {
    return decider::ValidationFailed(std::move(found));
  }
  const AggregateId id = SentenceId(SentenceKey(command.crn(), command.event_no()));
  if (unit.Find(id) != nullptr) return decider::Reject("SENTENCE_EXISTS");
  const bool ordered = command.end_on().empty() || command.sentenced_on() <= command.end_on();
  if (!ordered || (command.open_ended() && !command.end_on().empty())) {
    return decider::Reject("DATE_ORDER");
  }
  const v1::Sentence sentence = ToSentence(command);
  v1::SentenceRegistered event;
  event.set_crn(sentence.crn());
  event.set_event_no(sentence.event_no());
  event.set_order_type(sentence.order_type());
  event.set_order_kind(sentence.order_kind());
  event.set_sentenced_on(sentence.sentenced_on());
  event.set_end_on(sentence.end_on());
  event.set_open_ended(command.open_ended());
  event.set_court(command.court());
  event.set_area(sentence.area());
  *event.mutable_offences() = command.offences();
  unit.Emit(id, Wrap(std::move(event)));
  for (const v1::Requirement& row : command.requirements()) {
    const v1::Requirement requirement = Derive(row);
    if (auto refused = CheckRules(requirement, sentence, PolicyNow(facts))) return *refused;
    for (const v1::Requirement& earlier : unit.Find(id)->sentence().requirements()) {
      if (earlier.no() == requirement.no()) return decider::Reject("REQUIREMENT_EXISTS");
    }
    EmitRequirement(unit, id, sentence, requirement);
  }
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::AddRequirement& command, const Facts& facts) {
  const AggregateId id = SentenceId(SentenceKey(command.crn(), command.event_no()));
  if (auto refused = AdmitPerson(unit, facts, id, {"CF", "RO", "AA"})) return *refused;
  const v1::Requirement requirement = Derive(command.requirement());
  if (auto found = CheckShape(requirement, "requirement."); !found.empty()) {
    return decider::ValidationFailed(std::move(found));
  }
  const v1::Sentence sentence = unit.Find(id)->sentence();
  for (const v1::Requirement& earlier : sentence.requirements()) {
    if (earlier.no() == requirement.no()) return decider::Reject("REQUIREMENT_EXISTS");
  }
  if (auto refused = CheckRules(requirement, sentence, PolicyNow(facts))) return *refused;
  EmitRequirement(unit, id, sentence, requirement);
  return v1::Reply();
}

}  // namespace pdp::referral
