#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/hash.h"
#include "libs/base/mark.h"
#include "libs/engine/testing/bank.h"
#include "libs/projection/publisher.h"
#include "libs/record/codec.h"
#include "libs/sim/bank_model.h"
#include "libs/sim/world.h"
#include "libs/view/archive.h"

namespace pdp::sim {
namespace {

using log::v1::Record;

// The history of one area as the reader rule of design section 2 gives it, read here by code of its
// own.
struct History {
  struct Entry {
    Record record;
    absl::Time at;  // when it was stored
  };
  uint64_t epoch = 0;
  uint64_t seq = 0;
  Digest hash;
  std::vector<Entry> accepted;  // records that move seq: seq s is at s - 1
  std::map<std::pair<uint64_t, uint64_t>, std::vector<Digest>> hashes;  // by (epoch, seq)
  std::string problem;
};

History Read(const Broker& broker, Area area) {
  History history;
  for (const Broker::Stored& stored : broker.records(area)) {
    auto record = record::Decode(stored.bytes);
    if (!record.ok()) {
      history.problem = absl::StrCat("a damaged record was stored: ", record.status().message());
      return history;
    }
    if (record->has_epoch_started()) {
      if (record->epoch() <= history.epoch) continue;
      history.epoch = record->epoch();
    } else {
      if (record->epoch() != history.epoch || record->seq() != history.seq + 1) continue;
      if (record->prev_hash() != history.hash.view()) {
        history.problem = absl::StrCat("the chain of ", area.code(), " breaks at seq ",
                                       record->seq());
        return history;
      }
      history.seq = record->seq();
      history.accepted.push_back({*std::move(record), stored.at});
    }
    history.hash = Sha256(stored.bytes);
    history.hashes[{history.epoch, history.seq}].push_back(history.hash);
  }
  return history;
}

class Checker {
 public:
  explicit Checker(World& world) : world_(world) {
    for (const Area area : world.plan().areas) {
      histories_[area.index()] = Read(world.broker(), area);
    }
  }

  std::string Run() {
    for (const Area area : world_.plan().areas) {
      if (!histories_[area.index()].problem.empty()) return histories_[area.index()].problem;
    }
    CollectCommands();
    for (const Area area : world_.plan().areas) {
      Replay(area);
      if (!problem_.empty()) return problem_;
    }
    CheckAnswers();
    CheckMoney();
    CheckDisks();
    for (const Area area : world_.plan().areas) CheckReplicas(area);
    return problem_;
  }

 private:
  template <typename... Parts>
  void Broken(const Parts&... parts) {
    if (problem_.empty()) problem_ = absl::StrCat(parts...);
  }

  // Every command that anybody may have issued, by id.
  void CollectCommands() {
    for (const Attempt& attempt : world_.attempts()) {
      commands_[attempt.command_id].push_back(attempt.command);
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
        seq_of_[{area.index(), commit.command_id()}] = seq;
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
             attempt->op, " (", attempt->command.ShortDebugString(),
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
      return attempt.command.has_open_account() &&
             world_.erased().contains(attempt.command.open_account().owner());
    }
    return model.Run(attempt.command, false).reason == reason;
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

  void CheckAnswers() {
    struct Seen {
      bool only_not_written = true;
      Area area;
    };
    std::map<std::string, Seen> seen;
    for (const Attempt& attempt : world_.attempts()) {
      Seen& of = seen[attempt.command_id];
      of.area = attempt.area;
      const auto* status = attempt.answered_at.has_value()
                               ? std::get_if<absl::Status>(&attempt.outcome.result)
                               : nullptr;
      const bool not_written =
          status != nullptr && (absl::IsUnavailable(*status) || absl::IsResourceExhausted(*status));
      of.only_not_written &= not_written;
      if (!attempt.answered_at.has_value()) continue;
      if (status != nullptr && absl::IsInvalidArgument(*status)) {
        Broken("op ", attempt.op, " was called malformed: ", status->ToString());
      }
      const auto* done = std::get_if<engine::Committed>(&attempt.outcome.result);
      if (done == nullptr) continue;
      const auto& position = done->outcome.position();
      const History& history = histories_[attempt.area.index()];
      if (position.seq() == 0 || position.seq() > history.accepted.size()) {
        Broken("acknowledged and lost: op ", attempt.op, " at seq ", position.seq());
        continue;
      }
      const Record& record = history.accepted[position.seq() - 1].record;
      if (record.commit().command_id() != attempt.command_id ||
          record.epoch() != position.epoch()) {
        Broken("acknowledged and lost: op ", attempt.op, " at ", position.epoch(), "/",
               position.seq(), ", where another record stands");
      }
      if (history.accepted[position.seq() - 1].at > *attempt.answered_at) {
        Broken("op ", attempt.op, " was acknowledged before it was in the log");
      }
    }
    for (const auto& [id, of] : seen) {
      if (of.only_not_written && seq_of_.contains({of.area.index(), id})) {
        Broken("every attempt was answered \"not written\", and it is in the log at seq ",
               seq_of_[{of.area.index(), id}]);
      }
    }
    for (const TokenRead& read : world_.reads()) {
      const auto& known = pence_at_[{read.area.index(), read.owner}];
      const auto at = known.find(read.state_seq);
      if (!read.found || at == known.end() || at->second.first != read.version ||
          at->second.second != read.pence) {
        Broken("a read of ", read.owner, " at seq ", read.state_seq, " gave ", read.pence,
               " pence at version ", read.version, ", which never was");
      }
      // Nothing of the account may lie between what was read and the token.
      const auto next = known.upper_bound(read.state_seq);
      if (next != known.end() && next->first <= read.token_seq) {
        Broken("a client did not read its own write: ", read.owner, " as of seq ", read.state_seq,
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
      if (disk->Holds("Personal-Name-")) Broken("personal data lies in the clear on a disk");
    }
    for (const Area area : world_.plan().areas) {
      for (const auto& stored : world_.broker().records(area)) {
        if (absl::StrContains(stored.bytes, "Personal-Name-")) {
          Broken("personal data lies in the clear in the log");
        }
      }
    }
  }

  void CheckReplicas(Area area) {
    const History& history = histories_[area.index()];
    uint64_t last_commit = 0;
    for (const History::Entry& entry : history.accepted) {
      if (entry.record.has_commit()) last_commit = entry.record.seq();
    }
    int leaders = 0;
    for (const auto& node : world_.living()) {
      const engine::CellInfo info = node->cell(area).info();
      const std::string name = absl::StrCat(node->name(), "/", area.code());
      if (info.state == "LEADING") ++leaders;
      if (info.position.seq() < last_commit) {
        Broken(name, " is at seq ", info.position.seq(), " of ", last_commit, " (", info.state,
               " ", info.reason, ") long after everything was healed");
        continue;
      }
      const auto hashes = history.hashes.find({info.position.epoch(), info.position.seq()});
      if (hashes == history.hashes.end() ||
          std::find(hashes->second.begin(), hashes->second.end(), info.hash) ==
              hashes->second.end()) {
        Broken(name, " has another hash than the log at seq ", info.position.seq());
      }
      const auto verified = view::Archive(node->views()).Verify(area);
      if (!verified.ok() || !verified->intact) {
        Broken(name, ": the archive is not intact: ",
               verified.ok() ? verified->finding : verified.status().ToString());
      }
      CheckStates(*node, area, name);
      CheckInbox(*node, area, name);
      CheckPublic(*node, area, name);
      CheckTimers(area, name, node->clock().Now());
    }
    if (leaders != 1) Broken(area.code(), " has ", leaders, " leaders long after the healing");
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

  // The marks of the courier are those of the commits that named a cause.
  void CheckInbox(Node& node, Area area, const std::string& name) {
    std::map<std::string, std::pair<uint64_t, uint32_t>> expected;
    for (const History::Entry& entry : histories_[area.index()].accepted) {
      const auto& commit = entry.record.commit();
      if (!commit.has_cause()) continue;
      auto& mark = expected[commit.cause().area()];
      mark = std::max(mark, std::make_pair(commit.cause().seq(), commit.cause().index()));
    }
    for (const auto& [source, mark] : expected) {
      auto held = node.cell(area).InboxMark("courier", "bank", *Area::FromCode(source));
      if (!held.ok() || held->seq() != mark.first || held->index() != mark.second) {
        Broken(name, ": the inbox mark of ", source, " is not that of its commits");
      }
    }
  }

  void CheckTimers(Area area, const std::string& name, absl::Time now) {
    for (const auto& [id, timer] : models_[area.index()].timers) {
      if (absl::FromUnixSeconds(timer.due_s) < now - absl::Seconds(3)) {
        Broken(name, ": timer ", id, " is long due and has not fired");
      }
    }
  }

  World& world_;
  std::string problem_;
  std::map<int, History> histories_;
  std::map<int, BankModel> models_;
  std::map<std::string, std::vector<testing::v1::Command>> commands_;
  std::vector<std::pair<std::string, std::string>> remittances_;
  std::map<std::pair<int, std::string>, uint64_t> seq_of_;
  // (area, owner) -> seq -> (version, pence).
  std::map<std::pair<int, std::string>, std::map<uint64_t, std::pair<uint64_t, int64_t>>> pence_at_;
};

// After the log was cut behind everybody's back: whoever has read more than it holds has stopped.
std::string CheckTruncated(World& world) {
  const Area area = world.plan().areas[0];
  const uint64_t epoch_seq = Read(world.broker(), area).seq;
  for (const auto& node : world.living()) {
    const engine::CellInfo info = node->cell(area).info();
    if (info.position.seq() > epoch_seq && info.state != "STOPPED") {
      return absl::StrCat(node->name(), " is ", info.state, " at seq ", info.position.seq(),
                          " of a log that ends at ", epoch_seq);
    }
    if (info.state == "STOPPED") PDP_MARK("stopped_truncated");
  }
  return "";
}

}  // namespace

std::string Check(World& world) {
  if (world.truncated()) return CheckTruncated(world);
  return Checker(world).Run();
}

}  // namespace pdp::sim
