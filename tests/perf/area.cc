// pdp-bench-area: one area at its full size, in process. Imports a synthetic caseload from a file
// into a referral service with an embedded log on disk, gives some of the people cases, and prints
//
//   the rate of the import against that of one durable command (aim: at least a third), and
//   p50 and p99 of every query at 16 callers (aim: p99 of 10 ms or less).
//
//   pdp-bench-area [--people N] [--cases N] [--seconds N] [--callers N] [--only QUERY,QUERY...]
//
// By tests/perf/area, which builds it for release.

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "libs/base/calendar.h"
#include "libs/base/check.h"
#include "libs/base/random.h"
#include "libs/base/timestamp.h"
#include "libs/engine/cell.h"
#include "libs/engine/domain.h"
#include "services/referral/domain/domain.h"
#include "services/referral/nat_reader.h"
#include "services/referral/processes/court_requirements.h"
#include "services/referral/public_events.h"
#include "services/referral/reference/shipped_catalogue.h"
#include "services/referral/service.h"
#include "services/referral/views.h"
#include "tests/perf/load.h"
#include "tools/demo/caseload.h"
#include "tools/pdpctl/arguments.h"
#include "tools/pdpctl/caseload.h"

namespace pdp::perf {
namespace {

namespace rv1 = referral::v1;

struct Options {
  uint64_t people = 60'000;
  // How many of them get a referral by form, decided and most of them placed.
  uint64_t cases = 6'000;
  int seconds = 3;
  int callers = 16;
  // Names of queries, separated by commas; empty: all.
  std::string only;
};

constexpr char kArea[] = "N56";
constexpr int kOrganisations = 8;
constexpr int kFillers = 16;

demo::CaseloadOptions Caseload() {
  demo::CaseloadOptions options;
  options.today = LocalDate(absl::Now());
  return options;
}

common::v1::Actor Actor(const std::string& role, const std::string& org = "") {
  common::v1::Actor actor;
  actor.set_id("bench");
  actor.add_roles(role);
  actor.set_organisation(org);
  return actor;
}

class Area {
 public:
  explicit Area(const Options& options) : options_(options) {
    std::string name = (std::filesystem::temp_directory_path() / "pdp_area_XXXXXX").string();
    folder_ = mkdtemp(name.data());
    std::ofstream(folder_ + "/kek") << absl::BytesToHexString(Random::System().Bytes(32)) << "\n";
    std::filesystem::permissions(folder_ + "/kek", std::filesystem::perms::owner_read);
    host::Options host;
    host.areas = {*pdp::Area::FromCode(kArea), pdp::Area::Nat()};
    host.data_dir = folder_ + "/data";
    host.kek_file = folder_ + "/kek";
    host_ = std::make_unique<host::ServiceHost>(
        host, engine::MakeDomain<referral::ReferralDomain>(), referral::ToPublic);
    referral::AddViews(*host_);
    host_->AddProcess([this](pdp::Area area) -> std::unique_ptr<projection::Process> {
      if (area.is_nat()) return nullptr;
      return std::make_unique<referral::CourtRequirements>(*host_);
    });
    host_->AddGrpcService(std::make_unique<referral::ReferralServiceImpl>(*host_));
    const absl::Status started = host_->Start();
    PDP_CHECK(started.ok(), started.ToString());
    address_ = absl::StrCat("127.0.0.1:", host_->port());
    channel_ = grpc::CreateChannel(address_, grpc::InsecureChannelCredentials());
  }
  ~Area() {
    host_->Stop();
    std::filesystem::remove_all(folder_);
  }

  // Commands a second.
  double Import() {
    const std::string file = folder_ + "/caseload.ndjson";
    std::ofstream out(file);
    for (uint64_t n = 0; n < options_.people; ++n) {
      std::string text;
      (void)google::protobuf::util::MessageToJsonString(
          demo::ToLine(demo::MakePerson(Caseload(), n)), &text);
      out << text << "\n";
    }
    out.close();
    pdpctl::Arguments arguments;
    arguments.options["target"] = address_;
    pdpctl::CaseloadOptions import;
    import.area = kArea;
    import.file = file;
    import.progress = isatty(STDERR_FILENO) != 0;
    for (const char* role : {"RO", "AA", "CF", "DP"}) import.actor.add_roles(role);
    const auto result = pdpctl::ImportCaseload(arguments, import, std::cout, std::cerr);
    PDP_CHECK(result.ok() && result->faulty == 0, result.status().ToString());
    return result->commands / absl::ToDoubleSeconds(result->took);
  }

  // The durable command of the benchmark table, at as many callers as the import has lines.
  double CommandRate() {
    LoadOptions load;
    load.method = "/pdp.referral.v1.ReferralService/Execute";
    load.callers = 128;
    load.window = absl::Seconds(options_.seconds);
    load.request = [this](uint64_t n) {
      rv1::Command command;
      auto* risk = command.mutable_record_risk();
      *risk = demo::MakePerson(Caseload(), n % options_.people).risk;
      risk->mutable_risk()->set_summary(absl::StrCat("Assessed anew, number ", n));
      return Request("NAT", "RO", "", command).SerializeAsString();
    };
    const LoadResult result = RunLoad(channel_, load);
    PDP_CHECK(result.errors == 0, result.first_error);
    return result.calls_per_second;
  }

  // Everybody whose order is rehabilitation activity alone may be referred by form.
  void OpenCases() {
    std::atomic<uint64_t> next{0}, opened{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < kFillers; ++i) {
      threads.emplace_back([&] {
        const auto stub = rv1::ReferralService::NewStub(channel_);
        for (uint64_t n = next++; n < options_.people && opened < options_.cases; n = next++) {
          const demo::SyntheticPerson person = demo::MakePerson(Caseload(), n);
          if (person.sentence.requirements_size() != 1) continue;
          Case(*stub, person, opened++);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    AwaitQuiet();
    std::printf("%lu cases by form\n", std::min(opened.load(), options_.cases));
  }

  void Queries() {
    std::printf("\n| query              | a second | p50 ms | p99 ms |\n"
                "|--------------------|----------|--------|--------|\n");
    FindIds();
    const auto official = Actor("AM");
    const auto provider = Actor("PV", "ORG-1");
    const auto crn = [this](uint64_t n) {
      return absl::StrCat("T", 100000 + n % options_.people);
    };
    const auto board = [&](const char* method) {
      Measure(method, [&](uint64_t) {
        rv1::BoardRequest request;
        request.set_area(kArea);
        *request.mutable_actor() = official;
        return request.SerializeAsString();
      });
    };
    Measure("GetPerson", [&](uint64_t n) {
      rv1::GetPersonRequest request;
      request.set_crn(crn(n));
      *request.mutable_actor() = official;
      return request.SerializeAsString();
    });
    Measure("GetPerson", [&](uint64_t n) {
      rv1::GetPersonRequest request;
      request.set_crn(crn(n));
      request.set_at_version(1);
      *request.mutable_actor() = official;
      return request.SerializeAsString();
    }, "GetPerson then");
    Measure("GetSentence", [&](uint64_t n) {
      rv1::GetSentenceRequest request;
      request.set_sentence_key(crn(n) + "/1");
      *request.mutable_actor() = official;
      return request.SerializeAsString();
    });
    const auto referral = [&](uint64_t n, bool then) {
      rv1::GetReferralRequest request;
      request.set_area(kArea);
      request.set_referral_id(ids_[n % ids_.size()]);
      if (then) *request.mutable_as_at() = ToTimestamp(absl::Now());
      *request.mutable_actor() = official;
      return request.SerializeAsString();
    };
    Measure("GetReferral", [&](uint64_t n) { return referral(n, false); });
    Measure("GetReferral", [&](uint64_t n) { return referral(n, true); }, "GetReferral then");
    Measure("History", [&](uint64_t n) {
      rv1::HistoryRequest request;
      request.set_area(kArea);
      request.set_aggregate_id("referral/" + ids_[n % ids_.size()]);
      *request.mutable_actor() = official;
      return request.SerializeAsString();
    });
    Measure("DecisionExplain", [&](uint64_t n) {
      rv1::DecisionExplainRequest request;
      request.set_area(kArea);
      request.set_referral_id(ids_[n % ids_.size()]);
      *request.mutable_actor() = official;
      return request.SerializeAsString();
    });
    const auto cases = [&](const common::v1::Actor& actor, const std::string& route) {
      rv1::CaseListRequest request;
      request.set_area(kArea);
      request.set_route(route);
      *request.mutable_actor() = actor;
      return request.SerializeAsString();
    };
    Measure("CaseList", [&](uint64_t) { return cases(official, ""); });
    Measure("CaseList", [&](uint64_t) { return cases(provider, "TSP"); }, "CaseList provider");
    Measure("OfferInbox", [&](uint64_t n) {
      rv1::OfferInboxRequest request;
      request.set_area(kArea);
      *request.mutable_actor() = Actor("PV", absl::StrCat("ORG-", n % kOrganisations));
      return request.SerializeAsString();
    });
    Measure("DraftList", [&](uint64_t) {
      rv1::DraftListRequest request;
      request.set_area(kArea);
      *request.mutable_actor() = official;
      return request.SerializeAsString();
    });
    const auto search = [&](const std::string& text) {
      rv1::SearchRequest request;
      request.set_text(text);
      *request.mutable_actor() = official;
      return request.SerializeAsString();
    };
    Measure("Search", [&](uint64_t) { return search("ya"); }, "Search by name");
    Measure("Search", [&](uint64_t n) { return search(crn(n)); }, "Search by CRN");
    for (const char* method : {"SlaBoard", "UnplacedQueue", "ReturnQueue", "DuplicateTasks",
                               "EnforcementTasks", "QuarantinedCodes", "TransferInbox"}) {
      board(method);
    }
    Measure("MixBoard", [&](uint64_t n) {
      rv1::MixBoardRequest request;
      request.set_area(kArea);
      *request.mutable_actor() = n % 2 == 0 ? official : provider;
      return request.SerializeAsString();
    });
    Measure("OverrideBoard", [&](uint64_t) {
      rv1::OverrideBoardRequest request;
      request.set_area(kArea);
      *request.mutable_actor() = official;
      return request.SerializeAsString();
    });
    Measure("Performance", [&](uint64_t) {
      rv1::PerformanceRequest request;
      request.set_area(kArea);
      *request.mutable_actor() = official;
      return request.SerializeAsString();
    });
    Measure("ExportCaseload", [&](uint64_t) {
      rv1::ExportCaseloadRequest request;
      request.set_area(kArea);
      *request.mutable_actor() = official;
      return request.SerializeAsString();
    });
    std::printf("\nqueries with p99 over 10 ms: %s\n", slow_.empty() ? "none" : slow_.c_str());
  }

  // Until the views and the process of court requirements have nothing more to do.
  void AwaitQuiet() {
    uint64_t seen = 0;
    for (absl::Time since = absl::Now(); absl::Now() < since + absl::Seconds(2);) {
      uint64_t seqs = 0;
      common::v1::ReadOptions all;
      for (const pdp::Area area : host_->areas()) {
        *all.add_min_position() = host_->cell(area)->position();
        seqs += host_->cell(area)->position().seq();
      }
      (void)host_->WaitFor(all, absl::Now() + absl::Minutes(10));
      if (seqs != seen) since = absl::Now();
      seen = seqs;
      absl::SleepFor(absl::Milliseconds(50));
    }
  }

 private:
  static rv1::ExecuteRequest Request(const std::string& area, const std::string& role,
                                     const std::string& org, const rv1::Command& command) {
    rv1::ExecuteRequest request;
    request.mutable_header()->set_command_id(Random::System().Bytes(16));
    *request.mutable_header()->mutable_actor() = Actor(role, org);
    request.set_area(area);
    *request.mutable_command() = command;
    return request;
  }
  static bool Send(rv1::ReferralService::Stub& stub, const std::string& role,
                   const std::string& org, const rv1::Command& command, rv1::ExecuteReply* reply) {
    grpc::ClientContext context;
    return stub.Execute(&context, Request(kArea, role, org, command), reply).ok();
  }
  static bool Send(rv1::ReferralService::Stub& stub, const std::string& role,
                   const std::string& org, const std::string& text) {
    rv1::Command command;
    PDP_CHECK(google::protobuf::TextFormat::ParseFromString(text, &command), text);
    rv1::ExecuteReply reply;
    return Send(stub, role, org, command, &reply);
  }

  // Of eight: one stays a draft, one undecided, one offered, one declined, four accepted, of which
  // one has started.
  void Case(rv1::ReferralService::Stub& stub, const demo::SyntheticPerson& person,
            uint64_t number) {
    rv1::Command open;
    auto* form = open.mutable_open_referral();
    form->set_crn(person.crn);
    form->set_line("PROGRAMME");
    form->set_need("COGNITIVE");
    form->set_sentence_key(person.crn + "/1");
    form->set_requirement_key(person.crn + "/1/1");
    rv1::ExecuteReply reply;
    if (!Send(stub, "RO", "", open, &reply)) return;
    const std::string id = reply.reply().open_referral().referral_id();
    const uint64_t fate = number % 8;
    if (fate == 0) return;
    const std::string today = FormatDate(LocalDate(absl::Now()));
    const auto& identity = person.person.identity();
    for (const std::string& section : std::vector<std::string>{
             absl::StrCat("person { name { family: '", identity.name().family(),
                          "' } date_of_birth: '", identity.date_of_birth(), "' sex: '",
                          identity.sex(), "' }"),
             "contact { address: '1 Example Street' }",
             "needs { written { language: 'en' formats: 'STANDARD' } interpreter { needed: NO } "
             "learning_difficulty { screening: 'NO' } reading { reads_simple_sentences: YES } "
             "maturity { screening: 'OK' } women_programme { delivery_choice: 'NO_PREFERENCE' "
             "female_facilitator: 'NOT_WANTED' } barriers { none_identified: true strengths: "
             "'work' } access { step_free: NO hearing_loop: NO private_room: NO prayer_space: NO "
             "personal_care_space: NO quiet_space: NO } }",
             absl::StrCat("sentence { sentence_key: '", person.crn, "/1' confirmed_on: '", today,
                          "' }"),
             "need_type { need: 'COGNITIVE' }",
             absl::StrCat("risk { assessed_on: '", today,
                          "' ogrs3_bp: 6200 substance_stable: true acute_mh: false items { i2_6: "
                          "1 i7_2: 1 i11_4: 1 i11_6: 1 i11_7: 1 } }"),
             "availability { has_fixed_times: NO }"}) {
      Send(stub, "RO", "", absl::StrCat("save_section { referral_id: '", id, "' section { ",
                                        section, " } }"));
    }
    if (!Send(stub, "RO", "", absl::StrCat("submit_referral { referral_id: '", id, "' }"))) return;
    if (fate == 1) return;
    rv1::Command decide;
    decide.mutable_decide_route()->set_referral_id(id);
    const auto facts = referral::NatReader(*host_).Facts(person.crn, person.crn + "/1");
    if (!facts.ok()) return;
    *decide.mutable_decide_route()->mutable_facts() = *facts;
    *decide.mutable_decide_route()->mutable_catalogue() = referral::ShippedCatalogue();
    if (!Send(stub, "SYS", "", decide, &reply)) return;
    const std::string org = absl::StrCat("ORG-", number / 8 % kOrganisations);
    const std::string round = absl::StrCat("referral_id: '", id, "' round: 1");
    if (!Send(stub, "SYS", "", absl::StrCat("record_offer { ", round, " apportionment_id: '", id,
                                            "/1' org: '", org, "' }"))) {
      return;
    }
    if (fate == 2) return;
    if (fate == 3) {
      Send(stub, "PV", org, absl::StrCat("decline_offer { ", round, " code: 'UNSAFE' }"));
      return;
    }
    Send(stub, "PV", org, absl::StrCat("accept_offer { ", round, " }"));
    if (fate != 4) return;
    Send(stub, "SYS", "",
         absl::StrCat("record_delivery_fact { referral_id: '", id, "' kind: STARTED on: '", today,
                      "' org: '", org, "' source_service: 'programmes' source_event_id: '", id,
                      "' }"));
  }

  void FindIds() {
    const auto stub = rv1::ReferralService::NewStub(channel_);
    rv1::CaseListRequest request;
    request.set_area(kArea);
    request.set_route("TSP");
    *request.mutable_actor() = Actor("AM");
    request.mutable_page()->set_page_size(200);
    rv1::CaseListReply reply;
    grpc::ClientContext context;
    PDP_CHECK(stub->CaseList(&context, request, &reply).ok(), "the cases");
    for (const rv1::CaseRow& row : reply.cases()) ids_.push_back(row.referral_id());
    PDP_CHECK(!ids_.empty(), "no case was routed");
  }

  void Measure(const std::string& method, const std::function<std::string(uint64_t)>& request,
               const std::string& label = "") {
    const std::string& name = label.empty() ? method : label;
    const std::vector<std::string> only = absl::StrSplit(options_.only, ',', absl::SkipEmpty());
    if (!only.empty() && std::find(only.begin(), only.end(), name) == only.end()) return;
    LoadOptions load;
    load.method = "/pdp.referral.v1.ReferralService/" + method;
    load.callers = options_.callers;
    load.window = absl::Seconds(options_.seconds);
    load.warm_up = absl::Milliseconds(500);
    load.request = request;
    const LoadResult result = RunLoad(channel_, load);
    PDP_CHECK(result.errors == 0, absl::StrCat(name, ": ", result.first_error));
    std::printf("| %-18s | %8.0f | %6.2f | %6.2f |\n", name.c_str(), result.calls_per_second,
                result.p50_ms, result.p99_ms);
    std::fflush(stdout);
    if (result.p99_ms > 10) absl::StrAppend(&slow_, slow_.empty() ? "" : ", ", name);
  }

  const Options options_;
  std::string folder_, address_, slow_;
  std::unique_ptr<host::ServiceHost> host_;
  std::shared_ptr<grpc::Channel> channel_;
  std::vector<std::string> ids_;
};

int Main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    const std::string value = i + 1 < argc ? argv[++i] : "";
    uint64_t number = 0;
    const bool fits = absl::SimpleAtoi(value, &number) && number > 0 && number <= 500'000;
    if (fits && arg == "--people") {
      options.people = number;
    } else if (fits && arg == "--cases") {
      options.cases = number;
    } else if (fits && arg == "--seconds") {
      options.seconds = static_cast<int>(number);
    } else if (fits && arg == "--callers") {
      options.callers = static_cast<int>(number);
    } else if (arg == "--only") {
      options.only = value;
    } else {
      std::fprintf(stderr, "pdp-bench-area: '%s %s' is no option\n", arg.c_str(), value.c_str());
      return 2;
    }
  }
  Area area(options);
  const double import = area.Import();
  area.AwaitQuiet();
  const double command = area.CommandRate();
  std::printf("durable command: %.0f a second; import / durable command: %.2f (aim 0.33)\n",
              command, import / command);
  area.OpenCases();
  area.Queries();
  return 0;
}

}  // namespace
}  // namespace pdp::perf

int main(int argc, char** argv) { return pdp::perf::Main(argc, argv); }
