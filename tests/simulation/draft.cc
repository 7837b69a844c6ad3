#include "tests/simulation/draft.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/text_format.h"
#include "libs/base/check.h"
#include "libs/base/timestamp.h"
#include "tests/fuzz/messages.h"

namespace pdp::sim {
namespace {

// Messages longer than this are no test of what is simulated here.
constexpr size_t kCommandBytesMax = 60'000;
constexpr int kTries = 4;

}  // namespace

const google::protobuf::Message* Draft::States::Find(const AggregateId& id) const {
  const auto it = all.find(id.text());
  return it == all.end() ? nullptr : it->second.state.get();
}
Version Draft::States::VersionOf(const AggregateId& id) const {
  const auto it = all.find(id.text());
  return it == all.end() ? Version(0) : it->second.version;
}

Draft::Draft(std::shared_ptr<const engine::Domain> domain, Plan* plan,
             std::vector<std::string> roles, bool alone)
    : domain_(std::move(domain)),
      plan_(*plan),
      roles_(std::move(roles)),
      alone_(alone),
      dice_(plan->seed, "draft"),
      wild_(static_cast<uint32_t>(SeedOf(plan->seed, "wild"))),
      now_(plan->play->begins()) {
  for (const Area area : plan->areas) states_[std::string(area.code())];
}

void Draft::Later(absl::Duration by) {
  leap_ += by;
  now_ += by;
}

std::unique_ptr<google::protobuf::Message> Draft::Parse(const std::string& text) {
  std::string whole;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "$W") == 0) {
      whole += vocabulary_.FreshWords();
      ++i;
    } else {
      whole += text[i];
    }
  }
  auto command = domain_->NewCommand();
  PDP_CHECK(google::protobuf::TextFormat::ParseFromString(whole, command.get()), whole);
  return command;
}

const engine::Decision& Draft::Do(absl::string_view area, const std::string& role,
                                  const std::string& text, const std::string& org) {
  return Do(area, role, Parse(text), org);
}

const engine::Decision& Draft::Do(absl::string_view area, const std::string& role,
                                  std::unique_ptr<google::protobuf::Message> command,
                                  const std::string& org) {
  // Now and then somebody comes between.
  if (!alone_ && dice_.Chance(60)) MakeUp(1);
  Op op;
  op.client = client_;
  op.area = *Area::FromCode(area);
  op.command = std::move(command);
  op.header.mutable_actor()->set_id(
      who_.empty() ? absl::StrCat("staff-", role) : std::exchange(who_, ""));
  op.header.mutable_actor()->add_roles(role);
  op.header.mutable_actor()->set_organisation(org);
  op.pause = dice_.Micros(0, 20'000);
  op.attempts_max = 30;
  op.leap = std::exchange(leap_, absl::ZeroDuration());
  Decide(op);
  if (decision_.rejected.has_value()) {
    refused_.push_back(absl::StrCat(role, " ", op.command->ShortDebugString().substr(0, 300), ": ",
                                    decision_.rejected->reason, " ",
                                    decision_.rejected->detail));
    for (const auto& violation : decision_.rejected->violations) {
      absl::StrAppend(&refused_.back(), " ", violation.code, " ", violation.field);
    }
  }
  Add(std::move(op));
  return decision_;
}

// As the next command of the plan, whose id follows from its number.
void Draft::Decide(const Op& op) {
  decider::Facts facts;
  facts.area = op.area;
  facts.command_id = OpCommandId(static_cast<int>(plan_.ops.size()));
  facts.recorded_at = now_;
  facts.occurred_at = op.header.has_occurred_at() ? FromTimestamp(op.header.occurred_at()) : now_;
  facts.actor = op.header.actor();
  if (op.header.has_expected_version()) {
    facts.expected_version = Version(op.header.expected_version());
  }
  decision_ = domain_->Decide(states_.at(std::string(op.area.code())), *op.command, facts);
}

void Draft::Add(Op op) {
  if (!decision_.rejected.has_value()) {
    vocabulary_.Learn(*op.command);
    auto& states = states_.at(std::string(op.area.code()));
    for (const engine::EmittedEvent& event : decision_.events) vocabulary_.Learn(*event.event);
    for (const engine::NewState& state : decision_.states) {
      states.all.insert_or_assign(state.aggregate.text(), state);
    }
  }
  now_ += absl::Milliseconds(50);
  op.twice = dice_.Chance(80);
  plan_.ops.push_back(std::move(op));
}

common::v1::Actor Draft::AnyActor() {
  common::v1::Actor actor;
  actor.set_id(absl::StrCat("anybody-", dice_.Below(3)));
  if (dice_.Chance(500)) actor.set_organisation(vocabulary_.Text("org", dice_));
  const bool one = dice_.Chance(200);
  for (const std::string& role : roles_) {
    if (!one && !dice_.Chance(100)) actor.add_roles(role);
  }
  if (one) actor.add_roles(roles_[dice_.Below(roles_.size())]);
  return actor;
}

Op Draft::MadeUp() {
  Op op;
  op.area = plan_.areas[dice_.Below(plan_.areas.size())];
  *op.header.mutable_actor() = AnyActor();
  const uint64_t way = dice_.Below(100);
  if (way < 55 && !plan_.ops.empty()) {
    const Op& before = plan_.ops[dice_.Below(plan_.ops.size())];
    op.area = before.area;
    if (dice_.Chance(700)) op.header = before.header;
    auto command = std::shared_ptr<google::protobuf::Message>(before.command->New());
    command->CopyFrom(*before.command);
    vocabulary_.Change(*command, 2, dice_);
    op.command = std::move(command);
  } else if (way < 92) {
    op.command = vocabulary_.MakeUp(*domain_->NewCommand(), dice_);
  } else {
    op.command = fuzz::Make(*domain_->NewCommand()->GetDescriptor(), wild_);
  }
  if (dice_.Chance(40)) op.header.set_expected_version(dice_.Below(5));
  if (dice_.Chance(100)) {
    *op.header.mutable_occurred_at() =
        ToTimestamp(now_ - absl::Minutes(static_cast<int64_t>(dice_.Below(3'000))));
  }
  return op;
}

void Draft::MakeUp(int count) {
  for (int i = 0; i < count; ++i) {
    // What is accepted leads further; refusals come by themselves.
    Op op = MadeUp();
    const int tries = dice_.Chance(250) ? 1 : kTries;
    for (int n = 1; n <= tries; ++n) {
      if (n > 1) op = MadeUp();
      if (op.command->ByteSizeLong() > kCommandBytesMax) op.command = domain_->NewCommand();
      Decide(op);
      if (!decision_.rejected.has_value() && !decision_.events.empty()) break;
    }
    op.client = static_cast<int>(dice_.Below(plan_.clients));
    op.pause = dice_.Chance(500) ? dice_.Micros(0, 20'000) : dice_.Micros(1'000, 300'000);
    op.attempts_max = dice_.Chance(100) ? 2 : 30;
    if (dice_.Chance(50) && !plan_.ops.empty()) {
      // Under the id of another command of this client.
      for (int before = static_cast<int>(plan_.ops.size()) - 1; before >= 0; --before) {
        const Op& other = plan_.ops[before];
        if (other.client != op.client || other.reuse_of >= 0) continue;
        op.reuse_of = before;
        op.area = other.area;
        break;
      }
    }
    if (op.reuse_of >= 0) decision_ = {.rejected = decider::Reject("COMMAND_ID_REUSED")};
    Add(std::move(op));
  }
}

}  // namespace pdp::sim
