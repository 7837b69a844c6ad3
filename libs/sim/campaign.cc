#include "libs/sim/campaign.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "libs/base/check.h"
#include "libs/base/mark.h"
#include "libs/sim/simulation.h"

namespace pdp::sim {
namespace {

struct Child {
  pid_t pid = 0;
  int out = -1;
};

void WriteAll(int out, const std::string& text) {
  for (size_t done = 0; done < text.size();) {
    const ssize_t wrote = write(out, text.data() + done, text.size() - done);
    if (wrote <= 0) _exit(3);
    done += static_cast<size_t>(wrote);
  }
}

// One line a fact: what the parent reads. An exception ends the child: it must not go on as if it
// were the parent.
[[noreturn]] void PlayAsChild(const Repertoire& repertoire, uint64_t from, uint64_t count,
                              int out) noexcept {
  const std::map<std::string, uint64_t> before = Mark::All();
  Counts all;
  std::map<std::string, std::map<std::string, uint64_t>> plays;
  for (uint64_t seed = from; seed < from + count; ++seed) {
    WriteAll(out, absl::StrCat("at ", seed, "\n"));
    const Report report = Simulate(repertoire, seed);
    all.Add(report.counts);
    auto& play = plays[report.play];
    ++play["seeds"];
    for (const auto& [name, count] : report.tally) play[name] += count;
    if (report.problem.empty()) continue;
    const std::string problem = absl::StrReplaceAll(report.problem, {{"\n", " "}});
    WriteAll(out, absl::StrCat("failed ", problem, "\n"));
  }
  std::string end = absl::StrCat("counts ", all.commands, " ", all.attempts, " ", all.crashes, " ",
                                 all.failovers, " ", all.steps, "\n");
  for (const auto& [name, hits] : Mark::All()) {
    const auto was = before.find(name);
    absl::StrAppend(&end, "mark ", name, " ", hits - (was == before.end() ? 0 : was->second), "\n");
  }
  for (const auto& [play, tally] : plays) {
    for (const auto& [name, n] : tally) {
      absl::StrAppend(&end, "play ", play, " ", n, " ", name, "\n");
    }
  }
  WriteAll(out, end);
  _exit(0);
}

Child Start(const Repertoire& repertoire, uint64_t from, uint64_t count) {
  int ends[2];
  PDP_CHECK(pipe(ends) == 0, "a pipe");
  std::cout.flush();
  const pid_t pid = fork();
  PDP_CHECK(pid >= 0, "a process");
  if (pid == 0) {
    close(ends[0]);
    PlayAsChild(repertoire, from, count, ends[1]);
  }
  close(ends[1]);
  return {.pid = pid, .out = ends[0]};
}

void Finish(const Child& child, CampaignReport* report) {
  std::string text;
  char piece[4096];
  for (ssize_t got; (got = read(child.out, piece, sizeof(piece))) > 0;) {
    text.append(piece, static_cast<size_t>(got));
  }
  close(child.out);
  int status = 0;
  PDP_CHECK(waitpid(child.pid, &status, 0) == child.pid, "the end of a child");
  uint64_t at = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    const std::vector<std::string> words = absl::StrSplit(parts.second, ' ');
    const auto number = [&](size_t i) {
      uint64_t value = 0;
      PDP_CHECK(i < words.size() && absl::SimpleAtoi(words[i], &value), "a child's report");
      return value;
    };
    if (parts.first == "at") {
      at = number(0);
      ++report->seeds;
    } else if (parts.first == "failed") {
      report->failures.push_back({at, std::string(parts.second), false});
    } else if (parts.first == "counts") {
      report->counts.Add({.commands = number(0), .attempts = number(1), .crashes = number(2),
                          .failovers = number(3), .steps = number(4)});
    } else if (parts.first == "mark") {
      report->marks[words[0]] += number(1);
    } else if (parts.first == "play") {
      const std::string name = absl::StrJoin(words.begin() + 2, words.end(), " ");
      report->plays[words[0]][name] += number(1);
    }
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    report->failures.push_back({at, absl::StrCat("the process ended with status ", status), true});
  }
}

}  // namespace

std::string CampaignReport::Summary() const {
  std::string text = absl::StrCat(seeds, " seeds, ", counts.commands, " commands in ",
                                  counts.attempts, " attempts, ", counts.crashes, " crashes, ",
                                  counts.failovers, " failovers, ", counts.steps, " steps, ",
                                  failures.size(), " failures\n");
  for (const auto& [play, tally] : plays) {
    size_t events = 0, emitted = 0;
    for (const auto& [name, count] : tally) {
      if (!absl::StartsWith(name, "event ")) continue;
      ++events;
      emitted += count;
    }
    absl::StrAppend(&text, "  ", play, ":");
    for (const auto& [name, count] : tally) {
      if (!absl::StartsWith(name, "event ")) absl::StrAppend(&text, " ", count, " ", name, ",");
    }
    absl::StrAppend(&text, " ", emitted, " events of ", events, " types\n");
  }
  for (const auto& [name, hits] : marks) absl::StrAppend(&text, "  ", name, " ", hits, "\n");
  return text;
}

CampaignReport RunCampaign(const Campaign& campaign) {
  CampaignReport report;
  std::deque<Child> running;
  const uint64_t end = campaign.from + campaign.seeds;
  uint64_t next = campaign.from;
  // Children are heard in the order of their seeds, so that the same seeds give the same report.
  while (next < end || !running.empty()) {
    while (next < end && running.size() < static_cast<size_t>(campaign.processes) &&
           report.failures.size() < campaign.failures_max) {
      const uint64_t count = std::min(campaign.seeds_per_process, end - next);
      running.push_back(Start(campaign.repertoire, next, count));
      next += count;
    }
    if (running.empty()) break;
    Finish(running.front(), &report);
    running.pop_front();
  }
  return report;
}

}  // namespace pdp::sim
