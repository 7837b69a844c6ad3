#include "libs/engine/testing/bank.h"

#include "absl/strings/match.h"

namespace pdp::engine::testing {

using decider::Reject;

decider::Verdict<Bank::Reply> Bank::Decide(decider::Unit<Bank>& unit, const Command& command,
                                           const decider::Facts& facts) {
  const auto open = [&](const std::string& owner) {
    const State* state = unit.Find(Id(owner));
    return state != nullptr && !state->account().owner().empty() && !state->account().closed();
  };
  Event event;
  Reply reply;
  switch (command.command_case()) {
    case Command::kOpenAccount: {
      const auto& c = command.open_account();
      if (unit.Find(Id(c.owner())) != nullptr) return Reject("ACCOUNT_EXISTS");
      event.mutable_account_opened()->set_owner(c.owner());
      event.mutable_account_opened()->set_full_name(c.full_name());
      unit.Emit(Id(c.owner()), event);
      return reply;
    }
    case Command::kDeposit: {
      const auto& c = command.deposit();
      if (!open(c.owner())) return decider::NotFound(Id(c.owner()));
      if (auto conflict = CheckVersion(facts, Id(c.owner()), unit.VersionOf(Id(c.owner())))) {
        return *conflict;
      }
      event.mutable_deposited()->set_pence(c.pence());
      unit.Emit(Id(c.owner()), event);
      reply.mutable_balance()->set_pence(unit.Find(Id(c.owner()))->account().pence());
      return reply;
    }
    case Command::kTransfer: {
      const auto& c = command.transfer();
      if (!open(c.from()) || !open(c.to())) return decider::NotFound(Id(c.from()));
      event.mutable_withdrawn()->set_pence(c.pence());
      unit.Emit(Id(c.from()), event);
      if (unit.Find(Id(c.from()))->account().pence() < 0) return Reject("OVERDRAWN");
      event.mutable_deposited()->set_pence(c.pence());
      unit.Emit(Id(c.to()), event);
      return reply;
    }
    case Command::kCloseAt:
      if (!open(command.close_at().owner())) return decider::NotFound(AggregateId());
      *event.mutable_closing_set()->mutable_at() = command.close_at().at();
      unit.Emit(Id(command.close_at().owner()), event);
      return reply;
    case Command::kFireClose:
      if (!open(command.fire_close().owner())) return Reject("ALREADY_CLOSED");
      event.mutable_account_closed();
      unit.Emit(Id(command.fire_close().owner()), event);
      return reply;
    case Command::kForget:
      event.mutable_name_forgotten();
      unit.Emit(Id(command.forget().owner()), event);
      return reply;
    case Command::kClaimAlias: {
      const auto& c = command.claim_alias();
      if (!open(c.owner())) return decider::NotFound(Id(c.owner()));
      const State* held = unit.Find(AliasId(c.alias()));
      if (held != nullptr && !held->alias().owner().empty()) return Reject("ALIAS_TAKEN");
      event.mutable_alias_claimed()->set_owner(c.owner());
      event.mutable_alias_claimed()->set_alias(c.alias());
      unit.Emit(AliasId(c.alias()), event);
      return reply;
    }
    case Command::kReleaseAlias: {
      const auto& c = command.release_alias();
      const State* held = unit.Find(AliasId(c.alias()));
      if (held == nullptr || held->alias().owner() != c.owner()) return Reject("ALIAS_NOT_HELD");
      event.mutable_alias_released();
      unit.Emit(AliasId(c.alias()), event);
      return reply;
    }
    case Command::kPayInterestAt: {
      const auto& c = command.pay_interest_at();
      if (!open(c.owner())) return decider::NotFound(Id(c.owner()));
      event.mutable_interest_set()->set_pence(c.pence());
      *event.mutable_interest_set()->mutable_at() = c.at();
      unit.Emit(Id(c.owner()), event);
      return reply;
    }
    case Command::kFireInterest:
      event.mutable_interest_paid()->set_pence(command.fire_interest().pence());
      unit.Emit(Id(command.fire_interest().owner()), event);
      return reply;
    case Command::kRemit: {
      const auto& c = command.remit();
      if (!open(c.from())) return decider::NotFound(Id(c.from()));
      if (unit.Find(Id(c.from()))->account().pence() < c.pence()) return Reject("OVERDRAWN");
      event.mutable_withdrawn()->set_pence(c.pence());
      unit.Emit(Id(c.from()), event);
      event.mutable_remitted()->set_to_area(c.to_area());
      event.mutable_remitted()->set_to(c.to());
      event.mutable_remitted()->set_pence(c.pence());
      unit.Emit(Id(c.from()), event);
      return reply;
    }
    case Command::kReceive: {
      const auto& c = command.receive();
      event.mutable_received()->set_pence(c.pence());
      event.mutable_received()->set_remittance(c.remittance());
      unit.Emit(Id(open(c.to()) ? c.to() : kSuspense), event);
      return reply;
    }
    case Command::COMMAND_NOT_SET:
      break;
  }
  return Reject("VALIDATION_FAILED", "no command");
}

void Bank::Evolve(State& state, const AggregateId& id, const Event& event,
                  const decider::EventFacts&) {
  if (absl::StartsWith(id.text(), "alias/")) {
    state.mutable_alias()->set_owner(event.alias_claimed().owner());
    return;
  }
  auto& account = *state.mutable_account();
  switch (event.event_case()) {
    case Event::kAccountOpened:
      account.set_owner(event.account_opened().owner());
      account.set_full_name(event.account_opened().full_name());
      return;
    case Event::kDeposited:
      account.set_pence(account.pence() + event.deposited().pence());
      return;
    case Event::kWithdrawn:
      account.set_pence(account.pence() - event.withdrawn().pence());
      return;
    case Event::kClosingSet:
      *account.mutable_closes_at() = event.closing_set().at();
      return;
    case Event::kAccountClosed:
      account.set_closed(true);
      return;
    case Event::kNameForgotten:
      account.clear_full_name();
      return;
    case Event::kInterestSet:
      account.set_interest_pence(event.interest_set().pence());
      *account.mutable_interest_at() = event.interest_set().at();
      return;
    case Event::kInterestPaid:
      account.set_pence(account.pence() + event.interest_paid().pence());
      account.clear_interest_pence();
      account.clear_interest_at();
      return;
    case Event::kReceived:
      account.set_pence(account.pence() + event.received().pence());
      return;
    case Event::kRemitted:
    case Event::kAliasClaimed:
    case Event::kAliasReleased:
    case Event::EVENT_NOT_SET:
      return;
  }
}

std::vector<decider::TimerChange<Bank::Command>> Bank::Timers(const AggregateId& id,
                                                              const State& after,
                                                              const Event& event,
                                                              const decider::EventFacts&) {
  if (absl::StartsWith(id.text(), "alias/")) return {};
  if (event.has_interest_set()) {
    decider::TimerChange<Command> interest{
        .timer_id = id.text() + "/interest", .due_at = {}, .command = {}};
    interest.due_at = absl::FromUnixSeconds(event.interest_set().at().seconds());
    interest.command.mutable_fire_interest()->set_owner(after.account().owner());
    interest.command.mutable_fire_interest()->set_pence(event.interest_set().pence());
    return {interest};
  }
  decider::TimerChange<Command> change{
      .timer_id = id.text() + "/close", .due_at = {}, .command = {}};
  if (!after.account().closed() && after.account().has_closes_at()) {
    change.due_at = absl::FromUnixSeconds(after.account().closes_at().seconds());
    change.command.mutable_fire_close()->set_owner(after.account().owner());
  }
  return {change};
}

Bank::Command OpenAccount(const std::string& owner, const std::string& full_name) {
  Bank::Command command;
  command.mutable_open_account()->set_owner(owner);
  command.mutable_open_account()->set_full_name(full_name);
  return command;
}
Bank::Command Deposit(const std::string& owner, int64_t pence) {
  Bank::Command command;
  command.mutable_deposit()->set_owner(owner);
  command.mutable_deposit()->set_pence(pence);
  return command;
}
Bank::Command Transfer(const std::string& from, const std::string& to, int64_t pence) {
  Bank::Command command;
  command.mutable_transfer()->set_from(from);
  command.mutable_transfer()->set_to(to);
  command.mutable_transfer()->set_pence(pence);
  return command;
}
Bank::Command CloseAt(const std::string& owner, absl::Time at) {
  Bank::Command command;
  command.mutable_close_at()->set_owner(owner);
  command.mutable_close_at()->mutable_at()->set_seconds(absl::ToUnixSeconds(at));
  return command;
}
Bank::Command Forget(const std::string& owner) {
  Bank::Command command;
  command.mutable_forget()->set_owner(owner);
  return command;
}

Bank::Command ClaimAlias(const std::string& owner, const std::string& alias) {
  Bank::Command command;
  command.mutable_claim_alias()->set_owner(owner);
  command.mutable_claim_alias()->set_alias(alias);
  return command;
}
Bank::Command ReleaseAlias(const std::string& owner, const std::string& alias) {
  Bank::Command command;
  command.mutable_release_alias()->set_owner(owner);
  command.mutable_release_alias()->set_alias(alias);
  return command;
}
Bank::Command PayInterestAt(const std::string& owner, int64_t pence, absl::Time at) {
  Bank::Command command;
  command.mutable_pay_interest_at()->set_owner(owner);
  command.mutable_pay_interest_at()->set_pence(pence);
  command.mutable_pay_interest_at()->mutable_at()->set_seconds(absl::ToUnixSeconds(at));
  return command;
}
Bank::Command Remit(const std::string& from, const std::string& to_area, const std::string& to,
                    int64_t pence) {
  Bank::Command command;
  command.mutable_remit()->set_from(from);
  command.mutable_remit()->set_to_area(to_area);
  command.mutable_remit()->set_to(to);
  command.mutable_remit()->set_pence(pence);
  return command;
}

}  // namespace pdp::engine::testing
