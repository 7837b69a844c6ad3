#include "libs/sim/checks.h"

#include <algorithm>

#include "libs/base/mark.h"
#include "libs/view/archive.h"

namespace pdp::sim {

using log::v1::Record;

Checks::Checks(World& world) : world_(world) {
  for (const Area area : world.plan().areas) {
    History& history = histories_[area.index()] = ReadHistory(world.broker(), area);
    for (const History::Entry& entry : history.accepted) {
      if (!entry.record.has_commit()) continue;
      seq_of_[{area.index(), entry.record.commit().command_id()}] = entry.record.seq();
    }
  }
}

void Checks::CheckHistories() {
  for (const auto& [area, history] : histories_) {
    if (!history.problem.empty()) Broken(history.problem);
  }
}

void Checks::CheckCommitted(const Attempt& attempt, const engine::Committed& committed) {
  const auto& position = committed.outcome.position();
  // Nothing to do, or done long ago: no record of its own is meant.
  if (committed.outcome.events_size() == 0) return;
  const History& history = histories_[attempt.area.index()];
  if (position.seq() == 0 || position.seq() > history.accepted.size()) {
    return Broken("acknowledged and lost: op ", attempt.op, " at seq ", position.seq());
  }
  const Record& record = history.accepted[position.seq() - 1].record;
  if (record.commit().command_id() != attempt.command_id || record.epoch() != position.epoch()) {
    return Broken("acknowledged and lost: op ", attempt.op, " at ", position.epoch(), "/",
                  position.seq(), ", where another record stands");
  }
  if (history.accepted[position.seq() - 1].at > *attempt.answered_at) {
    return Broken("op ", attempt.op, " was acknowledged before it was in the log");
  }
  bool same = committed.outcome.events_size() == record.commit().events_size() &&
              committed.reply_bytes == record.commit().reply();
  for (int i = 0; same && i < record.commit().events_size(); ++i) {
    const auto& told = committed.outcome.events(i);
    const auto& event = record.commit().events(i);
    same = told.aggregate_id() == event.aggregate_id() && told.version() == event.version() &&
           told.type() == event.type();
  }
  if (!same) Broken("op ", attempt.op, " was answered with other events than it caused");
}

void Checks::CheckAnswers() {
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
    if (done != nullptr) CheckCommitted(attempt, *done);
  }
  for (const auto& [id, of] : seen) {
    if (of.only_not_written && seq_of_.contains({of.area.index(), id})) {
      Broken("every attempt was answered \"not written\", and it is in the log at seq ",
             seq_of_[{of.area.index(), id}]);
    }
  }
}

void Checks::CheckReplicas(Area area) {
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
      Broken(name, " is at seq ", info.position.seq(), " of ", last_commit, " (", info.state, " ",
             info.reason, ") long after everything was healed");
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
    CheckInbox(*node, area, name);
  }
  if (leaders != 1) Broken(area.code(), " has ", leaders, " leaders long after the healing");
}

// The marks of the processes are those of the commits that named a cause.
void Checks::CheckInbox(Node& node, Area area, const std::string& name) {
  std::map<std::tuple<std::string, std::string, std::string>, std::pair<uint64_t, uint32_t>>
      expected;
  for (const History::Entry& entry : histories_[area.index()].accepted) {
    const auto& commit = entry.record.commit();
    if (!commit.has_cause()) continue;
    const log::v1::Cause& cause = commit.cause();
    auto& mark = expected[{cause.process(), cause.service(), cause.area()}];
    mark = std::max(mark, std::make_pair(cause.seq(), cause.index()));
  }
  for (const auto& [source, mark] : expected) {
    const auto& [process, service, from] = source;
    auto held = node.cell(area).InboxMark(process, service, *Area::FromCode(from));
    if (!held.ok() || held->seq() != mark.first || held->index() != mark.second) {
      Broken(name, ": the inbox mark of ", process, " for ", from, " is not that of its commits");
    }
  }
}

std::string CheckTruncated(World& world) {
  const Area area = world.plan().areas[0];
  const uint64_t end = ReadHistory(world.broker(), area).seq;
  for (const auto& node : world.living()) {
    const engine::CellInfo info = node->cell(area).info();
    if (info.position.seq() > end && info.state != "STOPPED") {
      return absl::StrCat(node->name(), " is ", info.state, " at seq ", info.position.seq(),
                          " of a log that ends at ", end);
    }
    if (info.state == "STOPPED") PDP_MARK("stopped_truncated");
  }
  return "";
}

}  // namespace pdp::sim
