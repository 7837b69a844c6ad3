#include "services/referral/domain/apply.h"
#include "services/referral/domain/in_force.h"
#include "services/referral/domain/policy.h"

// Access log, subject requests, erasure, published rules.
namespace pdp::referral {
namespace {

void Add(v1::Settings& settings, const v1::PublishedVersion& published) {
  *settings.add_versions() = published;
  if (!published.has_policy()) return;
  if (settings.rows().rows().empty()) *settings.mutable_rows() = ShippedPolicySet();
  settings.mutable_rows()->mutable_rows()->MergeFrom(published.policy().rows());
  settings.mutable_rows()->set_version(published.version());
}

}  // namespace

void Apply(v1::AccessLogBook& book, const v1::AccessRecorded&, const EventFacts&) {
  book.set_entries(book.entries() + 1);
}

void Apply(v1::SubjectRequest& request, const v1::SubjectRequestOpened& event, const EventFacts&) {
  request.set_crn(event.crn());
  request.set_kind(event.kind());
  request.set_status(event.kind() == v1::ERASURE ? v1::REQUESTED : v1::RECEIVED);
  request.set_basis(event.basis());
  request.set_received_on(event.received_on());
  request.set_requested_by(event.requested_by());
}
void Apply(v1::SubjectRequest& request, const v1::IdentityConfirmed& event, const EventFacts&) {
  request.set_status(v1::IDENTIFIED);
  request.set_started_on(event.started_on());
  request.set_due_on(event.due_on());
}
void Apply(v1::SubjectRequest& request, const v1::RequestExtended& event, const EventFacts&) {
  request.set_extended(true);
  request.set_due_on(event.due_on());
}
void Apply(v1::SubjectRequest& request, const v1::BundlePrepared& event, const EventFacts&) {
  request.set_status(v1::READY);
  request.set_bundle_hash(event.bundle_hash());
  *request.mutable_bundle_positions() = event.positions();
}
void Apply(v1::SubjectRequest& request, const v1::BundleReleased& event, const EventFacts&) {
  request.set_status(v1::RELEASED);
  request.set_ended_on(event.on());
}
void Apply(v1::SubjectRequest& request, const v1::RequestRefused& event, const EventFacts&) {
  request.set_status(v1::REFUSED);
  request.set_ended_on(event.on());
}
void Apply(v1::SubjectRequest& request, const v1::ErasureApproved& event, const EventFacts&) {
  request.set_status(v1::APPROVED);
  *request.mutable_aliases() = event.aliases();
  *request.mutable_parts() = event.parts();
}
void Apply(v1::SubjectRequest& request, const v1::KeysDestroyed&, const EventFacts&) {
  request.set_status(v1::KEYS_DESTROYED);
}
void Apply(v1::SubjectRequest& request, const v1::ErasureCollected& event, const EventFacts&) {
  for (v1::ErasurePart& part : *request.mutable_parts()) {
    if (part.service() == event.part().service() && part.area() == event.part().area()) {
      part = event.part();
    }
  }
}
void Apply(v1::SubjectRequest& request, const v1::ErasureGapsListed& event, const EventFacts&) {
  *request.mutable_gaps() = event.gaps();
}
void Apply(v1::SubjectRequest& request, const v1::ErasureCompleted& event, const EventFacts&) {
  request.set_status(v1::CONFIRMED);
  request.clear_gaps();
  request.set_ended_on(event.on());
}

// CRN, codes and dates stay (REF-102).
void Apply(v1::Person& person, const v1::PersonErased& event, const EventFacts&) {
  person.set_crn(event.crn());
  person.set_status(v1::PERSON_ERASED);
  person.set_erasure_request(event.request_id());
  person.clear_identity();
  person.clear_needs();
  person.clear_risk();
  person.clear_died_on();
  if (!person.has_location()) return;
  person.mutable_location()->clear_establishment();
  person.mutable_location()->clear_release_on();
}
void Apply(v1::Person& person, const v1::LegalHoldSet& event, const EventFacts&) {
  person.set_legal_hold(event.hold());
}
void Apply(v1::AccessCopy& copy, const v1::ErasureApplied&, const EventFacts&) {
  copy.set_erased(true);
}

void Apply(v1::Settings& settings, const v1::PolicySetPublished& event, const EventFacts&) {
  Add(settings, event.published());
}
void Apply(v1::Settings& settings, const v1::CalendarPublished& event, const EventFacts&) {
  Add(settings, event.published());
}
void Apply(v1::Settings& settings, const v1::CodesPublished& event, const EventFacts&) {
  Add(settings, event.published());
}
void Apply(v1::Settings& settings, const v1::SettingsCopied& event, const EventFacts&) {
  Add(settings, event.published());
  settings.set_nat_order(event.nat_order());
}

}  // namespace pdp::referral
