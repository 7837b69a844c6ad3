#include "tests/simulation/service_play.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/hash.h"
#include "libs/decider/decider.h"
#include "libs/sim/world.h"
#include "pdp/subcontractor/v1/public_events.pb.h"

namespace pdp::sim {
namespace {

// Whom or what an event is about, as publishers name it.
std::string SubjectOf(const google::protobuf::Message& envelope) {
  const auto* reflection = envelope.GetReflection();
  const auto* chosen = reflection->GetOneofFieldDescriptor(
      envelope, envelope.GetDescriptor()->FindOneofByName("event"));
  const google::protobuf::Message& event = reflection->GetMessage(envelope, chosen);
  for (const auto& [name, kind] : {std::pair("referral_id", "referral/"), {"crn", "person/"},
                                   {"org", "organisation/"}}) {
    const auto* field = event.GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) {
      return absl::StrCat(kind, event.GetReflection()->GetString(event, field));
    }
  }
  return "";
}

}  // namespace

std::vector<std::string> ServicePlay::Write(Plan* plan, bool alone) const {
  Dice layout(plan->seed, "layout");
  plan->areas.clear();
  for (const std::string& area : areas(layout)) plan->areas.push_back(*Area::FromCode(area));
  plan->apart = apart(layout);
  Dice dice(plan->seed, "service");
  plan->processes = dice.Chance(700);
  plan->asks_peers = plan->processes && asks_peers();
  plan->leaps = dice.Chance(400);
  // Longer than any run, leaps included: what a command id did is then remembered to the end. In
  // the others it may expire.
  if (dice.Chance(500)) plan->cell.idempotency = absl::Hours(24 * 3'650);
  plan->active = absl::Milliseconds(dice.Between(2'000, 5'000));
  Draft draft(domain(), plan, roles(), alone);
  Tell(draft);
  draft.MakeUp(static_cast<int>(dice.Between(5, 40)));
  Hear(Overhear(draft), plan);
  return draft.refused();
}

void ServicePlay::Draw(Plan* plan) const { Write(plan, false); }

std::vector<std::string> ServicePlay::RefusedInDraft(uint64_t seed) const {
  Plan plan;
  plan.seed = seed;
  plan.play = this;
  plan.clients = 2;
  return Write(&plan, true);
}

void ServicePlay::Hear(std::vector<Stream> streams, Plan* plan) const {
  Dice dice(plan->seed, "hearsay");
  absl::Duration at = absl::Milliseconds(400);
  while (true) {
    std::erase_if(streams, [](const Stream& stream) { return stream.empty(); });
    if (streams.empty()) return;
    Stream& stream = streams[dice.Below(streams.size())];
    const Word& word = stream.front();
    at = std::max(at, word.after);
    sim::Told told{.at = at, .service = word.service, .area = *Area::FromCode(word.area)};
    told.event.set_type(
        absl::StrCat("pdp.", word.service, ".v1.", decider::CaseName(*word.event)));
    told.event.set_subject(SubjectOf(*word.event));
    told.event.mutable_time()->set_seconds(absl::ToUnixSeconds(begins() + at));
    told.event.set_data(word.event->SerializeAsString());
    plan->told.push_back(std::move(told));
    stream.erase(stream.begin());
    at += dice.Micros(0, 300'000);
  }
}

std::string ServicePlay::Judge(World& world) const {
  std::string problem = JudgeByReplay(world);
  if (problem.empty() && world.plan().processes) problem = FindOldFacts(world);
  return problem;
}

ServicePlay::Stream ServicePlay::OneContract(Dice& dice, const std::string& service,
                                             const std::string& pdu) {
  Stream told;
  subcontractor::v1::PublicEvent event;
  auto& activated = *event.mutable_subcontract_activated();
  activated.set_contract_id("PC-1");
  activated.set_subcontract_id("SC-1");
  activated.set_org("S01");
  activated.set_area("N56");
  activated.add_services(service);
  activated.add_pdus(pdu);
  activated.set_from("2018-01-01");
  activated.set_to("2027-12-31");
  if (dice.Chance(600)) Say(&told, "subcontractor", "N56", event);
  event.Clear();
  auto& suspended = *event.mutable_subcontract_suspended();
  suspended.set_contract_id("PC-1");
  suspended.set_subcontract_id("SC-1");
  suspended.set_org("S01");
  suspended.set_area("N56");
  suspended.add_services(service);
  if (dice.Chance(400)) Say(&told, "subcontractor", "N56", event);
  return told;
}

std::vector<const ServicePlay*> ServicePlays() {
  return {&ReferralPlay(), &ProgrammesPlay(), &UnpaidWorkPlay(), &SubcontractorPlay()};
}

Repertoire Everything() {
  Repertoire all{.items = {{&BankPlay(), 80}}};
  for (const ServicePlay* play : ServicePlays()) all.items.push_back({play, 5});
  return all;
}

}  // namespace pdp::sim
