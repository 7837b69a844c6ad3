#include "tests/simulation/service_play.h"

#include "absl/strings/str_cat.h"
#include "libs/base/hash.h"
#include "libs/decider/decider.h"

namespace pdp::sim {

std::vector<std::string> ServicePlay::Write(Plan* plan, bool alone) const {
  plan->areas.clear();
  for (const std::string& area : areas()) plan->areas.push_back(*Area::FromCode(area));
  Dice dice(plan->seed, "service");
  plan->processes = dice.Chance(700);
  plan->leaps = dice.Chance(400);
  // Longer than any run, leaps included: what a command id did is then remembered to the end. In
  // the others it may expire.
  if (dice.Chance(500)) plan->cell.idempotency = absl::Hours(24 * 3'650);
  plan->active = absl::Milliseconds(dice.Between(2'000, 5'000));
  Draft draft(domain(), plan, roles(), alone);
  Tell(draft);
  draft.MakeUp(static_cast<int>(dice.Between(5, 40)));
  Overhear(draft, plan);
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

void ServicePlay::Told(Plan* plan, const std::string& service, const std::string& area,
                       const google::protobuf::Message& envelope, Draft& draft) {
  uint64_t seq = 1;
  for (const sim::Told& told : plan->told) {
    if (told.event.source() == absl::StrCat("/pdp/", service, "/", area)) {
      seq = told.event.seq() + 1;
    }
  }
  sim::Told told;
  told.at = plan->told.empty() ? absl::Milliseconds(500) : plan->told.back().at;
  told.at += draft.dice().Micros(0, 300'000);
  common::v1::CloudEvent& event = told.event;
  event.set_id(absl::StrCat(service, "/", area, "/", seq, "/0"));
  event.set_type(absl::StrCat("pdp.", service, ".v1.", decider::CaseName(envelope)));
  event.set_source(absl::StrCat("/pdp/", service, "/", area));
  event.set_area(area);
  event.set_seq(seq);
  event.mutable_time()->set_seconds(absl::ToUnixSeconds(draft.now()));
  event.set_data(envelope.SerializeAsString());
  plan->told.push_back(std::move(told));
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
