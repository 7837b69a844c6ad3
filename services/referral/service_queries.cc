#include "services/referral/service_queries.h"

#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "libs/engine/cell.h"
#include "libs/engine/past.h"
#include "libs/rpc/execute.h"
#include "libs/rpc/status.h"
#include "services/referral/as_at.h"
#include "services/referral/domain/access.h"
#include "services/referral/domain/domain.h"
#include "services/referral/protected.h"
#include "services/referral/query_access.h"

namespace pdp::referral {
namespace {

struct Found {
  v1::Referral referral;
  Version version;
  bool erased = false;
};

absl::StatusOr<Found> Load(const host::ServiceHost& host, const std::string& area_code,
                           const std::string& referral_id) {
  const std::optional<Area> area = Area::FromCode(area_code);
  const engine::Cell* cell = area ? host.cell(*area) : nullptr;
  if (cell == nullptr) return absl::UnavailableError("this process does not serve that area");
  auto read = cell->ReadState(ReferralId(referral_id));
  if (!read.ok()) return read.status();
  return Found{static_cast<const v1::State&>(*read->state).referral(), read->version, read->erased};
}

// By the lists as they are now, whatever past is asked for (REF-90), and REF-92.
bool MaySeeInNat(const host::ServiceHost& host, const v1::Person& person,
                 const common::v1::Actor& actor) {
  return MaySee(person.access(), actor) &&
         Audience(host, Area::Nat(), actor).MaySeePerson(person.crn());
}

// By id, at once: the audience asks NAT as well as the copy (REF-91); NAT elsewhere is asked here.
bool MaySeeReferral(const host::ServiceHost& host, const NatReader& nat,
                    const v1::Referral& referral, const common::v1::Actor& actor) {
  const std::optional<Area> area = Area::FromCode(referral.area());
  if (!area) return false;
  const Audience audience(host, *area, actor);
  if (!audience.provider() && !audience.official()) return false;
  if (!audience.MaySeePerson(referral.origin_crn())) return false;
  const auto person = nat.Person(referral.origin_crn());
  return !person.ok() || MaySee(person->person().access(), actor);
}

// The referral as it was; `*instant` gets the log time up to which it is told.
absl::StatusOr<Found> LoadAsAt(const host::ServiceHost& host, const std::string& area_code,
                               const std::string& referral_id, const AsAt& at,
                               absl::Time* instant) {
  const engine::Cell* cell = host.cell(*Area::FromCode(area_code));
  absl::StatusOr<engine::Past::State> then = StateAsAt(*cell, ReferralId(referral_id), at);
  if (!then.ok()) return then.status();
  *instant = at.instant.value_or(then->recorded_at);
  return Found{static_cast<const v1::State&>(*then->state).referral(), then->version,
               then->erased};
}

bool Holds(const common::v1::Actor& actor, const v1::Referral& referral) {
  return !actor.organisation().empty() && actor.organisation() == referral.holder_org();
}

v1::OfferSheet SheetOf(const v1::Referral& referral, const v1::Round& offer) {
  v1::OfferSheet sheet;
  sheet.set_referral_id(referral.id());
  sheet.set_reference(referral.reference());
  sheet.set_pdu(referral.pdu());
  sheet.set_route(referral.decision().route());
  sheet.set_stratum(referral.difficulty().stratum());
  *sheet.mutable_tokens() = referral.tokens();
  if (const auto day = ParseDate(offer.respond_on()))
    sheet.set_earliest_start(FormatDate(*day + 1));
  sheet.set_respond_on(offer.respond_on());
  sheet.set_round(offer.round());
  sheet.set_last_resort(offer.last_resort());
  *sheet.mutable_expires_at() = offer.expires_at();
  sheet.set_org(offer.org());
  return sheet;
}

void FillReferral(const Found& found, v1::GetReferralReply* reply) {
  const v1::Referral& r = found.referral;
  reply->set_referral_id(r.id());
  reply->set_reference(r.reference());
  reply->set_round(r.rounds().empty() ? 0 : r.rounds().rbegin()->round());
  reply->set_crn(r.origin_crn());
  reply->set_version(found.version.value());
  reply->set_erased(found.erased);
  reply->set_area(r.area());
  reply->set_pdu(r.pdu());
  reply->set_line(r.line());
  reply->set_need(r.need());
  reply->set_route(r.decision().route());
  reply->set_version_ref(r.decision().version_ref());
  reply->set_state(r.state());
  *reply->mutable_decision() = r.decision();
  *reply->mutable_tokens() = r.tokens();
  *reply->mutable_flags() = r.decision().flags();
  reply->set_stratum(r.difficulty().stratum());
  reply->set_instrument(r.difficulty().instrument());
  reply->set_holder_org(r.holder_org());
  reply->set_submitted_on(r.submitted_on());
  reply->set_accepted_on(r.accepted_on());
  *reply->mutable_snapshot() = r.sections();
  reply->set_sentence_key(r.sentence_key());
  reply->set_requirement_key(r.requirement_key());
  *reply->mutable_caseworkers() = r.caseworkers();
  *reply->mutable_clocks() = r.clocks();
  *reply->mutable_rounds() = r.rounds();
  *reply->mutable_delivery() = r.delivery();
  *reply->mutable_ended() = r.ended();
}

// `at`: newest unless the referral is read as it was.
absl::Status FillNat(const NatReader& nat, const AsAt& at, v1::GetReferralReply* reply) {
  auto person = at.newest() ? nat.Person(reply->crn()) : nat.PersonAsAt(reply->crn(), at);
  if (!person.ok()) return person.status();
  reply->set_person_version(person->version());
  *reply->mutable_responsible_officer() = person->person().responsible_officer();
  *reply->mutable_person() = std::move(*person->mutable_person());
  auto sentence = at.newest() ? nat.Sentence(reply->sentence_key())
                              : nat.SentenceAsAt(reply->sentence_key(), at);
  if (!sentence.ok()) return sentence.status();
  reply->set_sentence_version(sentence->version());
  for (const v1::Requirement& requirement : sentence->sentence().requirements()) {
    if (requirement.no() == RequirementNo(reply->requirement_key())) {
      *reply->mutable_requirement() = requirement;
    }
  }
  *reply->mutable_sentence() = std::move(*sentence->mutable_sentence());
  return absl::OkStatus();
}

grpc::Status BadAsAt(std::vector<Violation> found) {
  return rpc::ToStatus(decider::ValidationFailed(std::move(found)), kServiceName);
}

}  // namespace

grpc::Status ReadPerson(const host::ServiceHost& host, const NatReader& nat,
                        const v1::GetPersonRequest& request, v1::GetPersonReply* reply) {
  const AggregateId id = PersonId(request.crn());
  const AsAt at = AsAtOf(request);
  if (auto found = CheckAsAt(request, host.clock().Now()); !found.empty()) return BadAsAt(found);
  // A provider reads a person through the referral it holds (GetReferral).
  if (!IsOfficial(request.actor())) return Unseen(id);
  if (host.cell(Area::Nat()) == nullptr) return rpc::CellNotHosted(kServiceName, Area::Nat());
  auto person = nat.Person(request.crn());
  if (!person.ok()) return Failed(person.status(), id);
  if (!MaySeeInNat(host, person->person(), request.actor())) return Unseen(id);
  if (!at.newest()) person = nat.PersonAsAt(request.crn(), at);
  if (!person.ok()) return Failed(person.status(), id);
  *reply = *std::move(person);
  if (!MayReadProtected(request.actor()) && reply->person().has_identity()) {
    HideProtected(reply->mutable_person()->mutable_identity());
  }
  return grpc::Status::OK;
}

grpc::Status ReadSentence(const host::ServiceHost& host, const NatReader& nat,
                          const v1::GetSentenceRequest& request, v1::GetSentenceReply* reply) {
  const AggregateId id = SentenceId(request.sentence_key());
  const AsAt at = AsAtOf(request);
  if (auto found = CheckAsAt(request, host.clock().Now()); !found.empty()) return BadAsAt(found);
  if (!IsOfficial(request.actor())) return Unseen(id);
  if (host.cell(Area::Nat()) == nullptr) return rpc::CellNotHosted(kServiceName, Area::Nat());
  auto sentence = nat.Sentence(request.sentence_key());
  if (!sentence.ok()) return Failed(sentence.status(), id);
  const auto person = nat.Person(sentence->sentence().crn());
  if (!person.ok()) return Failed(person.status(), id);
  if (!MaySeeInNat(host, person->person(), request.actor())) return Unseen(id);
  if (!at.newest()) sentence = nat.SentenceAsAt(request.sentence_key(), at);
  if (!sentence.ok()) return Failed(sentence.status(), id);
  *reply = *std::move(sentence);
  return grpc::Status::OK;
}

grpc::Status ReadReferral(const host::ServiceHost& host, const NatReader& nat,
                          const v1::GetReferralRequest& request, v1::GetReferralReply* reply) {
  const AggregateId id = ReferralId(request.referral_id());
  AsAt at = AsAtOf(request);
  if (auto bad = CheckAsAt(request, host.clock().Now()); !bad.empty()) return BadAsAt(bad);
  absl::StatusOr<Found> found = Load(host, request.area(), request.referral_id());
  if (!found.ok()) return Failed(found.status(), id);
  if (found->version.value() < request.version()) {
    return rpc::ToStatus(absl::UnavailableError("the referral has not reached that version here"),
                         kServiceName);
  }
  const common::v1::Actor& actor = request.actor();
  if (!MaySeeReferral(host, nat, found->referral, actor)) return Unseen(id);
  if (IsProvider(actor) && !Holds(actor, found->referral)) {
    const v1::Round* offer = OpenOffer(found->referral);
    if (offer == nullptr || offer->org() != actor.organisation()) return Unseen(id);
    // Before it accepts, an organisation has the offer of now and no past.
    if (!at.newest()) return Unseen(id);
    *reply->mutable_sheet() = SheetOf(found->referral, *offer);
    reply->set_referral_id(request.referral_id());
    return grpc::Status::OK;
  }
  if (!IsProvider(actor) && !IsOfficial(actor)) return Unseen(id);
  const Caseworkers caseworkers = found->referral.caseworkers();
  if (!at.newest()) {
    absl::Time instant;
    found = LoadAsAt(host, request.area(), request.referral_id(), at, &instant);
    if (!found.ok()) return Failed(found.status(), id);
    at = {.version = std::nullopt, .instant = instant};
  }
  FillReferral(*found, reply);
  const absl::Status nat_facts = FillNat(nat, at, reply);
  // Assigned now, whatever is asked for.
  if (!MayReadProtected(actor, caseworkers)) {
    HideProtected(reply->mutable_snapshot());
    if (reply->person().has_identity()) HideProtected(reply->mutable_person()->mutable_identity());
  }
  return nat_facts.ok() ? grpc::Status::OK : Failed(nat_facts, id);
}

grpc::Status ReadHandoff(const host::ServiceHost& host, const v1::GetHandoffRequest& request,
                         v1::GetHandoffReply* reply) {
  const AggregateId id = ReferralId(request.referral_id());
  if (!HasRole(request.actor(), "SYS")) return Unseen(id);
  const absl::StatusOr<Found> found = Load(host, request.area(), request.referral_id());
  if (!found.ok()) return Failed(found.status(), id);
  if (found->referral.state() != v1::MOVED) return Unseen(id);
  *reply->mutable_referral() = found->referral;
  reply->set_version(found->version.value());
  return grpc::Status::OK;
}

grpc::Status ReadDecision(const host::ServiceHost& host, const NatReader& nat,
                          const v1::DecisionExplainRequest& request,
                          v1::DecisionExplainReply* reply) {
  const AggregateId id = ReferralId(request.referral_id());
  const absl::StatusOr<Found> found = Load(host, request.area(), request.referral_id());
  if (!found.ok()) return Failed(found.status(), id);
  const common::v1::Actor& actor = request.actor();
  if (IsProvider(actor) ? !Holds(actor, found->referral) : !IsOfficial(actor)) return Unseen(id);
  if (!MaySeeReferral(host, nat, found->referral, actor)) return Unseen(id);
  *reply->mutable_decision() = found->referral.decision();
  const bool welsh = request.language() == "cy";
  for (const common::v1::TraceItem& item : found->referral.decision().trace()) {
    const common::v1::Truth result = item.result();
    const char* word = result == common::v1::TRUTH_TRUE    ? (welsh ? "wedi'i fodloni" : "met")
                       : result == common::v1::TRUTH_FALSE ? (welsh ? "heb ei fodloni" : "not met")
                                                           : (welsh ? "anhysbys" : "not known");
    auto* line = reply->add_lines();
    line->set_code(absl::StrCat(item.version_ref(), ":", item.item()));
    line->set_text(absl::StrCat(item.rule(), ": ", word));
  }
  return grpc::Status::OK;
}

}  // namespace pdp::referral
