#include "services/unpaid_work/projections/calendar.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "pdp/unpaid_work/v1/events.pb.h"

namespace pdp::unpaid_work {
namespace {

using projection::RowWriter;

std::string ById(absl::string_view crn, const std::string& appointment_id) {
  return absl::StrCat("a/", crn, "/", appointment_id);
}

std::string InOrder(absl::string_view crn, const v1::Appointment& appointment) {
  return absl::StrCat(PersonCalendar::Prefix(crn), appointment.date(), "/",
                      absl::StrFormat("%04d", appointment.start()), "/",
                      appointment.appointment_id());
}

void Put(absl::string_view crn, const v1::CalendarEntry& entry, RowWriter& rows) {
  rows.Put(ById(crn, entry.appointment().appointment_id()), entry);
  rows.Put(InOrder(crn, entry.appointment()), entry);
}

// Changes the entry of an appointment, under its new place when the time changed.
template <typename Change>
void Update(absl::string_view crn, const std::string& appointment_id, RowWriter& rows,
            Change change) {
  v1::CalendarEntry entry;
  if (!rows.Get(ById(crn, appointment_id), &entry)) return;
  rows.Delete(InOrder(crn, entry.appointment()));
  change(entry);
  Put(crn, entry, rows);
}

template <typename Outcome>
void Decide(absl::string_view crn, const Outcome& decided, RowWriter& rows) {
  Update(crn, decided.appointment_id(), rows, [&](v1::CalendarEntry& entry) {
    entry.mutable_appointment()->set_status(decided.status());
    *entry.mutable_appointment()->mutable_outcome() = decided.outcome();
  });
}

}  // namespace

std::string PersonCalendar::Prefix(absl::string_view crn) { return absl::StrCat("k/", crn, "/"); }

absl::Status PersonCalendar::Project(const projection::RecordedEvent& recorded, RowWriter& rows) {
  if (recorded.aggregate.kind() != "case") return absl::OkStatus();
  const auto& event = recorded.As<v1::Event>();
  const std::string crn(recorded.aggregate.id());
  if (event.has_appointment_booked()) {
    v1::CalendarEntry entry;
    *entry.mutable_appointment() = event.appointment_booked().appointment();
    entry.set_site(event.appointment_booked().site());
    Put(crn, entry, rows);
  }
  if (event.has_appointment_moved()) {
    const v1::AppointmentMoved& moved = event.appointment_moved();
    Update(crn, moved.appointment().appointment_id(), rows, [&](v1::CalendarEntry& entry) {
      *entry.mutable_appointment() = moved.appointment();
      entry.set_site(moved.site());
    });
  }
  if (event.has_appointment_trimmed()) {
    const v1::AppointmentTrimmed& trimmed = event.appointment_trimmed();
    Update(crn, trimmed.appointment_id(), rows, [&](v1::CalendarEntry& entry) {
      entry.mutable_appointment()->set_end(trimmed.end());
      entry.mutable_appointment()->set_revision(trimmed.revision());
    });
  }
  if (event.has_appointment_withdrawn()) {
    Update(crn, event.appointment_withdrawn().appointment_id(), rows, [](v1::CalendarEntry& entry) {
      entry.mutable_appointment()->set_status(v1::APPOINTMENT_WITHDRAWN);
    });
  }
  if (event.has_outcome_recorded()) Decide(crn, event.outcome_recorded(), rows);
  if (event.has_outcome_corrected()) Decide(crn, event.outcome_corrected(), rows);
  if (event.has_outcome_defaulted()) Decide(crn, event.outcome_defaulted(), rows);
  if (event.has_offer_closed()) {
    Update(crn, event.offer_closed().appointment_id(), rows, [&](v1::CalendarEntry& entry) {
      *entry.mutable_appointment()->mutable_offer() = event.offer_closed().offer();
    });
  }
  return absl::OkStatus();
}

}  // namespace pdp::unpaid_work
