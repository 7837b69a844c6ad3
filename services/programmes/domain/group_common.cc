#include <map>
#include <set>

#include "services/programmes/domain/group.h"

namespace pdp::programmes {

bool IsOpen(const v1::Group& group) {
  return group.status() != v1::CLOSED && group.status() != v1::CANCELLED;
}

Rejected StateForbids(const v1::Group& group) {
  return decider::StateForbidsCommand(v1::GroupStatus_Name(group.status()));
}

FoundGroup FindGroupFor(const Unit& unit, const std::string& group_id, const Facts& facts,
                        std::initializer_list<const char*> roles) {
  FoundGroup found{.group = FindGroup(unit, group_id), .refused = {}};
  if (found.group == nullptr) {
    found.refused = decider::NotFound(GroupId(group_id));
  } else if (auto role = CheckRole(facts, roles)) {
    found.refused = role;
  } else if (auto org = CheckOrganisation(facts, found.group->delivery_org())) {
    found.refused = org;
  } else {
    found.refused = CheckVersion(facts, GroupId(group_id), unit.VersionOf(GroupId(group_id)));
  }
  return found;
}

void Book(Unit& unit, const v1::Group& group, const std::vector<v1::Session>& sessions) {
  std::map<std::string, v1::StaffBooked> staff;
  std::map<std::string, v1::RoomBooked> rooms;
  std::set<std::string> moved;
  for (const v1::Session& session : sessions) moved.insert(session.session_id());
  for (const v1::Session& old : group.sessions()) {
    if (!moved.contains(old.session_id())) continue;
    for (const std::string& id : old.staff()) staff[id].add_released_session_ids(old.session_id());
    rooms[old.room()].add_released_session_ids(old.session_id());
  }
  for (const v1::Session& session : sessions) {
    v1::Booking booking;
    booking.set_session_id(session.session_id());
    booking.set_date(session.date());
    booking.set_start_min(session.start_min());
    booking.set_minutes(session.minutes());
    booking.set_site_id(group.site_id());
    for (const std::string& id : session.staff()) *staff[id].add_bookings() = booking;
    *rooms[session.room()].add_bookings() = booking;
  }
  const std::string site_id = group.site_id();
  for (auto& [id, booked] : staff) {
    v1::Event event;
    *event.mutable_staff_booked() = std::move(booked);
    unit.Emit(FacilitatorId(id), event);
  }
  for (auto& [id, booked] : rooms) {
    v1::Event event;
    booked.set_room_id(id);
    *event.mutable_room_booked() = std::move(booked);
    unit.Emit(SiteId(site_id), event);
  }
}

void ReleasePlaces(Unit& unit, const v1::Group& group) {
  std::map<std::string, v1::StaffBooked> staff;
  std::map<std::string, v1::RoomBooked> rooms;
  for (const v1::Session& session : group.sessions()) {
    if (session.status() != v1::PLANNED) continue;
    for (const std::string& id : session.staff()) {
      staff[id].add_released_session_ids(session.session_id());
    }
    rooms[session.room()].add_released_session_ids(session.session_id());
  }
  for (auto& [id, booked] : staff) {
    v1::Event event;
    *event.mutable_staff_booked() = std::move(booked);
    unit.Emit(FacilitatorId(id), event);
  }
  for (auto& [id, booked] : rooms) {
    v1::Event event;
    booked.set_room_id(id);
    *event.mutable_room_booked() = std::move(booked);
    unit.Emit(SiteId(group.site_id()), event);
  }
}

void BookMembers(Unit& unit, const v1::Group& group, const std::vector<v1::Session>& sessions,
                 bool moved) {
  for (const v1::Member& member : group.members()) {
    const v1::Enrolment* found = FindEnrolment(unit, member.enrolment_id());
    if (found == nullptr || found->status() == v1::SUSPENDED) continue;
    const v1::Enrolment enrolment = *found;
    std::vector<v1::Appointment> appointments;
    for (const v1::Session& session : sessions) {
      if (!session.placeholder()) appointments.push_back(AppointmentOf(session, group.site_id()));
    }
    if (moved) {
      BookPerson(unit, enrolment, {}, appointments, {});
    } else {
      BookPerson(unit, enrolment, appointments, {}, {});
    }
  }
}

std::optional<Date> PlannedFinish(const v1::Group& group) {
  if (group.sessions().empty()) return std::nullopt;
  return ParseDate(group.sessions(group.sessions_size() - 1).date());
}

void ReleaseEnrolment(Unit& unit, const v1::Enrolment& enrolment, const std::string& reason_code,
                      Date on) {
  v1::Event event;
  if (enrolment.status() == v1::ALLOCATED) {
    v1::EnrolmentReleased* released = event.mutable_enrolment_released();
    released->set_referral_id(enrolment.referral_id());
    released->set_group_id(enrolment.group_id());
    released->set_on(FormatDate(on));
    released->set_reason_code(reason_code);
    released->set_holder_org(enrolment.delivery_org());
  } else {
    v1::EnrolmentPaused* paused = event.mutable_enrolment_paused();
    paused->set_referral_id(enrolment.referral_id());
    paused->set_group_id(enrolment.group_id());
    paused->set_on(FormatDate(on));
    paused->set_reason_code(reason_code);
    paused->set_credit_until(FormatDate(CreditUntil(on)));
    paused->set_holder_org(enrolment.delivery_org());
  }
  unit.Emit(EnrolmentId(enrolment.id()), event);
}

}  // namespace pdp::programmes
