#include "absl/strings/str_cat.h"
#include "services/referral/domain/requirement_rules.h"
#include "services/referral/domain/wrap.h"

// VaryRequirement, EndRequirement, ChangeSentenceEnd, EndSentence (REF-21, REF-23, REF-25).
namespace pdp::referral {
namespace {

const v1::Requirement* FindRequirement(const v1::Sentence& sentence, int no) {
  for (const v1::Requirement& requirement : sentence.requirements()) {
    if (requirement.no() == no) return &requirement;
  }
  return nullptr;
}

bool IsLive(const v1::Requirement* requirement) {
  return requirement != nullptr && requirement->status() == v1::REQUIREMENT_LIVE;
}

void EmitEnded(Unit& unit, const AggregateId& id, const v1::Sentence& sentence,
               const v1::Requirement& requirement, const std::string& cause,
               const std::string& on) {
  v1::RequirementEnded event;
  event.set_crn(sentence.crn());
  event.set_requirement_key(RequirementKey(id.id(), requirement.no()));
  event.set_no(requirement.no());
  event.set_cause(cause);
  event.set_on(on);
  event.set_area(sentence.area());
  event.set_kind(requirement.kind());
  unit.Emit(id, Wrap(std::move(event)));
}

bool IsCause(absl::string_view cause, std::initializer_list<absl::string_view> known) {
  for (const absl::string_view one : known) {
    if (cause == one) return true;
  }
  return false;
}

std::vector<Violation> CheckEnding(const std::string& cause,
                                   std::initializer_list<absl::string_view> known,
                                   const std::string& on) {
  std::vector<Violation> found;
  if (!IsCause(cause, known)) {
    found.push_back({.code = "UNKNOWN_CODE", .field = "cause", .detail = cause});
  }
  if (!ParseDate(on)) found.push_back({.code = "DATE_MALFORMED", .field = "on"});
  return found;
}

}  // namespace

Verdict Handle(Unit& unit, const v1::VaryRequirement& command, const Facts& facts) {
  const AggregateId id = SentenceId(SentenceKey(command.crn(), command.event_no()));
  if (auto refused = AdmitPerson(unit, facts, id, {"CF", "RO", "AA"})) return *refused;
  std::vector<Violation> found;
  if (!command.window_last_day().empty() && !ParseDate(command.window_last_day())) {
    found.push_back({.code = "DATE_MALFORMED", .field = "window_last_day"});
  }
  if (command.has_length() && command.length() < 0) {
    found.push_back({.code = "VALUE_OUT_OF_RANGE", .field = "length"});
  }
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  const v1::Sentence sentence = unit.Find(id)->sentence();
  const v1::Requirement* old = FindRequirement(sentence, command.no());
  if (!IsLive(old)) return decider::Reject("REQUIREMENT_NOT_LIVE");
  v1::Requirement varied = *old;
  if (command.has_length()) varied.set_length(command.length());
  if (!command.window_last_day().empty()) varied.set_window_last_day(command.window_last_day());
  if (command.court_confirmed()) varied.set_court_confirmed(true);
  if (!command.court_ref().empty()) varied.set_court_ref(command.court_ref());
  // A window ends after it began.
  if (!varied.window_last_day().empty() && varied.window_last_day() < varied.imposed_on()) {
    return decider::Reject("DATE_ORDER");
  }
  if (auto refused = CheckRules(varied, sentence, PolicyNow(facts))) return *refused;
  if (varied.SerializeAsString() == old->SerializeAsString()) return v1::Reply();
  v1::RequirementVaried event;
  event.set_crn(command.crn());
  event.set_requirement_key(RequirementKey(id.id(), command.no()));
  *event.mutable_old_requirement() = *old;
  *event.mutable_new_requirement() = std::move(varied);
  event.set_area(sentence.area());
  unit.Emit(id, Wrap(std::move(event)));
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::EndRequirement& command, const Facts& facts) {
  const AggregateId id = SentenceId(SentenceKey(command.crn(), command.event_no()));
  if (auto refused = AdmitPerson(unit, facts, id, {"CF", "RO", "AA"})) return *refused;
  auto found = CheckEnding(command.cause(), {"COMPLETED", "TERMINATED", "REVOKED", "EXPIRED"},
                           command.on());
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  const v1::Sentence sentence = unit.Find(id)->sentence();
  const v1::Requirement* requirement = FindRequirement(sentence, command.no());
  if (!IsLive(requirement)) return decider::Reject("REQUIREMENT_NOT_LIVE");
  if (command.on() < requirement->imposed_on()) return decider::Reject("DATE_ORDER");
  EmitEnded(unit, id, sentence, *requirement, command.cause(), command.on());
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::ChangeSentenceEnd& command, const Facts& facts) {
  const AggregateId id = SentenceId(SentenceKey(command.crn(), command.event_no()));
  if (auto refused = AdmitPerson(unit, facts, id, {"CF", "RO", "AA"})) return *refused;
  if (!command.open_ended() && !ParseDate(command.end_on())) {
    return decider::ValidationFailed({{.code = "DATE_MALFORMED", .field = "end_on"}});
  }
  const v1::Sentence sentence = unit.Find(id)->sentence();
  if (sentence.status() != v1::SENTENCE_LIVE) return decider::StateForbidsCommand("ENDED");
  // REF-23: open_ended excludes end_on; nothing live was imposed after the end.
  if (command.open_ended() && !command.end_on().empty()) return decider::Reject("DATE_ORDER");
  if (!command.open_ended()) {
    if (command.end_on() < sentence.sentenced_on()) return decider::Reject("DATE_ORDER");
    for (const v1::Requirement& requirement : sentence.requirements()) {
      if (IsLive(&requirement) && requirement.imposed_on() > command.end_on()) {
        return decider::Reject("DATE_ORDER");
      }
    }
  }
  if (sentence.end_on() == command.end_on() && sentence.open_ended() == command.open_ended()) {
    return v1::Reply();
  }
  v1::SentenceEndChanged event;
  event.set_crn(sentence.crn());
  event.set_old_end_on(sentence.end_on());
  event.set_new_end_on(command.end_on());
  event.set_open_ended(command.open_ended());
  event.set_court_ref(command.court_ref());
  event.set_court_confirmed(command.court_confirmed());
  event.set_area(sentence.area());
  unit.Emit(id, Wrap(std::move(event)));
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::EndSentence& command, const Facts& facts) {
  const AggregateId id = SentenceId(SentenceKey(command.crn(), command.event_no()));
  if (auto refused = AdmitPerson(unit, facts, id, {"CF", "RO", "AA"})) return *refused;
  auto found =
      CheckEnding(command.cause(), {"EXPIRED", "REVOKED", "COMPLETED", "QUASHED"}, command.on());
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  const v1::Sentence sentence = unit.Find(id)->sentence();
  if (sentence.status() != v1::SENTENCE_LIVE) return decider::StateForbidsCommand("ENDED");
  if (command.on() < sentence.sentenced_on()) return decider::Reject("DATE_ORDER");
  for (const v1::Requirement& requirement : sentence.requirements()) {
    // Unpaid work outlives the expiry of its order: only EndRequirement ends it (REF-25).
    const bool outlives = requirement.kind() == "UPW" && command.cause() == "EXPIRED";
    if (!IsLive(&requirement) || outlives) continue;
    EmitEnded(unit, id, sentence, requirement, command.cause(), command.on());
  }
  v1::SentenceEnded event;
  event.set_crn(sentence.crn());
  event.set_cause(command.cause());
  event.set_on(command.on());
  event.set_area(sentence.area());
  unit.Emit(id, Wrap(std::move(event)));
  return v1::Reply();
}

}  // namespace pdp::referral
