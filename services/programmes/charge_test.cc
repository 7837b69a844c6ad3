// What programmes publishes is what subcontractor charges: both services as they ship, with a feed
// between them that delivers everything twice.

#include "pdp/subcontractor/v1/service.grpc.pb.h"
#include "services/programmes/testing/service_fixture.h"

namespace pdp::programmes {
namespace {

namespace sub = subcontractor::v1;
using SubStub = sub::SubcontractorService::Stub;

class ChargeTest : public ServiceTest {
 protected:
  ~ChargeTest() override {
    subcontractor_.Kill();
    relayed_.Stop();
  }

  // Subcontractor with its own folder; programmes is the relay.
  void StartSubcontractor() {
    Serve("programmes", {&relayed_});
    const std::string address = subcontractor_.Start(
        PDP_BINARY_DIR "/bin/pdp-subcontractor",
        {"--areas", "N56,NAT", "--data", folder_ / "sub", "--kek-file", folder_ / "kek", "--peers",
         absl::StrJoin(peers_, ",")});
    ASSERT_FALSE(address.empty()) << "subcontractor did not start";
    sub_stub_ = sub::SubcontractorService::NewStub(
        grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  }
  std::string Sub(const As& as, const std::string& text, sub::ExecuteReply* reply = nullptr) {
    sub::ExecuteRequest request;
    request.set_area("N56");
    request.mutable_header()->set_command_id(Random::System().Bytes(16));
    FillActor(as, request.mutable_header()->mutable_actor());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.mutable_command()))
        << text;
    sub::ExecuteReply own;
    grpc::ClientContext context;
    Deadline(context);
    return ReasonOf(sub_stub_->Execute(&context, request, reply == nullptr ? &own : reply));
  }
  // PC-1 of P01 and SC-1 of S01 for SI_COG: an attended session costs 100.00.
  void SetUpContracts() {
    const As authority{"", {"A"}}, prime{"P01", {"ADMIN"}}, charity{"S01", {"ADMIN"}};
    sub::ExecuteReply reply;
    ASSERT_EQ(Sub(kSystem,
                  absl::StrCat(
                      "create_prime_contract { contract_id: 'PC-1' terms { lot_id: 'L1' prime_org: "
                      "'P01' scope { service: 'SI_COG' pdus: 'N56ESSEX' } from: '", Day(-400),
                      "' to: '", Day(700), "' regime: 'PCR2015' annual_value_pence: 320000000 "
                      "total_value_pence: 960000000 kpis { kpi_id: 'K1' } kpis { kpi_id: 'K2' } "
                      "kpis { kpi_id: 'K3' } at_risk_income_pence: 100 expected_income_pence: 1000 "
                      "commitments_count: 1 } }"),
                  &reply), "");
    const std::string terms = reply.reply().create_prime_contract().sha256_hex();
    ASSERT_EQ(Sub(authority, absl::StrCat("sign_contract { contract_id: 'PC-1' party: "
                                          "PARTY_AUTHORITY sha256_hex: '", terms, "' }")), "");
    ASSERT_EQ(Sub(prime, absl::StrCat("sign_contract { contract_id: 'PC-1' party: PARTY_PRIME "
                                      "sha256_hex: '", terms, "' }")), "");
    ASSERT_EQ(Sub(authority, "activate_contract { contract_id: 'PC-1' }"), "");
    ASSERT_EQ(Sub(prime,
                  absl::StrCat(
                      "propose_subcontract { subcontract_id: 'SC-1' contract_id: 'PC-1' org: 'S01' "
                      "sheet { scope { service: 'SI_COG' pdus: 'N56ESSEX' } pool_shares { service: "
                      "'SI_COG' share_ppm: 300000 } monthly_volume { service: 'SI_COG' baseline: "
                      "20 band_low_ppm: 900000 band_high_ppm: 1100000 } targets { kpi_id: 'K1' "
                      "target_ppm: 900000 direction: AT_LEAST } payment_days: 30 "
                      "liability_cap_pence: 5000000 at_risk_share_ppm: 0 start: '", Day(-390),
                      "' end: '", Day(690), "' notice_days: 90 variation_notice_days: 30 "
                      "dispute_route: 'authority' annual_value_pence: 30000000 prices { rule_id: "
                      "'att' service: 'SI_COG' model: UNIT kind: ATTENDANCE codes: 'ATTC' "
                      "price_micro: 100000000 vat_class: VAT_STANDARD } } }"),
                  &reply), "");
    const std::string sheet = reply.reply().propose_subcontract().sha256_hex();
    for (const As& as : {prime, charity}) {
      ASSERT_EQ(Sub(as, absl::StrCat("sign_subcontract { subcontract_id: 'SC-1' sha256_hex: '",
                                     sheet, "' }")), "");
    }
  }
  std::vector<sub::Charge> Charges() {
    sub::ListChargesRequest request;
    request.set_area("N56");
    request.set_subcontract_id("SC-1");
    request.mutable_page()->set_page_size(200);
    FillActor({"S01", {"FINANCE"}}, request.mutable_actor());
    grpc::ClientContext context;
    Deadline(context);
    sub::ListChargesReply reply;
    EXPECT_TRUE(sub_stub_->ListCharges(&context, request, &reply).ok());
    std::vector<sub::Charge> charges;
    for (const auto& view : reply.charges()) charges.push_back(view.charge());
    return charges;
  }
  // Everything published since the last call, each event twice: once more as a new one with the
  // same content, which a consumer cannot tell from the first by its place.
  void RelayTwice() {
    const std::vector<common::v1::CloudEvent> events = PublicEvents();
    for (; relayed_count_ < events.size(); ++relayed_count_) {
      const common::v1::CloudEvent& event = events[relayed_count_];
      for (int i = 0; i < 2; ++i) {
        relayed_.Publish(event.area(), event.subject(),
                         absl::FromUnixSeconds(event.time().seconds()), DataOf(event));
      }
    }
  }

  FakeFeed relayed_{"programmes"};
  size_t relayed_count_ = 0;
  ServiceProcess subcontractor_;
  std::unique_ptr<SubStub> sub_stub_;
};

TEST_F(ChargeTest, AnAttendanceBecomesExactlyOneChargeThoughItIsDeliveredTwice) {
  ASSERT_NO_FATAL_FAILURE(StartSubcontractor());
  ASSERT_NO_FATAL_FAILURE(SetUpContracts());
  const std::vector<std::string> people = {"R1/1", "R2/1", "R3/1"};
  for (const char* n : {"1", "2", "3"}) {
    Accept(absl::StrCat("R", n), absl::StrCat("T00000", n));
    ASSERT_TRUE(Reaches(absl::StrCat("R", n, "/1"), v1::AWAITING_SUITABILITY));
  }
  ASSERT_NO_FATAL_FAILURE(ScheduleGroup(people));
  const v1::Session s1 = Group("G1").sessions(1);
  ASSERT_EQ(Register(s1, people, "R3/1", "AARC"), "");
  // What is published lags behind what was answered: it is relayed as it comes.
  const auto relayed = [&](const auto& condition) {
    return Eventually([&] {
      RelayTwice();
      return condition();
    });
  };
  // Two attended; the absence was a fact as well, with a code that pays nothing.
  ASSERT_TRUE(relayed([&] { return Charges().size() == 2; })) << Charges().size();

  // A correction takes the charge back once and charges nothing in its place.
  ASSERT_EQ(Execute(kFacilitator,
                    "correct_attendance { enrolment_id: 'R1/1' session_id: 'G1/S1' code: 'AARC' "
                    "reason: 'the wrong line of the register' }"), "");
  const auto standing = [&] {
    std::multiset<std::string> facts;
    for (const sub::Charge& charge : Charges()) {
      if (charge.state() != sub::CHARGE_REVERSED) facts.insert(charge.fact_id());
    }
    return facts;
  };
  ASSERT_TRUE(relayed([&] { return standing().size() == 1; }));
  EXPECT_EQ(*standing().begin(), "programmes/att/G1/S1/R2/1/1");
  // One attendance more, so that everything before it has been read: it adds one charge.
  const v1::Session s2 = Group("G1").sessions(2);
  ASSERT_EQ(Register(s2, people, "R3/1", "AARC"), "");
  ASSERT_TRUE(relayed([&] { return standing().size() == 3; }));
  EXPECT_EQ(standing(), (std::multiset<std::string>{"programmes/att/G1/S1/R2/1/1",
                                                    "programmes/att/G1/S2/R1/1/1",
                                                    "programmes/att/G1/S2/R2/1/1"}));
  for (const sub::Charge& charge : Charges()) EXPECT_EQ(charge.amount_pence(), 10'000);
}

}  // namespace
}  // namespace pdp::programmes
