#include "libs/engine/testing/bank.h"

namespace pdp::engine::testing {

using decider::Reject;

decider::Verdict<Bank::Reply> Bank::Decide(decider::Unit<Bank>& unit, const Command& command,
                                           const decider::Facts& facts) {
  const auto open = [&](const std::string& owner) {
    const State* state = unit.Find(Id(owner));
    return state != nullptr && !state->account().closed();
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
    case Command::COMMAND_NOT_SET:
      break;
  }
  return Reject("VALIDATION_FAILED", "no command");
}

void Bank::Evolve(State& state, const AggregateId&, const Event& event,
                  const decider::EventFacts&) {
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
    case Event::EVENT_NOT_SET:
      return;
  }
}

std::vector<decider::TimerChange<Bank::Command>> Bank::Timers(const AggregateId& id,
                                                              const State& after, const Event&,
                                                              const decider::EventFacts&) {
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

}  // namespace pdp::engine::testing
