#include "tests/simulation/referral_peer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "libs/base/mark.h"
#include "libs/projection/process.h"
#include "libs/sim/world.h"
#include "pdp/referral/v1/public_events.pb.h"

namespace pdp::sim {
namespace {

namespace ref = referral::v1;

void TakeEvent(const ref::PublicEvent& event, ref::GetReferralReply* reply) {
  ref::Person& person = *reply->mutable_person();
  ref::Requirement& requirement = *reply->mutable_requirement();
  ref::Sentence& sentence = *reply->mutable_sentence();
  // Versions are those of NAT as a whole (nat_news.h): also of who only a made-up command ties to
  // the referral.
  const auto of_person = [&](const auto& told) {
    reply->set_person_version(told.person_version());
    return told.crn() == reply->crn();
  };
  const auto of_sentence = [&](const auto& told) {
    reply->set_sentence_version(told.sentence_version());
    return told.sentence_key() == reply->sentence_key();
  };
  if (event.has_needs_recorded()) of_person(event.needs_recorded());
  if (event.has_risk_recorded()) of_person(event.risk_recorded());
  if (event.has_identity_corrected() && of_person(event.identity_corrected())) {
    person.mutable_identity()->set_date_of_birth("1991-02-03");
  }
  if (event.has_death_recorded() && of_person(event.death_recorded())) person.set_dead(true);
  if (event.has_location_changed() && of_person(event.location_changed())) {
    person.mutable_location()->set_kind(event.location_changed().location());
  }
  if (event.has_person_erased() && of_person(event.person_erased())) {
    person.clear_identity();
    reply->set_erased(true);
  }
  if (event.has_requirement_varied() && of_sentence(event.requirement_varied())) {
    requirement = event.requirement_varied().new_requirement();
  }
  if (event.has_requirement_ended() && of_sentence(event.requirement_ended()) &&
      event.requirement_ended().requirement_key() == reply->requirement_key()) {
    requirement.set_status(ref::REQUIREMENT_REVOKED);
  }
  if (event.has_sentence_end_changed() && of_sentence(event.sentence_end_changed())) {
    sentence.set_end_on(event.sentence_end_changed().end_on());
  }
  if (event.has_sentence_ended() && of_sentence(event.sentence_ended())) {
    sentence.set_status(ref::SENTENCE_ENDED);
    sentence.set_ended_cause(event.sentence_ended().cause());
  }
}

}  // namespace

void TakeNatEvents(World& world, uint64_t nat_seq, ref::GetReferralReply* reply) {
  for (const auto& told : world.Feed("referral", Area::Nat())) {
    if (told.seq() > nat_seq) return;
    TakeEvent(projection::DataOf<ref::PublicEvent>(told), reply);
  }
}

ReferralPeer::ReferralPeer(World& world, Known known)
    : world_(world), known_(std::move(known)), dice_(world.seed(), "referral peer") {}

absl::StatusOr<std::string> ReferralPeer::GetReferral(const ref::GetReferralRequest& request,
                                                      ref::GetReferralReply* reply) {
  if (!known_(request.referral_id(), reply)) return std::string("NOT_FOUND");
  reply->set_referral_id(request.referral_id());
  reply->set_area(request.area());
  reply->set_version(std::max<uint64_t>(request.version(), 1));
  uint64_t nat_seq = world_.Feed("referral", Area::Nat()).size();
  if (dice_.Chance(250)) {
    // What a replica that lags has read.
    PDP_MARK("referral_answers_from_a_replica_that_lags");
    nat_seq -= dice_.Below(nat_seq + 1);
  }
  for (const auto& position : request.read().min_position()) {
    if (position.area() == Area::Nat().code()) nat_seq = std::max(nat_seq, position.seq());
  }
  TakeNatEvents(world_, nat_seq, reply);
  return std::string();
}

absl::StatusOr<std::string> ReferralPeer::Answer(const PeerCall& call,
                                                 const projection::Surroundings*,
                                                 google::protobuf::Message* reply) {
  if (absl::EndsWith(call.method, "/GetReferral")) {
    return GetReferral(static_cast<const ref::GetReferralRequest&>(*call.request),
                       static_cast<ref::GetReferralReply*>(reply));
  }
  static constexpr const char* kReasons[] = {"STATE_FORBIDS_COMMAND", "ALREADY_REPORTED",
                                             "NOT_FOUND", "REFERRAL_MOVED"};
  if (dice_.Chance(200)) return std::string(kReasons[dice_.Below(4)]);
  return std::string();
}

}  // namespace pdp::sim
