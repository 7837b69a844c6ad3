#include <algorithm>
#include <tuple>

#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/ledger.h"

namespace pdp::unpaid_work {

void TrimOffers(Unit& unit, const std::string& crn, const Facts& facts) {
  const v1::Case& c = *FindCase(unit, crn);
  int64_t excess = PersonOpen(c) - PersonOwed(c);
  if (excess <= 0) return;
  const Moment now = Now(facts);
  std::vector<v1::Appointment> future;
  for (const v1::Appointment& appointment : c.appointments()) {
    if (appointment.offer().open() == 0) continue;
    if (Moment{DateOf(appointment.date()), appointment.start()} > now) {
      future.push_back(appointment);
    }
  }
  std::sort(future.begin(), future.end(), [](const auto& a, const auto& b) {
    return std::make_tuple(b.date(), b.start(), b.appointment_id()) <
           std::make_tuple(a.date(), a.start(), a.appointment_id());
  });
  for (const v1::Appointment& appointment : future) {
    if (excess <= 0) return;
    const int64_t minutes = appointment.end() - appointment.start();
    if (minutes <= excess) {
      WithdrawAppointment(unit, crn, appointment.appointment_id(), "NOTHING_LEFT_TO_OFFER",
                          v1::BY_SERVICE, facts);
      excess -= minutes;
      continue;
    }
    v1::Event event;
    auto* trimmed = event.mutable_appointment_trimmed();
    trimmed->set_crn(crn);
    trimmed->set_appointment_id(appointment.appointment_id());
    trimmed->set_date(appointment.date());
    trimmed->set_start(appointment.start());
    trimmed->set_end(appointment.end() - static_cast<int>(excess));
    trimmed->set_revision(appointment.revision() + 1);
    trimmed->set_site(SiteName(unit, appointment.project_id()));
    unit.Emit(CaseId(crn), std::move(event));
    return;
  }
}

}  // namespace pdp::unpaid_work
