#include "libs/sim/bank_model.h"

#include "absl/strings/str_cat.h"

namespace pdp::sim {

using testing::v1::Command;

bool BankModel::Open(const std::string& owner) const {
  const auto it = accounts.find(owner);
  return it != accounts.end() && it->second.opened && !it->second.closed;
}

void BankModel::Happened(const std::string& owner, const char* type, Result* result) {
  Account& account = accounts[owner];
  result->events.push_back(absl::StrCat("account/", owner, "@", ++account.version, " ", type));
  // Whatever happens on an account moves its closing timer.
  const std::string timer = absl::StrCat("account/", owner, "/close");
  timers.erase(timer);
  if (!account.closed && account.closes_at.has_value()) {
    Timer& set = timers[timer];
    set.due_s = *account.closes_at;
    set.command.mutable_fire_close()->set_owner(owner);
  }
}

BankModel::Result BankModel::Run(const Command& command, bool apply) {
  if (!apply) {
    BankModel copy = *this;
    return copy.Run(command, true);
  }
  Result result;
  const auto refuse = [&](const char* reason) {
    result.reason = reason;
    return result;
  };
  switch (command.command_case()) {
    case Command::kOpenAccount: {
      const auto& c = command.open_account();
      const auto it = accounts.find(c.owner());
      if (it != accounts.end() && it->second.version > 0) return refuse("ACCOUNT_EXISTS");
      accounts[c.owner()].opened = true;
      accounts[c.owner()].name = c.full_name();
      Happened(c.owner(), "AccountOpened", &result);
      return result;
    }
    case Command::kDeposit: {
      const auto& c = command.deposit();
      if (!Open(c.owner())) return refuse("NOT_FOUND");
      accounts[c.owner()].pence += c.pence();
      Happened(c.owner(), "Deposited", &result);
      result.balance = accounts[c.owner()].pence;
      return result;
    }
    case Command::kTransfer: {
      const auto& c = command.transfer();
      if (!Open(c.from()) || !Open(c.to())) return refuse("NOT_FOUND");
      if (accounts[c.from()].pence < c.pence()) return refuse("OVERDRAWN");
      accounts[c.from()].pence -= c.pence();
      accounts[c.to()].pence += c.pence();
      Happened(c.from(), "Withdrawn", &result);
      Happened(c.to(), "Deposited", &result);
      return result;
    }
    case Command::kCloseAt: {
      const auto& c = command.close_at();
      if (!Open(c.owner())) return refuse("NOT_FOUND");
      accounts[c.owner()].closes_at = c.at().seconds();
      Happened(c.owner(), "ClosingSet", &result);
      return result;
    }
    case Command::kFireClose: {
      const auto& c = command.fire_close();
      if (!Open(c.owner())) return refuse("ALREADY_CLOSED");
      accounts[c.owner()].closed = true;
      Happened(c.owner(), "AccountClosed", &result);
      return result;
    }
    case Command::kForget: {
      accounts[command.forget().owner()].name.clear();
      Happened(command.forget().owner(), "NameForgotten", &result);
      return result;
    }
    case Command::kClaimAlias: {
      const auto& c = command.claim_alias();
      if (!Open(c.owner())) return refuse("NOT_FOUND");
      Alias& alias = aliases[c.alias()];
      if (!alias.owner.empty()) return refuse("ALIAS_TAKEN");
      alias.owner = c.owner();
      result.events.push_back(
          absl::StrCat("alias/", c.alias(), "@", ++alias.version, " AliasClaimed"));
      return result;
    }
    case Command::kReleaseAlias: {
      const auto& c = command.release_alias();
      const auto it = aliases.find(c.alias());
      if (it == aliases.end() || it->second.owner != c.owner()) return refuse("ALIAS_NOT_HELD");
      it->second.owner.clear();
      result.events.push_back(
          absl::StrCat("alias/", c.alias(), "@", ++it->second.version, " AliasReleased"));
      return result;
    }
    case Command::kPayInterestAt: {
      const auto& c = command.pay_interest_at();
      if (!Open(c.owner())) return refuse("NOT_FOUND");
      result.events.push_back(absl::StrCat("account/", c.owner(), "@",
                                           ++accounts[c.owner()].version, " InterestSet"));
      Timer& timer = timers[absl::StrCat("account/", c.owner(), "/interest")];
      timer.due_s = c.at().seconds();
      timer.command.mutable_fire_interest()->set_owner(c.owner());
      timer.command.mutable_fire_interest()->set_pence(c.pence());
      return result;
    }
    case Command::kFireInterest: {
      const auto& c = command.fire_interest();
      accounts[c.owner()].pence += c.pence();
      Happened(c.owner(), "InterestPaid", &result);
      return result;
    }
    case Command::kRemit: {
      const auto& c = command.remit();
      if (!Open(c.from())) return refuse("NOT_FOUND");
      if (accounts[c.from()].pence < c.pence()) return refuse("OVERDRAWN");
      accounts[c.from()].pence -= c.pence();
      Happened(c.from(), "Withdrawn", &result);
      Happened(c.from(), "Remitted", &result);
      return result;
    }
    case Command::kReceive: {
      const auto& c = command.receive();
      const std::string to = Open(c.to()) ? c.to() : "suspense";
      accounts[to].pence += c.pence();
      Happened(to, "Received", &result);
      return result;
    }
    case Command::COMMAND_NOT_SET:
      break;
  }
  return refuse("VALIDATION_FAILED");
}

int64_t BankModel::Money() const {
  int64_t all = 0;
  for (const auto& [owner, account] : accounts) all += account.pence;
  return all;
}

}  // namespace pdp::sim
