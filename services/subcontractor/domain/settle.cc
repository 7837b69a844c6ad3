#include <algorithm>

#include "libs/base/check.h"
#include "libs/base/timestamp.h"
#include "services/subcontractor/domain/arithmetic.h"
#include "services/subcontractor/domain/commands.h"
#include "services/subcontractor/domain/draw.h"

// Settle: what becomes of the charge of a round (SUB-47, 48, 49).
//
//                | ACCEPTED  | DECLINED, EXPIRED,    | RETURNED, WITHDRAWN_..., | DIRECTED
//   state        |           | RESCINDED             | TRANSFERRED              |
//   BATCHED      | NOT_DRAWN | leaves the batch      | leaves the batch         | leaves it
//   DRAWN        | CONFIRMED | matrix                | matrix                   | REFUNDED
//   CONFIRMED    | no effect | STATE_FORBIDS_COMMAND | matrix                   | no effect
//   OVERRIDDEN   | no effect | STATE_FORBIDS_COMMAND | matrix                   | no effect
//   others       | the same outcome again, DIRECTED: no effect; else NOT_DRAWN

namespace pdp::subcontractor {
namespace {

v1::Reply Answer(v1::SettleEffect effect, bool excused) {
  v1::Reply reply;
  reply.mutable_settle()->set_effect(effect);
  reply.mutable_settle()->set_excused(excused);
  return reply;
}

// NO_CAPACITY_PUBLISHED counts only when the zero was declared before the draw.
bool ZeroDeclaredBefore(const v1::PoolMember& member, const v1::Allocation& allocation,
                        Date today) {
  const auto drawn_on = ParseDate(allocation.drawn_on());
  for (const v1::CapacityDeclaration& declaration : member.capacity()) {
    const auto from = ParseDate(declaration.from());
    const bool zero = declaration.max_open() == 0 || declaration.max_new_week() == 0;
    if (!zero || !from || *from > today) continue;
    if (FromTimestamp(declaration.declared_at()) >= FromTimestamp(allocation.drawn_at())) continue;
    // In force at the draw or coming into force since.
    if (*from > *drawn_on || CapacityOn(member, *drawn_on) == &declaration) return true;
  }
  return false;
}

bool TokenOutside(const v1::PoolMember& member, const v1::DrawRequest& request) {
  return std::any_of(request.tokens().begin(), request.tokens().end(),
                     [&](const std::string& token) { return !Provides(member, token); });
}

bool ScopeFails(const v1::PoolMember& member, const v1::DrawRequest& request) {
  const auto has = [](const auto& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
  };
  return !has(member.terms().services(), request.service()) ||
         !has(member.terms().geography(), request.pdu());
}

bool DeclineRefunds(const v1::PoolMember* member, const v1::Allocation& allocation,
                    absl::string_view code, Date today) {
  if (code == "CONFLICT_OF_INTEREST" || code == "UNSAFE") return true;
  if (member == nullptr) return false;
  if (code == "NO_CAPACITY_PUBLISHED") return ZeroDeclaredBefore(*member, allocation, today);
  if (code == "NEED_CANNOT_BE_MET") return TokenOutside(*member, allocation.request());
  if (code == "OUT_OF_SCOPE") return ScopeFails(*member, allocation.request());
  return false;  // TOO_COMPLEX, DISTANCE, STAFFING, OTHER
}

bool ReturnRefunds(absl::string_view code) {
  return code == "PERSON_MOVED" || code == "UNSAFE" || code == "CONFLICT_FOUND" ||
         code == "NEED_CHANGED" || code == "WRONG_ROUTE";
}

bool KnownDecline(absl::string_view code) {
  for (absl::string_view known :
       {"NO_CAPACITY_PUBLISHED", "CONFLICT_OF_INTEREST", "UNSAFE", "NEED_CANNOT_BE_MET",
        "OUT_OF_SCOPE", "TOO_COMPLEX", "DISTANCE", "STAFFING", "OTHER"}) {
    if (code == known) return true;
  }
  return false;
}

bool KnownReturn(absl::string_view code) {
  if (ReturnRefunds(code)) return true;
  return code == "STAFF_LOSS" || code == "CONTRACT_ENDED" || code == "OTHER";
}

// The matrix of SUB-47 and 48 for a drawn or held round.
bool Refunds(const v1::Settle& command, const v1::PoolMember* member,
             const v1::Allocation& allocation, Date today) {
  if (command.started()) return false;  // with a start the charge always stays
  switch (command.outcome()) {
    case v1::DECLINED: return DeclineRefunds(member, allocation, command.code(), today);
    case v1::EXPIRED: return command.platform_fault();
    case v1::RETURNED: return ReturnRefunds(command.code());
    case v1::RESCINDED:
    case v1::WITHDRAWN_BEFORE_START:
    case v1::TRANSFERRED:
    case v1::DIRECTED: return true;
    case v1::ACCEPTED:
    case v1::SETTLE_OUTCOME_UNSPECIFIED:
    case v1::SettleOutcome_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::SettleOutcome_INT_MAX_SENTINEL_DO_NOT_USE_: return false;
  }
  return false;
}

bool DeclaresConflict(const v1::Settle& command) {
  return (command.outcome() == v1::DECLINED && command.code() == "CONFLICT_OF_INTEREST") ||
         (command.outcome() == v1::RETURNED && command.code() == "CONFLICT_FOUND");
}

void Consume(Unit& unit, Area area, v1::Allocation allocation, const v1::Settle& command) {
  v1::Event event;
  v1::AllocationConsumed* consumed = event.mutable_allocation_consumed();
  consumed->set_apportionment_id(command.apportionment_id());
  consumed->set_org(allocation.winner());
  consumed->set_outcome(command.outcome());
  consumed->set_code(command.code());
  consumed->set_was_open(allocation.open());
  unit.Emit(PoolId(area, allocation.request().service()), std::move(event));
  allocation.set_state(v1::CONSUMED);
  allocation.set_outcome(command.outcome());
  allocation.set_outcome_code(command.code());
  allocation.set_effect(v1::EFFECT_CONSUMED);
  allocation.set_open(false);
  RecordAllocation(unit, allocation, DeclaresConflict(command));
}

Verdict Confirm(Unit& unit, Area area, v1::Allocation allocation) {
  v1::Event event;
  event.mutable_allocation_confirmed()->set_apportionment_id(
      allocation.request().apportionment_id());
  event.mutable_allocation_confirmed()->set_org(allocation.winner());
  unit.Emit(PoolId(area, allocation.request().service()), std::move(event));
  allocation.set_state(v1::CONFIRMED);
  allocation.set_outcome(v1::ACCEPTED);
  allocation.set_effect(v1::EFFECT_CONFIRMED);
  RecordAllocation(unit, allocation);
  return Answer(v1::EFFECT_CONFIRMED, false);
}

}  // namespace

void RefundAllocation(Unit& unit, Area area, v1::Allocation allocation, v1::SettleOutcome outcome,
                      const std::string& code, bool excused, bool conflict_declared,
                      const Facts& facts) {
  const AggregateId pool_id = PoolId(area, allocation.request().service());
  v1::Event event;
  v1::AllocationRefunded* refunded = event.mutable_allocation_refunded();
  refunded->set_apportionment_id(allocation.request().apportionment_id());
  refunded->set_org(allocation.winner());
  refunded->set_outcome(outcome);
  refunded->set_code(code);
  refunded->set_excused(excused);
  refunded->set_was_open(allocation.open());
  refunded->set_weight_centi(allocation.request().weight_centi());
  const v1::PoolState* pool = FindPool(unit, area, allocation.request().service());
  if (!allocation.deltas().empty() && pool != nullptr) {
    // Exact reversal; the part of a member that has left since follows its residual (SUB-50).
    std::vector<std::string> orgs;
    std::vector<Part> parts;
    int64_t orphaned = 0;
    const auto shares = SharesOn(*pool, Today(facts));
    for (const v1::OrgNano& delta : allocation.deltas()) {
      if (!shares.contains(delta.org())) {
        orphaned -= delta.nano();
        continue;
      }
      orgs.push_back(delta.org());
      parts.push_back({delta.org(), shares.at(delta.org())});
    }
    const std::vector<int64_t> split = SplitLargestRemainder(orphaned, parts);
    for (size_t i = 0; i < orgs.size(); ++i) {
      v1::OrgNano* row = refunded->add_reversal();
      row->set_org(orgs[i]);
      row->set_nano(split[i] - NanoOf(allocation.deltas(), orgs[i]));
    }
    if (!orgs.empty()) {
      refunded->set_bucket(BucketKey(allocation.request().stratum(), orgs));
    }
  }
  unit.Emit(pool_id, std::move(event));
  allocation.set_state(v1::REFUNDED);
  allocation.set_outcome(outcome);
  allocation.set_outcome_code(code);
  allocation.set_effect(v1::EFFECT_REFUNDED);
  allocation.set_excused(excused);
  allocation.set_open(false);
  RecordAllocation(unit, allocation, conflict_declared);
}

Verdict Decide(Unit& unit, const v1::Settle& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  Checks checks;
  checks.Require(!command.apportionment_id().empty(), "apportionment_id", "is missing");
  checks.Require(command.outcome() != v1::SETTLE_OUTCOME_UNSPECIFIED &&
                     v1::SettleOutcome_IsValid(command.outcome()),
                 "outcome", "is missing");
  checks.Require(command.outcome() != v1::DECLINED || KnownDecline(command.code()), "code",
                 "is no decline code");
  checks.Require(command.outcome() != v1::RETURNED || KnownReturn(command.code()), "code",
                 "is no return code");
  if (!checks.ok()) return checks.Failed();
  const v1::Allocation* found = FindAllocation(unit, command.apportionment_id());
  if (found == nullptr) return decider::NotFound(AllocationId(command.apportionment_id()));
  const v1::Allocation allocation = *found;
  const bool again = allocation.outcome() == command.outcome();
  const bool held =
      allocation.state() == v1::CONFIRMED || allocation.state() == v1::OVERRIDDEN;
  if (held) {
    if (again || command.outcome() == v1::ACCEPTED || command.outcome() == v1::DIRECTED) {
      return Answer(v1::EFFECT_NONE, allocation.excused());
    }
    if (command.outcome() == v1::DECLINED || command.outcome() == v1::EXPIRED ||
        command.outcome() == v1::RESCINDED) {
      return decider::StateForbidsCommand(v1::AllocationState_Name(allocation.state()));
    }
  } else if (allocation.state() == v1::BATCHED) {
    if (command.outcome() == v1::ACCEPTED) {
      return decider::Reject("NOT_DRAWN", "the round waits for its batch");
    }
    RefundAllocation(unit, facts.area, allocation, command.outcome(), command.code(), false,
                     false, facts);
    return Answer(v1::EFFECT_REFUNDED, false);
  } else if (allocation.state() == v1::DRAWN) {
    if (command.outcome() == v1::ACCEPTED) return Confirm(unit, facts.area, allocation);
  } else {
    if (again || command.outcome() == v1::DIRECTED) {
      return Answer(v1::EFFECT_NONE, allocation.excused());
    }
    return decider::Reject(
        "NOT_DRAWN",
        absl::StrCat("the round is ", v1::AllocationState_Name(allocation.state())));
  }
  const v1::PoolState* pool = FindPool(unit, facts.area, allocation.request().service());
  const v1::PoolMember* member = pool == nullptr ? nullptr : FindMember(*pool, allocation.winner());
  if (Refunds(command, member, allocation, Today(facts))) {
    // Excused: the organisation gave the referral back and is not charged for it.
    const bool excused = command.outcome() == v1::DECLINED || command.outcome() == v1::RETURNED ||
                         command.outcome() == v1::EXPIRED;
    RefundAllocation(unit, facts.area, allocation, command.outcome(), command.code(), excused,
                     DeclaresConflict(command), facts);
    return Answer(v1::EFFECT_REFUNDED, excused);
  }
  Consume(unit, facts.area, allocation, command);
  return Answer(v1::EFFECT_CONSUMED, false);
}

}  // namespace pdp::subcontractor
