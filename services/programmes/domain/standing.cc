// Where an enrolment stands beside delivery: newer facts, readiness of the person, suspension, area
// transfer, the end of credit (PRG-21 to 23, 70, 102, 104).

#include "services/programmes/domain/membership.h"

namespace pdp::programmes {
namespace {

Rejected MalformedDate(const char* field) {
  return decider::ValidationFailed({{"DATE_MALFORMED", "", field, "a date YYYY-MM-DD"}});
}

// PRG-70 again, with the order end as it now is: a task, nobody is removed (PRG-21).
void CheckSentenceWindow(Unit& unit, const std::string& enrolment_id, const Facts& facts) {
  const v1::Enrolment& enrolment = *FindEnrolment(unit, enrolment_id);
  const v1::Group* group = FindGroup(unit, enrolment.group_id());
  const auto order_end = ParseDate(enrolment.requirement().order_end());
  if (group == nullptr || group->sessions().empty() || !order_end.has_value()) return;
  const v1::ProgrammeVersion& version = *FindVersion(group->version_ref());
  const Date finish = *ParseDate(group->sessions(group->sessions_size() - 1).date());
  if (finish <= *order_end - FinishBufferDays(version)) return;
  v1::Task task;
  task.set_task_id(absl::StrCat("sentence/", enrolment_id, "/", FormatDate(*order_end)));
  task.set_kind("SENTENCE_TOO_SHORT");
  task.set_subject(enrolment_id);
  task.set_referral_id(enrolment.referral_id());
  task.set_delivery_org(enrolment.delivery_org());
  task.set_detail(absl::StrCat("planned finish ", FormatDate(finish)));
  task.set_due(FormatDate(Today(facts)));
  Raise(unit, std::move(task));
}

// Referral's facts as they now are; what was asked and recorded here stays (interfaces, C13).
v1::Responsivity Merge(const v1::Responsivity& ours, v1::Responsivity theirs) {
  if (!ours.delivery_choice().empty()) theirs.set_delivery_choice(ours.delivery_choice());
  if (!ours.female_facilitator().empty()) theirs.set_female_facilitator(ours.female_facilitator());
  if (!ours.strengths().empty()) *theirs.mutable_strengths() = ours.strengths();
  return theirs;
}

}  // namespace

Verdict Handle(Unit& unit, const v1::UpdateReferralFacts& command, const Facts& facts) {
  const FoundEnrolment found = FindEnrolmentFor(unit, command.enrolment_id(), facts, {"SYS"});
  if (found.refused) return *found.refused;
  const v1::Enrolment& enrolment = *found.enrolment;
  const bool end_given = !command.requirement().order_end().empty();
  if (end_given && !ParseDate(command.requirement().order_end()).has_value()) {
    return MalformedDate("requirement.order_end");
  }
  if (!IsOpen(enrolment)) return v1::Reply();  // nothing follows from it any more
  v1::Event event;
  v1::ReferralFactsUpdated* updated = event.mutable_referral_facts_updated();
  updated->set_person_version(enrolment.person_version());
  updated->set_sentence_version(enrolment.sentence_version());
  *updated->mutable_responsivity() = enrolment.responsivity();
  *updated->mutable_requirement() = enrolment.requirement();
  *updated->mutable_tokens() = enrolment.tokens();
  const bool person = command.person_version() > enrolment.person_version();
  const bool sentence = command.sentence_version() > enrolment.sentence_version();
  if (person) {
    updated->set_person_version(command.person_version());
    *updated->mutable_responsivity() = Merge(enrolment.responsivity(), command.responsivity());
  }
  if (sentence) {
    updated->set_sentence_version(command.sentence_version());
    // The requirement is this one for ever; its dates and kind change.
    updated->mutable_requirement()->set_order_end(command.requirement().order_end());
    if (!command.requirement().kind().empty()) {
      updated->mutable_requirement()->set_kind(command.requirement().kind());
    }
  }
  if (command.tokens_given()) *updated->mutable_tokens() = command.tokens();
  if (!person && !sentence && !command.tokens_given()) return v1::Reply();
  const bool woman_changed = updated->responsivity().woman() != enrolment.responsivity().woman();
  unit.Emit(EnrolmentId(enrolment.id()), event);
  if (sentence) CheckSentenceWindow(unit, enrolment.id(), facts);
  if (woman_changed && !enrolment.group_id().empty()) {
    CheckComposition(unit, enrolment.group_id(), enrolment.id(), facts);
    // PRG-21, 41: a change never removes a member; somebody looks at it.
    v1::Task task;
    task.set_task_id(absl::StrCat("composition/", enrolment.id(), "/", command.person_version()));
    task.set_kind("COMPOSITION_CHANGED");
    task.set_subject(enrolment.group_id());
    task.set_referral_id(enrolment.referral_id());
    task.set_delivery_org(enrolment.delivery_org());
    task.set_due(FormatDate(Today(facts)));
    Raise(unit, std::move(task));
  }
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::RecordNonAssociation& command, const Facts& facts) {
  const FoundEnrolment found =
      FindEnrolmentFor(unit, command.enrolment_id(), facts, {"FAC", "TM", "SYS"});
  if (found.refused) return *found.refused;
  std::vector<Violation> bad;
  if (command.other_crn().empty() || command.other_crn() == found.enrolment->crn()) {
    bad.push_back({"FIELD_MISSING", "", "other_crn", "another person"});
  }
  if (!command.until().empty() && !ParseDate(command.until()).has_value()) {
    bad.push_back({"DATE_MALFORMED", "", "until", "a date YYYY-MM-DD"});
  }
  if (!bad.empty()) return decider::ValidationFailed(std::move(bad));
  if (!IsOpen(*found.enrolment)) return StateForbids(*found.enrolment);
  v1::Event event;
  auto* recorded = event.mutable_non_association_recorded()->mutable_non_association();
  recorded->set_other_crn(command.other_crn());
  recorded->set_until(command.until());
  unit.Emit(EnrolmentId(command.enrolment_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::MarkNotReady& command, const Facts& facts) {
  const FoundEnrolment found = FindEnrolmentFor(unit, command.enrolment_id(), facts, {"SCH", "TM"});
  if (found.refused) return *found.refused;
  const v1::EnrolmentStatus status = found.enrolment->status();
  if (status != v1::WAITING && status != v1::ALLOCATED) return StateForbids(*found.enrolment);
  const auto pauses = PausesClock(command.reason_code());
  if (!pauses.has_value()) {
    return Reject("REASON_INVALID", absl::StrCat("'", command.reason_code(), "' is no reason"));
  }
  // Who is not ready gives the place back.
  LeaveGroup(unit, *found.enrolment, command.reason_code(), Today(facts), facts);
  v1::Event event;
  event.mutable_marked_not_ready()->set_reason_code(command.reason_code());
  event.mutable_marked_not_ready()->set_on(FormatDate(Today(facts)));
  event.mutable_marked_not_ready()->set_pauses_clock(*pauses);
  unit.Emit(EnrolmentId(command.enrolment_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::MarkReady& command, const Facts& facts) {
  const FoundEnrolment found = FindEnrolmentFor(unit, command.enrolment_id(), facts, {"SCH", "TM"});
  if (found.refused) return *found.refused;
  if (found.enrolment->status() != v1::NOT_READY) return StateForbids(*found.enrolment);
  v1::Event event;
  event.mutable_marked_ready()->set_on(FormatDate(Today(facts)));
  unit.Emit(EnrolmentId(command.enrolment_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::SuspendEnrolment& command, const Facts& facts) {
  const FoundEnrolment found =
      FindEnrolmentFor(unit, command.enrolment_id(), facts, {"RO", "PM", "SYS"});
  if (found.refused) return *found.refused;
  const v1::Enrolment& enrolment = *found.enrolment;
  const auto on = DateOrToday(command.on(), facts);
  if (!on.has_value()) return MalformedDate("on");
  // The reasons that lie with the person; what the provider lacks never stops a clock (PRG-23).
  const auto pauses = PausesClock(command.reason_code());
  if (!IsOpen(enrolment) || enrolment.status() == v1::SUSPENDED) return StateForbids(enrolment);
  if (!pauses.value_or(false)) {
    return Reject("REASON_INVALID", absl::StrCat("'", command.reason_code(), "' does not suspend"));
  }
  CancelIndividuals(unit, enrolment.id(), *on, command.reason_code());
  v1::Event event;
  v1::EnrolmentSuspended* suspended = event.mutable_enrolment_suspended();
  suspended->set_referral_id(enrolment.referral_id());
  suspended->set_holder_org(enrolment.delivery_org());
  suspended->set_on(FormatDate(*on));
  suspended->set_reason_code(command.reason_code());
  suspended->set_cause(command.cause());
  suspended->set_started(!enrolment.started_on().empty());
  suspended->set_pauses_clock(enrolment.started_on().empty());
  unit.Emit(EnrolmentId(enrolment.id()), event);
  if (const v1::Group* group = FindGroup(unit, enrolment.group_id())) {
    std::vector<std::string> released;
    for (const v1::Session& session : SessionsOfMembers(*group, *on)) {
      released.push_back(session.session_id());
    }
    BookPerson(unit, enrolment, {}, {}, released);
    CheckComposition(unit, enrolment.group_id(), "", facts);
  }
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::ResumeEnrolment& command, const Facts& facts) {
  const FoundEnrolment found =
      FindEnrolmentFor(unit, command.enrolment_id(), facts, {"RO", "PM", "SYS"});
  if (found.refused) return *found.refused;
  const v1::Enrolment& enrolment = *found.enrolment;
  const auto on = DateOrToday(command.on(), facts);
  if (!on.has_value()) return MalformedDate("on");
  if (enrolment.status() != v1::SUSPENDED) return StateForbids(enrolment);
  v1::Event event;
  event.mutable_enrolment_resumed()->set_referral_id(enrolment.referral_id());
  event.mutable_enrolment_resumed()->set_holder_org(enrolment.delivery_org());
  event.mutable_enrolment_resumed()->set_on(FormatDate(*on));
  unit.Emit(EnrolmentId(enrolment.id()), event);
  if (const v1::Group* group = FindGroup(unit, enrolment.group_id())) {
    std::vector<v1::Appointment> booked;
    for (const v1::Session& session : SessionsOfMembers(*group, *on)) {
      booked.push_back(AppointmentOf(session, group->site_id()));
    }
    BookPerson(unit, enrolment, booked, {}, {});
    CheckComposition(unit, enrolment.group_id(), enrolment.id(), facts);
  }
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::TransferOut& command, const Facts& facts) {
  const FoundEnrolment found = FindEnrolmentFor(unit, command.enrolment_id(), facts, {"SYS"});
  if (found.refused) return *found.refused;
  const v1::Enrolment& enrolment = *found.enrolment;
  const auto on = DateOrToday(command.on(), facts);
  if (!on.has_value()) return MalformedDate("on");
  if (command.to_area().empty()) {
    return decider::ValidationFailed({{"FIELD_MISSING", "", "to_area", "must be given"}});
  }
  if (enrolment.status() == v1::TRANSFERRED_OUT) return v1::Reply();
  if (!IsOpen(enrolment)) return StateForbids(enrolment);
  LeaveGroup(unit, enrolment, "MOVED_AWAY", *on, facts);
  CancelIndividuals(unit, enrolment.id(), *on, "MOVED_AWAY");
  v1::Event event;
  v1::EnrolmentTransferredOut* out = event.mutable_enrolment_transferred_out();
  out->set_referral_id(enrolment.referral_id());
  out->set_holder_org(enrolment.delivery_org());
  out->set_on(FormatDate(*on));
  out->set_to_area(command.to_area());
  out->set_cause(command.cause());
  // A person who had left a group before keeps the earlier day: credit lives no longer for a move.
  const auto left = ParseDate(enrolment.left_on());
  *out->mutable_ledger() = ExportOf(enrolment, left.value_or(*on));
  unit.Emit(EnrolmentId(enrolment.id()), event);
  ListEnrolment(unit, enrolment, false);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::LapseCredit& command, const Facts& facts) {
  const FoundEnrolment found = FindEnrolmentFor(unit, command.enrolment_id(), facts, {"SYS"});
  if (found.refused) return *found.refused;
  const v1::Enrolment& enrolment = *found.enrolment;
  const auto until = ParseDate(enrolment.credit_until());
  // A timer that comes late or too early for what has happened since changes nothing.
  if (enrolment.status() != v1::PAUSED || !until.has_value() || Today(facts) <= *until) {
    return v1::Reply();
  }
  v1::Event event;
  event.mutable_credit_lapsed()->set_on(FormatDate(Today(facts)));
  for (const v1::LedgerRow& row : enrolment.ledger()) {
    if (row.credit() == v1::CREDITED || row.credit() == v1::TRANSFERRED) {
      event.mutable_credit_lapsed()->add_rows(row.row());
    }
  }
  unit.Emit(EnrolmentId(enrolment.id()), event);
  return v1::Reply();
}

}  // namespace pdp::programmes
