#include <algorithm>

#include "google/protobuf/util/message_differencer.h"
#include "libs/base/timestamp.h"
#include "services/subcontractor/domain/commands.h"
#include "services/subcontractor/domain/draw.h"

// Who is in a pool, and how much they can take: SUB-42, 43, 50.

namespace pdp::subcontractor {
namespace {

// Whether the membership stands on the subcontract named; none named: any.
bool IsUnder(const v1::PoolMember& member, const std::string& subcontract_id) {
  return subcontract_id.empty() || member.terms().subcontract_id() == subcontract_id;
}

}  // namespace

Verdict Decide(Unit& unit, const v1::JoinPool& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  const AggregateId id = PoolId(facts.area, command.service());
  const v1::PoolState* pool = FindPool(unit, facts.area, command.service());
  if (pool == nullptr) return decider::NotFound(id);
  Checks checks;
  checks.IdField(command.member().org(), "member.org");
  checks.DateField(command.member().from(), "member.from");
  if (!command.member().to().empty()) checks.DateField(command.member().to(), "member.to");
  if (!checks.ok()) return checks.Failed();
  const v1::PoolMember* known = FindMember(*pool, command.member().org());
  // The same terms again are no change; new terms of a member take the place of the old ones.
  if (known != nullptr &&
      google::protobuf::util::MessageDifferencer::Equals(known->terms(), command.member())) {
    return v1::Reply();
  }
  if (known == nullptr && pool->members_size() >= static_cast<int>(kPoolMembersMax)) {
    return decider::StateForbidsCommand("FULL");
  }
  v1::Event event;
  event.mutable_pool_member_joined()->set_service(command.service());
  *event.mutable_pool_member_joined()->mutable_member() = command.member();
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::LeavePool& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  const AggregateId id = PoolId(facts.area, command.service());
  const v1::PoolState* pool = FindPool(unit, facts.area, command.service());
  if (pool == nullptr) return decider::NotFound(id);
  Checks checks;
  checks.DateField(command.on(), "on");
  if (!checks.ok()) return checks.Failed();
  const v1::PoolMember* member = FindMember(*pool, command.org());
  // Left already, or a member under another subcontract by now.
  if (member == nullptr || !IsUnder(*member, command.subcontract_id())) return v1::Reply();
  v1::Event event;
  v1::PoolMemberLeft* left = event.mutable_pool_member_left();
  left->set_service(command.service());
  left->set_org(command.org());
  left->set_on(command.on());
  for (v1::BucketMerge& merge : MergesOnLeave(*pool, command.org(), Today(facts))) {
    *left->add_merges() = std::move(merge);
  }
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::SuspendMember& command, const Facts& facts) {
  if (!IsSystem(facts) && !IsAuthority(facts)) return SystemOnly();
  const AggregateId id = PoolId(facts.area, command.service());
  const v1::PoolState* pool = FindPool(unit, facts.area, command.service());
  const v1::PoolMember* member = pool == nullptr ? nullptr : FindMember(*pool, command.org());
  if (member == nullptr) return decider::NotFound(id);
  if (member->status() == v1::MEMBER_SUSPENDED || !IsUnder(*member, command.subcontract_id())) {
    return v1::Reply();
  }
  v1::Event event;
  event.mutable_pool_member_suspended()->set_org(command.org());
  event.mutable_pool_member_suspended()->set_cause(command.cause());
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::ResumeMember& command, const Facts& facts) {
  if (!IsSystem(facts) && !IsAuthority(facts)) return SystemOnly();
  const AggregateId id = PoolId(facts.area, command.service());
  const v1::PoolState* pool = FindPool(unit, facts.area, command.service());
  const v1::PoolMember* member = pool == nullptr ? nullptr : FindMember(*pool, command.org());
  if (member == nullptr) return decider::NotFound(id);
  if (member->status() == v1::MEMBER_ACTIVE || !IsUnder(*member, command.subcontract_id())) {
    return v1::Reply();
  }
  v1::Event event;
  event.mutable_pool_member_resumed()->set_org(command.org());
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::DeclareCapacity& command, const Facts& facts) {
  const AggregateId id = PoolId(facts.area, command.service());
  if (!Holds(facts, command.org(), "DELIVERY")) return NotHeld(facts, command.org(), "DELIVERY");
  const v1::PoolState* pool = FindPool(unit, facts.area, command.service());
  const v1::PoolMember* member = pool == nullptr ? nullptr : FindMember(*pool, command.org());
  if (member == nullptr) return decider::NotFound(id);
  if (auto conflict = decider::CheckVersion(facts, id, unit.VersionOf(id))) return *conflict;
  Checks checks;
  const auto from = checks.DateField(command.from(), "from");
  checks.Require(!from || *from >= Today(facts), "from", "must not lie in the past");
  checks.Require(command.max_open() >= 0, "max_open", "must not be negative");
  checks.Require(command.max_new_week() >= 0, "max_new_week", "must not be negative");
  if (!checks.ok()) return checks.Failed();
  // Lower than what is in force on that day: from the next working day on. The first declaration
  // lowers nothing that was declared.
  const v1::CapacityDeclaration* before = CapacityOn(*member, *from);
  const bool lower = before != nullptr && (command.max_open() < before->max_open() ||
                                           command.max_new_week() < before->max_new_week());
  if (lower) {
    const auto next = AddWorkingDays(Today(facts), 1);
    if (!next) return decider::Reject("CALENDAR_NOT_COVERED");
    if (*from < *next) {
      Rejected rejected = decider::Reject("CAPACITY_NOTICE_TOO_SHORT",
                                          "a decrease takes effect from the next working day");
      rejected.metadata["earliest"] = FormatDate(*next);
      return rejected;
    }
  }
  v1::Event event;
  event.mutable_capacity_declared()->set_org(command.org());
  v1::CapacityDeclaration* declaration = event.mutable_capacity_declared()->mutable_declaration();
  declaration->set_from(command.from());
  declaration->set_max_open(command.max_open());
  declaration->set_max_new_week(command.max_new_week());
  *declaration->mutable_declared_at() = ToTimestamp(facts.recorded_at);
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

}  // namespace pdp::subcontractor
