#include "tests/simulation/referral_peers.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/mark.h"
#include "libs/base/status_macros.h"
#include "libs/sim/world.h"
#include "pdp/referral/v1/queries.pb.h"
#include "pdp/subcontractor/v1/public_events.pb.h"
#include "pdp/subcontractor/v1/service.pb.h"
#include "services/referral/domain/domain.h"
#include "services/referral/nat_reader.h"
#include "services/referral/reference/shipped_catalogue.h"

namespace pdp::sim {
namespace {

namespace ref = referral::v1;
namespace sub = subcontractor::v1;
namespace prg = programmes::v1;
using google::protobuf::Message;

// NOT_FOUND is the service's own answer; anything else says that it cannot read now.
absl::StatusOr<std::string> Told(const absl::Status& read) {
  if (absl::IsNotFound(read)) return std::string("NOT_FOUND");
  if (!read.ok()) return read;
  return std::string();
}

// As ReadPerson, ReadSentence and ReadHandoff of the service do it for SYS.
absl::StatusOr<std::string> AnswerOwn(const PeerCall& call, const projection::Surroundings& here,
                                      Message* reply) {
  const referral::NatReader nat(here);
  if (const auto* request = dynamic_cast<const ref::GetPersonRequest*>(call.request.get())) {
    auto person = nat.Person(request->crn());
    if (person.ok()) *static_cast<ref::GetPersonReply*>(reply) = *std::move(person);
    return Told(person.status());
  }
  if (const auto* request = dynamic_cast<const ref::GetSentenceRequest*>(call.request.get())) {
    auto sentence = nat.Sentence(request->sentence_key());
    if (sentence.ok()) *static_cast<ref::GetSentenceReply*>(reply) = *std::move(sentence);
    return Told(sentence.status());
  }
  const auto* request = dynamic_cast<const ref::GetHandoffRequest*>(call.request.get());
  PDP_CHECK(request != nullptr, call.method);
  RETURN_IF_ERROR(here.WaitFor(request->read(), here.clock().Now() + absl::Seconds(2)));
  const auto read = here.reader(*Area::FromCode(request->area()))
                        ->ReadState(referral::ReferralId(request->referral_id()));
  if (!read.ok()) return Told(read.status());
  auto& answer = *static_cast<ref::GetHandoffReply*>(reply);
  *answer.mutable_referral() = static_cast<const ref::State&>(*read->state).referral();
  answer.set_version(read->version.value());
  return std::string(answer.referral().state() == ref::MOVED ? "" : "NOT_FOUND");
}

}  // namespace

ReferralPeers::ReferralPeers(World& world)
    : world_(world), dice_(world.seed(), "peers of referral") {}

absl::StatusOr<std::string> ReferralPeers::Answer(const PeerCall& call,
                                                  const projection::Surroundings* here,
                                                  Message* reply) {
  if (here != nullptr) return AnswerOwn(call, *here, reply);
  if (call.service == "subcontractor") {
    const auto& request = static_cast<const sub::ExecuteRequest&>(*call.request);
    return Execute(*Area::FromCode(request.area()), request.command(),
                   static_cast<sub::ExecuteReply*>(reply)->mutable_reply());
  }
  const auto& request = static_cast<const prg::EstimateCompletionRequest&>(*call.request);
  if (dice_.Chance(200)) return absl::UnavailableError("programmes cannot estimate");
  for (const auto& version : referral::ShippedCatalogue().versions()) {
    if (version.route() != request.route()) continue;
    auto& row = *static_cast<prg::EstimateCompletionReply*>(reply)->add_estimates();
    row.set_version_ref(version.version_ref());
    row.set_date("2026-03-02");
  }
  return std::string();
}

std::string ReferralPeers::Execute(Area area, const sub::Command& command, sub::Reply* reply) {
  if (command.has_apportion()) {
    return Apportion(area, command.apportion(), reply->mutable_apportion());
  }
  PDP_CHECK(command.has_settle(), command.ShortDebugString());
  return dice_.Chance(100) ? "NOT_DRAWN" : "";
}

std::string ReferralPeers::Apportion(Area area, const sub::Apportion& apportion,
                                     sub::ApportionReply* reply) {
  if (dice_.Chance(60)) return dice_.Chance(500) ? "ROUND_OPEN" : "DIFFICULTY_FROZEN";
  reply->set_apportionment_id(absl::StrCat(apportion.referral_id(), "/", apportion.round()));
  const std::string org = apportion.round() % 2 == 1 ? "ORG-A" : "ORG-B";
  const bool excluded = std::find(apportion.excluded_orgs().begin(),
                                  apportion.excluded_orgs().end(),
                                  org) != apportion.excluded_orgs().end();
  if (excluded || dice_.Chance(80)) {
    reply->set_status(sub::APPORTION_FAILED);
    reply->add_exclusions()->set_org(org);
    TellDraw(area, apportion, "");
    return "";
  }
  if (dice_.Chance(250)) {
    PDP_MARK("a_draw_came_later");
    reply->set_status(sub::QUEUED);
    world_.scheduler().After(dice_.Micros(10'000, 800'000), [this, area, apportion, org] {
      TellDraw(area, apportion, org);
    });
    return "";
  }
  reply->set_status(sub::APPORTIONED);
  reply->set_org(org);
  TellDraw(area, apportion, org);
  return "";
}

void ReferralPeers::TellDraw(Area area, const sub::Apportion& apportion, const std::string& org) {
  sub::PublicEvent event;
  const std::string id = absl::StrCat(apportion.referral_id(), "/", apportion.round());
  if (org.empty()) {
    auto& failed = *event.mutable_apportionment_failed();
    failed.set_apportionment_id(id);
    failed.set_referral_id(apportion.referral_id());
    failed.set_round(static_cast<uint32_t>(apportion.round()));
    failed.set_code("NO_ELIGIBLE_PROVIDER");
  } else {
    auto& drawn = *event.mutable_referral_apportioned();
    drawn.set_apportionment_id(id);
    drawn.set_referral_id(apportion.referral_id());
    drawn.set_round(static_cast<uint32_t>(apportion.round()));
    drawn.set_winner(org);
  }
  common::v1::CloudEvent told;
  told.set_type(absl::StrCat("pdp.subcontractor.v1.", decider::CaseName(event)));
  told.set_subject("referral/" + apportion.referral_id());
  told.mutable_time()->set_seconds(absl::ToUnixSeconds(world_.scheduler().wall()));
  told.set_data(event.SerializeAsString());
  world_.Tell("subcontractor", area, std::move(told));
}

}  // namespace pdp::sim
