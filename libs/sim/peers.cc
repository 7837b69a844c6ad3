#include "libs/sim/peers.h"

#include <optional>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/deterministic_bytes.h"
#include "libs/base/mark.h"
#include "libs/sim/around.h"
#include "libs/sim/world.h"

namespace pdp::sim {
namespace {

using google::protobuf::Message;

// A message inside `request`; null when it has none of that name.
const Message* Inside(const Message& request, const std::string& name) {
  const auto* field = request.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? nullptr : &request.GetReflection()->GetMessage(request, field);
}

std::string AreaOf(const Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("area");
  return field == nullptr ? "" : request.GetReflection()->GetString(request, field);
}

// What a call and its sender share until one of them is done.
struct Flight {
  std::unique_ptr<Message> reply;
  std::optional<absl::StatusOr<std::string>> answer;
  bool back = false;
};

}  // namespace

Peers::Peers(World& world, std::unique_ptr<Peer> peer)
    : world_(world), peer_(std::move(peer)), dice_(world.seed(), "peers") {}

absl::StatusOr<std::string> Peers::Ask(Node& asker, PeerCall call, absl::Duration attempt,
                                       Message* reply) {
  PDP_CHECK(peer_ != nullptr, call.method);
  Scheduler& scheduler = world_.scheduler();
  if (const Message* header = Inside(*call.request, "header")) {
    call.command_id = static_cast<const common::v1::CommandHeader&>(*header).command_id();
    call.body = absl::StrCat(AreaOf(*call.request), " ",
                             DeterministicBytes(*Inside(*call.request, "command")));
  }
  scheduler.Note(asker.name(), " asks ", call.service, " for ", call.reaction.process, " ",
                 call.reaction.event_id, ": ", call.method);
  const size_t index = calls_.size();
  calls_.push_back(std::move(call));
  auto flight = std::make_shared<Flight>();
  flight->reply.reset(reply->New());
  const absl::Time end = scheduler.now() + attempt;
  bool breaks = false;
  if (cut) {
    PDP_MARK("peer_unreachable");
    breaks = true;
    scheduler.After(dice_.Micros(100, 20'000), [flight] { flight->back = true; });
  } else {
    const bool lost = dice_.Chance(lose);
    breaks = lost && dice_.Chance(700);
    const absl::Duration there = dice_.Chance(lose / 4) ? attempt : dice_.Micros(50, 5'000);
    const absl::Duration back = dice_.Micros(50, 5'000);
    scheduler.After(there, [=, this, slot = asker.options().slot] {
      Arrive(index, slot, flight->reply.get(), [=, this](absl::StatusOr<std::string> answer) {
        flight->answer = std::move(answer);
        if (lost && !breaks) return;
        world_.scheduler().After(back, [flight] { flight->back = true; });
      });
    });
  }
  ++world_.nested;
  while (!flight->back && asker.alive() && scheduler.Step(end)) {
  }
  --world_.nested;
  const bool heard = flight->back && !breaks && asker.alive();
  if (!heard && calls_[index].took_effect) {
    PDP_MARK("peer_answer_lost_after_its_effect");
    if (!asker.alive()) PDP_MARK("died_between_the_effect_at_a_peer_and_its_own");
  }
  if (!heard) {
    return breaks ? absl::UnavailableError("the connection broke")
                  : absl::DeadlineExceededError("no answer in time");
  }
  if (flight->answer->ok()) reply->CopyFrom(*flight->reply);
  return *std::move(flight->answer);
}

void Peers::Arrive(size_t index, int slot, Message* reply, const Done& done) {
  PeerCall& call = calls_[index];
  if (call.service == world_.plan().play->name()) {
    return ArriveAtOwnService(call, slot, reply, done);
  }
  const auto key = std::make_pair(call.service, call.command_id);
  if (const auto known = effects_.find(key); known != effects_.end()) {
    if (known->second.body != call.body) {
      PDP_MARK("peer_asked_again_with_other_facts");
      return done(std::string("COMMAND_ID_REUSED"));
    }
    PDP_MARK("peer_asked_again_after_its_effect");
    PDP_CHECK(reply->ParseFromString(known->second.reply), call.method);
    return done(std::string());
  }
  absl::StatusOr<std::string> answer = peer_->Answer(call, nullptr, reply);
  world_.scheduler().Note(call.service, " answers ", call.reaction.event_id, ": ",
                          answer.ok() ? *answer : answer.status().ToString());
  if (answer.ok() && !answer->empty()) PDP_MARK("peer_refused");
  if (answer.ok() && answer->empty() && !call.command_id.empty()) {
    call.took_effect = true;
    effects_[key] = {call.body, reply->SerializeAsString()};
    ++world_.tally[absl::StrCat("effects at ", call.service)];
  }
  done(std::move(answer));
}

void Peers::ArriveAtOwnService(const PeerCall& call, int slot, Message* reply, const Done& done) {
  const std::shared_ptr<Node> replica = world_.AnyReplica(slot);
  if (replica == nullptr) return done(absl::UnavailableError("no replica answers"));
  PDP_MARK("asked_another_process_of_its_own_service");
  if (!absl::EndsWith(call.method, "/Execute")) {
    const Around here(world_, *replica, std::nullopt);
    return done(peer_->Answer(call, &here, reply));
  }
  const auto area = Area::FromCode(AreaOf(*call.request));
  PDP_CHECK(area.has_value(), call.request->ShortDebugString());
  engine::CommandRequest request;
  request.header =
      static_cast<const common::v1::CommandHeader&>(*Inside(*call.request, "header"));
  const Message& command = *Inside(*call.request, "command");
  std::shared_ptr<Message> copy(command.New());
  copy->CopyFrom(command);
  request.command = std::move(copy);
  request.causation_id = call.reaction.event_id;
  request.deadline = replica->clock().Now() + projection::Surroundings::kAttempt;
  const size_t attempt = world_.Issued(*replica, *area, request);
  replica->Submit(*area, std::move(request),
                  [this, attempt, replica, done](engine::CommandOutcome outcome) {
                    world_.Answered(attempt, *replica, outcome);
                    if (const auto* failed = std::get_if<absl::Status>(&outcome.result)) {
                      return done(*failed);
                    }
                    const auto* refused = std::get_if<decider::Rejected>(&outcome.result);
                    done(refused == nullptr ? std::string() : refused->reason);
                  });
}

std::string CheckPeerCalls(World& world) {
  // By what a reaction asks of whom: its command id.
  std::map<std::tuple<std::string, int, std::string, std::string, std::string>, std::string> ids;
  for (const PeerCall& call : world.peers().calls()) {
    if (call.command_id.empty()) continue;
    const auto [known, fresh] =
        ids.try_emplace({call.reaction.process, call.reaction.area.index(),
                         call.reaction.event_id, call.service, call.body},
                        call.command_id);
    if (!fresh && known->second != call.command_id) {
      return absl::StrCat("the process ", call.reaction.process, "/", call.reaction.area.code(),
                          " asks ", call.service, " again under another command id, about ",
                          call.reaction.event_id);
    }
  }
  return "";
}

}  // namespace pdp::sim
