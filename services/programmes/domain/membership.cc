#include "services/programmes/domain/membership.h"

#include <algorithm>

#include "services/programmes/domain/places.h"

namespace pdp::programmes {
namespace {

constexpr int kResolveWorkingDays = 5;  // comp.resolve_wd
constexpr int kCreditWeeks = 12;        // credit.weeks
constexpr int kPersonTravelMin = 30;    // person.travel_min
constexpr char kWomenRule[] = "PRG-42";

bool HasCredit(const v1::LedgerRow& row) {
  return row.credit() == v1::CREDITED || row.credit() == v1::TRANSFERRED;
}

// The day before the group's next session, when one is planned after `on` (PRG-52).
std::optional<Date> DayBeforeNext(const v1::Group& group, Date on) {
  for (const v1::Session& session : group.sessions()) {
    const Date date = *ParseDate(session.date());
    if (session.status() == v1::PLANNED && !session.placeholder() && date > on) return date - 1;
  }
  return std::nullopt;
}

}  // namespace

Composition CompositionOf(const Unit& unit, const v1::Group& group) {
  Composition composition;
  for (const v1::Member& member : group.members()) {
    const v1::Enrolment* enrolment = FindEnrolment(unit, member.enrolment_id());
    if (enrolment == nullptr || enrolment->status() == v1::SUSPENDED) continue;
    ++(enrolment->responsivity().woman() ? composition.women : composition.others);
  }
  return composition;
}

void CheckComposition(Unit& unit, const std::string& group_id, const std::string& joined,
                      const Facts& facts) {
  const v1::Group group = *FindGroup(unit, group_id);
  const bool at_work = group.status() == v1::CONFIRMED || group.status() == v1::RUNNING;
  const Composition now = CompositionOf(unit, group);
  const bool breached = std::any_of(group.breaches().begin(), group.breaches().end(),
                                    [](const auto& b) { return b.rule() == kWomenRule; });
  const bool breaks = group.sex_mode() == v1::MIXED && at_work && now.lone_woman();
  const Date on = Today(facts);
  v1::Event event;
  if (breaks && !breached) {
    // The day before the next session, and never later than five working days on.
    Date by = AddWorkingDays(on, kResolveWorkingDays).value_or(on + 7);
    if (const auto before = DayBeforeNext(group, on)) by = std::min(by, *before);
    v1::CompositionBreached* breach = event.mutable_composition_breached();
    breach->set_rule(kWomenRule);
    breach->set_since(FormatDate(on));
    breach->set_resolve_by(FormatDate(by));
  } else if (!breaks && breached) {
    v1::CompositionResolved* resolved = event.mutable_composition_resolved();
    resolved->set_rule(kWomenRule);
    resolved->set_on(FormatDate(on));
    resolved->set_how(now.women == 0    ? "NO_WOMAN"
                      : now.others == 0 ? "NO_OTHERS"
                      : joined.empty()  ? "GROUP_OVER"
                                        : "ANOTHER_WOMAN");
  } else {
    return;
  }
  unit.Emit(GroupId(group_id), event);
}

std::vector<v1::Session> SessionsOfMembers(const v1::Group& group, Date from) {
  std::vector<v1::Session> sessions;
  for (const v1::Session& session : group.sessions()) {
    if (!session.placeholder() && session.status() == v1::PLANNED &&
        *ParseDate(session.date()) >= from) {
      sessions.push_back(session);
    }
  }
  return sessions;
}

void LeaveGroup(Unit& unit, const v1::Enrolment& enrolment, const std::string& reason_code, Date on,
                const Facts& facts) {
  const v1::Group* found = FindGroup(unit, enrolment.group_id());
  if (found == nullptr) return;
  const v1::Group group = *found;
  const bool member = std::any_of(group.members().begin(), group.members().end(),
                                  [&](auto& m) { return m.enrolment_id() == enrolment.id(); });
  if (!member) return;
  v1::Event event;
  event.mutable_member_removed()->set_enrolment_id(enrolment.id());
  event.mutable_member_removed()->set_on(FormatDate(on));
  event.mutable_member_removed()->set_reason_code(reason_code);
  unit.Emit(GroupId(group.group_id()), event);
  std::vector<std::string> released;
  for (const v1::Session& session : SessionsOfMembers(group, on)) {
    released.push_back(session.session_id());
  }
  BookPerson(unit, enrolment, {}, {}, released);
  CheckComposition(unit, group.group_id(), "", facts);
}

void CancelIndividuals(Unit& unit, const std::string& enrolment_id, Date from,
                       const std::string& cause_code) {
  const v1::Enrolment enrolment = *FindEnrolment(unit, enrolment_id);
  std::vector<std::string> released;
  for (const v1::Session& session : enrolment.individual()) {
    if (session.status() != v1::PLANNED || *ParseDate(session.date()) < from) continue;
    const bool recorded =
        std::any_of(enrolment.attendances().begin(), enrolment.attendances().end(),
                    [&](const auto& a) { return a.session_id() == session.session_id(); });
    if (recorded) continue;
    v1::Event event;
    event.mutable_individual_session_cancelled()->set_session_id(session.session_id());
    event.mutable_individual_session_cancelled()->set_cause_code(cause_code);
    event.mutable_individual_session_cancelled()->set_service_fault(
        IsCancellationCause(cause_code) && cause_code != "PERSON_REQUEST");
    unit.Emit(EnrolmentId(enrolment_id), event);
    for (const std::string& staff : session.staff()) {
      v1::Event freed;
      freed.mutable_staff_booked()->add_released_session_ids(session.session_id());
      unit.Emit(FacilitatorId(staff), freed);
    }
    released.push_back(session.session_id());
  }
  BookPerson(unit, enrolment, {}, {}, released);
}

void ListEnrolment(Unit& unit, const v1::Enrolment& enrolment, bool open) {
  v1::Event event;
  v1::EnrolmentListed* listed = event.mutable_enrolment_listed();
  listed->set_enrolment_id(enrolment.id());
  listed->set_requirement_key(enrolment.requirement().key());
  listed->set_route(enrolment.route());
  listed->set_open(open);
  unit.Emit(OpenEnrolmentsId(enrolment.crn()), event);
}

std::vector<std::string> CrnsOf(const Unit& unit, const std::string& crn) {
  std::vector<std::string> crns = {crn};
  // Merges form a tree; every CRN of it is the same person.
  for (size_t i = 0; i < crns.size(); ++i) {
    const v1::State* state = unit.Find(OpenEnrolmentsId(crns[i]));
    if (state == nullptr) continue;
    const auto add = [&](const std::string& other) {
      if (!other.empty() && std::find(crns.begin(), crns.end(), other) == crns.end()) {
        crns.push_back(other);
      }
    };
    add(state->open_enrolments().merged_into());
    for (const std::string& alias : state->open_enrolments().aliases()) add(alias);
  }
  return crns;
}

v1::Appointment AppointmentOf(const v1::Session& session, const std::string& site_id) {
  v1::Appointment appointment;
  appointment.set_appointment_id(session.session_id());
  appointment.set_date(session.date());
  appointment.set_start_min(session.start_min());
  appointment.set_minutes(session.minutes());
  appointment.set_site_id(site_id);
  return appointment;
}

const v1::Appointment* ClashFor(const Unit& unit, const std::string& crn,
                                const v1::Appointment& session, const std::set<std::string>& own) {
  for (const std::string& known : CrnsOf(unit, crn)) {
    const v1::State* state = unit.Find(CalendarId(known));
    if (state == nullptr) continue;
    for (const v1::Appointment& other : state->calendar().appointments()) {
      if (other.appointment_id() == session.appointment_id() ||
          own.contains(other.appointment_id())) {
        continue;
      }
      const bool same_site = !other.site_id().empty() && other.site_id() == session.site_id();
      const int gap_min = same_site ? 0 : kPersonTravelMin;
      if (other.date() == session.date() &&
          other.start_min() < session.start_min() + session.minutes() + gap_min &&
          session.start_min() < other.start_min() + other.minutes() + gap_min) {
        return &other;
      }
    }
  }
  return nullptr;
}

void BookPerson(Unit& unit, const v1::Enrolment& enrolment,
                const std::vector<v1::Appointment>& booked,
                const std::vector<v1::Appointment>& moved,
                const std::vector<std::string>& released) {
  if (booked.empty() && moved.empty() && released.empty()) return;
  v1::Event event;
  v1::PersonSessionsChanged* changed = event.mutable_person_sessions_changed();
  changed->set_crn(enrolment.crn());
  *changed->mutable_booked() = {booked.begin(), booked.end()};
  *changed->mutable_moved() = {moved.begin(), moved.end()};
  *changed->mutable_released_session_ids() = {released.begin(), released.end()};
  unit.Emit(CalendarId(enrolment.crn()), event);
  for (const auto* planned : {&booked, &moved}) {
    for (const v1::Appointment& session : *planned) {
      const v1::Appointment* clash = ClashFor(unit, enrolment.crn(), session, {});
      if (clash == nullptr) continue;
      v1::Task task;
      task.set_task_id(absl::StrCat("clash/", session.appointment_id(), "/", session.date(), "/",
                                    enrolment.id()));
      task.set_kind("PERSON_DOUBLE_BOOKED");
      task.set_subject(session.appointment_id());
      task.set_referral_id(enrolment.referral_id());
      task.set_delivery_org(enrolment.delivery_org());
      task.set_detail(clash->appointment_id());
      task.set_due(session.date());
      Raise(unit, std::move(task));
    }
  }
}

CarriedCredit CarryCredit(const v1::ProgrammeVersion& version,
                          const google::protobuf::RepeatedPtrField<v1::LedgerRow>& ledger) {
  CarriedCredit carried;
  std::set<std::string> credited;
  for (const v1::LedgerRow& row : ledger) {
    if (HasCredit(row)) credited.insert(row.row());
  }
  std::set<int> incomplete;
  for (const v1::CatalogueRow& row : version.rows()) {
    if (row.core() && !credited.contains(row.code())) incomplete.insert(row.module());
  }
  // The earliest module with an uncredited core row is begun again from its first row.
  for (const v1::CatalogueRow& row : version.rows()) {
    if (!row.core()) continue;
    if (!incomplete.contains(row.module())) {
      carried.transferred.push_back(row.code());
    } else if (row.module() == *incomplete.begin()) {
      if (carried.join_row.empty()) carried.join_row = row.code();
      carried.lapsed.push_back(row.code());
    }
  }
  return carried;
}

Date CreditUntil(Date left_on) { return left_on + 7 * kCreditWeeks; }

v1::LedgerExport ExportOf(const v1::Enrolment& enrolment, Date left_on) {
  v1::LedgerExport exported;
  exported.set_enrolment_id(enrolment.id());
  exported.set_version_ref(enrolment.version_ref());
  exported.set_content_hash(enrolment.content_hash());
  exported.set_left_on(FormatDate(left_on));
  exported.set_received_on(enrolment.received_on());
  *exported.mutable_pauses() = enrolment.pauses();
  *exported.mutable_ledger() = enrolment.ledger();
  *exported.mutable_obligations() = enrolment.obligations();
  *exported.mutable_measures() = enrolment.measures();
  *exported.mutable_responsivity() = enrolment.responsivity();
  return exported;
}

}  // namespace pdp::programmes
