#ifndef PDP_SERVICES_REFERRAL_TESTING_SERVICE_WORLD_H_
#define PDP_SERVICES_REFERRAL_TESTING_SERVICE_WORLD_H_

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "libs/base/calendar.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/cell.h"
#include "libs/engine/domain.h"
#include "libs/rpc/status.h"
#include "services/referral/domain/domain.h"
#include "services/referral/nat_reader.h"
#include "services/referral/public_events.h"
#include "services/referral/reference/shipped_catalogue.h"
#include "services/referral/service.h"
#include "services/referral/views.h"

// The service with its views and without its processes, for tests of queries: what happens is what
// the test sends. Hosts NAT and N56; runs on from 2025-09-01T09:00:00Z.
// Longer than the house rule because it is one fixture, with the story of a case up to each place
// at which a test begins.
namespace pdp::referral {

// Runs on with the machine's clock from where a test puts it.
class WorldClock final : public Clock {
 public:
  explicit WorldClock(absl::Time start) : ahead_(start - Clock::System().Now()) {}
  absl::Time Now() override {
    absl::MutexLock lock(&mutex_);
    return Clock::System().Now() + ahead_;
  }
  absl::Duration Steady() override { return Clock::System().Steady(); }
  void Advance(absl::Duration by) {
    absl::MutexLock lock(&mutex_);
    ahead_ += by;
  }

 private:
  absl::Mutex mutex_;
  absl::Duration ahead_ ABSL_GUARDED_BY(mutex_);
};

// Sections of a form that routes to TSP; `score` of 10,000 makes the difficulty. Days are
// YYYY-MM-DD.
inline std::vector<std::string> WholeForm(const std::string& crn, const std::string& today,
                                          const std::string& assessed_on, int score = 6200) {
  return {"person { name { family: 'F' } date_of_birth: '1990-01-01' sex: 'M' }",
          "contact { address: '1 High Street' }",
          "needs { written { language: 'en' formats: 'STANDARD' } interpreter { needed: NO } "
          "learning_difficulty { screening: 'NO' } reading { reads_simple_sentences: YES } "
          "access { step_free: NO hearing_loop: NO private_room: NO prayer_space: NO "
          "personal_care_space: NO quiet_space: NO } }",
          absl::StrCat("sentence { sentence_key: '", crn, "/1' confirmed_on: '", today, "' }"),
          "need_type { need: 'COGNITIVE' }",
          absl::StrCat("risk { assessed_on: '", assessed_on, "' ogrs3_bp: ", score,
                       " substance_stable: true acute_mh: false "
                       "items { i2_6: 1 i7_2: 1 i11_4: 1 i11_6: 1 i11_7: 1 } }"),
          "availability { has_fixed_times: NO }"};
}

class ServiceWorld : public ::testing::Test {
 protected:
  using Stub = v1::ReferralService::Stub;

  // `more` adds processes before the start, for tests of what they do; `log`: "embedded" for one
  // that can be restarted.
  explicit ServiceWorld(std::function<void(host::ServiceHost&)> more = nullptr,
                        const std::string& log = "memory")
      : more_(std::move(more)),
        folder_(std::filesystem::temp_directory_path() /
                absl::StrCat("pdp_referral_", CommandId(Random::System().Bytes(16)).hex())) {
    std::filesystem::create_directories(folder_);
    const std::string kek = folder_ / "kek";
    std::ofstream(kek) << std::string(64, 'a') << "\n";
    std::filesystem::permissions(kek, std::filesystem::perms::owner_read |
                                          std::filesystem::perms::owner_write);
    options_.areas = {*Area::FromCode("N56"), Area::Nat()};
    options_.data_dir = folder_ / "data";
    options_.kek_file = kek;
    options_.log = log;
    Start();
  }
  ~ServiceWorld() override {
    host_->Stop();
    std::filesystem::remove_all(folder_);
  }

  void Start() {
    host_ = std::make_unique<host::ServiceHost>(options_, engine::MakeDomain<ReferralDomain>(),
                                                ToPublic, clock_);
    AddViews(*host_);
    if (more_) more_(*host_);
    host_->AddGrpcService(std::make_unique<ReferralServiceImpl>(*host_));
    EXPECT_OK(host_->Start());
    stub_ = v1::ReferralService::NewStub(grpc::CreateChannel(
        absl::StrCat("127.0.0.1:", host_->port()), grpc::InsecureChannelCredentials()));
  }
  // Only on an embedded log.
  void Restart() {
    host_->Stop();
    host_.reset();
    Start();
  }

  static common::v1::Actor Actor(const std::string& role, const std::string& org = "") {
    common::v1::Actor actor;
    actor.set_id(absl::StrCat("staff-", role));
    actor.add_roles(role);
    actor.set_organisation(org);
    return actor;
  }
  // Sends a command; "" when accepted, else the reason.
  std::string Send(const char* area, const std::string& role, const v1::Command& command,
                   const std::string& org = "") {
    v1::ExecuteRequest request;
    request.mutable_header()->set_command_id(Random::System().Bytes(16));
    *request.mutable_header()->mutable_actor() = Actor(role, org);
    request.set_area(area);
    *request.mutable_command() = command;
    grpc::ClientContext context;
    reply_.Clear();
    const grpc::Status status = stub_->Execute(&context, request, &reply_);
    return status.ok() ? "" : Reason(status);
  }
  std::string Send(const char* area, const std::string& role, const std::string& text,
                   const std::string& org = "") {
    v1::Command command;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &command)) << text;
    return Send(area, role, command, org);
  }
  // In NAT; the people of `org` may not see the person (REF-90).
  void Exclude(const std::string& crn, const std::string& org) {
    EXPECT_EQ(Send("NAT", "DP",
                   absl::StrCat("restrict_access { crn: '", crn,
                                "' list: 'EXCLUDED' entries { org: '", org, "' } reason: 'r' }")),
              "");
  }
  // Whom a search found, in its order.
  static std::vector<std::string> Crns(const v1::SearchReply& reply) {
    std::vector<std::string> crns;
    for (const v1::SearchHit& hit : reply.hits()) crns.push_back(hit.crn());
    return crns;
  }
  static std::string Reason(const grpc::Status& status) {
    const auto details = rpc::FromStatus(status);
    return details.ok() && !details->reason.empty() ? details->reason : status.error_message();
  }
  // The fields that VALIDATION_FAILED names, as `code at field`.
  static std::vector<std::string> Faults(const grpc::Status& status) {
    std::vector<std::string> faults;
    const auto details = rpc::FromStatus(status);
    if (!details.ok()) return faults;
    for (const auto& violation : details->violations) {
      faults.push_back(absl::StrCat(violation.code, " at ", violation.field));
    }
    return faults;
  }
  // A query as of everything that was sent.
  template <typename Request, typename Reply>
  grpc::Status Ask(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                   Request request, Reply* reply) {
    for (const Area area : host_->areas()) {
      *request.mutable_read()->add_min_position() = host_->cell(area)->position();
    }
    grpc::ClientContext context;
    reply->Clear();
    return (stub_.get()->*method)(&context, request, reply);
  }

  void Later(absl::Duration by) {
    clock_.Advance(by);
    for (const Area area : host_->areas()) host_->cell(area)->Wake();
  }
  std::string Day(int from_today) {
    return FormatDate(LocalDate(clock_.Now()) + from_today);
  }
  // A man with a community order of 30 days of rehabilitation activity.
  void Register(const std::string& crn, const std::string& family, const std::string& given,
                const std::string& more_requirements = "") {
    EXPECT_EQ(Send("NAT", "RO",
                   absl::StrCat("register_person { crn: '", crn,
                                "' home_area: 'N56' pdu: 'N56ESX' identity { name { family: '",
                                absl::CEscape(family), "' given: '", absl::CEscape(given),
                                "' } sex: 'M' date_of_birth: '1990-01-01' } }")),
              "");
    EXPECT_EQ(Send("NAT", "CF",
                   absl::StrCat("register_sentence { crn: '", crn,
                                "' event_no: 1 order_type: '201' sentenced_on: '", Day(-60),
                                "' end_on: '", Day(700),
                                "' area: 'N56' offences { code: 'O1' main: true sexual: MARK_NO "
                                "extremism: MARK_NO domestic_abuse: MARK_NO } requirements { no: 1 "
                                "kind: 'RAR' length: 30 unit: 'DAYS' imposed_on: '",
                                Day(-60), "' } ", more_requirements, " }")),
              "");
  }
  std::string Open(const std::string& crn, const std::string& role = "RO") {
    EXPECT_EQ(Send("N56", role,
                   absl::StrCat("open_referral { crn: '", crn,
                                "' line: 'PROGRAMME' need: 'COGNITIVE' pdu: 'N56ESX' "
                                "sentence_key: '", crn, "/1' requirement_key: '", crn, "/1/1' }")),
              "");
    return reply_.reply().open_referral().referral_id();
  }
  void Save(const std::string& id, const std::string& section) {
    EXPECT_EQ(Send("N56", "RO", absl::StrCat("save_section { referral_id: '", id, "' section { ",
                                             section, " } }")),
              "");
  }
  std::string Submit(const std::string& crn, int score = 6200,
                     const std::string& slot_override = "") {
    const std::string id = Open(crn);
    for (const std::string& section : WholeForm(crn, Day(0), Day(-10), score)) Save(id, section);
    EXPECT_EQ(Send("N56", "RO", absl::StrCat("submit_referral { referral_id: '", id, "' ",
                                             slot_override, " }")),
              "");
    return id;
  }
  void Decide(const std::string& id, const std::string& crn) {
    v1::Command command;
    v1::DecideRoute* decide = command.mutable_decide_route();
    decide->set_referral_id(id);
    ASSERT_OK_AND_ASSIGN(*decide->mutable_facts(),
                         NatReader(*host_).Facts(crn, absl::StrCat(crn, "/1")));
    *decide->mutable_catalogue() = ShippedCatalogue();
    EXPECT_EQ(Send("N56", "SYS", command), "");
  }
  void Offer(const std::string& id, int round, const std::string& org) {
    EXPECT_EQ(Send("N56", "SYS",
                   absl::StrCat("record_offer { referral_id: '", id, "' round: ", round,
                                " apportionment_id: '", id, "/", round, "' org: '", org, "' }")),
              "");
  }
  void Accept(const std::string& id, int round, const std::string& org) {
    EXPECT_EQ(Send("N56", "PV",
                   absl::StrCat("accept_offer { referral_id: '", id, "' round: ", round, " }"),
                   org),
              "");
  }
  // Held by `org`.
  std::string Accepted(const std::string& crn, const std::string& org, int score = 6200) {
    const std::string id = Submit(crn, score);
    Decide(id, crn);
    Offer(id, 1, org);
    Accept(id, 1, org);
    return id;
  }
  std::string Fact(const std::string& id, const std::string& kind, const std::string& org,
                   int day = 0) {
    return Send("N56", "SYS",
                absl::StrCat("record_delivery_fact { referral_id: '", id, "' kind: ", kind,
                             " on: '", Day(day), "' org: '", org,
                             "' source_service: 'programmes' source_event_id: '", id, kind, "' }"));
  }

  // 2025-09-01T09:00:00Z, a Monday.
  WorldClock clock_{absl::FromUnixSeconds(1'756'717'200)};
  const std::function<void(host::ServiceHost&)> more_;
  std::filesystem::path folder_;
  host::Options options_;
  std::unique_ptr<host::ServiceHost> host_;
  std::unique_ptr<Stub> stub_;
  v1::ExecuteReply reply_;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_TESTING_SERVICE_WORLD_H_
