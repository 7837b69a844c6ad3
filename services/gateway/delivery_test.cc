// Delivery facts through the gateway: which service is told what, as whom (interfaces, A10).

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/server.h"
#include "libs/rpc/testing/certificates.h"
#include "pdp/gateway/v1/gateway_service.grpc.pb.h"
#include "pdp/programmes/v1/service.grpc.pb.h"
#include "pdp/unpaid_work/v1/service.grpc.pb.h"
#include "services/gateway/gateway.h"
#include "services/gateway/testing/fake_services.h"
#include "services/gateway/testing/tokens.h"

namespace pdp::gateway {
namespace {

// Keeps the last command and answers with one event at N56/41, or with the refusal it is given.
template <typename Base, typename Request, typename Reply>
class FakeDelivery final : public Base {
 public:
  grpc::Status Execute(grpc::ServerContext*, const Request* request, Reply* reply) override {
    last = *request;
    ++calls;
    if (!refusal.empty()) return testing::Refused(refusal, "delivery");
    auto* event = reply->mutable_outcome()->add_events();
    event->set_type("Recorded");
    reply->mutable_outcome()->mutable_position()->set_area(request->area());
    reply->mutable_outcome()->mutable_position()->set_seq(41);
    *reply->mutable_reply() = answer;
    return grpc::Status::OK;
  }
  Request last;
  int calls = 0;
  std::string refusal;
  std::decay_t<decltype(std::declval<Reply>().reply())> answer;
};

// ORG-A (client a) is the subcontractor of S1, ORG-P (client p) its prime.
class DeliveryTest : public ::testing::Test {
 protected:
  DeliveryTest() {
    server_.Add(&subcontractor_);
    server_.Add(&programmes_);
    server_.Add(&unpaid_work_);
    EXPECT_OK(server_.Start());
    const std::string& folder = folder_.folder();
    rpc::testing::TestAuthority::Write(
        folder + "/credentials",
        absl::StrCat("issuer: 'i' audience: 'g' keys { kid: 'k' alg: 'EdDSA' public_key_pem: '",
                     absl::StrReplaceAll(signer_.PublicPem(), {{"\n", "\\n"}}),
                     "' } clients { client_id: 'a' tenant: 'ORG-A' functions: DELIVERY }"
                     " clients { client_id: 'p' tenant: 'ORG-P' functions: DELIVERY }"
                     " clients { client_id: 'f' tenant: 'ORG-A' functions: FINANCE }"));
    rpc::testing::TestAuthority::Write(folder + "/key", std::string(64, 'a') + "\n");
    Options options;
    options.credentials_file = folder + "/credentials";
    options.token_key_file = folder + "/key";
    options.access_log_file = folder + "/access.log";
    const std::string address = absl::StrCat("127.0.0.1:", server_.port());
    options.peers = {
        {"subcontractor", address}, {"programmes", address}, {"unpaid_work", address}};
    auto gateway = Gateway::Start(options);
    EXPECT_OK(gateway);
    gateway_ = *std::move(gateway);
    stub_ = v1::Delivery::NewStub(*rpc::MakeChannel(absl::StrCat("127.0.0.1:", gateway_->port())));
  }
  ~DeliveryTest() override { gateway_->Stop(); }

  template <typename Request, typename Reply>
  std::string Call(grpc::Status (v1::Delivery::Stub::*method)(grpc::ClientContext*,
                                                              const Request&, Reply*),
                   Request request, Reply* reply, const std::string& client = "a") {
    request.set_request_id("123e4567-e89b-42d3-a456-426614174000");
    if (request.parent().empty()) request.set_parent("subcontracts/N56-S1");
    const int64_t now = absl::ToUnixSeconds(Clock::System().Now());
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(Clock::System().Now() + absl::Seconds(20)));
    context.AddMetadata(
        "authorization",
        "Bearer " + signer_.Sign("k", absl::StrCat("{\"iss\":\"i\",\"aud\":\"g\",\"client_id\":\"",
                                                   client, "\",\"iat\":", now,
                                                   ",\"exp\":", now + 60, "}")));
    const grpc::Status status = (stub_.get()->*method)(&context, request, reply);
    return status.ok() ? "OK" : rpc::FromStatus(status)->reason;
  }

  testing::TestSigner signer_{"EdDSA"};
  rpc::testing::TestAuthority folder_;
  testing::FakeSubcontractor subcontractor_;
  FakeDelivery<programmes::v1::ProgrammesService::Service, programmes::v1::ExecuteRequest,
               programmes::v1::ExecuteReply>
      programmes_;
  FakeDelivery<unpaid_work::v1::UnpaidWorkService::Service, unpaid_work::v1::ExecuteRequest,
               unpaid_work::v1::ExecuteReply>
      unpaid_work_;
  rpc::Server server_{rpc::ServerOptions{}};
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<v1::Delivery::Stub> stub_;
};

TEST_F(DeliveryTest, AttendanceIsToldToProgrammesByAFacilitator) {
  v1::RecordAttendanceRequest request;
  request.set_session_id("g1/S1");
  request.set_close(true);
  auto* mark = request.add_marks();
  mark->set_enrolment_id("r9/1");
  mark->set_code("ATTC");
  mark->set_minutes_present(120);
  v1::FactReply reply;
  ASSERT_EQ(Call(&v1::Delivery::Stub::RecordAttendance, request, &reply), "OK");
  EXPECT_EQ(reply.seq(), 41u);
  EXPECT_EQ(reply.area(), "N56");
  ASSERT_EQ(reply.events_size(), 1);
  const auto& told = programmes_.last;
  EXPECT_EQ(told.area(), "N56");
  EXPECT_EQ(told.header().actor().organisation(), "ORG-A");
  ASSERT_EQ(told.header().actor().roles_size(), 1);
  EXPECT_EQ(told.header().actor().roles(0), "FAC");
  EXPECT_EQ(told.command().record_attendance().entries(0).minutes_present(), 120);
  EXPECT_TRUE(told.command().record_attendance().close());
}

TEST_F(DeliveryTest, MinutesOfOneAppointmentAreToldToUnpaidWorkByASupervisor) {
  v1::RecordMinutesRequest request;
  auto* mark = request.add_marks();
  mark->set_crn("T100001");
  mark->set_appointment_id("a1");
  mark->set_code("ATTC");
  mark->set_actual_start(540);
  mark->set_actual_end(960);
  mark->set_penalty_minutes(15);
  v1::RecordMinutesReply reply;
  ASSERT_EQ(Call(&v1::Delivery::Stub::RecordMinutes, request, &reply), "OK");
  const auto& told = unpaid_work_.last;
  EXPECT_EQ(told.header().actor().roles(0), "SU");
  EXPECT_EQ(told.header().actor().organisation(), "ORG-A");
  const auto& item = told.command().record_outcome().item();
  EXPECT_EQ(item.crn(), "T100001");
  EXPECT_EQ(item.appointment_id(), "a1");
  EXPECT_EQ(item.actual_end() - item.actual_start(), 420);
  EXPECT_EQ(item.penalty(), 15);
}

TEST_F(DeliveryTest, ARegisterOfASessionIsAnsweredMarkByMark) {
  auto* results = unpaid_work_.answer.mutable_record_session_outcomes();
  results->add_results()->set_crn("T100001");
  auto* refused = results->add_results();
  refused->set_crn("T100002");
  refused->set_reason("APPOINTMENT_NOT_OPEN");
  v1::RecordMinutesRequest request;
  request.set_session_id("s1");
  request.add_marks()->set_crn("T100001");
  request.add_marks()->set_crn("T100002");
  v1::RecordMinutesReply reply;
  ASSERT_EQ(Call(&v1::Delivery::Stub::RecordMinutes, request, &reply), "OK");
  EXPECT_EQ(unpaid_work_.last.command().record_session_outcomes().session_id(), "s1");
  EXPECT_EQ(unpaid_work_.last.command().record_session_outcomes().items_size(), 2);
  ASSERT_EQ(reply.results_size(), 2);
  EXPECT_EQ(reply.results(0).reason(), "");
  EXPECT_EQ(reply.results(1).reason(), "APPOINTMENT_NOT_OPEN");
}

TEST_F(DeliveryTest, MeasuresAndRatingsAreToldToProgrammes) {
  v1::RecordOutcomeRequest request;
  request.set_enrolment_id("r9/1");
  request.mutable_measure()->set_instrument("SIPS");
  request.mutable_measure()->set_phase("POST");
  request.mutable_measure()->set_total(31);
  v1::FactReply reply;
  ASSERT_EQ(Call(&v1::Delivery::Stub::RecordOutcome, request, &reply), "OK");
  EXPECT_FALSE(programmes_.last.header().has_occurred_at());
  EXPECT_EQ(programmes_.last.command().take_measure().total(), 31);
  EXPECT_EQ(programmes_.last.command().take_measure().phase(), "POST");
  request.mutable_rating()->set_outcome("O1");
  request.mutable_rating()->set_result("PARTLY");
  // Entered late: when it happened goes with it.
  request.mutable_occurred_at()->set_seconds(1'700'000'000);
  ASSERT_EQ(Call(&v1::Delivery::Stub::RecordOutcome, request, &reply), "OK");
  EXPECT_EQ(programmes_.last.header().occurred_at().seconds(), 1'700'000'000);
  EXPECT_EQ(programmes_.last.command().rate_outcome().result(), programmes::v1::PARTLY);
  EXPECT_EQ(programmes_.last.command().rate_outcome().enrolment_id(), "r9/1");
}

TEST_F(DeliveryTest, WhatIsWrongIsNamedAndNotForwarded) {
  v1::RecordMinutesRequest minutes;
  v1::RecordMinutesReply minutes_reply;
  EXPECT_EQ(Call(&v1::Delivery::Stub::RecordMinutes, minutes, &minutes_reply),
            "VALIDATION_FAILED");
  minutes.add_marks();
  minutes.add_marks();
  EXPECT_EQ(Call(&v1::Delivery::Stub::RecordMinutes, minutes, &minutes_reply),
            "VALIDATION_FAILED");
  v1::RecordOutcomeRequest outcome;
  v1::FactReply reply;
  EXPECT_EQ(Call(&v1::Delivery::Stub::RecordOutcome, outcome, &reply), "VALIDATION_FAILED");
  outcome.mutable_rating()->set_result("SPLENDID");
  EXPECT_EQ(Call(&v1::Delivery::Stub::RecordOutcome, outcome, &reply), "VALIDATION_FAILED");
  EXPECT_EQ(programmes_.calls + unpaid_work_.calls, 0);
}

TEST_F(DeliveryTest, OnlyTheSubcontractorOfItWithTheFunctionTells) {
  v1::RecordMinutesRequest request;
  request.add_marks();
  v1::RecordMinutesReply reply;
  EXPECT_EQ(Call(&v1::Delivery::Stub::RecordMinutes, request, &reply, "p"), "NOT_AUTHORISED");
  EXPECT_EQ(Call(&v1::Delivery::Stub::RecordMinutes, request, &reply, "f"), "FUNCTION_REQUIRED");
  request.set_parent("subcontracts/N56-S2");
  EXPECT_EQ(Call(&v1::Delivery::Stub::RecordMinutes, request, &reply), "NOT_VISIBLE");
  EXPECT_EQ(unpaid_work_.calls, 0);
  // What the service says of another's work is the answer for what is not there.
  request.set_parent("subcontracts/N56-S1");
  unpaid_work_.refusal = "NOT_YOUR_ORGANISATION";
  EXPECT_EQ(Call(&v1::Delivery::Stub::RecordMinutes, request, &reply), "NOT_VISIBLE");
  unpaid_work_.refusal = "STATE_FORBIDS_COMMAND";
  EXPECT_EQ(Call(&v1::Delivery::Stub::RecordMinutes, request, &reply), "STATE_FORBIDS_COMMAND");
}

}  // namespace
}  // namespace pdp::gateway
