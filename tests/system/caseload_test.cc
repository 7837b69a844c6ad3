// An area's caseload from a file into a real service and back: faults named line by line, nothing
// twice whoever is killed, and what is exported imports again to the same.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/client.h"
#include "pdp/common/v1/admin_service.grpc.pb.h"
#include "tests/backup/tool.h"
#include "tests/system/processes.h"
#include "tools/demo/caseload.h"

namespace pdp::system_test {
namespace {

using backup_test::RunTool;
using backup_test::Said;
using Strings = std::vector<std::string>;

std::string JsonOf(const referral::v1::CaseloadLine& line) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  (void)google::protobuf::util::MessageToJsonString(line, &text, options);
  return text;
}

referral::v1::CaseloadLine Person(uint64_t n) {
  // The same people on both sides of a midnight.
  static const Date first_day = LocalDate(absl::Now());
  demo::CaseloadOptions options;
  options.today = first_day;
  return demo::ToLine(demo::MakePerson(options, n));
}

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class CaseloadFileTest : public ::testing::Test {
 protected:
  CaseloadFileTest() { Begin(); }
  // A new service that knows nobody.
  void Begin() {
    Processes::Options options;
    options.services = {"referral"};
    processes_ = std::make_unique<Processes>(options);
    EXPECT_OK(processes_->StartAll());
  }
  std::string Write(const std::string& name, const Strings& lines) {
    const std::string path = absl::StrCat(processes_->dir(), "/", name);
    std::ofstream file(path);
    for (const std::string& line : lines) file << line << "\n";
    return path;
  }
  Said Do(Strings words) {
    words.insert(words.end(), {"--dir", processes_->dir(), "--area", "N56"});
    return RunTool("pdpctl", words);
  }
  uint64_t SeqOfNat() {
    const auto channel = rpc::MakeChannel(rpc::AddressFromDir(processes_->dir(), "referral"));
    if (!channel.ok()) return 0;
    grpc::ClientContext context;
    common::v1::ListCellsReply reply;
    (void)common::v1::Admin::NewStub(*channel)->ListCells(&context, {}, &reply);
    for (const auto& cell : reply.cells()) {
      if (cell.area() == "NAT") return cell.position().seq();
    }
    return 0;
  }
  // Once what the imported requirements set off has been done too.
  uint64_t QuietSeqOfNat() {
    uint64_t seq = SeqOfNat();
    const absl::Time give_up = absl::Now() + absl::Seconds(60);
    for (absl::Time since = absl::Now(); absl::Now() < since + absl::Seconds(1);) {
      const uint64_t now = SeqOfNat();
      if (now != seq) since = absl::Now();
      seq = now;
      if (absl::Now() > give_up) {
        ADD_FAILURE() << "the service does not come to rest";
        break;
      }
    }
    return seq;
  }
  // Starts an import and returns once the service has taken some of its commands.
  pid_t BeginImport(const std::string& file) {
    const uint64_t before = SeqOfNat();
    const std::string binary = absl::StrCat(PDP_BINARY_DIR, "/bin/pdpctl");
    const std::string dir = processes_->dir(), output = dir + "/import.out";
    const pid_t pid = fork();
    if (pid == 0) {
      (void)!freopen(output.c_str(), "w", stdout);
      execl(binary.c_str(), binary.c_str(), "import", "--dir", dir.c_str(), "--area", "N56",
            "--file", file.c_str(), "--callers", "8", nullptr);
      _exit(127);
    }
    const absl::Time give_up = absl::Now() + absl::Seconds(30);
    while (SeqOfNat() < before + 50 && absl::Now() < give_up) {
    }
    return pid;
  }
  static int Await(pid_t pid) {
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  Strings Exported(const std::string& name = "out.ndjson") {
    const std::string path = absl::StrCat(processes_->dir(), "/", name);
    const Said said = Do({"export", "--file", path});
    EXPECT_EQ(said.code, 0) << said.text;
    return absl::StrSplit(TextOf(path), '\n', absl::SkipEmpty());
  }
  static Strings People(uint64_t count) {
    Strings lines;
    for (uint64_t n = 0; n < count; ++n) lines.push_back(JsonOf(Person(n)));
    return lines;
  }
  // The file and what the service has are the same people, whatever the spelling.
  static void ExpectSame(const Strings& given, const Strings& exported) {
    ASSERT_EQ(exported.size(), given.size());
    for (size_t i = 0; i < given.size(); ++i) {
      referral::v1::CaseloadLine one, other;
      ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(given[i], &one).ok());
      ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(exported[i], &other).ok());
      // What external codes and named programmes stand for is derived (REF-20, REF-24).
      for (referral::v1::CaseloadLine* line : {&one, &other}) {
        for (auto& sentence : *line->mutable_sentences()) {
          for (auto& requirement : *sentence.mutable_requirements()) {
            requirement.clear_kind();
            requirement.clear_named_route();
          }
        }
      }
      EXPECT_EQ(one.DebugString(), other.DebugString());
    }
  }
  std::unique_ptr<Processes> processes_;
};

TEST_F(CaseloadFileTest, GoodLinesGoOnAndEveryFaultIsInTheReportUnderItsLine) {
  Strings lines = People(6);
  lines[1] = "{\"person\": {\"crn\"";
  referral::v1::CaseloadLine bad = Person(2);
  bad.mutable_person()->mutable_identity()->set_sex("X");
  bad.mutable_sentences(0)->set_sentenced_on("yesterday");
  lines[2] = JsonOf(bad);
  lines[3] = "";
  bad = Person(4);
  bad.mutable_person()->set_home_area("N07");
  lines[4] = JsonOf(bad);
  const std::string path = Write("caseload.ndjson", lines);
  const Said said = Do({"import", "--file", path});
  EXPECT_EQ(said.code, 1) << said.text;
  EXPECT_TRUE(absl::StrContains(said.text, "5 lines: 2 registered, 3 with faults (4 faults), see "))
      << said.text;
  EXPECT_TRUE(absl::StrContains(said.text, " commands a second")) << said.text;
  const Strings report = absl::StrSplit(TextOf(path + ".report"), '\n', absl::SkipEmpty());
  ASSERT_EQ(report.size(), 5u) << TextOf(path + ".report");
  const Strings begins = {"line 2       -        LINE_MALFORMED",
                          "line 3       T100002  UNKNOWN_CODE                 person.identity.sex",
                          "line 3       T100002  DATE_MALFORMED               "
                          "sentences[0].sentenced_on",
                          "line 5       T100004  AREA_MISMATCH                person.home_area"};
  for (size_t i = 0; i < begins.size(); ++i) {
    EXPECT_TRUE(absl::StartsWith(report[i], begins[i])) << report[i];
  }
  EXPECT_EQ(report[4], "5 lines: 2 registered, 3 with faults (4 faults)");
  ExpectSame({lines[0], lines[5]}, Exported());
}

TEST_F(CaseloadFileTest, AnImportThatWasKilledIsBegunAgainAndNothingIsDoneTwice) {
  const Strings lines = People(300);
  const std::string path = Write("caseload.ndjson", lines);
  const pid_t pid = BeginImport(path);
  kill(pid, SIGKILL);
  EXPECT_EQ(Await(pid), -1) << "it was over before it could be killed";
  const Said said = Do({"import", "--file", path});
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_TRUE(absl::StrContains(said.text, "300 lines: 300 registered, 0 with faults"))
      << said.text;
  EXPECT_FALSE(absl::StrContains(said.text, " 0 of them repeats")) << said.text;
  ExpectSame(lines, Exported());
  // A third time: all of it is a repeat, and the log does not grow.
  const uint64_t before = QuietSeqOfNat();
  const Said third = Do({"import", "--file", path});
  EXPECT_EQ(third.code, 0) << third.text;
  const Strings words = absl::StrSplit(third.text.substr(third.text.find('\n') + 1), ' ');
  EXPECT_EQ(words[0], words[2]) << "commands and repeats: " << third.text;
  EXPECT_EQ(QuietSeqOfNat(), before);
}

TEST_F(CaseloadFileTest, AServiceKilledUnderAnImportIsWaitedFor) {
  const Strings lines = People(300);
  const std::string path = Write("caseload.ndjson", lines);
  const pid_t pid = BeginImport(path);
  processes_->Kill("referral");
  EXPECT_OK(processes_->Start("referral"));
  EXPECT_EQ(Await(pid), 0) << TextOf(processes_->dir() + "/import.out");
  ExpectSame(lines, Exported());
  EXPECT_OK(processes_->StopAll());
}

TEST_F(CaseloadFileTest, AnExportImportsIntoAnotherServiceToTheSameBytes) {
  const Said said = Do({"import", "--file", Write("caseload.ndjson", People(40))});
  ASSERT_EQ(said.code, 0) << said.text;
  const Strings first = Exported();
  EXPECT_OK(processes_->StopAll());
  Begin();
  const Said again = Do({"import", "--file", Write("caseload.ndjson", first)});
  ASSERT_EQ(again.code, 0) << again.text;
  EXPECT_EQ(Exported(), first);
}

TEST_F(CaseloadFileTest, AFullDiskIsSaidAndLeavesNoPartForTheWhole) {
  Strings lines = People(3);
  lines[1] = "{";
  const std::string path = Write("caseload.ndjson", lines);
  const Said import = Do({"import", "--file", path, "--report", "/dev/full"});
  EXPECT_EQ(import.code, 1) << import.text;
  EXPECT_TRUE(absl::StrContains(import.text, "not every fault could be written to /dev/full"))
      << import.text;
  // What could be done is done; again, with room for the report.
  const Said again = Do({"import", "--file", path});
  EXPECT_TRUE(absl::StrContains(again.text, "3 lines: 2 registered, 1 with faults (1 faults)"))
      << again.text;
  EXPECT_FALSE(absl::StrContains(again.text, " 0 of them repeats")) << again.text;
  EXPECT_TRUE(absl::StrContains(TextOf(path + ".report"), "LINE_MALFORMED"));
  const std::string out = Write("out.ndjson", {"of before"});
  std::filesystem::create_symlink("/dev/full", out + ".part");
  const Said exported = Do({"export", "--file", out});
  EXPECT_EQ(exported.code, 1) << exported.text;
  EXPECT_TRUE(absl::StrContains(exported.text, "cannot write " + out)) << exported.text;
  EXPECT_EQ(TextOf(out), "of before\n");
  EXPECT_FALSE(std::filesystem::is_symlink(out + ".part"));
}

TEST_F(CaseloadFileTest, AnotherPersonUnderTheSameCrnIsRefused) {
  ASSERT_EQ(Do({"import", "--file", Write("caseload.ndjson", People(1))}).code, 0);
  referral::v1::CaseloadLine other = Person(0);
  other.mutable_person()->mutable_identity()->mutable_name()->set_family("Another");
  const std::string path = Write("other.ndjson", {JsonOf(other)});
  EXPECT_EQ(Do({"import", "--file", path}).code, 1);
  EXPECT_TRUE(absl::StrContains(TextOf(path + ".report"), "PERSON_EXISTS                person"))
      << TextOf(path + ".report");
  ExpectSame(People(1), Exported());
}

TEST_F(CaseloadFileTest, WrongCallsSayWhatToDo) {
  const struct {
    Strings words;
    const char* says;
  } table[] = {{{"import"}, "import needs --file"},
               {{"export"}, "export needs --file"},
               {{"import", "--file", "/no/such"}, "cannot read /no/such"},
               {{"import", "more", "--file", "x"}, "the form is: pdpctl import --area"},
               {{"import", "--file", "x", "--callers", "0"}, "--callers is a number from 1"}};
  for (const auto& row : table) {
    const Said said = Do(row.words);
    EXPECT_EQ(said.code, 2) << row.says;
    EXPECT_TRUE(absl::StrContains(said.text, row.says)) << said.text;
  }
  const Said area = RunTool("pdpctl", {"import", "--file", "x", "--area", "N99"});
  EXPECT_TRUE(absl::StrContains(area.text, "'N99' is no area")) << area.text;
}

}  // namespace
}  // namespace pdp::system_test
