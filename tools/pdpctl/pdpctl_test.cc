#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/server.h"
#include "libs/rpc/status.h"
#include "libs/rpc/testing/certificates.h"
#include "pdp/common/v1/admin_service.grpc.pb.h"
#include "pdp/common/v1/feed_service.grpc.pb.h"
#include "pdp/gateway/v1/gateway_service.grpc.pb.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "pdp/referral/v1/service.grpc.pb.h"
#include "tools/pdpctl/run.h"
#include "tools/pdpctl/service_types.h"
#include "tools/pdpctl/subject_bundle.h"
#include "tools/pdpctl/table.h"

namespace pdp::pdpctl {
namespace {

constexpr char kId[] = "00112233445566778899aabbccddeeff";

class FakeReferral final : public referral::v1::ReferralService::Service {
 public:
  grpc::Status Execute(grpc::ServerContext*, const referral::v1::ExecuteRequest* request,
                       referral::v1::ExecuteReply* reply) override {
    last = *request;
    if (request->command().has_accept_offer()) {
      return rpc::ToStatus(
          decider::ValidationFailed({{.code = "VALIDATION_FAILED", .field = "referral_id",
                                      .detail = "empty"},
                                     {.code = "VALIDATION_FAILED", .field = "round", .detail =
                                         "0"}}),
          "referral");
    }
    reply->mutable_outcome()->mutable_position()->set_seq(7);
    return grpc::Status::OK;
  }
  grpc::Status CaseList(grpc::ServerContext*, const referral::v1::CaseListRequest* request,
                        referral::v1::CaseListReply* reply) override {
    reply->add_cases()->set_referral_id(
        absl::StrCat(request->area(), " ", request->actor().id(), " ", request->actor().roles(0)));
    return grpc::Status::OK;
  }
  referral::v1::ExecuteRequest last;
};

class FakeAdmin final : public common::v1::Admin::Service {
 public:
  grpc::Status ListCells(grpc::ServerContext*, const common::v1::ListCellsRequest*,
                         common::v1::ListCellsReply* reply) override {
    auto* cell = reply->add_cells();
    cell->set_area("N56");
    cell->set_state("LEADING");
    cell->mutable_position()->set_seq(41);
    return grpc::Status::OK;
  }
  grpc::Status VerifyLog(grpc::ServerContext*, const common::v1::VerifyLogRequest* request,
                         common::v1::VerifyLogReply* reply) override {
    if (request->area() == "N50") {
      return rpc::ToStatus(absl::NotFoundError("area N50 is not hosted here"), "referral");
    }
    reply->set_intact(request->area() == "N56");
    if (!reply->intact()) reply->set_finding("record 3 does not hash to what record 4 says");
    return grpc::Status::OK;
  }
  grpc::Status RebuildProjection(grpc::ServerContext*,
                                 const common::v1::RebuildProjectionRequest* request,
                                 grpc::ServerWriter<common::v1::RebuildProgress>* writer) override {
    if (request->name() != "case_list") {
      return rpc::ToStatus(absl::NotFoundError("no projection " + request->name()), "referral");
    }
    common::v1::RebuildProgress progress;
    progress.set_total(4);
    for (int done : {2, 4}) {
      progress.set_done(done);
      progress.set_switched(done == 4);
      writer->Write(progress);
    }
    return grpc::Status::OK;
  }
  grpc::Status FindCommand(grpc::ServerContext*, const common::v1::FindCommandRequest* request,
                           common::v1::FindCommandReply* reply) override {
    if (absl::BytesToHexString(request->command_id()) != kId) return grpc::Status::OK;
    reply->set_found(true);
    auto* record = reply->mutable_record();
    record->mutable_position()->set_area(request->area());
    record->mutable_position()->set_epoch(2);
    record->mutable_position()->set_seq(5);
    record->set_hash_hex("abcd");
    record->set_prev_hash_hex("1234");
    record->set_bytes(612);
    record->set_command_type("RegisterPerson");
    record->add_events()->set_type("PersonRegistered");
    record->mutable_events(0)->set_aggregate_id("person/T000001");
    record->mutable_events(0)->set_version(1);
    for (const auto& [name, at] : {std::pair<const char*, int>{"case_list", 9}, {"search", 4}}) {
      auto* projection = reply->add_projections();
      projection->set_name(name);
      projection->set_area(request->area());
      projection->set_live_version(3);
      projection->set_checkpoint_seq(at);
    }
    return grpc::Status::OK;
  }
};

class FakeFeed final : public common::v1::EventFeed::Service {
 public:
  grpc::Status Subscribe(grpc::ServerContext*, const common::v1::SubscribeRequest* request,
                         grpc::ServerWriter<common::v1::SubscribeReply>* writer) override {
    common::v1::SubscribeReply reply;
    referral::v1::PublicEvent data;
    data.mutable_referral_offered()->set_org("ORG-A");
    for (uint64_t seq = 1; seq <= 3; ++seq) {
      if (seq <= request->after(0).seq()) continue;
      reply.mutable_event()->set_seq(seq);
      reply.mutable_event()->set_area(request->after(0).area());
      reply.mutable_event()->set_data(data.SerializeAsString());
      writer->Write(reply);
    }
    reply.mutable_caught_up();
    writer->Write(reply);
    return grpc::Status::OK;
  }
};

class FakeAllocations final : public gateway::v1::Allocations::Service {
 public:
  grpc::Status AcceptOffer(grpc::ServerContext* context,
                           const gateway::v1::AcceptOfferRequest* request,
                           gateway::v1::AcceptOfferReply* reply) override {
    request_ids.push_back(request->request_id());
    const auto header = context->client_metadata().find("authorization");
    authorization = header == context->client_metadata().end()
                        ? ""
                        : std::string(header->second.data(), header->second.size());
    reply->set_case_name("cases/N56-r1");
    return grpc::Status::OK;
  }
  std::vector<std::string> request_ids;
  std::string authorization;
};

class PdpctlTest : public ::testing::Test {
 protected:
  PdpctlTest() {
    server_.Add(&referral_);
    server_.Add(&admin_);
    server_.Add(&feed_);
    server_.Add(&allocations_);
    EXPECT_OK(server_.Start());
    rpc::testing::TestAuthority::Write(folder_.folder() + "/referral.port",
                                       absl::StrCat(server_.port(), "\n"));
    rpc::testing::TestAuthority::Write(folder_.folder() + "/gateway.port",
                                       absl::StrCat(server_.port(), "\n"));
  }
  // Runs against the fake service; fills out_ and err_.
  int Do(std::vector<std::string> args, const std::string& input = "") {
    args.insert(args.end(), {"--dir", folder_.folder()});
    return Bare(args, input);
  }
  int Bare(const std::vector<std::string>& args, const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out, err;
    const int code = pdpctl::Run(args, in, out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }
  FakeReferral referral_;
  FakeAdmin admin_;
  FakeFeed feed_;
  FakeAllocations allocations_;
  rpc::Server server_{rpc::ServerOptions{}};
  rpc::testing::TestAuthority folder_;
  std::string out_, err_;
};

TEST_F(PdpctlTest, SendsACommandWithWhoActsAndItsId) {
  EXPECT_EQ(Do({"referral", "exec", "NAT", R"({"RegisterPerson": {"crn": "X000001"}})", "--as",
      "ro-1",
                "--roles", "RO,AA", "--org", "PBN", "--command-id", kId, "--expected-version",
                    "3"}),
            0)
      << err_;
  const auto& header = referral_.last.header();
  EXPECT_EQ(referral_.last.command().register_person().crn(), "X000001");
  EXPECT_EQ(referral_.last.area(), "NAT");
  EXPECT_EQ(absl::BytesToHexString(header.command_id()), kId);
  EXPECT_EQ(header.actor().id(), "ro-1");
  EXPECT_EQ(header.actor().roles_size(), 2);
  EXPECT_EQ(header.actor().organisation(), "PBN");
  EXPECT_EQ(header.expected_version(), 3u);
  EXPECT_TRUE(absl::StrContains(out_, "\"seq\": \"7\"")) << out_;
  EXPECT_TRUE(absl::StrContains(err_, kId));
}

TEST_F(PdpctlTest, ReadsACommandFromItsInputAndMakesAnIdItself) {
  EXPECT_EQ(Do({"referral", "exec", "NAT", "-"}, R"({"register_person": {"crn": "X2"}})"),
      0) << err_;
  EXPECT_EQ(referral_.last.command().register_person().crn(), "X2");
  EXPECT_EQ(referral_.last.header().command_id().size(), 16u);
}

TEST_F(PdpctlTest, ARefusalPrintsReasonDetailAndEveryViolation) {
  EXPECT_EQ(Do({"referral", "exec", "N56", R"({"acceptOffer": {}})"}), 1);
  for (const char* text : {"referral refused: VALIDATION_FAILED", "referral_id: empty",
      "at round: 0"}) {
    EXPECT_TRUE(absl::StrContains(err_, text)) << text << "\n" << err_;
  }
}

TEST_F(PdpctlTest, AQueryIsAskedAsWhoActs) {
  EXPECT_EQ(Do({"referral", "query", "caseList", R"({"area": "N56"})", "--as", "aa-1", "--roles",
      "AA"}),
            0)
      << err_;
  EXPECT_TRUE(absl::StrContains(out_, "N56 aa-1 AA")) << out_;
}

TEST_F(PdpctlTest, AListIsShownAsATable) {
  EXPECT_EQ(Do({"referral", "query", "CaseList", R"({"area": "N56"})", "--roles", "AA", "--format",
                "table"}),
            0)
      << err_;
  EXPECT_EQ(out_, "referralId\nN56 operator AA\n");
}

TEST(TableTest, ColumnsAreThoseThatAnyRowHasAndCellsLineUp) {
  referral::v1::DraftListReply reply;
  auto* row = reply.add_drafts();
  row->mutable_draft()->set_reference("GY7-MVMT");
  row->mutable_draft()->set_state(referral::v1::DRAFT);
  row->mutable_draft()->add_tokens("STEP_FREE");
  row->mutable_draft()->add_tokens("NOT_ALL_MALE");
  row->mutable_expires_at()->set_seconds(1'741'561'200);
  reply.add_drafts()->mutable_draft()->set_reference("222-2222");
  reply.set_next_page_token("more");
  EXPECT_EQ(ToTable(reply),
            "draft.reference  draft.state  draft.tokens            expiresAt\n"
            "GY7-MVMT         DRAFT        STEP_FREE,NOT_ALL_MALE  2025-03-09T23:00:00Z\n"
            "222-2222\n"
            "nextPageToken: more\n");
  EXPECT_EQ(ToTable(referral::v1::DraftListReply()), "nothing\n");
}

TEST(BundleTest, ABundleIsReadFromTopToBottom) {
  referral::v1::BundleEnd end;
  end.set_crn("X000001");
  end.add_aliases("X000002");
  end.set_bundle_hash("ab12");
  end.set_sections(1);
  end.add_positions()->set_area("NAT");
  end.mutable_positions(0)->set_seq(17);
  referral::v1::BundleSection section;
  section.set_title("Person X000001");
  section.set_area("NAT");
  auto* entry = section.add_entries();
  entry->mutable_occurred_at()->set_seconds(1'741'561'200);
  entry->set_event("RiskRecorded");
  const auto add = [entry](const char* name, const char* value, referral::v1::ExportClass shown) {
    auto* field = entry->add_fields();
    field->set_name(name);
    field->set_value(value);
    field->set_class_(shown);
  };
  add("risk.ogrs3_bp", "6200", referral::v1::EXPORT);
  add("risk.summary", "", referral::v1::WITHHOLD_RISK);
  add("note", "", referral::v1::REDACT_THIRD_PARTY);
  EXPECT_EQ(BundleText({section}, end),
            "What is held about X000001\nalso known as X000002\nread up to NAT 17\n"
            "sections 1, hash ab12\n"
            "\n== Person X000001 (NAT)\n"
            "2025-03-09T23:00:00Z  RiskRecorded\n"
            "    risk.ogrs3_bp: 6200\n"
            "    risk.summary: (withheld: it may put somebody at risk)\n"
            "    note: (withheld: it may be about somebody else)\n");
}

TEST_F(PdpctlTest, WrongCallsSayWhatToDo) {
  const struct {
    std::vector<std::string> args;
    const char* says;
  } table[] = {
      {{"referal", "cells"}, "services: referral"},
      {{"referral"}, "say what to do"},
      {{"referral", "dance"}, "there is no 'dance'"},
      {{"referral", "projection"}, "the nearest is projections"},
      {{"referral", "verify", "N99"}, "'N99' is no area; areas: N5"},
      {{"referral", "verify"}, "the form is: pdpctl referral verify <area or folder>"},
      {{"referral", "rebuild"}, "the form is: pdpctl referral rebuild <projection>"},
      {{"referral", "life", "N56"}, "the form is: pdpctl referral life <area> <command-id>"},
      {{"referral", "records", "N56", "--from", "last"}, "--from is the first seq wanted"},
      {{"referral", "tail", "--from", "x"}, "--from is the first seq wanted"},
      {{"referral", "tail", "--areas", "N56,N99"}, "'N99' is no area; areas: N5"},
      {{"referral", "tail", "--follow", "maybe"}, "--follow is yes or no"},
      {{"referral", "cells", "--timeout", "soon"}, "--timeout is a number of seconds"},
      {{"referral", "exec", "N56"}, "the form is: pdpctl referral exec <area>"},
      {{"referral", "exec", "N99", "{}"}, "'N99' is no area; areas: N5"},
      {{"referral", "exec", "N56", "register"}, "a command is a JSON object"},
      {{"referral", "exec", "N56", R"({"regsterPerson": {}})"}, "the nearest is registerPerson"},
      {{"referral", "exec", "N56", R"({"acceptOffer": {"x": 1}})"},
          "AcceptOffer takes:\n  referralId"},
      {{"referral", "query", "CaseLst"}, "the nearest is CaseList"},
      {{"referral", "query", "CaseList", R"({"x": 1})"}, "CaseList takes:"},
      {{"referral", "query", "CaseList", "{}", "--format", "xml"}, "--format is json or table"},
      {{"import", "--file", "x"}, "is no area; areas: N5"},
      {{"export", "--area", "N56"}, "export needs --file"},
      {{"referral", "life", "N56", "12"}, "32 hexadecimal digits"},
      {{"referral", "cells", "--wat", "1"}, "--wat is not known"},
      {{"referral", "cells", "--timeout"}, "--timeout needs a value"},
      {{"referral", "cells"}, "--target host:port"},
  };
  for (const auto& row : table) {
    EXPECT_EQ(Bare(row.args), 2) << row.says;
    EXPECT_TRUE(absl::StrContains(err_, row.says)) << row.says << "\n" << err_;
  }
  EXPECT_EQ(Bare({"programmes", "cells", "--dir", folder_.folder()}), 2);
  EXPECT_TRUE(absl::StrContains(err_, "is the service running?")) << err_;
}

TEST_F(PdpctlTest, ShowsWhatAnOperatorAsks) {
  EXPECT_EQ(Do({"referral", "cells"}), 0);
  EXPECT_TRUE(absl::StrContains(out_, "LEADING")) << out_;
  EXPECT_EQ(Do({"referral", "verify", "N56"}), 0);
  EXPECT_TRUE(absl::StrContains(out_, "intact"));
  EXPECT_EQ(Do({"referral", "verify", "N07"}), 1);
  EXPECT_TRUE(absl::StrContains(out_, "record 3 does not hash")) << out_;
  EXPECT_EQ(Do({"referral", "rebuild", "case_list"}), 0);
  EXPECT_TRUE(absl::StrContains(err_, "100% 4/4")) << err_;
  EXPECT_TRUE(absl::StrContains(out_, "switched over"));
}

TEST_F(PdpctlTest, WhatIsNotThereSaysWhereToLook) {
  EXPECT_EQ(Do({"referral", "rebuild", "case_lst"}), 1);
  EXPECT_TRUE(absl::StrContains(err_, "no projection case_lst")) << err_;
  EXPECT_TRUE(absl::StrContains(err_, "`pdpctl referral projections` lists them")) << err_;
  EXPECT_EQ(Do({"referral", "verify", "N50"}), 1);
  EXPECT_TRUE(absl::StrContains(err_, "area N50 is not hosted here")) << err_;
  EXPECT_TRUE(absl::StrContains(err_, "`pdpctl referral cells` lists the areas")) << err_;
}

TEST_F(PdpctlTest, TheLifeOfACommandSaysWhichProjectionsHaveSeenIt) {
  EXPECT_EQ(Do({"referral", "life", "N56", kId}), 0);
  const std::string first =
      absl::StrCat("RegisterPerson ", kId, ": committed at N56 epoch 2 seq 5");
  for (const absl::string_view text :
       {absl::string_view(first), absl::string_view("record 612 bytes, hash abcd"),
        absl::string_view("behind     hash 1234"),
        absl::string_view("event PersonRegistered on person/T000001 version 1"),
        absl::string_view("  seen by case_list v3, which is at seq 9"),
        absl::string_view("  NOT YET seen by search v3, which is at seq 4")}) {
    EXPECT_TRUE(absl::StrContains(out_, text)) << text << "\n" << out_;
  }
  EXPECT_EQ(Do({"referral", "life", "N56", std::string(32, '1')}), 0);
  EXPECT_TRUE(absl::StrContains(out_, "no command"));
}

TEST_F(PdpctlTest, TailsPublicEventsAsJsonLines) {
  EXPECT_EQ(Do({"referral", "tail", "--areas", "N56", "--from", "2"}), 0) << err_;
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 2);
  EXPECT_TRUE(absl::StrContains(out_, R"("referralOffered":{"org":"ORG-A"})")) << out_;
}

TEST_F(PdpctlTest, CallsTheGatewayWithATokenAndAFreshRequestId) {
  const std::string token = folder_.folder() + "/token";
  rpc::testing::TestAuthority::Write(token, "abc.def.ghi\n");
  const std::string offer = R"({"name": "pools/N56-TSP/offers/r1~1"})";
  EXPECT_EQ(Do({"gateway", "call", "allocations.acceptOffer", offer, "--token-file", token}), 0)
      << err_;
  EXPECT_EQ(allocations_.authorization, "Bearer abc.def.ghi");
  EXPECT_TRUE(absl::StrContains(out_, "cases/N56-r1")) << out_;
  EXPECT_EQ(Do({"gateway", "call", "Allocations.AcceptOffer", offer}), 0) << err_;
  EXPECT_EQ(allocations_.authorization, "");
  ASSERT_EQ(allocations_.request_ids.size(), 2u);
  EXPECT_NE(allocations_.request_ids[0], allocations_.request_ids[1]);
  EXPECT_EQ(allocations_.request_ids[1].size(), 36u);
  EXPECT_EQ(allocations_.request_ids[1][14], '4');
  // Said before the call, so that an unknown outcome can be asked for again.
  EXPECT_TRUE(absl::StrContains(err_, allocations_.request_ids[1])) << err_;
  const std::string given =
      R"({"name": "x", "requestId": "123e4567-e89b-42d3-a456-426614174000"})";
  EXPECT_EQ(Do({"gateway", "call", "Allocations.AcceptOffer", given}), 0) << err_;
  EXPECT_EQ(allocations_.request_ids[2], "123e4567-e89b-42d3-a456-426614174000");
}

TEST_F(PdpctlTest, WrongCallsOfTheGatewaySayWhatToDo) {
  const struct {
    std::vector<std::string> args;
    const char* says;
  } table[] = {
      {{"gateway"}, "`call` and `methods`"},
      {{"gateway", "call"}, "the form is: pdpctl gateway call"},
      {{"gateway", "call", "Allocations.AcceptOfer"}, "the nearest is Allocations.AcceptOffer"},
      {{"gateway", "call", "Allocations.AcceptOffer", R"({"x": 1})"}, "takes:\n  name: string"},
      {{"gateway", "call", "Events.WatchEvents"}, "Events.ListEvents gives the same frames"},
      {{"gateway", "call", "Identity.WhoAmI", "{}", "--token-file", "/no/such"}, "no token in"},
      {{"gateway", "methods", "Cases.Gat"}, "the nearest is Cases.Get"},
  };
  for (const auto& row : table) {
    EXPECT_EQ(Do(row.args), 2) << row.says;
    EXPECT_TRUE(absl::StrContains(err_, row.says)) << row.says << "\n" << err_;
  }
  EXPECT_EQ(Bare({"gateway", "methods"}), 0);
  EXPECT_TRUE(absl::StrContains(out_, "Allocations.AcceptOffer\n  name: string")) << out_;
}

TEST_F(PdpctlTest, ListsEveryCommandOfEveryService) {
  EXPECT_EQ(Bare({"help"}), 0);
  for (const std::string& service : ServiceTypes::Names()) {
    EXPECT_EQ(Bare({service, "commands"}), 0);
    const auto* type = ServiceTypes::Of(service)->descriptor()->FindMethodByName("Execute")
                           ->input_type()->FindFieldByName("command")->message_type();
    // What a command may hold beside itself is filled in by its service and is nothing to say.
    for (int i = 0; i < type->field_count(); ++i) {
      const bool command = type->field(i)->containing_oneof() != nullptr;
      EXPECT_EQ(absl::StrContains(out_, absl::StrCat("\"", type->field(i)->json_name(), "\"")),
                command);
    }
    EXPECT_EQ(Bare({service, "queries"}), 0);
  }
}

}  // namespace
}  // namespace pdp::pdpctl
