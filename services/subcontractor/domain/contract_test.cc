// Organisations, prime contracts and subcontracts: SUB-2, 30 to 33, 35, 37.

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/subcontractor/domain/canonical.h"
#include "services/subcontractor/domain/story.h"

namespace pdp::subcontractor {
namespace {

using ::testing::ElementsAre;

class OrganisationTest : public ::testing::Test {
 protected:
  OrganisationTest() { story.world.In("NAT"); }
  Story::Result Register(const std::string& org, const std::string& more) {
    return story.world.When(Parse(absl::StrCat(
        "register_organisation { organisation { org_id: '", org,
        "' legal_name: 'Harbour Trust' kind: CHARITY ", more, " } }")));
  }
  Story story;
};

TEST_F(OrganisationTest, AnIdentifierBelongsToOneOrganisation) {
  story.Authority();
  const std::string identifier =
      "structure: SINGLE_ORGANISATION identifiers { scheme: 'GB-CHC' id: '1001' }";
  ASSERT_TRUE(Register("S01", identifier).accepted());
  const auto taken = Register("S02", identifier);
  EXPECT_EQ(taken.reason(), "IDENTIFIER_IN_USE");
  EXPECT_EQ(taken.rejected().violations[0].subject, "GB-CHC/1001");
}

TEST_F(OrganisationTest, ASingleOrganisationHasNoParent) {
  story.Authority();
  EXPECT_EQ(Register("S01", "structure: SINGLE_ORGANISATION ultimate_parent_id: 'X'").reason(),
            "STRUCTURE_CONTRADICTORY");
  EXPECT_TRUE(Register("S01", "structure: HAS_PARENT ultimate_parent_id: 'X'").accepted());
}

TEST_F(OrganisationTest, AnOrganisationRegistersItselfAndNobodyElse) {
  story.Org("S01", "ADMIN");
  EXPECT_EQ(Register("S02", "structure: HAS_PARENT").reason(), "NOT_AUTHORISED");
  const auto own = Register("S01", "structure: HAS_PARENT status: ORGANISATION_CLOSED "
                                   "exclusion: EXCLUDED");
  ASSERT_TRUE(own.accepted());
  EXPECT_EQ(own.events[0].event.organisation_registered().organisation().exclusion(),
            v1::EXCLUSION_NONE) << "not the caller's to say";
}

class PrimeContractTest : public ::testing::Test {
 protected:
  // Creates PC-1 with a change to its terms, signs it unless told otherwise, and activates it.
  std::string Activate(const std::function<void(v1::PrimeContractTerms&)>& change,
                       bool guaranteed = false, bool prime_signs = true) {
    v1::Command create = Parse(absl::StrCat("create_prime_contract { contract_id: 'PC-1' terms { ",
                                            Story::kTerms, " } }"));
    change(*create.mutable_create_prime_contract()->mutable_terms());
    story.System();
    const auto created = story.world.When(create);
    if (!created.accepted()) return created.reason();
    const std::string hash = created.reply().create_prime_contract().sha256_hex();
    const auto sign = [&](const char* party) {
      return story.world.When(Parse(absl::StrCat("sign_contract { contract_id: 'PC-1' party: ",
                                                 party, " sha256_hex: '", hash, "' }")));
    };
    story.Authority();
    EXPECT_TRUE(sign("PARTY_AUTHORITY").accepted());
    if (guaranteed) {
      EXPECT_EQ(sign("PARTY_GUARANTOR").event_names(), "PcgExecuted");
    }
    story.Org("P01", "ADMIN");
    if (prime_signs) {
      EXPECT_TRUE(sign("PARTY_PRIME").accepted());
    }
    story.Authority();
    return story.world.When(Parse("activate_contract { contract_id: 'PC-1' }")).reason();
  }
  Story story;
};

TEST_F(PrimeContractTest, NeedsThreeKpisAboveFiveMillionPounds) {
  EXPECT_EQ(Activate([](auto& terms) { terms.mutable_kpis()->RemoveLast(); }), "KPI_MINIMUM");
}
TEST_F(PrimeContractTest, AtFiveMillionPoundsNoKpiIsRequired) {
  EXPECT_EQ(Activate([](auto& terms) {
              terms.set_total_value_pence(500'000'000);
              terms.clear_kpis();
            }),
            "");
}
TEST_F(PrimeContractTest, NeedsASocialValueCommitmentOrAReasonedWaiver) {
  EXPECT_EQ(Activate([](auto& terms) { terms.set_commitments_count(0); }),
            "SOCIAL_VALUE_REQUIRED");
}
TEST_F(PrimeContractTest, AWaiverWithAReasonReplacesTheCommitment) {
  EXPECT_EQ(Activate([](auto& terms) {
              terms.set_commitments_count(0);
              terms.set_sv_waiver_reason("statutory transfer");
            }),
            "");
}
TEST_F(PrimeContractTest, AGuaranteeThatWasProvidedMustBeExecuted) {
  EXPECT_EQ(Activate([](auto& terms) { terms.set_pcg_required(true); }), "PCG_NOT_EXECUTED");
}
TEST_F(PrimeContractTest, AnExecutedGuaranteeLetsTheContractBegin) {
  EXPECT_EQ(Activate([](auto& terms) { terms.set_pcg_required(true); }, true), "");
}
TEST_F(PrimeContractTest, BothPartiesSignOneHash) {
  EXPECT_EQ(Activate([](auto&) {}, false, false), "NOT_BOTH_SIGNED");
  story.Org("P01", "ADMIN");
  EXPECT_EQ(story.world
                .When(Parse("sign_contract { contract_id: 'PC-1' party: PARTY_PRIME sha256_hex: "
                            "'00' }"))
                .reason(),
            "HASH_MISMATCH");
}
TEST_F(PrimeContractTest, AServiceHasOneActivePrimeContractAtATime) {
  ASSERT_EQ(Activate([](auto&) {}), "");
  v1::Command create = Parse(
      absl::StrCat("create_prime_contract { contract_id: 'PC-2' terms { ", Story::kTerms, " } }"));
  create.mutable_create_prime_contract()->mutable_terms()->set_from("2027-12-31");
  create.mutable_create_prime_contract()->mutable_terms()->set_to("2029-12-31");
  story.System();
  const std::string hash =
      story.world.When(create).reply().create_prime_contract().sha256_hex();
  for (const char* party : {"PARTY_AUTHORITY", "PARTY_PRIME"}) {
    story.Authority();
    if (std::string(party) == "PARTY_PRIME") story.Org("P01", "ADMIN");
    ASSERT_TRUE(story.world
                    .When(Parse(absl::StrCat("sign_contract { contract_id: 'PC-2' party: ", party,
                                             " sha256_hex: '", hash, "' }")))
                    .accepted());
  }
  story.Authority();
  const auto result = story.world.When(Parse("activate_contract { contract_id: 'PC-2' }"));
  EXPECT_EQ(result.reason(), "AREA_ALREADY_CONTRACTED");
  EXPECT_EQ(result.rejected().violations.size(), 2u) << "TSP and BBR";
}

class SubcontractTest : public ::testing::Test {
 protected:
  void SetUp() override { story.PrimeContract(); }
  // Proposes the usual sheet with a change.
  Story::Result Propose(const std::function<void(v1::TermSheet&)>& change) {
    v1::Command command = Parse(absl::StrCat(
        "propose_subcontract { subcontract_id: 'SC-1' contract_id: 'PC-1' org: 'S01' sheet { ",
        Story::Sheet(""), " } }"));
    change(*command.mutable_propose_subcontract()->mutable_sheet());
    story.Org("P01", "ADMIN");
    return story.world.When(command);
  }
  const v1::SubcontractState& State() {
    return story.world.Find(SubcontractId("SC-1"))->subcontract();
  }
  Story story;
};

TEST_F(SubcontractTest, BindsWhenBothHaveSignedTheSameHash) {
  const auto proposed = Propose([](auto&) {});
  ASSERT_TRUE(proposed.accepted()) << proposed.reason();
  const std::string hash = proposed.reply().propose_subcontract().sha256_hex();
  EXPECT_EQ(story.Sign("S01", "00").reason(), "HASH_MISMATCH");
  EXPECT_EQ(story.Sign("S02", hash).reason(), "NOT_FOUND") << "no party of it";
  EXPECT_EQ(story.Sign("P01", hash).event_names(), "SubcontractSigned");
  EXPECT_EQ(State().status(), v1::SUBCONTRACT_PART_SIGNED);
  EXPECT_EQ(story.Sign("P01", hash).event_names(), "") << "signed already";
  const auto second = story.Sign("S01", hash);
  EXPECT_EQ(second.event_names(), "SubcontractSigned, SubcontractActivated, SubcontractListed");
  EXPECT_EQ(State().status(), v1::SUBCONTRACT_ACTIVE);
  EXPECT_THAT(second.events[1].event.subcontract_activated().services(),
              ElementsAre("BBR", "TSP"));
  EXPECT_EQ(Propose([](auto&) {}).reason(), "STATE_FORBIDS_COMMAND")
      << "nobody changes a signed term alone";
}

TEST_F(SubcontractTest, AnAmendmentIsANewHashAndVoidsEarlierSignatures) {
  const std::string first =
      Propose([](auto&) {}).reply().propose_subcontract().sha256_hex();
  ASSERT_TRUE(story.Sign("S01", first).accepted());
  const std::string second =
      Propose([](auto& sheet) { sheet.set_payment_days(14); }).reply().propose_subcontract()
          .sha256_hex();
  EXPECT_NE(first, second);
  EXPECT_TRUE(State().versions(0).signatures().empty());
  EXPECT_EQ(story.Sign("S01", first).reason(), "HASH_MISMATCH");
}

TEST_F(SubcontractTest, AProposalLapsesAfterThirtyDays) {
  const std::string hash = Propose([](auto&) {}).reply().propose_subcontract().sha256_hex();
  story.world.At("2025-10-01T09:00:00Z");
  EXPECT_EQ(story.Sign("S01", hash).reason(), "STATE_FORBIDS_COMMAND");
  story.System();
  ASSERT_TRUE(story.world.When(Parse("lapse_proposal { subcontract_id: 'SC-1' }")).accepted());
  EXPECT_EQ(State().status(), v1::SUBCONTRACT_LAPSED);
}

TEST_F(SubcontractTest, EitherPartyMayReject) {
  ASSERT_TRUE(Propose([](auto&) {}).accepted());
  story.Org("S01", "ADMIN");
  ASSERT_TRUE(story.world.When(Parse("reject_subcontract { subcontract_id: 'SC-1' }")).accepted());
  EXPECT_EQ(State().status(), v1::SUBCONTRACT_REJECTED);
}

TEST_F(SubcontractTest, EveryMissingTermIsNamedAtOnce) {
  const auto result = Propose([](auto& sheet) {
    sheet.clear_monthly_volume();
    sheet.clear_liability_cap_pence();
    sheet.clear_dispute_route();
  });
  EXPECT_EQ(result.reason(), "TERM_SHEET_INCOMPLETE");
  std::vector<std::string> fields;
  for (const auto& violation : result.rejected().violations) fields.push_back(violation.field);
  EXPECT_THAT(fields, ElementsAre("sheet.monthly_volume", "sheet.liability_cap_pence",
                                  "sheet.dispute_route"));
}

TEST_F(SubcontractTest, BelowTwentyFiveThousandPoundsTheShortSheetIsEnough) {
  const auto shorten = [](auto& sheet) {
    sheet.clear_targets();
    sheet.clear_liability_cap_pence();
    sheet.clear_at_risk_share_ppm();
  };
  EXPECT_EQ(Propose([&](auto& sheet) {
              shorten(sheet);
              sheet.set_annual_value_pence(2'500'000);
            }).reason(),
            "TERM_SHEET_INCOMPLETE");
  EXPECT_TRUE(Propose([&](auto& sheet) {
                shorten(sheet);
                sheet.set_annual_value_pence(2'499'999);
              }).accepted());
}

TEST_F(SubcontractTest, ScopeAndPeriodStayInsideTheAward) {
  const auto outside = Propose([](auto& sheet) {
    sheet.mutable_scope(0)->add_pdus("N56KENT");
    sheet.mutable_scope(1)->add_pdus("N56NORFOLK");
  });
  EXPECT_EQ(outside.reason(), "SCOPE_OUTSIDE_AWARD");
  EXPECT_EQ(outside.rejected().violations.size(), 2u) << "BBR is not awarded in Norfolk";
  EXPECT_EQ(Propose([](auto& sheet) { sheet.set_end("2028-01-01"); }).reason(),
            "PERIOD_OUTSIDE_CONTRACT");
}

TEST_F(SubcontractTest, APartMayBeSubcontractedAndNotAll) {
  const auto whole = [](auto& sheet) {
    sheet.mutable_scope(0)->add_pdus("N56NORFOLK");
    sheet.clear_pool_shares();
    for (const char* service : {"TSP", "BBR"}) {
      auto* share = sheet.add_pool_shares();
      share->set_service(service);
      share->set_share_ppm(1'000'000);
    }
  };
  EXPECT_EQ(Propose(whole).reason(), "SCOPE_WHOLE_CONTRACT");
  EXPECT_TRUE(Propose([&](auto& sheet) {
                whole(sheet);
                sheet.mutable_pool_shares(1)->set_share_ppm(999'999);
              }).accepted());
}

TEST_F(SubcontractTest, NoMoreIncomeIsAtRiskThanThePrimeBears) {
  // The prime: 100 of 1,000.
  EXPECT_TRUE(Propose([](auto& sheet) { sheet.set_at_risk_share_ppm(100'000); }).accepted());
  EXPECT_EQ(Propose([](auto& sheet) { sheet.set_at_risk_share_ppm(100'001); }).reason(),
            "TIER_RISK_CAP");
}

TEST_F(SubcontractTest, AnExcludedOrganisationIsNotContracted) {
  story.System();
  ASSERT_TRUE(story.world
                  .When(Parse("copy_organisation { organisation { org_id: 'S01' exclusion: "
                              "EXCLUDED } }"))
                  .accepted());
  EXPECT_EQ(Propose([](auto&) {}).reason(), "ORGANISATION_EXCLUDED");
}

TEST_F(SubcontractTest, LongPaymentTermsAreStoredAsWrittenAndFlagged) {
  const auto proposed = Propose([](auto& sheet) { sheet.set_payment_days(60); });
  ASSERT_TRUE(proposed.accepted());
  EXPECT_EQ(proposed.events[0].event.subcontract_proposed().sheet().payment_days(), 60);
  EXPECT_THAT(proposed.events[0].event.subcontract_proposed().flags(),
              ElementsAre("TERM_OVERRIDE_INEFFECTIVE"));
}

TEST_F(SubcontractTest, OnlyThePrimeProposes) {
  story.Org("S01", "ADMIN");
  const v1::Command command = Parse(absl::StrCat(
      "propose_subcontract { subcontract_id: 'SC-1' contract_id: 'PC-1' org: 'S01' sheet { ",
      Story::Sheet(""), " } }"));
  EXPECT_EQ(story.world.When(command).reason(), "NOT_AUTHORISED");
  story.Org("P01", "READER");
  EXPECT_EQ(story.world.When(command).reason(), "FUNCTION_REQUIRED");
}

TEST(CanonicalTextTest, IsOneLineAFieldInTheOrderOfTheNumbers) {
  v1::TermSheet sheet;
  sheet.set_payment_days(30);
  sheet.set_dispute_route("first\nline");
  auto* scope = sheet.add_scope();
  scope->set_service("TSP");
  scope->add_pdus("N56ESSEX");
  EXPECT_EQ(CanonicalText(sheet),
            "scope[0].service=TSP\nscope[0].pdus[0]=N56ESSEX\npayment_days=30\n"
            "dispute_route=first\\nline\n");
}

}  // namespace
}  // namespace pdp::subcontractor
