#include "tests/simulation/service_play.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/hash.h"
#include "libs/decider/decider.h"

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

std::vector<const ServicePlay*> ServicePlays() {
  return {&ReferralPlay(), &ProgrammesPlay(), &UnpaidWorkPlay(), &SubcontractorPlay()};
}

Repertoire Everything() {
  Repertoire all{.items = {{&BankPlay(), 80}}};
  for (const ServicePlay* play : ServicePlays()) all.items.push_back({play, 5});
  return all;
}

}  // namespace pdp::sim
