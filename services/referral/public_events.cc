#include "services/referral/public_events.h"

#include "absl/strings/str_cat.h"
#include "pdp/referral/v1/events.pb.h"
#include "pdp/referral/v1/public_events.pb.h"

// Longer than the house rule because it is a table of all events.

namespace pdp::referral {
namespace {

using projection::RecordedEvent;

void Fill(const v1::PersonRegistered& e, const RecordedEvent& r,
          v1::PublicEvent::PersonRegistered* out) {
  out->set_crn(e.crn());
  out->set_person_version(r.version.value());
  out->set_home_area(e.home_area());
}
void Fill(const v1::IdentityCorrected& e, const RecordedEvent& r,
          v1::PublicEvent::IdentityCorrected* out) {
  out->set_crn(e.crn());
  out->set_person_version(r.version.value());
  *out->mutable_fields() = e.fields();
}
void Fill(const v1::NeedsRecorded& e, const RecordedEvent& r, v1::PublicEvent::NeedsRecorded* out) {
  out->set_crn(e.crn());
  out->set_person_version(r.version.value());
  out->set_section(e.section());
  *out->mutable_cleared() = e.cleared();
}
void Fill(const v1::BarrierRecorded& e, const RecordedEvent& r,
          v1::PublicEvent::BarrierRecorded* out) {
  out->set_crn(e.crn());
  out->set_person_version(r.version.value());
}
void Fill(const v1::BarrierClosed& e, const RecordedEvent& r, v1::PublicEvent::BarrierClosed* out) {
  out->set_crn(e.crn());
  out->set_person_version(r.version.value());
}
void Fill(const v1::RiskRecorded& e, const RecordedEvent& r, v1::PublicEvent::RiskRecorded* out) {
  out->set_crn(e.crn());
  out->set_person_version(r.version.value());
}
void Fill(const v1::ResponsibleOfficerChanged& e, const RecordedEvent& r,
          v1::PublicEvent::ResponsibleOfficerChanged* out) {
  out->set_crn(e.crn());
  out->set_person_version(r.version.value());
  *out->mutable_old_officer() = e.old_officer();
  *out->mutable_new_officer() = e.new_officer();
}
void Fill(const v1::LocationChanged& e, const RecordedEvent& r,
          v1::PublicEvent::LocationChanged* out) {
  out->set_crn(e.crn());
  out->set_person_version(r.version.value());
  out->set_location(e.new_location().kind());
  out->set_from(e.new_location().from());
}
void Fill(const v1::HomeAreaMoved& e, const RecordedEvent& r, v1::PublicEvent::HomeAreaMoved* out) {
  out->set_crn(e.crn());
  out->set_person_version(r.version.value());
  out->set_old_area(e.old_area());
  out->set_new_area(e.new_area());
  out->set_from(e.from());
}
void Fill(const v1::DeathRecorded& e, const RecordedEvent& r, v1::PublicEvent::DeathRecorded* out) {
  out->set_crn(e.crn());
  out->set_person_version(r.version.value());
}
template <typename From, typename To>
void FillAccess(const From& e, const RecordedEvent& r, To* out) {
  out->set_crn(e.crn());
  out->set_person_version(r.version.value());
  *out->mutable_referral_ids() = e.referral_ids();
  *out->mutable_lists() = e.has_united() ? e.united() : e.lists();
  *out->mutable_aliases() = e.aliases();
}
void Fill(const v1::PersonMerged& e, const RecordedEvent& r, v1::PublicEvent::PersonMerged* out) {
  out->set_from(e.from());
  out->set_to(e.to());
  out->set_person_version(r.version.value());
  *out->mutable_lists() = e.united();
  *out->mutable_aliases() = e.aliases();
  out->set_root(e.root());
  *out->mutable_duplicates() = e.duplicates();
}
void Fill(const v1::PersonUnmerged& e, const RecordedEvent& r,
          v1::PublicEvent::PersonUnmerged* out) {
  out->set_from(e.from());
  out->set_to(e.to());
  out->set_person_version(r.version.value());
  *out->mutable_lists() = e.lists();
  *out->mutable_aliases() = e.aliases();
  *out->mutable_survivor_lists() = e.survivor_lists();
  *out->mutable_survivors() = e.survivors();
}
void Fill(const v1::PersonErased& e, const RecordedEvent& r, v1::PublicEvent::PersonErased* out) {
  out->set_crn(e.crn());
  *out->mutable_aliases() = e.aliases();
  out->set_person_version(r.version.value());
  out->set_request_id(e.request_id());
}
void Fill(const v1::ErasureGapsListed& e, const RecordedEvent& r,
          v1::PublicEvent::PersonErased* out) {
  out->set_crn(e.crn());
  *out->mutable_aliases() = e.aliases();
  out->set_request_id(std::string(r.aggregate.id()));
}
template <typename Event, typename Out>
void FillPublished(const Event& e, Out* out) {
  out->set_version(e.published().version());
  out->set_hash(e.published().hash());
  out->set_effective_from(e.published().effective_from());
  *out->mutable_content() = e.published();
}
void Fill(const v1::ReferralAmended& e, const RecordedEvent& r,
          v1::PublicEvent::ReferralAmended* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_version(r.version.value());
  out->set_topic(e.topic());
  *out->mutable_fields() = e.fields();
  out->set_decision_input(e.decision_input());
  out->set_reason(e.reason());
  out->set_old_slot_key(e.old_slot_key());
  out->set_new_slot_key(e.new_slot_key());
  out->set_crn(e.crn());
}
void Fill(const v1::DeliveryRequirementsChanged& e, const RecordedEvent& r,
          v1::PublicEvent::DeliveryRequirementsChanged* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_version(r.version.value());
  *out->mutable_added() = e.added();
  *out->mutable_removed() = e.removed();
  *out->mutable_tokens() = e.tokens();
}
void Fill(const v1::TransferRequested& e, const RecordedEvent& r,
          v1::PublicEvent::TransferRequested* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_from_area(e.from_area());
  out->set_to_area(e.to_area());
  out->set_code(e.code());
}
void Fill(const v1::ReferralHandedOff& e, const RecordedEvent& r,
          v1::PublicEvent::ReferralHandedOff* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_from_area(e.from_area());
  out->set_to_area(e.to_area());
  out->set_resume_state(e.resume_state());
  out->set_version(r.version.value());
  out->set_open_round(e.open_round());
  out->set_offer_open(e.offer_open());
  out->set_started(e.started());
  out->set_pdu(e.pdu());
}
void Fill(const v1::ReferralReceived& e, const RecordedEvent& r,
          v1::PublicEvent::ReferralReceived* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_from_area(e.from_area());
  out->set_to_area(e.to_area());
  out->set_resume_state(e.resume_state());
  out->set_version(r.version.value());
}
void Fill(const v1::AccessRestricted& e, const RecordedEvent& r,
          v1::PublicEvent::AccessRestricted* out) {
  FillAccess(e, r, out);
}
void Fill(const v1::RestrictionLifted& e, const RecordedEvent& r,
          v1::PublicEvent::RestrictionLifted* out) {
  FillAccess(e, r, out);
}
void Fill(const v1::AccessCleared& e, const RecordedEvent& r, v1::PublicEvent::AccessCleared* out) {
  FillAccess(e, r, out);
}
void Fill(const v1::ClearanceRevoked& e, const RecordedEvent& r,
          v1::PublicEvent::ClearanceRevoked* out) {
  FillAccess(e, r, out);
}
void Fill(const v1::RequirementVaried& e, const RecordedEvent& r,
          v1::PublicEvent::RequirementVaried* out) {
  out->set_crn(e.crn());
  out->set_sentence_key(std::string(r.aggregate.id()));
  out->set_requirement_key(e.requirement_key());
  out->set_sentence_version(r.version.value());
  out->set_area(e.area());
  *out->mutable_old_requirement() = e.old_requirement();
  *out->mutable_new_requirement() = e.new_requirement();
}
void Fill(const v1::RequirementEnded& e, const RecordedEvent& r,
          v1::PublicEvent::RequirementEnded* out) {
  out->set_crn(e.crn());
  out->set_sentence_key(std::string(r.aggregate.id()));
  out->set_requirement_key(e.requirement_key());
  out->set_sentence_version(r.version.value());
  out->set_area(e.area());
  out->set_cause(e.cause());
  out->set_on(e.on());
  out->set_kind(e.kind());
}
void Fill(const v1::SentenceEndChanged& e, const RecordedEvent& r,
          v1::PublicEvent::SentenceEndChanged* out) {
  out->set_crn(e.crn());
  out->set_sentence_key(std::string(r.aggregate.id()));
  out->set_sentence_version(r.version.value());
  out->set_area(e.area());
  out->set_end_on(e.new_end_on());
  out->set_open_ended(e.open_ended());
  out->set_court_ref(e.court_ref());
  out->set_court_confirmed(e.court_confirmed());
  out->set_old_end_on(e.old_end_on());
}
void Fill(const v1::SentenceEnded& e, const RecordedEvent& r, v1::PublicEvent::SentenceEnded* out) {
  out->set_crn(e.crn());
  out->set_sentence_key(std::string(r.aggregate.id()));
  out->set_sentence_version(r.version.value());
  out->set_area(e.area());
  out->set_cause(e.cause());
  out->set_on(e.on());
}
void Fill(const v1::SentenceRegistered& e, const RecordedEvent& r,
          v1::PublicEvent::SentenceRegistered* out) {
  out->set_crn(e.crn());
  out->set_sentence_key(std::string(r.aggregate.id()));
  out->set_sentence_version(r.version.value());
  out->set_order_type(e.order_type());
  out->set_order_kind(e.order_kind());
  out->set_sentenced_on(e.sentenced_on());
  out->set_end_on(e.end_on());
  out->set_open_ended(e.open_ended());
  out->set_area(e.area());
}
void Fill(const v1::RequirementRegistered& e, const RecordedEvent& r,
          v1::PublicEvent::RequirementRegistered* out) {
  out->set_crn(e.crn());
  out->set_sentence_key(std::string(r.aggregate.id()));
  out->set_requirement_key(e.requirement_key());
  out->set_sentence_version(r.version.value());
  out->set_area(e.area());
  *out->mutable_requirement() = e.requirement();
}
void Fill(const v1::ReferralSubmitted& e, const RecordedEvent& r,
          v1::PublicEvent::ReferralSubmitted* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_reference(e.reference());
  out->set_line(e.line());
  out->set_need(e.need());
  out->set_sentence_key(e.sentence_key());
  out->set_requirement_key(e.requirement_key());
  out->set_pdu(e.pdu());
  out->set_person_version(e.person_version());
  out->set_sentence_version(e.sentence_version());
  out->set_slot_key(e.slot_key());
  out->set_submitted_on(e.submitted_on());
}
void Fill(const v1::ReferralRouted& e, const RecordedEvent& r,
          v1::PublicEvent::ReferralRouted* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_route(e.route());
  out->set_version_ref(e.version_ref());
  out->set_pdu(e.pdu());
  *out->mutable_tokens() = e.tokens();
  *out->mutable_flags() = e.flags();
  out->set_stratum(e.stratum());
  out->set_instrument(e.instrument());
  out->set_next_round(e.next_round());
  *out->mutable_access() = e.access();
}
void Fill(const v1::ReferralClosed& e, const RecordedEvent& r,
          v1::PublicEvent::ReferralClosed* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_outcome(e.outcome());
  out->set_category(e.category());
  out->set_slot_key(e.slot_key());
  out->set_crn(e.crn());
}
void Fill(const v1::ReferralOffered& e, const RecordedEvent& r,
          v1::PublicEvent::ReferralOffered* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_round(e.round());
  out->set_apportionment_id(e.apportionment_id());
  out->set_org(e.org());
  out->set_last_resort(e.last_resort());
  *out->mutable_offered_at() = e.offered_at();
  out->set_respond_on(e.respond_on());
  *out->mutable_expires_at() = e.expires_at();
}
void Fill(const v1::OfferDeclined& e, const RecordedEvent& r, v1::PublicEvent::OfferDeclined* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_round(e.round());
  out->set_apportionment_id(e.apportionment_id());
  out->set_org(e.org());
  out->set_code(e.code());
}
void Fill(const v1::OfferLapsed& e, const RecordedEvent& r, v1::PublicEvent::OfferLapsed* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_round(e.round());
  out->set_apportionment_id(e.apportionment_id());
  out->set_org(e.org());
}
void Fill(const v1::PlacementFailed& e, const RecordedEvent& r,
          v1::PublicEvent::PlacementFailed* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_round(e.round());
  out->set_apportionment_id(e.apportionment_id());
  *out->mutable_exclusions() = e.exclusions();
}
void Fill(const v1::PlacementRetried& e, const RecordedEvent& r,
          v1::PublicEvent::PlacementRetried* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_next_round(e.next_round());
}
void Fill(const v1::ReferralAccepted& e, const RecordedEvent& r,
          v1::PublicEvent::ReferralAccepted* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_round(e.round());
  out->set_apportionment_id(e.apportionment_id());
  out->set_version(r.version.value());
  out->set_org(e.org());
  out->set_line(e.line());
  out->set_route(e.route());
  out->set_version_ref(e.version_ref());
  out->set_pdu(e.pdu());
  out->set_stratum(e.stratum());
  out->set_requirement_key(e.requirement_key());
  out->set_order_kind(e.order_kind());
  out->set_end_on(e.end_on());
  *out->mutable_tokens() = e.tokens();
  out->set_submitted_on(e.submitted_on());
  out->set_sentence_key(e.sentence_key());
  out->set_instrument(e.instrument());
}
void Fill(const v1::OfferRescinded& e, const RecordedEvent& r,
          v1::PublicEvent::OfferRescinded* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_round(e.round());
  out->set_apportionment_id(e.apportionment_id());
  out->set_org(e.org());
}
void Fill(const v1::ReferralDirected& e, const RecordedEvent& r,
          v1::PublicEvent::ReferralDirected* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_round(e.round());
  out->set_apportionment_id(e.apportionment_id());
  out->set_org(e.org());
  out->set_route(e.route());
  out->set_pdu(e.pdu());
  out->set_stratum(e.stratum());
  out->set_instrument(e.instrument());
  *out->mutable_tokens() = e.tokens();
  *out->mutable_excluded_orgs() = e.excluded_orgs();
  out->set_code(e.code());
  out->set_open_round(e.open_round());
}
void Fill(const v1::ReferralReturned& e, const RecordedEvent& r,
          v1::PublicEvent::ReferralReturned* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_round(e.round());
  out->set_org(e.org());
  out->set_code(e.code());
  out->set_started(e.started());
  out->set_version_refused(e.version_refused());
  out->set_apportionment_id(absl::StrCat(r.aggregate.id(), "/", e.round()));
}
void Fill(const v1::DeliveryStarted& e, const RecordedEvent& r,
          v1::PublicEvent::DeliveryStarted* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_org(e.org());
  out->set_on(e.on());
  out->set_route(e.route());
  out->set_pdu(e.pdu());
  out->set_stratum(e.stratum());
  if (e.has_fact()) *out->mutable_fact() = e.fact();
}
void Fill(const v1::DeliveryEnded& e, const RecordedEvent& r, v1::PublicEvent::DeliveryEnded* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_org(e.org());
  out->set_on(e.on());
  out->set_cause(e.cause());
  out->set_delivery_class(e.delivery_class());
  out->set_code(e.code());
  out->set_phase(e.phase());
  out->set_report_due(e.report_due());
  out->set_stratum(e.stratum());
  out->set_route(e.route());
  out->set_slot_key(e.slot_key());
  out->set_crn(e.crn());
}
void Fill(const v1::ReferralWithdrawn& e, const RecordedEvent& r,
          v1::PublicEvent::ReferralWithdrawn* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_code(e.code());
  out->set_group(e.group());
  out->set_phase(e.phase());
  out->set_org(e.org());
  out->set_on(e.on());
  out->set_stratum(e.stratum());
  out->set_open_round(e.open_round());
}
void Fill(const v1::ReferralConcluded& e, const RecordedEvent& r,
          v1::PublicEvent::ReferralConcluded* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_org(e.org());
  out->set_on(e.on());
  out->set_cause(e.cause());
  out->set_delivery_class(e.delivery_class());
  out->set_stratum(e.stratum());
}
void Fill(const v1::ReferralReopened& e, const RecordedEvent& r,
          v1::PublicEvent::ReferralReopened* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_org(e.org());
  out->set_on(e.on());
  out->set_source_service(e.source_service());
  out->set_slot_key(e.slot_key());
  out->set_crn(e.crn());
  out->set_state(v1::IN_DELIVERY);
}
void Fill(const v1::EligibilityDecided& e, const RecordedEvent& r,
          v1::PublicEvent::EligibilityDecided* out) {
  const v1::Decision& decision = e.decision();
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_decision_id(decision.id());
  out->set_outcome(decision.outcome());
  out->set_route(decision.route());
  out->set_version_ref(decision.version_ref());
  *out->mutable_reasons() = decision.reasons();
  *out->mutable_unknown() = decision.unknown();
  *out->mutable_flags() = decision.flags();
  out->set_policy_version(decision.policy_version());
}
void Fill(const v1::DifficultyAssessed& e, const RecordedEvent& r,
          v1::PublicEvent::DifficultyAssessed* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_score(e.difficulty().score());
  out->set_stratum(e.difficulty().stratum());
  out->set_instrument(e.difficulty().instrument());
}
template <typename E, typename Out>
void FillClock(const E& e, const RecordedEvent& r, Out* out) {
  out->set_referral_id(std::string(r.aggregate.id()));
  out->set_clock(e.clock().code());
  out->set_n(e.clock().n());
  out->set_org(e.clock().org());
  out->set_due_on(e.clock().due_on());
}
void Fill(const v1::SlaClockBreached& e, const RecordedEvent& r,
          v1::PublicEvent::SlaClockBreached* out) {
  FillClock(e, r, out);
}
void Fill(const v1::SlaClockBreachReversed& e, const RecordedEvent& r,
          v1::PublicEvent::SlaClockBreachReversed* out) {
  FillClock(e, r, out);
}

}  // namespace

std::vector<std::unique_ptr<google::protobuf::Message>> ToPublic(const RecordedEvent& recorded) {
  const auto& event = recorded.As<v1::Event>();
  v1::PublicEvent out;
  v1::InternalEvent internal;
  switch (event.event_case()) {
    case v1::Event::kPersonRegistered:
      Fill(event.person_registered(), recorded, out.mutable_person_registered());
      break;
    case v1::Event::kIdentityCorrected:
      Fill(event.identity_corrected(), recorded, out.mutable_identity_corrected());
      break;
    case v1::Event::kNeedsRecorded:
      Fill(event.needs_recorded(), recorded, out.mutable_needs_recorded());
      break;
    case v1::Event::kBarrierRecorded:
      Fill(event.barrier_recorded(), recorded, out.mutable_barrier_recorded());
      break;
    case v1::Event::kBarrierClosed:
      Fill(event.barrier_closed(), recorded, out.mutable_barrier_closed());
      break;
    case v1::Event::kRiskRecorded:
      Fill(event.risk_recorded(), recorded, out.mutable_risk_recorded());
      break;
    case v1::Event::kResponsibleOfficerChanged:
      Fill(event.responsible_officer_changed(), recorded,
           out.mutable_responsible_officer_changed());
      break;
    case v1::Event::kSentenceRegistered:
      Fill(event.sentence_registered(), recorded, out.mutable_sentence_registered());
      break;
    case v1::Event::kRequirementRegistered:
      Fill(event.requirement_registered(), recorded, out.mutable_requirement_registered());
      break;
    case v1::Event::kReferralSubmitted:
      Fill(event.referral_submitted(), recorded, out.mutable_referral_submitted());
      break;
    case v1::Event::kEligibilityDecided:
      Fill(event.eligibility_decided(), recorded, out.mutable_eligibility_decided());
      break;
    // For the own processes only: the deciding runs again.
    case v1::Event::kInformationProvided:
      internal.mutable_information_provided()->set_referral_id(
          std::string(recorded.aggregate.id()));
      break;
    case v1::Event::kDeferralReviewDue:
      internal.mutable_deferral_review_due()->set_referral_id(
          std::string(recorded.aggregate.id()));
      break;
    case v1::Event::kReferralRouted:
      Fill(event.referral_routed(), recorded, out.mutable_referral_routed());
      break;
    case v1::Event::kDifficultyAssessed:
      Fill(event.difficulty_assessed(), recorded, out.mutable_difficulty_assessed());
      break;
    case v1::Event::kReferralClosed:
      Fill(event.referral_closed(), recorded, out.mutable_referral_closed());
      break;
    case v1::Event::kReferralOffered:
      Fill(event.referral_offered(), recorded, out.mutable_referral_offered());
      break;
    case v1::Event::kOfferDeclined:
      Fill(event.offer_declined(), recorded, out.mutable_offer_declined());
      break;
    case v1::Event::kOfferLapsed:
      Fill(event.offer_lapsed(), recorded, out.mutable_offer_lapsed());
      break;
    case v1::Event::kPlacementFailed:
      Fill(event.placement_failed(), recorded, out.mutable_placement_failed());
      break;
    case v1::Event::kPlacementRetried:
      Fill(event.placement_retried(), recorded, out.mutable_placement_retried());
      break;
    case v1::Event::kReferralAccepted:
      Fill(event.referral_accepted(), recorded, out.mutable_referral_accepted());
      break;
    case v1::Event::kReferralReturned:
      Fill(event.referral_returned(), recorded, out.mutable_referral_returned());
      break;
    case v1::Event::kDeliveryStarted:
      Fill(event.delivery_started(), recorded, out.mutable_delivery_started());
      break;
    case v1::Event::kDeliveryEnded:
      Fill(event.delivery_ended(), recorded, out.mutable_delivery_ended());
      break;
    case v1::Event::kReferralWithdrawn:
      Fill(event.referral_withdrawn(), recorded, out.mutable_referral_withdrawn());
      break;
    case v1::Event::kReferralConcluded:
      Fill(event.referral_concluded(), recorded, out.mutable_referral_concluded());
      break;
    case v1::Event::kReferralReopened:
      Fill(event.referral_reopened(), recorded, out.mutable_referral_reopened());
      break;
    case v1::Event::kSlaClockBreached:
      Fill(event.sla_clock_breached(), recorded, out.mutable_sla_clock_breached());
      break;
    case v1::Event::kSlaClockBreachReversed:
      Fill(event.sla_clock_breach_reversed(), recorded, out.mutable_sla_clock_breach_reversed());
      break;
    case v1::Event::kOfferRescinded:
      if (event.offer_rescinded().decide_again()) {
        internal.mutable_decide_again()->set_referral_id(std::string(recorded.aggregate.id()));
      }
      Fill(event.offer_rescinded(), recorded, out.mutable_offer_rescinded());
      break;
    case v1::Event::kReferralDirected:
      Fill(event.referral_directed(), recorded, out.mutable_referral_directed());
      break;
    case v1::Event::kCourtConflictResolved:
      if (event.court_conflict_resolved().choice() != "PROCEED_ALTERNATIVE") return {};
      internal.mutable_decide_again()->set_referral_id(std::string(recorded.aggregate.id()));
      break;
    case v1::Event::kDraftDiscarded:
      internal.mutable_draft_discarded()->set_referral_id(std::string(recorded.aggregate.id()));
      internal.mutable_draft_discarded()->set_crn(event.draft_discarded().crn());
      internal.mutable_draft_discarded()->set_slot_key(event.draft_discarded().slot_key());
      break;
    case v1::Event::kDraftExpired:
      // Gone like a discarded one; a form holds no slot before it is submitted (REF-33).
      internal.mutable_draft_discarded()->set_referral_id(std::string(recorded.aggregate.id()));
      break;
    case v1::Event::kSlotCheckDue:
      internal.mutable_slot_check_due()->set_crn(event.slot_check_due().crn());
      internal.mutable_slot_check_due()->set_key(event.slot_check_due().key());
      internal.mutable_slot_check_due()->set_referral_id(event.slot_check_due().referral_id());
      break;
    case v1::Event::kLocationChanged:
      Fill(event.location_changed(), recorded, out.mutable_location_changed());
      break;
    case v1::Event::kHomeAreaMoved:
      Fill(event.home_area_moved(), recorded, out.mutable_home_area_moved());
      break;
    case v1::Event::kDeathRecorded:
      Fill(event.death_recorded(), recorded, out.mutable_death_recorded());
      break;
    case v1::Event::kAccessRestricted:
      Fill(event.access_restricted(), recorded, out.mutable_access_restricted());
      break;
    case v1::Event::kRestrictionLifted:
      Fill(event.restriction_lifted(), recorded, out.mutable_restriction_lifted());
      break;
    case v1::Event::kAccessCleared:
      Fill(event.access_cleared(), recorded, out.mutable_access_cleared());
      break;
    case v1::Event::kClearanceRevoked:
      Fill(event.clearance_revoked(), recorded, out.mutable_clearance_revoked());
      break;
    case v1::Event::kRequirementVaried:
      Fill(event.requirement_varied(), recorded, out.mutable_requirement_varied());
      break;
    case v1::Event::kRequirementEnded:
      Fill(event.requirement_ended(), recorded, out.mutable_requirement_ended());
      break;
    case v1::Event::kSentenceEndChanged:
      Fill(event.sentence_end_changed(), recorded, out.mutable_sentence_end_changed());
      break;
    case v1::Event::kSentenceEnded:
      Fill(event.sentence_ended(), recorded, out.mutable_sentence_ended());
      break;
    case v1::Event::kPersonMerged:
      Fill(event.person_merged(), recorded, out.mutable_person_merged());
      break;
    case v1::Event::kPersonUnmerged:
      Fill(event.person_unmerged(), recorded, out.mutable_person_unmerged());
      break;
    case v1::Event::kReferralAmended:
      Fill(event.referral_amended(), recorded, out.mutable_referral_amended());
      break;
    case v1::Event::kDeliveryRequirementsChanged:
      Fill(event.delivery_requirements_changed(), recorded,
           out.mutable_delivery_requirements_changed());
      break;
    case v1::Event::kTransferRequested:
      Fill(event.transfer_requested(), recorded, out.mutable_transfer_requested());
      break;
    case v1::Event::kReferralHandedOff:
      Fill(event.referral_handed_off(), recorded, out.mutable_referral_handed_off());
      break;
    case v1::Event::kReferralReceived:
      Fill(event.referral_received(), recorded, out.mutable_referral_received());
      break;
    case v1::Event::kDecisionReopened:
      internal.mutable_decide_again()->set_referral_id(std::string(recorded.aggregate.id()));
      internal.mutable_decide_again()->set_open_round(event.decision_reopened().open_round());
      break;
    case v1::Event::kEstimateRetryDue:
      internal.mutable_estimate_retry_due()->set_referral_id(std::string(recorded.aggregate.id()));
      break;
    case v1::Event::kPersonErased:
      // Of an alias its root tells.
      if (!event.person_erased().root().empty()) return {};
      Fill(event.person_erased(), recorded, out.mutable_person_erased());
      break;
    // Those who have not confirmed are told again (REF-102).
    case v1::Event::kErasureGapsListed:
      Fill(event.erasure_gaps_listed(), recorded, out.mutable_person_erased());
      break;
    case v1::Event::kPolicySetPublished:
      out.mutable_policy_set_published()->set_name(
          event.policy_set_published().published().policy().name());
      FillPublished(event.policy_set_published(), out.mutable_policy_set_published());
      break;
    case v1::Event::kCalendarPublished:
      FillPublished(event.calendar_published(), out.mutable_calendar_published());
      break;
    case v1::Event::kCodesPublished:
      out.mutable_codes_published()->set_name(event.codes_published().published().codes().name());
      FillPublished(event.codes_published(), out.mutable_codes_published());
      break;
    case v1::Event::kRulesTookEffect:
      internal.mutable_rules_took_effect()->set_name(event.rules_took_effect().name());
      internal.mutable_rules_took_effect()->set_version(event.rules_took_effect().version());
      break;
    // Private.
    case v1::Event::kSlaClockRecomputed:
    case v1::Event::kAccessRecorded:
    case v1::Event::kSubjectRequestOpened:
    case v1::Event::kIdentityConfirmed:
    case v1::Event::kRequestExtended:
    case v1::Event::kBundlePrepared:
    case v1::Event::kBundleReleased:
    case v1::Event::kRequestRefused:
    case v1::Event::kErasureApproved:
    case v1::Event::kKeysDestroyed:
    case v1::Event::kErasureCollected:
    case v1::Event::kErasureCompleted:
    case v1::Event::kErasureApplied:
    case v1::Event::kLegalHoldSet:
    case v1::Event::kSettingsCopied:
    case v1::Event::kPersonAbsorbed:
    case v1::Event::kPersonReleased:
    case v1::Event::kRouteReviewRaised:
    case v1::Event::kRouteReviewCleared:
    case v1::Event::kTransferCancelled:
    case v1::Event::kTransferRefused:
    case v1::Event::kTransferAccepted:
    case v1::Event::kHandoffConfirmed:
    case v1::Event::kAccessCopied:
    case v1::Event::kDecisionOverridden:
    case v1::Event::kReturnRequested:
    case v1::Event::kReturnRefused:
    case v1::Event::kEnforcementReported:
    case v1::Event::kEnforcementWithdrawn:
    case v1::Event::kOrganisationContracted:
    case v1::Event::kSlotReserved:
    case v1::Event::kSlotReleased:
    case v1::Event::kReferralOpened:
    case v1::Event::kReferenceTaken:
    case v1::Event::kPossibleDuplicateFlagged:
    case v1::Event::kDraftSectionSaved:
    case v1::Event::kDuplicateOverridden:
    case v1::Event::kInformationRequested:
    case v1::Event::kDecisionHeldForReview:
    case v1::Event::kDecisionConfirmed:
    case v1::Event::kReferralDeferred:
    case v1::Event::kCourtConflictRaised:
    case v1::Event::kCaseworkerAssigned:
    case v1::Event::kCaseworkerUnassigned:
    case v1::Event::kCaseworkerPosted:
    case v1::Event::kAppointmentArranged:
    case v1::Event::kAppointmentHeld:
    case v1::Event::kDeliveryReported:
    case v1::Event::kSlaClockStarted:
    case v1::Event::kSlaClockPaused:
    case v1::Event::kSlaClockResumed:
    case v1::Event::kSlaClockMet:
    case v1::Event::kSlaClockCancelled:
    case v1::Event::EVENT_NOT_SET:
      return {};
  }
  std::vector<std::unique_ptr<google::protobuf::Message>> events;
  if (out.event_case() != v1::PublicEvent::EVENT_NOT_SET) {
    events.push_back(std::make_unique<v1::PublicEvent>(std::move(out)));
  }
  if (internal.event_case() != v1::InternalEvent::EVENT_NOT_SET) {
    events.push_back(std::make_unique<v1::InternalEvent>(std::move(internal)));
  }
  return events;
}

}  // namespace pdp::referral
