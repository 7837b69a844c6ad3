#include "services/programmes/projections/calendars.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "pdp/programmes/v1/events.pb.h"

namespace pdp::programmes {
namespace {

using projection::RowWriter;

absl::string_view KindName(v1::CalendarKind kind) {
  switch (kind) {
    case v1::CALENDAR_PERSON: return "person";
    case v1::CALENDAR_STAFF: return "staff";
    case v1::CALENDAR_ROOM: return "room";
    case v1::CALENDAR_KIND_UNSPECIFIED:
    case v1::CalendarKind_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::CalendarKind_INT_MAX_SENTINEL_DO_NOT_USE_: return "";
  }
  return "";
}

std::string OwnerKey(absl::string_view id) { return absl::StrCat("o/", id); }

void PutOwner(RowWriter& rows, const std::string& id, const std::string& delivery_org) {
  v1::CalendarEntry owner;
  owner.set_delivery_org(delivery_org);
  rows.Put(OwnerKey(id), owner);
}

// The calendar of one subject.
class Calendar {
 public:
  Calendar(RowWriter& rows, v1::CalendarKind kind, const std::string& subject)
      : rows_(rows),
        prefix_(Calendars::Prefix(kind, subject)),
        by_session_(absl::StrCat("s/", KindName(kind), "/", subject, "/")) {}

  void Release(const std::string& session_id) {
    v1::CalendarEntry entry;
    const std::string key = absl::StrCat(by_session_, session_id);
    if (!rows_.Get(key, &entry)) return;
    rows_.Delete(EntryKey(entry));
    rows_.Delete(key);
  }
  void Book(const v1::Booking& booking, const std::string& service) {
    Release(booking.session_id());
    v1::CalendarEntry entry = OwnerOf(booking.session_id());
    entry.set_session_id(booking.session_id());
    entry.set_date(booking.date());
    entry.set_start_min(booking.start_min());
    entry.set_minutes(booking.minutes());
    entry.set_site_id(booking.site_id());
    entry.set_service(service);
    rows_.Put(EntryKey(entry), entry);
    rows_.Put(absl::StrCat(by_session_, booking.session_id()), entry);
  }
  void Book(const v1::Appointment& appointment) {
    v1::Booking booking;
    booking.set_session_id(appointment.appointment_id());
    booking.set_date(appointment.date());
    booking.set_start_min(appointment.start_min());
    booking.set_minutes(appointment.minutes());
    booking.set_site_id(appointment.site_id());
    Book(booking, appointment.source().empty() ? "programmes" : appointment.source());
  }
  template <typename Booked>
  void Apply(const Booked& booked) {
    for (const std::string& id : booked.released_session_ids()) Release(id);
    for (const v1::Booking& booking : booked.bookings()) Book(booking, "programmes");
  }

 private:
  // {group_id}/{row}, or {enrolment_id}/{row}/{k}.
  v1::CalendarEntry OwnerOf(const std::string& session_id) {
    v1::CalendarEntry owner;
    size_t slash = session_id.rfind('/');
    for (int i = 0; i < 2 && slash != std::string::npos && slash > 0; ++i) {
      if (rows_.Get(OwnerKey(session_id.substr(0, slash)), &owner)) return owner;
      slash = session_id.rfind('/', slash - 1);
    }
    return owner;
  }
  std::string EntryKey(const v1::CalendarEntry& entry) const {
    return absl::StrFormat("%s%s/%04d/%s", prefix_, entry.date(), entry.start_min(),
                           entry.session_id());
  }

  RowWriter& rows_;
  const std::string prefix_;
  const std::string by_session_;
};

}  // namespace

std::string Calendars::Prefix(v1::CalendarKind kind, absl::string_view subject) {
  return absl::StrCat("c/", KindName(kind), "/", subject, "/");
}

absl::Status Calendars::Project(const projection::RecordedEvent& recorded, RowWriter& rows) {
  const auto& event = recorded.As<v1::Event>();
  const std::string id(recorded.aggregate.id());
  if (event.has_group_opened()) {
    PutOwner(rows, id, event.group_opened().delivery_org());
  } else if (event.has_enrolment_opened()) {
    PutOwner(rows, id, event.enrolment_opened().delivery_org());
  } else if (event.has_staff_booked()) {
    Calendar(rows, v1::CALENDAR_STAFF, id).Apply(event.staff_booked());
  } else if (event.has_room_booked()) {
    Calendar(rows, v1::CALENDAR_ROOM, absl::StrCat(id, "/", event.room_booked().room_id()))
        .Apply(event.room_booked());
  } else if (event.has_person_sessions_changed()) {
    const v1::PersonSessionsChanged& changed = event.person_sessions_changed();
    Calendar person(rows, v1::CALENDAR_PERSON, id);
    for (const std::string& session : changed.released_session_ids()) person.Release(session);
    for (const v1::Appointment& session : changed.moved()) person.Book(session);
    for (const v1::Appointment& session : changed.booked()) person.Book(session);
  } else if (event.has_appointment_recorded()) {
    Calendar(rows, v1::CALENDAR_PERSON, id).Book(event.appointment_recorded().appointment());
  } else if (event.has_appointment_released()) {
    Calendar(rows, v1::CALENDAR_PERSON, id).Release(event.appointment_released().appointment_id());
  }
  return absl::OkStatus();
}

}  // namespace pdp::programmes
