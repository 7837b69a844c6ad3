// What clients and processes ask of the cells, and what they hear (world.h).

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/mark.h"
#include "libs/sim/world.h"

namespace pdp::sim {
namespace {

constexpr absl::Duration kRequestMax = absl::Seconds(2);

std::string OutcomeText(const engine::CommandOutcome& outcome) {
  if (const auto* done = std::get_if<engine::Committed>(&outcome.result)) {
    return absl::StrCat("committed at ", done->outcome.position().epoch(), "/",
                        done->outcome.position().seq(),
                        done->outcome.duplicate() ? " (duplicate)" : "");
  }
  if (const auto* refused = std::get_if<decider::Rejected>(&outcome.result)) {
    return refused->reason;
  }
  // Payloads are printed in an order that differs from one run to the next.
  const auto& status = std::get<absl::Status>(outcome.result);
  return status.ToString(absl::StatusToStringMode::kWithNoExtraData);
}

}  // namespace

int World::AnyTarget(int client) {
  const int drawn = static_cast<int>(network_.Below(plan_.slots));
  return plan_.stubborn ? client % plan_.slots : drawn;
}

void World::NextOp(int client) {
  Client& self = clients_[client];
  if (self.todo.empty()) {
    self.current.reset();
    return;
  }
  self.current = self.todo.front();
  self.todo.pop_front();
  self.attempts = 0;
  ++counts_.commands;
  const Op& op = plan_.ops[*self.current];
  if (op.leap > absl::ZeroDuration()) scheduler_.Leap(op.leap);
  if (op.twice) SendAttempt(client, static_cast<int>(network_.Below(plan_.slots)), false);
  SendAttempt(client, self.target, true);
}

// `moves`: the client waits for this one; otherwise it is a copy that got loose.
void World::SendAttempt(int client, int target, bool moves) {
  Client& self = clients_[client];
  const int number = *self.current;
  const Op& op = plan_.ops[number];
  if (moves) ++self.generation;
  const size_t index = attempts_.size();
  Attempt& attempt = attempts_.emplace_back();
  attempt.op = number;
  attempt.command_id = std::string(OpCommandId(op.reuse_of >= 0 ? op.reuse_of : number).bytes());
  attempt.command = op.command;
  attempt.header = op.header;
  attempt.area = op.area;
  attempt.sent_at = scheduler_.now();
  attempt.told_before = told_[op.area.index()];
  const uint64_t generation = self.generation;
  scheduler_.After(network_.Micros(50, 5'000), [=, this] {
    Deliver(index, client, target, generation, moves);
  });
  if (!moves) return;
  scheduler_.After(plan_.patience, [=, this] {
    Client& waiting = clients_[client];
    if (waiting.generation != generation || !waiting.current.has_value()) return;
    PDP_MARK("client_heard_nothing");
    waiting.target = AnyTarget(client);
    if (++waiting.attempts >= plan_.ops[number].attempts_max) {
      given_up_.insert(number);
      return Finish(client);
    }
    SendAttempt(client, waiting.target, true);
  });
}

void World::Deliver(size_t index, int client, int target, uint64_t generation, bool moves) {
  const Machine& machine = machines_[target];
  if (machine.cut_from_clients || machine.node == nullptr) return;
  if (machine.node->paused()) {
    // It waits in the socket of the sleeper.
    scheduler_.After(absl::Milliseconds(200), [=, this] {
      Deliver(index, client, target, generation, moves);
    });
    return;
  }
  engine::CommandRequest request;
  request.header = attempts_[index].header;
  request.header.set_command_id(attempts_[index].command_id);
  request.header.set_tenant("t");
  request.command = attempts_[index].command;
  request.deadline = machine.node->clock().Now() + kRequestMax;
  attempts_[index].taken_by = machine.node;
  attempts_[index].took_clock = machine.node->clock().Now();
  machine.node->Submit(
      attempts_[index].area, std::move(request),
      [=, this, node = machine.node](engine::CommandOutcome outcome) {
        Answered(index, *node, outcome);
        if (machines_[target].cut_from_clients) return;
        scheduler_.After(network_.Micros(50, 5'000),
                         [=, this] { Heard(index, client, moves ? generation : 0); });
      });
}

size_t World::Issued(Node& node, Area area, const engine::CommandRequest& request) {
  Attempt& attempt = attempts_.emplace_back();
  attempt.op = -1;
  attempt.command_id = request.header.command_id();
  attempt.command = request.command;
  attempt.header = request.header;
  attempt.causation_id = request.causation_id;
  attempt.area = area;
  attempt.sent_at = scheduler_.now();
  attempt.told_before = told_[area.index()];
  attempt.taken_by = node.shared_from_this();
  attempt.took_clock = node.clock().Now();
  return attempts_.size() - 1;
}

void World::Answered(size_t index, Node& node, const engine::CommandOutcome& outcome) {
  Attempt& attempt = attempts_[index];
  scheduler_.Note(node.name(), " answers ",
                  attempt.op < 0 ? attempt.causation_id : absl::StrCat(attempt.op), ": ",
                  OutcomeText(outcome));
  ++attempt.answers;
  attempt.answered_at = scheduler_.now();
  attempt.answered_clock = node.clock().Now();
  attempt.outcome = outcome;
}

void World::Reacted(const Reaction& reaction) {
  reacted_.emplace(reaction.process, reaction.area.index(), reaction.event_id);
}

const std::vector<common::v1::CloudEvent>& World::Feed(const std::string& service, Area area) {
  return feeds_[{service, area.index()}];
}

void World::Tell(const std::string& service, Area area, common::v1::CloudEvent event) {
  std::vector<common::v1::CloudEvent>& feed = feeds_[{service, area.index()}];
  event.set_seq(feed.size() + 1);
  event.set_id(absl::StrCat(service, "/", area.code(), "/", event.seq(), "/0"));
  event.set_source(absl::StrCat("/pdp/", service, "/", area.code()));
  event.set_area(std::string(area.code()));
  scheduler_.Note(service, " tells ", event.id(), " ", event.type());
  feed.push_back(std::move(event));
}

void World::Heard(size_t index, int client, uint64_t generation) {
  Attempt& attempt = attempts_[index];
  attempt.heard = true;
  Client& self = clients_[client];
  if (const auto* done = std::get_if<engine::Committed>(&attempt.outcome.result)) {
    uint64_t& told = told_[attempt.area.index()];
    told = std::max(told, done->outcome.position().seq());
    if (network_.Chance(400)) ReadBack(attempt);
  }
  if (generation != self.generation || self.current != attempt.op) return;
  const auto* status = std::get_if<absl::Status>(&attempt.outcome.result);
  if (status == nullptr) return Finish(client);
  if (++self.attempts >= plan_.ops[attempt.op].attempts_max) {
    given_up_.insert(attempt.op);
    return Finish(client);
  }
  self.target = AnyTarget(client);
  if (auto owner = status->GetPayload(engine::kOwnerPayload); owner && !plan_.stubborn) {
    int slot = 0;
    if (absl::SimpleAtoi(std::string(*owner).substr(1), &slot)) self.target = slot;
    PDP_MARK("client_followed_the_owner");
  }
  const uint64_t now = ++self.generation;
  const int64_t wait_us_max = std::min(int64_t{400'000}, plan_.patience / absl::Microseconds(1));
  scheduler_.After(network_.Micros(10'000, wait_us_max), [=, this] {
    Client& waiting = clients_[client];
    if (waiting.generation == now && waiting.current.has_value()) {
      SendAttempt(client, waiting.target, true);
    }
  });
}

void World::Finish(int client) {
  Client& self = clients_[client];
  ++self.generation;
  const absl::Duration pause = plan_.ops[*self.current].pause;
  scheduler_.After(pause, [this, client] { NextOp(client); });
}

// The client reads what it wrote, at any replica, with the token of its answer.
void World::ReadBack(const Attempt& attempt) {
  const auto& committed = std::get<engine::Committed>(attempt.outcome.result);
  if (committed.outcome.events_size() == 0) return;
  const AggregateId aggregate = AggregateId::FromText(committed.outcome.events(0).aggregate_id());
  if (!plan_.play->ReadsBack(aggregate)) return;
  std::shared_ptr<Node> node = machines_[network_.Below(plan_.slots)].node;
  if (node == nullptr) return;
  const uint64_t token = committed.outcome.position().seq();
  const absl::Time until = scheduler_.now() + absl::Seconds(2);
  auto look = std::make_shared<std::function<void()>>();
  *look = [=, this, area = attempt.area, weak = std::weak_ptr(look)] {
    if (!node->alive() || scheduler_.now() > until) return;
    const uint64_t at = node->cell(area).position().seq();
    if (node->paused() || at < token) {
      if (auto again = weak.lock()) {
        scheduler_.After(absl::Milliseconds(40), [again] { (*again)(); });
      }
      return;
    }
    TokenRead& read = reads_.emplace_back();
    read.area = area;
    read.aggregate = aggregate;
    read.token_seq = token;
    read.position_seq = at;
    auto state = node->cell(area).ReadState(aggregate);
    if (!state.ok()) return;
    read.state_seq = state->seq.value();
    read.version = state->version.value();
    read.state = std::move(state->state);
  };
  scheduler_.After(network_.Micros(50, 5'000), [look] { (*look)(); });
}

}  // namespace pdp::sim
