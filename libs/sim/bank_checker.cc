#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/hash.h"
#include "libs/engine/testing/bank.h"
#include "libs/projection/publisher.h"
#include "libs/sim/bank_model.h"
#include "libs/sim/checks.h"

namespace pdp::sim {
namespace {

using log::v1::Record;

const testing::v1::Command& CommandOf(const Attempt& attempt) {
  return static_cast<const testing::v1::Command&>(*attempt.command);
}

class Checker : public Checks {
 public:
  using Checks::Checks;

  std::string Run() {
    CheckHistories();
    if (!problem_.empty()) return problem_;
    CollectCommands();
    for (const Area area : world_.plan().areas) {
      Replay(area);
      if (!problem_.empty()) return problem_;
    }
    CheckAnswers();
    CheckReads();
    CheckMoney();
    CheckDisks();
    for (const Area area : world_.plan().areas) {
      CheckReplicas(area);
      for (const auto& node : world_.living()) {
        const std::string name = absl::StrCat(node->name(), "/", area.code());
        CheckStates(*node, area, name);
        CheckPublic(*node, area, name);
        CheckTimers(area, name, node->clock().Now());
      }
    }
    return problem_;
  }

 private:

  // Every command that anybody may have issued, by id.
  void CollectCommands() {
    for (const Attempt& attempt : world_.attempts()) {
      if (attempt.op < 0) continue;  // of a process: derived below, without asking it
      commands_[attempt.command_id].push_back(CommandOf(attempt));
    }
    for (const Area area : world_.plan().areas) {
      for (const History::Entry& entry : histories_[area.index()].accepted) {
        const auto& commit = entry.record.commit();
        for (int i = 0; i < commit.events_size(); ++i) {
          testing::v1::Event event;
          if (commit.events(i).type() != "Remitted" ||
              !event.ParseFromString(commit.events(i).payload())) {
            continue;
          }
          const std::string id =
              absl::StrCat("bank/", area.code(), "/", entry.record.seq(), "/", i);
          testing::v1::Command command;
          command.mutable_receive()->set_to(event.remitted().to());
          command.mutable_receive()->set_pence(event.remitted().pence());
          command.mutable_receive()->set_remittance(id);
          const std::string command_id(DerivedCommandId(id, "receive").bytes());
          commands_[command_id].push_back(command);
          remittances_.emplace_back(event.remitted().to_area(), command_id);
        }
      }
    }
  }

  // Runs the model over the accepted commits and judges refusals and reads at each point.
  void Replay(Area area) {
    const History& history = histories_[area.index()];
    BankModel& model = models_[area.index()];
    std::vector<const Attempt*> refused;
    for (const Attempt& attempt : world_.attempts()) {
      if (attempt.area == area && attempt.answered_at.has_value() &&
          std::holds_alternative<decider::Rejected>(attempt.outcome.result)) {
        refused.push_back(&attempt);
      }
    }
    std::set<std::string> done;
    const auto judge = [&](uint64_t seq) {
      std::erase_if(refused, [&](const Attempt* attempt) {
        if (seq < attempt->told_before) return false;
        // Nothing that was stored after the answer can have been its reason.
        if (seq > 0 && history.accepted[seq - 1].at > *attempt->answered_at) return false;
        return Justified(model, done, *attempt);
      });
    };
    judge(0);
    int64_t last_time = 0;
    for (const History::Entry& entry : history.accepted) {
      const uint64_t seq = entry.record.seq();
      if (entry.record.has_commit()) {
        const auto& commit = entry.record.commit();
        ReplayCommit(area, entry.record, &model, &done);
        const int64_t time = commit.recorded_at().seconds() * 1'000'000 +
                             commit.recorded_at().nanos() / 1000;
        if (time < last_time) Broken("log time goes back at seq ", seq);
        last_time = time;
        for (const auto& event : commit.events()) {
          if (absl::StartsWith(event.aggregate_id(), "account/")) {
            const std::string owner = event.aggregate_id().substr(8);
            pence_at_[{area.index(), owner}][seq] = {event.version(),
                                                     model.accounts[owner].pence};
          }
        }
      }
      if (!problem_.empty()) return;
      judge(seq);
    }
    for (const Attempt* attempt : refused) {
      Broken("refusal ", std::get<decider::Rejected>(attempt->outcome.result).reason, " of op ",
             attempt->op, " (", attempt->command->ShortDebugString(),
             ") had no reason in any state between call and answer; told before: seq ",
             attempt->told_before);
    }
  }

  bool Justified(BankModel& model, const std::set<std::string>& done, const Attempt& attempt) {
    const std::string& reason = std::get<decider::Rejected>(attempt.outcome.result).reason;
    if (reason == "COMMAND_ID_REUSED") return done.contains(attempt.command_id);
    // Once it has taken effect a command is answered with that.
    if (done.contains(attempt.command_id)) return false;
    if (reason == "PERSON_ERASED") {
      return CommandOf(attempt).has_open_account() &&
             world_.erased().contains(CommandOf(attempt).open_account().owner());
    }
    return model.Run(CommandOf(attempt), false).reason == reason;
  }

  void ReplayCommit(Area area, const Record& record, BankModel* model,
                    std::set<std::string>* done) {
    const auto& commit = record.commit();
    if (!done->insert(commit.command_id()).second) {
      return Broken("a command takes effect twice: seq ", record.seq(), " of ", area.code(), ", ",
                    commit.command_type());
    }
    std::vector<testing::v1::Command> candidates;
    if (!commit.timer_id().empty()) {
      const auto timer = model->timers.find(commit.timer_id());
      if (timer == model->timers.end()) {
        return Broken("timer ", commit.timer_id(), " fires at seq ", record.seq(),
                      " without being set (or twice)");
      }
      // By the leader's clock, which stamps the commit.
      if (commit.recorded_at().seconds() < timer->second.due_s) {
        return Broken("timer ", commit.timer_id(), " fires before it is due");
      }
      if (Sha256(timer->second.command.SerializeAsString()).view() != commit.digest()) {
        return Broken("timer ", commit.timer_id(), " fires at seq ", record.seq(),
                      " with a command that has been replaced");
      }
      candidates.push_back(timer->second.command);
      model->timers.erase(timer);
    } else {
      const auto known = commands_.find(commit.command_id());
      if (known == commands_.end()) {
        return Broken("seq ", record.seq(), " of ", area.code(), " is of no known command");
      }
      for (const auto& command : known->second) {
        if (decider::CaseName(command) == commit.command_type() &&
            Sha256(command.SerializeAsString()).view() == commit.digest()) {
          candidates = {command};
        }
      }
    }
    if (candidates.empty()) return Broken("seq ", record.seq(), " has a digest of no command");
    const BankModel::Result result = model->Run(candidates[0], true);
    if (!result.reason.empty()) {
      return Broken("seq ", record.seq(), " of ", area.code(), ": ", commit.command_type(),
                    " took effect where ", result.reason, " was due");
    }
    std::vector<std::string> events;
    for (const auto& event : commit.events()) {
      events.push_back(
          absl::StrCat(event.aggregate_id(), "@", event.version(), " ", event.type()));
    }
    if (events != result.events) {
      return Broken("seq ", record.seq(), " of ", area.code(), ": the events of ",
                    commit.command_type(), " are not what the state before calls for");
    }
    if (result.balance.has_value()) {
      testing::v1::Reply reply;
      if (!reply.ParseFromString(commit.reply()) || reply.balance().pence() != *result.balance) {
        return Broken("seq ", record.seq(), ": a balance of ", reply.balance().pence(),
                      " where it is ", *result.balance);
      }
    }
  }

  void CheckReads() {
    for (const Attempt& attempt : world_.attempts()) {
      const auto* done = std::get_if<engine::Committed>(&attempt.outcome.result);
      if (attempt.op >= 0 && attempt.answered_at.has_value() && done != nullptr &&
          done->outcome.events_size() == 0) {
        Broken("op ", attempt.op, " was acknowledged without an event");
      }
    }
    for (const TokenRead& read : world_.reads()) {
      const std::string owner(read.aggregate.id());
      const auto& known = pence_at_[{read.area.index(), owner}];
      const auto at = known.find(read.state_seq);
      const int64_t pence =
          read.state == nullptr
              ? 0
              : static_cast<const testing::v1::State&>(*read.state).account().pence();
      if (read.state == nullptr || at == known.end() || at->second.first != read.version ||
          at->second.second != pence) {
        Broken("a read of ", owner, " at seq ", read.state_seq, " gave ", pence,
               " pence at version ", read.version, ", which never was");
      }
      // Nothing of the account may lie between what was read and the token.
      const auto next = known.upper_bound(read.state_seq);
      if (next != known.end() && next->first <= read.token_seq) {
        Broken("a client did not read its own write: ", owner, " as of seq ", read.state_seq,
               " with a token of seq ", read.token_seq);
      }
    }
  }

  void CheckMoney() {
    int64_t held = 0, put_in = 0;
    for (auto& [area, model] : models_) held += model.Money();
    for (auto& [area, history] : histories_) {
      for (const History::Entry& entry : history.accepted) {
        for (const auto& recorded : entry.record.commit().events()) {
          testing::v1::Event event;
          if (!event.ParseFromString(recorded.payload())) continue;
          if (recorded.type() == "InterestPaid") put_in += event.interest_paid().pence();
          if (recorded.type() == "Deposited" && entry.record.commit().events_size() == 1) {
            put_in += event.deposited().pence();
          }
        }
      }
    }
    for (const auto& [to_area, command_id] : remittances_) {
      if (!seq_of_.contains({Area::FromCode(to_area)->index(), command_id})) {
        Broken("a remittance to ", to_area, " never arrived");
      }
    }
    if (held != put_in) Broken("money: ", held, " is held, ", put_in, " was put in");
  }

  // Nowhere in any byte of any store, at any time, is a name in the clear.
  void CheckDisks() {
    for (const auto& disk : world_.disks()) {
      if (disk->Holds(kPersonalName)) Broken("personal data lies in the clear on a disk");
    }
    for (const Area area : world_.plan().areas) {
      for (const auto& stored : world_.broker().records(area)) {
        if (absl::StrContains(stored.bytes, kPersonalName)) {
          Broken("personal data lies in the clear in the log");
        }
      }
    }
  }

  void CheckStates(Node& node, Area area, const std::string& name) {
    for (const auto& [owner, account] : models_[area.index()].accounts) {
      if (account.version == 0) continue;
      auto read = node.cell(area).ReadState(engine::testing::Bank::Id(owner));
      if (!read.ok()) {
        Broken(name, " does not know ", owner, ": ", read.status().ToString());
        continue;
      }
      const auto& state = static_cast<const testing::v1::State&>(*read->state).account();
      if (read->version.value() != account.version || state.pence() != account.pence ||
          state.closed() != account.closed) {
        Broken(name, ": ", owner, " is not what its events make of it");
      }
      const bool erased = world_.erased().contains(owner);
      if (erased && !state.full_name().empty()) Broken(name, ": ", owner, " is not erased");
      if (!erased && state.full_name() != account.name) {
        Broken(name, ": the name of ", owner, " cannot be read and was never erased");
      }
    }
  }

  void CheckPublic(Node& node, Area area, const std::string& name) {
    std::vector<std::string> expected;
    for (const History::Entry& entry : histories_[area.index()].accepted) {
      const auto& events = entry.record.commit().events();
      for (int i = 0; i < events.size(); ++i) {
        if (events[i].type() != "Remitted" && events[i].type() != "InterestPaid") continue;
        expected.push_back(absl::StrCat("bank/", area.code(), "/", entry.record.seq(), "/", i));
      }
    }
    std::vector<std::string> published;
    auto rows = projection::ReadPublic(node.public_rows(), area, Seq(0), 0, 10'000);
    if (!rows.ok()) {
      return Broken(name, ": public events cannot be read: ", rows.status().ToString());
    }
    for (const auto& event : *rows) published.push_back(event.id());
    if (published != expected) {
      Broken(name, " publishes ", published.size(), " events, not the ", expected.size(),
             " of the history in their order");
    }
  }

  void CheckTimers(Area area, const std::string& name, absl::Time now) {
    for (const auto& [id, timer] : models_[area.index()].timers) {
      if (absl::FromUnixSeconds(timer.due_s) < now - absl::Seconds(3)) {
        Broken(name, ": timer ", id, " is long due and has not fired");
      }
    }
  }

  std::map<int, BankModel> models_;
  std::map<std::string, std::vector<testing::v1::Command>> commands_;
  std::vector<std::pair<std::string, std::string>> remittances_;
  // (area, owner) -> seq -> (version, pence).
  std::map<std::pair<int, std::string>, std::map<uint64_t, std::pair<uint64_t, int64_t>>> pence_at_;
};

}  // namespace

std::string CheckBank(World& world) { return Checker(world).Run(); }

}  // namespace pdp::sim
