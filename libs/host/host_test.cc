#include "libs/host/host.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"
#include "libs/base/hash.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/base/timestamp.h"
#include "libs/engine/cell.h"
#include "libs/engine/domain.h"
#include "libs/host/kek.h"
#include "libs/projection/pulse.h"
#include "libs/host/testing/branch.h"
#include "libs/projection/testing/clinic.h"
#include "pdp/common/v1/admin_service.grpc.pb.h"
#include "pdp/common/v1/feed_service.grpc.pb.h"

namespace pdp::host {
namespace {

using clinic::Branch;
using clinic::Clinic;
using clinic::Follower;
using clinic::People;
using clinic::v1::PersonRow;
using ::pdp::testing::StatusIs;

const Area kN56 = *Area::FromCode("N56");

class HostTest : public ::testing::Test {
 protected:
  HostTest()
      : folder_(std::filesystem::temp_directory_path() /
                absl::StrCat("pdp_host_", CommandId(Random::System().Bytes(16)).hex())) {
    std::filesystem::create_directories(folder_);
    WriteKek(std::string(64, 'a'), 0600);
  }
  ~HostTest() override { std::filesystem::remove_all(folder_); }

  void WriteKek(const std::string& text, mode_t mode) {
    std::ofstream(Path("kek"), std::ios::trunc) << text << "\n";
    ::chmod(Path("kek").c_str(), mode);
  }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

  Options MakeOptions() const {
    Options options;
    options.areas = {kN56, Area::Nat()};
    options.data_dir = Path("data");
    options.kek_file = Path("kek");
    options.port_file = Path("port");
    options.peer_dir = Path("peers");
    return options;
  }
  std::unique_ptr<ServiceHost> StartBranch() {
    Options options = MakeOptions();
    options.data_dir = Path("branch");
    options.port_file.clear();
    auto host = std::make_unique<ServiceHost>(options, engine::MakeDomain<Branch>(),
                                              clinic::ToPublic);
    host->AddProjection(std::make_unique<People>());
    host->AddProcess([](Area) { return std::make_unique<Follower>("clinic"); });
    EXPECT_OK(host->Start());
    return host;
  }
  std::unique_ptr<ServiceHost> Start(bool follower = false) {
    auto host = std::make_unique<ServiceHost>(MakeOptions(), engine::MakeDomain<Clinic>(),
                                              clinic::ToPublic);
    host->AddProjection(std::make_unique<People>());
    if (follower) host->AddProcess([](Area) { return std::make_unique<Follower>("clinic"); });
    EXPECT_OK(host->Start());
    return host;
  }

  static engine::CommandOutcome Register(ServiceHost& host, const std::string& crn,
                                         const std::string& name) {
    clinic::v1::Command command;
    command.mutable_register_person()->set_crn(crn);
    command.mutable_register_person()->set_name(name);
    engine::CommandRequest request;
    request.header.set_command_id(std::string(DerivedCommandId(crn, name).bytes()));
    request.command = std::make_shared<clinic::v1::Command>(command);
    request.deadline = Soon();
    return host.cell(kN56)->Execute(std::move(request));
  }
  static common::v1::ReadOptions At(const engine::CommandOutcome& outcome) {
    common::v1::ReadOptions read;
    *read.add_min_position() = std::get<engine::Committed>(outcome.result).outcome.position();
    return read;
  }
  // Log time of the newest event of the feed.
  static absl::Time LastRecordedAt(const ServiceHost& host) {
    auto feed = common::v1::EventFeed::NewStub(host.peer("clinic"));
    common::v1::SubscribeRequest request;
    request.add_after()->set_area("N56");
    absl::Time newest = absl::InfinitePast();
    const absl::Time give_up = Soon();
    while (newest == absl::InfinitePast() && Clock::System().Now() < give_up) {
      grpc::ClientContext context;
      auto stream = feed->Subscribe(&context, request);
      common::v1::SubscribeReply reply;
      while (stream->Read(&reply) && reply.has_event()) {
        newest = FromTimestamp(reply.event().time());
      }
      context.TryCancel();
      (void)stream->Finish();
    }
    return newest;
  }
  static absl::Time Soon() { return Clock::System().Now() + absl::Seconds(20); }
  static std::string NameOf(const ServiceHost& host, const std::string& crn) {
    PersonRow row;
    const auto found = host.rows("people").Get(kN56, crn, &row);
    EXPECT_OK(found);
    return found.ok() && *found ? row.name() : "(none)";
  }

  const std::filesystem::path folder_;
};

TEST_F(HostTest, ARehearsalLivesInThePastUntilItsLogHasComeOutOfIt) {
  const auto rehearse = [&](int days_behind, const std::string& crn) {
    Options options = MakeOptions();
    options.days_behind = days_behind;
    ServiceHost host(options, engine::MakeDomain<Clinic>(), clinic::ToPublic);
    EXPECT_OK(host.Start());
    const absl::Duration behind = Clock::System().Now() - host.clock().Now();
    EXPECT_GE(behind, absl::Hours(24) * days_behind);
    EXPECT_LT(behind, absl::Hours(24) * days_behind + absl::Hours(1));
    EXPECT_TRUE(Register(host, crn, "Ann").committed());
    EXPECT_OK(host.CatchUp(kN56, absl::Seconds(20)));
    const absl::Time logged = LastRecordedAt(host);
    host.Stop();
    return Clock::System().Now() - logged;
  };
  EXPECT_GE(rehearse(30, "X1"), absl::Hours(24 * 30));
  EXPECT_LT(rehearse(0, "X2"), absl::Hours(1));
  EXPECT_LT(rehearse(30, "X3"), absl::Hours(1));
}

TEST_F(HostTest, ACommandIsReadBackFromTheViewsAndSurvivesARestart) {
  {
    auto host = Start();
    const auto outcome = Register(*host, "X1", "Ann");
    ASSERT_TRUE(outcome.committed());
    ASSERT_OK(host->WaitFor(At(outcome), Soon()));
    EXPECT_EQ(NameOf(*host, "X1"), "Ann");
    host->Stop();
  }
  auto host = Start();
  EXPECT_EQ(NameOf(*host, "X1"), "Ann");
  const auto again = Register(*host, "X1", "Ann");
  ASSERT_TRUE(again.committed());
  EXPECT_TRUE(std::get<engine::Committed>(again.result).outcome.duplicate());
}

// A wait that needed a query thread to end would never end when all of them wait.
TEST_F(HostTest, AllQueryThreadsMayWaitAtOnce) {
  auto host = Start();
  ASSERT_TRUE(Register(*host, "X1", "Ann").committed());
  common::v1::ReadOptions next;
  next.add_min_position()->set_area("N56");
  next.mutable_min_position(0)->set_seq(host->cell(kN56)->position().seq() + 1);
  constexpr int kWaits = 32;
  absl::Mutex mutex;
  std::vector<absl::Status> ends;
  for (int i = 0; i < kWaits; ++i) {
    ASSERT_OK(host->RunQuery([&] {
      absl::Status end = host->WaitFor(next, Soon());
      absl::MutexLock lock(&mutex);
      ends.push_back(std::move(end));
    }));
  }
  ASSERT_TRUE(Register(*host, "X2", "Bea").committed());
  const auto all_ended = [&] { return ends.size() == kWaits; };
  absl::MutexLock lock(&mutex);
  ASSERT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&all_ended), absl::Seconds(20)));
  for (const absl::Status& end : ends) EXPECT_OK(end);
}

TEST_F(HostTest, PortFilesLeadToAServingProcessAndFollowItToAnotherPort) {
  const Peers peers({}, Path("peers"));
  grpc::ClientContext early;
  common::v1::ListCellsReply cells;
  EXPECT_EQ(peers.Stub<common::v1::Admin>("clinic")->ListCells(&early, {}, &cells).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  for (int life = 0; life < 2; ++life) {
    auto host = Start();
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    cells.Clear();
    const grpc::Status status =
        peers.Stub<common::v1::Admin>("clinic")->ListCells(&context, {}, &cells);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_EQ(cells.cells_size(), 2);
    EXPECT_EQ(cells.cells(0).state(), "LEADING");
    EXPECT_EQ(peers.address("clinic"), absl::StrCat("127.0.0.1:", host->port()));
    int port = 0;
    std::ifstream(Path("port")) >> port;
    EXPECT_EQ(port, host->port());
  }
}

TEST_F(HostTest, AProcessFollowsTheServicesOwnEvents) {
  auto host = Start(/*follower=*/true);
  ASSERT_TRUE(Register(*host, "X1", "Ann").committed());
  const absl::Time until = Soon();
  common::v1::Position third;
  third.set_area("N56");
  third.set_seq(host->cell(kN56)->position().seq() + 1);
  common::v1::ReadOptions read;
  *read.add_min_position() = third;
  ASSERT_OK(host->WaitFor(read, until));
  EXPECT_EQ(NameOf(*host, "X1c"), "copy");
}

TEST_F(HostTest, AProcessFollowsAPeerThatStartsLaterAndComesBackElsewhere) {
  auto branch = StartBranch();
  uint64_t known = 0;
  for (const char* crn : {"X1", "X2"}) {
    auto clinic = Start();
    ASSERT_TRUE(Register(*clinic, crn, "Ann").committed());
    common::v1::ReadOptions read;
    read.add_min_position()->set_area("N56");
    read.mutable_min_position(0)->set_seq(++known);
    ASSERT_OK(branch->WaitFor(read, Soon()));
    EXPECT_EQ(NameOf(*branch, absl::StrCat(crn, "c")), "copy");
  }
}

// What a process sees of its host: a peer is asked by the name of a method, whatever has to answer.
TEST_F(HostTest, AProcessReadsItsOwnCellsAndAsksPeersByTheNameOfAMethod) {
  const auto host = Start();
  const projection::Surroundings& here = *host;
  EXPECT_EQ(here.reader(*Area::FromCode("N07")), nullptr);
  ASSERT_TRUE(Register(*host, "T1", "Ann").committed());
  EXPECT_EQ(here.reader(kN56)->position().seq(), 1u);
  ASSERT_OK_AND_ASSIGN(const auto read,
                       here.reader(kN56)->ReadState(AggregateId("person", "T1")));
  EXPECT_EQ(read.version, Version(1));
  ASSERT_OK_AND_ASSIGN(const auto cells,
                       here.Ask<common::v1::ListCellsReply>(
                           "clinic", "/pdp.common.v1.Admin/ListCells",
                           common::v1::ListCellsRequest()));
  EXPECT_TRUE(cells.ok());
  EXPECT_EQ(cells.reply.cells_size(), 2);
  common::v1::FindCommandRequest shapeless;
  shapeless.set_area("N56");
  ASSERT_OK_AND_ASSIGN(const auto refused,
                       here.Ask<common::v1::FindCommandReply>(
                           "clinic", "/pdp.common.v1.Admin/FindCommand", shapeless));
  EXPECT_EQ(refused.refusal, "INVALID_ARGUMENT");
  EXPECT_THAT(here.Ask<common::v1::ListCellsReply>("nobody", "/pdp.common.v1.Admin/ListCells",
                                                   common::v1::ListCellsRequest())
                  .status(),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(HostTest, AdminShowsRecordsCommandsProjectionsAndVerifiesTheLog) {
  auto host = Start();
  const auto outcome = Register(*host, "X1", "Annabella-Unmistakable");
  ASSERT_TRUE(outcome.committed());
  ASSERT_OK(host->WaitFor(At(outcome), Soon()));
  auto admin = common::v1::Admin::NewStub(host->peer("clinic"));

  common::v1::ReadRecordsRequest records;
  records.set_area("N56");
  common::v1::ReadRecordsReply read;
  grpc::ClientContext c1;
  const grpc::Status first = admin->ReadRecords(&c1, records, &read);
  ASSERT_TRUE(first.ok()) << first.error_code() << " " << first.error_message();
  // However often the cell has claimed, the commit comes last; each record names the one before.
  const int last = read.records_size() - 1;
  ASSERT_GE(last, 1);
  EXPECT_EQ(read.records(0).kind(), "EpochStarted");
  EXPECT_EQ(read.records(last).command_type(), "RegisterPerson");
  EXPECT_EQ(read.records(last).events(0).type(), "PersonRegistered");
  for (int i = 1; i <= last; ++i) {
    EXPECT_EQ(read.records(i).prev_hash_hex(), read.records(i - 1).hash_hex());
  }
  EXPECT_EQ(read.DebugString().find("Annabella"), std::string::npos);

  common::v1::FindCommandRequest find;
  find.set_area("N56");
  find.set_command_id(std::string(DerivedCommandId("X1", "Annabella-Unmistakable").bytes()));
  common::v1::FindCommandReply found;
  grpc::ClientContext c2;
  ASSERT_TRUE(admin->FindCommand(&c2, find, &found).ok());
  EXPECT_TRUE(found.found());
  EXPECT_EQ(found.record().hash_hex(), read.records(last).hash_hex());
  EXPECT_EQ(found.projections_size(), 2) << "people and public have passed it";

  common::v1::VerifyLogRequest verify;
  verify.set_area("N56");
  common::v1::VerifyLogReply verified;
  grpc::ClientContext c3;
  ASSERT_TRUE(admin->VerifyLog(&c3, verify, &verified).ok());
  EXPECT_TRUE(verified.intact()) << verified.finding();
  EXPECT_EQ(verified.records(), static_cast<uint64_t>(read.records_size()));
  EXPECT_EQ(verified.hash_hex(), read.records(last).hash_hex());

  common::v1::RebuildProjectionRequest rebuild;
  rebuild.set_name("people");
  grpc::ClientContext c4;
  auto stream = admin->RebuildProjection(&c4, rebuild);
  common::v1::RebuildProgress progress;
  bool switched = false;
  while (stream->Read(&progress)) switched = progress.switched();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_TRUE(switched);
  EXPECT_EQ(NameOf(*host, "X1"), "Annabella-Unmistakable");

  verify.set_area("N07");
  grpc::ClientContext c5;
  EXPECT_EQ(admin->VerifyLog(&c5, verify, &verified).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(HostTest, AKeyFileThatOthersMayReadOrThatHoldsNoKeyIsRefused) {
  WriteKek(std::string(64, 'a'), 0644);
  EXPECT_THAT(ReadKek(Path("kek")), StatusIs(absl::StatusCode::kFailedPrecondition, "chmod 600"));
  WriteKek("short", 0600);
  EXPECT_THAT(ReadKek(Path("kek")), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ReadKek(Path("none")), StatusIs(absl::StatusCode::kNotFound));
  WriteKek(std::string(64, 'a'), 0600);
  EXPECT_OK(ReadKek(Path("kek")));
}

TEST_F(HostTest, ASecondProcessOnTheSameDataDoesNotStart) {
  auto host = Start();
  ServiceHost second(MakeOptions(), engine::MakeDomain<Clinic>(), clinic::ToPublic);
  EXPECT_FALSE(second.Start().ok());
}

TEST_F(HostTest, StoppingWithAnOpenEventStreamDoesNotHang) {
  auto host = Start();
  ASSERT_TRUE(Register(*host, "X1", "Ann").committed());
  auto feed = common::v1::EventFeed::NewStub(host->peer("clinic"));
  common::v1::SubscribeRequest request;
  request.add_after()->set_area("N56");
  grpc::ClientContext context;
  auto stream = feed->Subscribe(&context, request);
  common::v1::SubscribeReply reply;
  ASSERT_TRUE(stream->Read(&reply));
  EXPECT_EQ(reply.event().type(), "pdp.clinic.v1.PersonKnown");
  host->Stop();
  while (stream->Read(&reply)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

// Runs the service as main does, until it is told to end once its port file is there.
[[noreturn]] void RunAndTerminate(const Options& options) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([&options] {
    projection::Pulse never;
    while (!std::filesystem::exists(options.port_file)) never.Await(0, absl::Milliseconds(10));
    ::kill(::getpid(), SIGTERM);
  }).detach();
  int code = 0;
  {
    ServiceHost host(options, engine::MakeDomain<Clinic>(), clinic::ToPublic);
    code = host.Run();
  }
  std::_Exit(code);
}

using HostDeathTest = HostTest;

TEST_F(HostDeathTest, SigtermDrainsAndEndsWithZero) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(RunAndTerminate(MakeOptions()), ::testing::ExitedWithCode(0),
              "draining after signal 15");
}

TEST_F(HostDeathTest, WhatPreventsTheStartIsOneLineAndExitCodeTwo) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  WriteKek(std::string(64, 'a'), 0644);
  EXPECT_EXIT(RunAndTerminate(MakeOptions()), ::testing::ExitedWithCode(2),
              "^pdp-clinic: --kek-file .* is open to others than its owner: chmod 600 it\n$");
}

}  // namespace
}  // namespace pdp::host
