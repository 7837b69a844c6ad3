// Views rebuilt from the log are, byte for byte, those they replace: every projection of every
// service, and what the cells keep, after the whole journey of a case.

#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "libs/base/status_macros.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/client.h"
#include "libs/rpc/status.h"
#include "pdp/common/v1/admin_service.grpc.pb.h"
#include "tests/backup/tables.h"
#include "tests/backup/tool.h"
#include "tests/system/world.h"
#include "tools/demo/area.h"

namespace pdp::backup_test {
namespace {

using system_test::Processes;
using system_test::World;
using Tables = std::map<std::string, Rows>;
using Projections = std::vector<common::v1::ProjectionInfo>;

constexpr int kRoundsMax = 4;
constexpr const char* kServices[] = {"subcontractor", "referral", "programmes", "unpaid_work"};

absl::StatusOr<Projections> ProjectionsOf(const std::string& dir, const std::string& service) {
  ASSIGN_OR_RETURN(const auto channel, rpc::MakeChannel(rpc::AddressFromDir(dir, service)));
  grpc::ClientContext context;
  common::v1::ListProjectionsReply reply;
  const grpc::Status status =
      common::v1::Admin::NewStub(channel)->ListProjections(&context, {}, &reply);
  if (!status.ok()) return rpc::ToAbsl(status);
  return Projections(reply.projections().begin(), reply.projections().end());
}

bool CaughtUp(const Projections& projections) {
  for (const auto& projection : projections) {
    if (projection.checkpoint_seq() < projection.head_seq()) return false;
  }
  return true;
}

// The seqs of all areas together.
uint64_t Seqs(const Projections& projections) {
  std::map<std::string, uint64_t> heads;
  for (const auto& one : projections) heads[one.area()] = one.head_seq();
  uint64_t sum = 0;
  for (const auto& [area, head] : heads) sum += head;
  return sum;
}

// Waits until the archive has stood still for a while and every projection has all of it.
absl::Status AwaitQuiet(const std::string& dir, const std::string& service) {
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  uint64_t seqs = 0;
  absl::Time since = absl::Now();
  while (absl::Now() < deadline) {
    const auto projections = ProjectionsOf(dir, service);
    if (!projections.ok() || Seqs(*projections) != seqs || !CaughtUp(*projections)) {
      if (projections.ok()) seqs = Seqs(*projections);
      since = absl::Now();
    }
    if (seqs > 0 && absl::Now() > since + absl::Milliseconds(1500)) return absl::OkStatus();
    absl::SleepFor(absl::Milliseconds(20));
  }
  return absl::DeadlineExceededError(service + " does not come to rest");
}

void KeepKeysOf(const Rows& wanted, Rows& rows) {
  for (auto it = rows.begin(); it != rows.end();) {
    it = wanted.count(it->first) == 0 ? rows.erase(it) : std::next(it);
  }
}

class RebuildTest : public ::testing::Test {
 protected:
  static World& world() {
    static World* world = new World;
    return *world;
  }
  static void SetUpTestSuite() {
    ASSERT_OK(world().Open(demo::kChapterCount - 1));
    demo::AreaOptions area;
    area.people = 40;
    area.callers = 4;
    area.progress = false;
    area.first_day = world().OptionsOf("").first_day;
    ASSERT_OK(demo::RegisterCaseload(world().platform().referral, area));
  }
  static void TearDownTestSuite() { EXPECT_OK(world().Close()); }

  std::string Path(const std::string& service, const std::string& name) const {
    return absl::StrCat(world().processes().dir(), "/", name, "-", service);
  }
  // Of the world's processes, or of others.
  void Take(const std::string& service, const std::string& name, const std::string& views,
            const std::string& dir = world().processes().dir()) {
    const Said said = RunTool("pdpctl", {service, "backup", Path(service, name), "--views", views,
                                         "--keys", Path(service, "keys"), "--dir", dir});
    ASSERT_EQ(said.code, 0) << said.text;
  }
  // All services, on the logs of the backups `name` and nothing else, until they have caught up.
  absl::Status StartFrom(const std::string& name, Processes& again) {
    // The same keys open both.
    std::filesystem::copy_file(world().processes().dir() + "/kek", again.dir() + "/kek",
                               std::filesystem::copy_options::overwrite_existing);
    for (const std::string service : kServices) {
      const Said said = RunTool(
          "pdpctl", {service, "restore", Path(service, name), "--keys", Path(service, "keys"),
                     "--to", absl::StrCat(again.dir(), "/", service)});
      if (said.code != 0) return absl::InternalError(said.text);
      RETURN_IF_ERROR(again.Start(service));
    }
    for (const std::string service : kServices) RETURN_IF_ERROR(AwaitQuiet(again.dir(), service));
    return absl::OkStatus();
  }
};

TEST_F(RebuildTest, EveryProjectionOfEveryServiceBuiltBesideTheLiveOneIsTheSameBytes) {
  int compared = 0, empty = 0;
  size_t rows = 0;
  for (const std::string service : kServices) {
    Take(service, "before", "yes");
    ASSERT_OK_AND_ASSIGN(const Projections projections,
                         ProjectionsOf(world().processes().dir(), service));
    std::set<std::string> names;
    for (const auto& projection : projections) names.insert(projection.name());
    for (const std::string& name : names) {
      const Said said = RunTool("pdpctl", {service, "rebuild", name, "--dir",
                                           world().processes().dir()});
      ASSERT_EQ(said.code, 0) << said.text;
    }
    Take(service, "after", "yes");
    ASSERT_OK_AND_ASSIGN(const Tables before, ReadViews(Path(service, "before") + "/views"));
    ASSERT_OK_AND_ASSIGN(const Tables after, ReadViews(Path(service, "after") + "/views"));
    for (const std::string& name : names) {
      const std::string table = "p." + name;
      ASSERT_EQ(before.count(table), 1u) << table;
      // Rows are only moved to the new build: it is another table, or this compares nothing.
      EXPECT_NE(before.at("meta").at("projection/" + name + "/live"),
                after.at("meta").at("projection/" + name + "/live"));
      EXPECT_EQ(Difference(before.at(table), after.at(table)), "") << service << " " << name;
      ++compared;
      empty += before.at(table).empty() ? 1 : 0;
      rows += before.at(table).size();
      std::printf("%-14s %-24s %5zu rows\n", service.c_str(), name.c_str(),
                  before.at(table).size());
    }
  }
  std::printf("%d projections of 4 services, %zu rows, rebuilt to the same bytes\n", compared,
              rows);
  EXPECT_GE(compared, 4 * 2);
  // A journey and a small caseload leave few views without a row; equal emptiness shows little.
  EXPECT_LE(4 * empty, compared) << empty << " of " << compared << " tables are empty";
}

// What the services show follows from their logs alone. Processes have lost their marks and read
// their sources again; what they find to do then is new history. So the measure is a restored
// platform that has come to rest, and the one restored from the log of that.
TEST_F(RebuildTest, AServiceRestoredFromItsLogAloneHasTheSameViews) {
  for (const std::string service : kServices) Take(service, "log", "no");
  std::vector<std::unique_ptr<Processes>> rounds;
  std::map<std::string, std::string> different;
  for (int round = 1; round <= kRoundsMax; ++round) {
    rounds.push_back(std::make_unique<Processes>(
        Processes::Options{.services = {std::begin(kServices), std::end(kServices)}}));
    Processes& now = *rounds.back();
    ASSERT_OK(StartFrom(round == 1 ? "log" : absl::StrCat("log", round - 1), now));
    for (const std::string service : kServices) {
      Take(service, absl::StrCat("log", round), "no", now.dir());
    }
    ASSERT_OK(now.StopAll());
    if (round == 1) continue;
    different.clear();
    for (const std::string service : kServices) {
      const std::string views = absl::StrCat("/", service, "/views");
      ASSERT_OK_AND_ASSIGN(Tables before, ReadViews(rounds[round - 2]->dir() + views));
      ASSERT_OK_AND_ASSIGN(Tables after, ReadViews(now.dir() + views));
      int tables = 0;
      for (auto& [name, expected] : before) {
        if (name == "meta" || name == "default") continue;  // where one stands, not what it shows
        if (name == "archive") KeepKeysOf(expected, after[name]);  // less the newest epoch
        const std::string difference = Difference(expected, after[name]);
        if (!difference.empty()) different[absl::StrCat(service, " ", name)] = difference;
        ++tables;
      }
      EXPECT_GE(tables, 6 + 2) << service;
    }
    if (different.empty()) return;
  }
  for (const auto& [table, difference] : different) ADD_FAILURE() << table << "\n" << difference;
}

}  // namespace
}  // namespace pdp::backup_test
