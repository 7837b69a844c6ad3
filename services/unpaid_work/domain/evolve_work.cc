#include <algorithm>

#include "services/unpaid_work/domain/evolve.h"
#include "services/unpaid_work/domain/policy.h"

namespace pdp::unpaid_work::evolve {
namespace {

void Reschedule(v1::Appointment& appointment, const std::string& date, int start, int end,
                uint32_t revision) {
  appointment.set_date(date);
  appointment.set_start(start);
  appointment.set_end(end);
  appointment.set_revision(revision);
  appointment.mutable_offer()->set_offered(end - start);
  appointment.mutable_offer()->set_open(end - start);
}

}  // namespace

v1::Appointment* MutableAppointment(v1::Case& c, const std::string& appointment_id) {
  for (v1::Appointment& appointment : *c.mutable_appointments()) {
    if (appointment.appointment_id() == appointment_id) return &appointment;
  }
  return nullptr;
}

void Booked(v1::Case& c, const v1::AppointmentBooked& event) {
  *c.add_appointments() = event.appointment();
}

void Moved(v1::Case& c, const v1::AppointmentMoved& event) {
  if (v1::Appointment* appointment =
          MutableAppointment(c, event.appointment().appointment_id())) {
    *appointment = event.appointment();
  }
}

void Trimmed(v1::Case& c, const v1::AppointmentTrimmed& event) {
  if (v1::Appointment* appointment = MutableAppointment(c, event.appointment_id())) {
    Reschedule(*appointment, event.date(), event.start(), event.end(), event.revision());
  }
}

void Withdrawn(v1::Case& c, const v1::AppointmentWithdrawn& event) {
  v1::Appointment* appointment = MutableAppointment(c, event.appointment_id());
  if (appointment == nullptr) return;
  appointment->set_status(v1::APPOINTMENT_WITHDRAWN);
  v1::Offer* offer = appointment->mutable_offer();
  offer->set_withdrawn(offer->open());
  offer->set_open(0);
}

void Decided(v1::Case& c, const std::string& appointment_id,
             const v1::AppointmentOutcome& outcome, v1::AppointmentStatus status,
             const std::string& evidence_due) {
  v1::Appointment* appointment = MutableAppointment(c, appointment_id);
  if (appointment == nullptr) return;
  *appointment->mutable_outcome() = outcome;
  appointment->set_status(status);
  const v1::OutcomeCode* code = FindOutcome(outcome.code());
  // Travel goes with the attendance it was for (UPW-17).
  if (code == nullptr || !code->attended()) appointment->set_travel_credited(false);
  if (!evidence_due.empty()) {
    appointment->set_evidence(v1::EVIDENCE_DUE);
    appointment->set_evidence_due(evidence_due);
  }
}

void FailureNoted(v1::Case& c, const v1::FailureNoted& event) {
  // An acknowledgement keyed late makes a recorded outcome enforceable (UPW-38).
  if (v1::Appointment* appointment = MutableAppointment(c, event.appointment_id())) {
    appointment->mutable_outcome()->set_enforceable(true);
    appointment->mutable_outcome()->clear_not_enforceable_reason();
  }
  for (v1::Failure& failure : *c.mutable_failures()) {
    if (failure.failure_id() == event.failure().failure_id()) {
      failure = event.failure();
      return;
    }
  }
  *c.add_failures() = event.failure();
}

void FailureVoided(v1::Case& c, const v1::FailureVoided& event) {
  for (v1::Failure& failure : *c.mutable_failures()) {
    if (failure.failure_id() != event.failure_id()) continue;
    auto* ids = failure.mutable_appointment_ids();
    ids->erase(std::remove(ids->begin(), ids->end(), event.appointment_id()), ids->end());
    if (event.void_()) failure.set_status(v1::FAILURE_VOID);
  }
}

}  // namespace pdp::unpaid_work::evolve
